/** How long a kernel will take, roughly: decides when optimised code is worth its making. */
import { sizeOf } from "../../../ir/aval.js";
import type { Axis } from "../../index-expression.js";
import type { Contraction, Statement } from "../../kernel.js";

const count = (...groups: readonly (readonly Axis[])[]): number => sizeOf(groups.flat().map((a) => a.size));

/** Iterations of a loop whose number is not known. */
const unknownTurns = 1000;

const contractionWork = (c: Contraction): number => {
  const lines = count(c.batch);
  const [rows, columns, depth] = [count(c.rows), count(c.columns), count(c.depth)];
  const packing = depth * (rows * workOf(c.a.body) + columns * workOf(c.b.body));
  return lines * (rows * columns * (depth / 4 + workOf(c.epilogue)) + packing);
};

/** Scalar operations, a call of a library routine being as many as it has elements. */
export const workOf = (body: readonly Statement[]): number =>
  body.reduce((work, s) => {
    switch (s._tag) {
      case "Let":
        return work + (s.value.definition._tag === "Compute" ? s.value.definition.lower.cost : 1);
      case "Nest":
        return work + count(s.axes) * workOf(s.body);
      case "Guard":
        return work + workOf(s.body);
      case "While":
        return work + unknownTurns * (workOf(s.test) + workOf(s.body));
      case "Branch":
        return work + Math.max(0, ...s.branches.map(workOf));
      case "Contract":
        return work + contractionWork(s.contraction);
      case "Call":
        return work + s.args.reduce((n, a) => n + a.length, 0);
      default:
        return work + 1;
    }
  }, 0);

/** Operations in a nanosecond, in vectors; multiplications of a contraction; numbers that it packs. */
const [operations, products, packed] = [10, 22, 5] as const;

/** How long statements take on one thread, roughly, if they run in vectors. */
export const nanosecondsOf = (body: readonly Statement[]): number =>
  body.reduce((time, s) => {
    if (s._tag !== "Contract") return time + workOf([s]) / operations;
    const c = s.contraction;
    const [lines, rows, columns, depth] = [count(c.batch), count(c.rows), count(c.columns), count(c.depth)];
    const epilogue = (rows * columns * workOf(c.epilogue)) / operations;
    return (
      time + lines * ((rows * columns * depth) / products + ((rows + columns) * depth) / packed + epilogue)
    );
  }, 0);
