/**
 * Random well-typed programs over every family of primitives.
 *
 * A program is a list of genes; each is the seed of one step, which takes expressions from the pool and adds new
 * ones. Dropping a gene leaves a well-typed program, so failures shrink.
 */
import fc, { type Arbitrary } from "fast-check";
import type { Aval } from "../src/ir/aval.js";
import { type DType, isFloat } from "../src/ir/dtype.js";
import { constant, type Expr, param } from "../src/ir/expr.js";
import type { NdArray } from "../src/ir/ndarray.js";
import { stopGradient } from "../src/ir/primitives/arithmetic.js";
import { printProgram } from "../src/ir/print.js";
import { type Program, topological } from "../src/ir/program.js";
import { arrayOf } from "./arrays.js";
import { integerSteps, kinkedSteps } from "./programs/discrete.js";
import { float, type Mode, type Pool, settled, shapeLike, type Step, whole } from "./programs/pool.js";
import { branched, repeated, scanned } from "./programs/loops.js";
import { smoothSteps } from "./programs/smooth.js";
import { type Body, checkpointed, withJvp, withVjp } from "./programs/wrappers.js";
import { chance, integer, oneOf, type Random, random } from "./random.js";
import { anyValue } from "./samplers/values.js";

export type { Mode } from "./programs/pool.js";

/** Every kind of node. */
export const everything: Mode = { smooth: false, forward: false, floats: ["float64", "float32"], nesting: 2 };

/** Mostly float16. */
export const halves: Mode = { ...everything, floats: ["float16", "float16", "float32"] };
/** float64 only, so that derivatives can be compared closely; kinks and jumps allowed. */
export const precise: Mode = { ...everything, floats: ["float64"] };
/** As precise, but with a forward mode. */
export const forwardable: Mode = { ...precise, forward: true };
/** Smooth in every float param: finite differences make sense. */
export const smooth: Mode = { ...forwardable, smooth: true };

export interface RandomProgram {
  readonly program: Program;
  readonly args: readonly NdArray[];
  /** Further values of the params. */
  readonly others: readonly (readonly NdArray[])[];
  /** The params, and the results, that are floats. */
  readonly floatParams: readonly number[];
  readonly floatResults: readonly number[];
  /** How fast-check shows it. */
  readonly [fc.toStringMethod]: () => string;
}

type Gene = number;

/** The params of every program, and where their values come from. */
const paramsOf = (r: Random, mode: Mode): readonly Aval[] => [
  ...Array.from({ length: 3 }, () => ({ shape: shapeLike(r), dtype: oneOf(r, mode.floats) })),
  { shape: [2], dtype: "int32" as const },
  { shape: shapeLike(r), dtype: oneOf(r, ["uint32", "int8", "uint8"] as const) },
  { shape: [3], dtype: "bool" as const },
];

const valueOf = (r: Random, dtype: DType): number =>
  isFloat(dtype) ? r() * 3 - 1.5 : dtype === "int32" ? integer(r, -2, 4) : anyValue(r, dtype);

export const valuesOf = (r: Random, avals: readonly Aval[]): NdArray[] =>
  avals.map((a) =>
    arrayOf(
      a,
      Array.from({ length: a.shape.reduce((n, d) => n * d, 1) }, () => valueOf(r, a.dtype)),
    ),
  );

/** A tensor with storage: a constant that a program refers to rather than contains. */
const stored: Step = (pool, r) => {
  const a = { shape: shapeLike(r), dtype: oneOf(r, pool.mode.floats) };
  return [constant(a, valuesOf(r, [a])[0]!.data)];
};

/** A node with a random sub-program inside; it may close over expressions of the pool. */
const wrapped: Step = (pool, r) => {
  if (pool.mode.nesting === 0) return [];
  const kinds = pool.mode.forward ? [checkpointed, withJvp] : [checkpointed, withJvp, withVjp];
  const wrap = oneOf(r, kinds);
  const args = [float(pool, r), float(pool, r)];
  const outer = chance(r, 0.5) ? [wrap === checkpointed ? float(pool, r) : stopped(pool, r)] : [];
  // A forward rule is made by forward mode: what it differentiates must have one.
  return wrap(bodyOf(pool, r, outer, { forward: pool.mode.forward || wrap === withJvp }), args);
};

