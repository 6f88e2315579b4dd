/**
 * What a comment after a statement promises of its value:
 *
 *     f(x).toArray() // [1, 2, 3]          a literal: equal, as float64 or as float32
 *     f(x).shape     // => [n, m]          any expression: equal
 *     f(x).item()    // ≈ 0.6931           equal within 1e-5, or to the digits shown if there are three or more
 *     f(y)           // throws expected …  the message contains the text
 *
 * Other comments promise nothing. A value may go on over the comment lines that follow.
 */
import ts from "typescript";

export type Expectation =
  | { readonly _tag: "equal" | "near"; readonly code: string }
  | { readonly _tag: "throws"; readonly text: string };

const asModule: ts.CreateSourceFileOptions = {
  languageVersion: ts.ScriptTarget.Latest,
  setExternalModuleIndicator: (file) => {
    (file as { externalModuleIndicator?: unknown }).externalModuleIndicator = true;
  },
};

/** Parses TypeScript as a module, so that `await` may stand at the top. */
export const parse = (code: string): ts.SourceFile => ts.createSourceFile("example.ts", code, asModule, true);

/** The expression that `text` is, if it is one. `parseDiagnostics` is internal, and the only record of failure. */
const expressionOf = (text: string): ts.Expression | null => {
  const file = parse(`(${text}\n)`);
  const faults = (file as unknown as { parseDiagnostics: readonly unknown[] }).parseDiagnostics;
  const only = file.statements.length === 1 ? file.statements[0]! : null;
  if (faults.length > 0 || only === null || !ts.isExpressionStatement(only)) return null;
  return ts.isParenthesizedExpression(only.expression) && only.expression.getEnd() === file.getEnd()
    ? only.expression.expression
    : null;
};

const constants = new Set(["undefined", "NaN", "Infinity"]);

const isSigned = (e: ts.Expression): e is ts.PrefixUnaryExpression =>
  ts.isPrefixUnaryExpression(e) &&
  (e.operator === ts.SyntaxKind.MinusToken || e.operator === ts.SyntaxKind.PlusToken);

const isLiteral = (e: ts.Expression): boolean =>
  ts.isNumericLiteral(e) ||
  ts.isBigIntLiteral(e) ||
  ts.isStringLiteralLike(e) ||
  e.kind === ts.SyntaxKind.TrueKeyword ||
  e.kind === ts.SyntaxKind.FalseKeyword ||
  e.kind === ts.SyntaxKind.NullKeyword ||
  (ts.isIdentifier(e) && constants.has(e.text)) ||
  (isSigned(e) && isLiteral(e.operand)) ||
  (ts.isArrayLiteralExpression(e) && e.elements.every(isLiteral)) ||
  (ts.isObjectLiteralExpression(e) &&
    e.properties.every((p) => ts.isPropertyAssignment(p) && isLiteral(p.initializer)));

/** A literal with three or more decimals stands for every number that rounds to it. */
const tolerant = (e: ts.Expression, file: ts.SourceFile): string => {
  const text = e.getText(file);
  if (ts.isArrayLiteralExpression(e)) return `[${e.elements.map((x) => tolerant(x, file)).join(", ")}]`;
  if (ts.isObjectLiteralExpression(e)) {
    const entries = e.properties as unknown as readonly ts.PropertyAssignment[];
    return `{ ${entries.map((p) => `${p.name.getText(file)}: ${tolerant(p.initializer, file)}`).join(", ")} }`;
  }
  const decimals = /^[-+]?\s*\d*\.(\d{3,})$/.exec(text)?.[1]?.length;
  return decimals === undefined ? text : `$rounded(${text}, ${decimals})`;
};

const near = (text: string, e: ts.Expression): string =>
  isLiteral(e) ? tolerant(e, e.getSourceFile()) : text;

const unquoted = (text: string): string => /^(["'`])(.*)\1$/.exec(text)?.[2] ?? text;

/** Joins comment lines until they are an expression that `accept` takes. */
const firstExpression = (
  lines: readonly string[],
  accept: (e: ts.Expression) => boolean,
): { readonly text: string; readonly expression: ts.Expression } | null => {
  for (let n = 1; n <= lines.length; n++) {
    const text = lines.slice(0, n).join("\n");
    const expression = expressionOf(text);
    if (expression !== null && accept(expression)) return { text, expression };
  }
  return null;
};

/** Whether a comment says that it is a promise, so that failing to read it is a fault. */
export const isExplicit = (comment: string): boolean => /^(?:=>|≈|throws\b)/.test(comment.trim());

/** Reads the promise of comment lines that follow a statement; null where they make none. */
export const expectationOf = (comments: readonly string[]): Expectation | null => {
  const [first = "", ...rest] = comments.map((c) => c.trim());
  const thrown = /^(?:=>\s*)?throws\b\s*(.*)$/.exec(first);
  if (thrown !== null) return { _tag: "throws", text: unquoted(thrown[1]!) };

  const marked = /^(=>|≈)\s*(?:≈\s*)?(.*)$/.exec(first);
  if (marked === null) {
    const found = firstExpression([first, ...rest], isLiteral);
    return found === null ? null : { _tag: "equal", code: found.text };
  }
  const found = firstExpression([marked[2]!, ...rest], () => true);
  if (found === null) throw new SyntaxError(`expected a value after ${marked[1]!}, got ${marked[2]!}`);
  return first.includes("≈")
    ? { _tag: "near", code: near(found.text, found.expression) }
    : { _tag: "equal", code: found.text };
};
