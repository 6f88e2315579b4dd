/**
 * Programs as a person reads them: a typed SSA listing.
 *
 *     { a:float32[3] -> c:float32[]
 *       b:float32[3] = sin a
 *       c:float32[]  = sum{axes=[0]} b }
 */
import { showAval } from "./aval.js";
import type { Expr } from "./expr.js";
import type { Attrs } from "./primitive.js";
import { type Program, topological } from "./program.js";

/** a, b, …, z, aa, ab, … */
const nameOf = (i: number): string =>
  (i >= 26 ? nameOf(Math.floor(i / 26) - 1) : "") + String.fromCharCode(97 + (i % 26));

export const isProgram = (x: unknown): x is Program =>
  typeof x === "object" && x !== null && "params" in x && "results" in x;

const showNumber = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

const showValue = (x: unknown, indent: string): string => {
  if (isProgram(x)) return printProgram(x, `${indent}    `);
  if (Array.isArray(x)) return `[${x.map((v) => showValue(v, indent)).join(",")}]`;
  if (typeof x === "number") return showNumber(x);
  if (typeof x === "object" && x !== null) return `{${showAttrs(x as Attrs, indent)}}`;
  return String(x);
};

const showAttrs = (attrs: Attrs, indent: string): string =>
  Object.entries(attrs)
    .filter(([, v]) => v !== undefined)
    .map(([k, v]) => `${k}=${showValue(v, indent)}`)
    .join(" ");

/**
 * The listing of a program; sub-programs are nested.
 *
 * @example
 * ```ts
 * printProgram(trace((x) => sin(x))(zeros([3])).program).split("\n")[1] // "  b:float32[3] = sin a }"
 * ```
 */
export const printProgram = (program: Program, indent = ""): string => {
  const names = new Map<Expr, string>();
  const fresh = (e: Expr): string => {
    const n = nameOf(names.size);
    names.set(e, n);
    return n;
  };
  const typed = (e: Expr): string => `${fresh(e)}:${showAval(e.aval)}`;
  const use = (e: Expr): string =>
    e.literal !== null ? `${showNumber(e.literal)}:${e.dtype}` : (names.get(e) ?? "?");

  const params = program.params.map(typed).join(", ");
  const lines: string[] = [];
  const order = topological(program.results);
  for (const e of order) {
    if (names.has(e) || e.literal !== null || e.tag === "Project") continue;
    if (e.tag === "Param") lines.push(`${typed(e)} = free`);
    else if (e.tag === "Const") lines.push(`${typed(e)} = const`);
    else {
      const operands = e.args.map(use).join(" ");
      const attrs = showAttrs(e.attrs, `${indent}  `);
      const outs = e.avals.length === 1 ? [e] : projectionsOf(e, order);
      const left = outs.map((o) => (typeof o === "number" ? "_" : typed(o))).join(" ");
      lines.push(`${left} = ${e.primitive!.name}${attrs === "" ? "" : `{${attrs}}`} ${operands}`.trimEnd());
    }
  }
  const results = program.results
    .map((r) => `${use(r)}:${showAval(r.aval)}`)
    .map((s) => s.replace(/(:\w+)\1/, "$1"));
  return [`{ ${params} -> ${results.join(", ")}`, ...lines.map((l) => `${indent}  ${l}`)].join("\n") + " }";
};

const projectionsOf = (node: Expr, order: readonly Expr[]): (Expr | number)[] =>
  node.avals.map(
    (_, i) => order.find((e) => e.tag === "Project" && e.args[0] === node && e.index === i) ?? i,
  );
