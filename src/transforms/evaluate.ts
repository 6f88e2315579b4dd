/** The reference interpreter: every node by its own plain loop. The oracle of every law and every backend. */
import { allocate } from "../ir/dtype.js";
import { roundToFloat16 } from "../ir/scalar/float16.js";
import { type Expr, valueOf } from "../ir/expr.js";
import { type NdArray, ndarray } from "../ir/ndarray.js";
import { type Program, topological } from "../ir/program.js";
import { FluxionError } from "../ir/errors.js";
import { showAval } from "../ir/aval.js";

/** Values of `roots`; params are looked up in `environment`, or else in their witness. */
export const evaluate = (
  roots: readonly Expr[],
  environment: ReadonlyMap<Expr, NdArray> = new Map(),
): NdArray[] => {
  const values = new Map<Expr, readonly NdArray[]>();
  for (const e of topological(roots)) values.set(e, valuesOf(e, environment, values));
  return roots.map((r) => values.get(r)![0]!);
};

const valuesOf = (
  e: Expr,
  environment: ReadonlyMap<Expr, NdArray>,
  values: ReadonlyMap<Expr, readonly NdArray[]>,
): readonly NdArray[] => {
  const bound = environment.get(e);
  if (bound !== undefined) return [bound];
  // An open node may have cached the value for its params' witnesses: here they may be bound to others.
  if (e.value !== null && !e.open) return [ndarray(e.shape, e.dtype, valueOf(e, "evaluate"))];
  if (e.literal !== null) return [scalarArray(e)];
  if (e.tag === "Project") return [values.get(e.args[0]!)![e.index]!];
  if (e.tag === "Apply")
    return e
      .primitive!.evaluate(
        e.args.map((a) => values.get(a)![0]!),
        e.attrs,
      )
      .map(rounded);
  if (e.witness !== null) return evaluate([e.witness], environment);
  throw new FluxionError(
    "evaluate",
    `expected a value for every param, got none for ${showAval(e.aval)} #${e.id}`,
  );
};

/** Primitives leave float16 results in float32. */
const rounded = (x: NdArray): NdArray =>
  x.dtype === "float16" ? { ...x, data: Float32Array.from(x.data, roundToFloat16) } : x;

const scalarArray = (e: Expr): NdArray => {
  const data = allocate(e.dtype, 1);
  data[0] = e.literal!;
  return ndarray([], e.dtype, data);
};

/** The results of a program on arrays. */
export const call = (program: Program, args: readonly NdArray[]): NdArray[] =>
  evaluate(program.results, new Map(program.params.map((p, i) => [p, args[i]!])));
