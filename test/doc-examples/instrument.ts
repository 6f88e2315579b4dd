/** Turns the promises in an example's comments into checks, and the example into JavaScript. */
import ts from "typescript";
import { type Expectation, expectationOf, isExplicit, parse } from "./expectation.js";

export interface Instrumented {
  /** JavaScript that calls `require`, `$equal`, `$near`, `$throws` and `$rounded`, and may await. */
  readonly code: string;
  readonly imports: readonly string[];
  /** Something in the example can fail. */
  readonly asserts: boolean;
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

const lineAt = (file: ts.SourceFile, position: number): number =>
  file.getLineAndCharacterOfPosition(position).line;

/** The comments that belong to a statement: the one behind it, and those on the lines right below. */
const commentsOf = (file: ts.SourceFile, statement: ts.Statement): readonly string[] => {
  const trailing = ts.getTrailingCommentRanges(file.text, statement.end) ?? [];
  const below = ts.getLeadingCommentRanges(file.text, statement.end) ?? [];
  const texts: string[] = [];
  let line = lineAt(file, statement.end);
  for (const { pos, end, kind } of [...trailing, ...below]) {
    const at = lineAt(file, pos);
    if (kind !== ts.SyntaxKind.SingleLineCommentTrivia || at > line + 1) break;
    const text = file.text.slice(pos + 2, end);
    if (texts.length === 0 && at > line && !isExplicit(text)) break;
    texts.push(text);
    line = at;
  }
  return texts;
};

const isPrint = (e: ts.Expression): e is ts.CallExpression =>
  ts.isCallExpression(e) &&
  e.arguments.length === 1 &&
  ts.isPropertyAccessExpression(e.expression) &&
  ts.isIdentifier(e.expression.expression) &&
  e.expression.expression.text === "console";

/** The one variable that a statement declares. */
const declared = (statement: ts.Statement): ts.VariableDeclaration | null => {
  if (!ts.isVariableStatement(statement)) return null;
  const [only, ...others] = statement.declarationList.declarations;
  return only !== undefined && others.length === 0 && ts.isIdentifier(only.name) ? only : null;
};

/** Puts a check of `expectation` in the place of a statement, or behind a declaration. */
const editFor = (file: ts.SourceFile, statement: ts.Statement, expectation: Expectation): Edit | null => {
  const from = statement.getStart(file);
  const variable = declared(statement);
  const expression = ts.isExpressionStatement(statement)
    ? statement.expression
    : (variable?.initializer ?? null);
  if (expression === null) return null;
  const line = String(lineAt(file, from));
  if (expectation._tag === "throws") {
    const text = `await $throws(async () => (${expression.getText(file)}), ${JSON.stringify(expectation.text)}, ${line});`;
    return { from, to: statement.end, text };
  }
  const check = (value: string): string =>
    `$${expectation._tag}((${value}), (${expectation.code}\n), ${line});`;
  if (variable !== null)
    return { from: statement.end, to: statement.end, text: `;${check(variable.name.getText(file))}` };
  const value = isPrint(expression) ? expression.arguments[0]! : expression;
  return { from, to: statement.end, text: check(value.getText(file)) };
};

/** Statements that run when the example runs: those of blocks, and not those of functions. */
const statementsOf = (node: ts.Node): readonly ts.Statement[] => {
  const found: ts.Statement[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isFunctionLike(child) || ts.isClassLike(child)) return;
    if (ts.isStatement(child) && !ts.isBlock(child)) found.push(child);
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return found;
};

const applyEdits = (text: string, edits: readonly Edit[]): string =>
  [...edits]
    .sort((a, b) => b.from - a.from)
    .reduce((t, e) => t.slice(0, e.from) + e.text + t.slice(e.to), text);

const importsOf = (file: ts.SourceFile): readonly string[] =>
  file.statements
    .filter(ts.isImportDeclaration)
    .map((s) => s.moduleSpecifier)
    .filter(ts.isStringLiteral)
    .map((s) => s.text);

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  moduleDetection: ts.ModuleDetectionKind.Force,
  esModuleInterop: true,
  ignoreDeprecations: "6.0",
};

/** An example, ready to run. Throws a SyntaxError where a promise cannot be read. */
export const instrument = (example: string): Instrumented => {
  const file = parse(example);
  const edits: Edit[] = [];
  for (const statement of statementsOf(file)) {
    const comments = commentsOf(file, statement);
    const expectation = expectationOf(comments);
    if (expectation === null) continue;
    const edit = editFor(file, statement, expectation);
    if (edit !== null) edits.push(edit);
    else if (isExplicit(comments[0]!))
      throw new SyntaxError(`expected an expression or one declaration before //${comments[0]!}`);
  }
  const { outputText } = ts.transpileModule(applyEdits(example, edits), { compilerOptions: options });
  return {
    code: outputText,
    imports: importsOf(file),
    asserts: edits.length > 0 || /\b(?:assert|expect)\b/.test(example),
  };
};
