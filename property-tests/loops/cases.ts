/** A program at some arguments, and the transformations as functions from such cases to others. */
import { isFloat } from "../../src/ir/dtype.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import type { Program } from "../../src/ir/program.js";
import type { BatchAxis } from "../../src/ir/primitive.js";
import { range } from "../../src/ir/aval.js";
import { batched, forward, reverse, stacked } from "../folds.js";
import { directions } from "../laws/node.js";
import { valuesOf } from "../programs.js";
import { oneOf, random } from "../random.js";

export interface Case {
  readonly program: Program;
  readonly args: readonly NdArray[];
  /** The params that are differentiated. */
  readonly on: readonly number[];
}

/** From a case to another; equal cases give equal cases. */
export type Transformation = (c: Case, seed: number) => Case;

const jvp: Transformation = ({ program, args, on }, seed) => {
  const ts = directions(
    on.map((i) => args[i]!),
    seed,
  );
  return { program: forward(program, on), args: [...args, ...ts], on };
};

const vjp: Transformation = ({ program, args, on }, seed) => {
  const outs = program.results.map((r) => r.aval).filter((a) => isFloat(a.dtype));
  const cts = directions(
    outs.map((a) => ({ ...a, data: new Float64Array(a.shape.reduce((n, d) => n * d, 1)) })),
    seed,
  );
  return { program: reverse(program, on), args: [...args, ...cts], on };
};

const vmap: Transformation = ({ program, args, on }, seed) => {
  const r = random(seed);
  const drawn = args.map((x) => oneOf<BatchAxis>(r, [null, ...range(x.shape.length + 1)]));
  const axes = drawn.every((a) => a === null) ? drawn.map((_, i) => (i === 0 ? 0 : null)) : drawn;
  const members = [args, valuesOf(r, args)];
  return { program: batched(program, axes, 2), args: stacked(axes, members), on };
};

export const transformations: Readonly<Record<"jvp" | "vjp" | "vmap", Transformation>> = { jvp, vjp, vmap };
export type Name = keyof typeof transformations;

/** The transformations applied one after the other, each with a seed of its own. */
export const through = (names: readonly Name[], c: Case): Case =>
  names.reduce((now, name, i) => transformations[name](now, 100 + i), c);

/** Chains of up to two transformations. */
export const chains: readonly (readonly Name[])[] = [
  [],
  ["jvp"],
  ["vjp"],
  ["vmap"],
  ["vjp", "jvp"],
  ["vjp", "vjp"],
  ["vmap", "vjp"],
  ["vjp", "vmap"],
];
