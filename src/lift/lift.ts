/** `lift`: ordinary JavaScript arithmetic as tensor programs. */
import { build } from "./build.js";
import { callableOf, lifted } from "./environment.js";
import { lower, treeOf } from "./lower.js";
import type { Lifted, LiftEnvironment } from "./types.js";

/**
 * A function of numbers, written in plain JavaScript, as a function of tensors: applied to every element, with
 * broadcasting. Its source is read and becomes part of the program around it, so it differentiates, batches and fuses
 * like anything else.
 *
 * The function may use arithmetic, comparisons, `&&`, `||`, `?:`, bit operations, `Math` and `Number`, `let`, `const`,
 * `if`, `for`, `while`, `do`, `break`, `continue`, `return`, tuples and records, local functions, and what
 * `environment` gives: constants, tensors (`alpha` is an operand, `table[i]` an element) and other functions, lifted
 * or not. Numbers have the dtype of the operands: float64 if one has, else float32. Comparisons are bool, bit
 * operations int32 and `>>>` uint32.
 *
 * Loops whose number of rounds can be told beforehand differentiate in reverse; others forward only. No derivative
 * comes from a branch that was not taken. Throws on anything else, with the line, the column and what to write
 * instead.
 *
 * @example
 * ```ts
 * const huber = lift((r: number, d: number) => {
 *   const a = Math.abs(r);
 *   return a <= d ? 0.5 * r * r : d * (a - 0.5 * d);
 * });
 * huber(tensor([0.5, -3]), 1).toArray() // [0.125, 2.5]
 * grad((r) => sum(huber(r, 1)))(tensor([0.5, -3])).toArray() // [0.5, -1]
 *
 * const collatz = lift((n) => {
 *   let steps = 0;
 *   for (; n !== 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1;
 *   return steps;
 * });
 * collatz(tensor([1, 6, 27])).toArray() // [0, 8, 111]
 *
 * const weights = liftable(tensor([10, 20, 30]));
 * lift((x: number, i: number) => x * weights[i]!, { weights })(2, tensor([0, 2], { dtype: "int32" })).toArray() // [20, 60]
 * ```
 */
export function lift<A extends number[], R>(
  f: (...args: A) => R,
  environment?: LiftEnvironment,
): Lifted<A, R>;
export function lift<A extends unknown[], R>(
  f: (...args: A) => R,
  environment?: LiftEnvironment,
): Lifted<A, R>;
export function lift(f: (...args: never[]) => unknown, environment: LiftEnvironment = {}): unknown {
  const callable = callableOf("lift", f, environment);
  const built = build(callable);
  const call = (...args: unknown[]): unknown => treeOf(lower(built, args));
  lifted.set(call, callable);
  return Object.defineProperty(call, "name", { value: f.name === "" ? "lifted" : `lift(${f.name})` });
}
