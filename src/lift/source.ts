/** The text of a function, parsed, and errors that point into it: line, column, the line itself and a caret. */
import * as acorn from "acorn";
import { FluxionError } from "../ir/errors.js";

/** A function as its author (or a compiler) wrote it. */
export interface Source {
  /** The public function that reads it, for errors. */
  readonly operation: string;
  readonly text: string;
  /** What `text` was put behind so that it parses as an expression. */
  readonly offset: number;
  readonly node: acorn.ArrowFunctionExpression | acorn.FunctionExpression;
}

/** A place in a source: the start of a node. */
export interface Place {
  readonly start: number;
}

const wanted = "a function written in JavaScript (an arrow, function or method)";

/** Parses the function's own source. Throws when it has none, or is not an ordinary function. */
export const sourceOf = (operation: string, f: unknown): Source => {
  if (typeof f !== "function") throw new FluxionError(operation, `expected ${wanted}, got ${typeof f}`);
  const text = Function.prototype.toString.call(f);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text))
    throw new FluxionError(
      operation,
      `expected ${wanted}, got ${f.name === "" ? "one" : f.name} without source (built in, or made by bind)`,
    );
  const parsed = parse(operation, text, "(", ")") ?? parse(operation, text, "({", "})");
  if (parsed === null) throw new FluxionError(operation, `expected ${wanted}, got ${text.slice(0, 60)}`);
  const { node } = parsed;
  if (node.async || node.generator)
    throw fault(
      parsed,
      { start: node.start },
      "an ordinary function",
      node.async ? "an async one" : "a generator",
      "there is nothing to wait for or to yield in a kernel: remove async, or the asterisk",
    );
  return parsed;
};

const parse = (operation: string, text: string, before: string, after: string): Source | null => {
  let program: acorn.Program;
  try {
    program = acorn.parse(before + text + after, { ecmaVersion: "latest" });
  } catch (e) {
    if (e instanceof SyntaxError) return null;
    throw e;
  }
  const statement = program.body[0];
  const node = statement?.type === "ExpressionStatement" ? functionOf(statement.expression) : null;
  return node === null ? null : { operation, text, offset: before.length, node };
};

const functionOf = (e: acorn.Expression): Source["node"] | null => {
  if (e.type === "ArrowFunctionExpression" || e.type === "FunctionExpression") return e;
  const property = e.type === "ObjectExpression" ? e.properties[0] : undefined;
  return property?.type === "Property" && property.method ? functionOf(property.value) : null;
};

const widest = 100;

/** The line and column (both from 1) of a place, and the line with a caret under it; long lines are cut around it. */
export const locate = (
  source: Source,
  place: Place,
): { readonly line: number; readonly column: number; readonly picture: string } => {
  const at = Math.min(Math.max(place.start - source.offset, 0), source.text.length);
  const begin = source.text.lastIndexOf("\n", at - 1) + 1;
  const end = source.text.indexOf("\n", at);
  const full = source.text.slice(begin, end < 0 ? undefined : end);
  const from = at - begin > widest * 0.75 ? at - begin - widest / 2 : 0;
  const shown = full.slice(from, from + widest).trimEnd();
  const text = (from > 0 ? "…" : "") + shown + (from + widest < full.length ? "…" : "");
  const indent = (from > 0 ? " " : "") + full.slice(from, at - begin).replace(/[^\t]/g, " ");
  return {
    line: source.text.slice(0, begin).split("\n").length,
    column: at - begin + 1,
    picture: `    ${text}\n    ${indent}^`,
  };
};

/** An error at a place of the source: what was expected there, what it is, and what to write instead. */
export const fault = (
  source: Source,
  place: Place,
  want: string,
  got: string,
  instead: string,
): FluxionError => {
  const { line, column, picture } = locate(source, place);
  return new FluxionError(
    source.operation,
    `expected ${want}, got ${got} (line ${line}, column ${column} of the function)\n${picture}\n${instead}`,
  );
};