/** A random function of floats to one or two floats, which may close over `outer`. */
const bodyOf = (pool: Pool, r: Random, outer: readonly Expr[], also: Partial<Mode> = {}): Body => {
  const genes = Array.from({ length: integer(r, 2, 6) }, () => integer(r, 0, 0x7fffffff));
  const mode = { ...pool.mode, ...also, nesting: pool.mode.nesting - 1 };
  return (params) => {
    const inside = grow(mode, [...params, ...outer], genes);
    const results = inside.filter((e) => isFloat(e.dtype)).slice(0, 2);
    return results.length === 0 ? [params[0]!] : results;
  };
};

/** A loop or a branch; its bodies may close over expressions of the pool. */
const looped: Step = (pool, r) => {
  if (pool.mode.nesting === 0) return [];
  const outer = chance(r, 0.5) ? [float(pool, r)] : [];
  const [x, y] = [float(pool, r), float(pool, r)];
  const body = (): Body => bodyOf(pool, r, outer);
  return oneOf(r, [
    () => scanned(r, body(), x, y),
    () => scanned(r, body(), x, y),
    () => branched(whole(pool, r), [body(), body()], [x, y], y),
    () => repeated(whole(pool, r), whole(pool, r)),
  ])();
};

/** Custom rules refuse to differentiate what they close over. Where all is smooth, that is a constant. */
const stopped = (pool: Pool, r: Random): Expr =>
  pool.mode.smooth ? stored(pool, r)[0]! : stopGradient(float(pool, r));

const stepsOf = (mode: Mode): readonly Step[] => [
  ...smoothSteps,
  ...integerSteps,
  ...(mode.smooth ? [] : kinkedSteps),
  stored,
  wrapped,
  wrapped,
  looped,
  looped,
];

/** The ends of the graph that the genes grow from `seeds`: every entry that no other one uses. */
export const grow = (mode: Mode, seeds: readonly Expr[], genes: readonly Gene[]): Expr[] => {
  const start = [...seeds];
  const pool: Pool = { mode, entries: start };
  for (const d of ["int32", "bool"] as const)
    if (!start.some((e) => e.dtype === d)) start.push(literalOf(d, genes[0] ?? 0));
  const given = start.length;
  const steps = stepsOf(mode);
  for (const gene of genes) {
    const r = random(gene);
    for (const e of oneOf(r, steps)(pool, r)) if (e.size > 0) pool.entries.push(settled(r, e));
  }
  const made = pool.entries.slice(given);
  const used = new Set<Expr>();
  for (const e of topological(made)) e.args.forEach((x) => used.add(x));
  return [...new Set(made.filter((e) => !used.has(e)))];
};

const literalOf = (dtype: DType, seed: number): Expr =>
  constant({ shape: [3], dtype }, valuesOf(random(seed), [{ shape: [3], dtype }])[0]!.data);

const build = (mode: Mode, seed: number, genes: readonly Gene[]): RandomProgram => {
  const r = random(seed);
  const avals = paramsOf(r, mode);
  const params = avals.map((a) => param(a));
  const ends = grow(mode, params, genes);
  const results = ends.some((e) => isFloat(e.dtype)) ? ends : [...ends, params[0]!];
  const floatsAmong = (es: readonly Expr[]): number[] => es.flatMap((e, i) => (isFloat(e.dtype) ? [i] : []));
  const program = { params, results };
  const args = valuesOf(r, avals);
  return {
    program,
    args,
    others: [valuesOf(r, avals), valuesOf(r, avals)],
    [fc.toStringMethod]: () =>
      `seed ${seed} genes [${genes.join(", ")}]\n${printProgram(program)}\non ${args.map((x) => `[${x.data.join(", ")}]`).join(" ")}`,
    floatParams: floatsAmong(params),
    floatResults: floatsAmong(results),
  };
};

/** What a random program is made from: building it twice gives two programs that differ only in their nodes' names. */
export interface Recipe {
  readonly seed: number;
  readonly genes: readonly Gene[];
}

export const programOf = (mode: Mode, { seed, genes }: Recipe): RandomProgram => build(mode, seed, genes);

export const recipes: Arbitrary<Recipe> = fc.record({
  seed: fc.nat(),
  genes: fc.array(fc.nat({ max: 0x7fffffff }), { minLength: 24, maxLength: 36, size: "max" }),
});

/** Random programs, most of more than 30 nodes. */
export const programs = (mode: Mode): Arbitrary<RandomProgram> =>
  recipes.map((recipe) => programOf(mode, recipe));
