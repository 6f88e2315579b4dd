/** ⟨A t, c⟩ = ⟨t, Aᵀ c⟩ for what is linear by itself, in the sample's own dtypes. */
import { aval, range, sizeOf } from "../../src/ir/aval.js";
import type { Expr } from "../../src/ir/expr.js";
import type { DType } from "../../src/ir/dtype.js";
import { type NdArray, ndarray } from "../../src/ir/ndarray.js";
import type { Primitive } from "../../src/ir/primitive.js";
import { select } from "../../src/ir/primitives/arithmetic.js";
import { broadcast, zerosOf } from "../../src/ir/primitives/layout.js";
import { traceProgram } from "../../src/ir/program.js";
import { call } from "../../src/transforms/evaluate.js";
import { arrayOf, inner, magnitude, moved } from "../arrays.js";
import { checked, transposed } from "../folds.js";
import { chance, random } from "../random.js";
import type { Sample } from "../samplers/index.js";
import { expectInner } from "./derivative.js";
import { directions, nodeProgram } from "./node.js";

const scaled = (x: NdArray, by: number): NdArray => moved(x, x, by - 1);

const sum = (xs: readonly NdArray[], ys: readonly NdArray[], f: (x: NdArray, y: NdArray) => number): number =>
  xs.reduce((s, x, i) => s + f(x, ys[i]!), 0);

export const expectTranspose = (primitive: Primitive, { args, attrs, linear }: Sample): void => {
  const program = nodeProgram(primitive, args, attrs);
  for (const on of linear) {
    const ts = directions(
      on.map((i) => args[i]!),
      1,
    );
    const along = (by: number): NdArray[] =>
      call(
        program,
        args.map((x, i) => (on.includes(i) ? scaled(ts[on.indexOf(i)]!, by) : x)),
      );
    // The other operands may add a constant: x + y is affine in x.
    const origin = along(0);
    const at = along(1).map((x, k) => moved(x, origin[k]!, -1));
    const cts = directions(at, 2);
    const fixed = args.filter((_, i) => !on.includes(i));
    const back = call(transposed(program, on), [...fixed, ...cts]);
    const has = (dtype: DType): boolean => [...args, ...at].some((x) => x.dtype === dtype);
    expectInner(
      `transpose in operands ${on}`,
      sum(at, cts, inner),
      sum(back, ts, inner),
      sum(at, cts, magnitude),
      has("float16") ? 5e-3 : has("float32") ? 1e-5 : 1e-11,
    );
  }
};

/**
 * Where the result's cotangent is 0, those of the operands are 0 (or 0 · ∞) where `support` says so. The mask is random
 * along the axes whose bits `along` has, and constant along the others. Returns whether anything was said.
 */
export const expectSupport = (
  primitive: Primitive,
  { args, attrs, linear }: Sample,
  along: number,
): boolean => {
  const [out] = primitive.shape(args, attrs);
  const axes = range(out!.shape.length).filter((a) => (along >> a) % 2 === 1);
  const small = aval(
    axes.map((a) => out!.shape[a]!),
    "bool",
  );
  const r = random(along + 1);
  const avals = [...args, small, out!];
  let told = false;
  for (const on of linear) {
    const traced = traceProgram(avals, (params) => {
      const [mask, c] = params.slice(args.length) as [Expr, Expr];
      const wide = broadcast(mask, out!.shape, axes);
      const operands = params.slice(0, args.length);
      const flags = args.map((_, i) => on.includes(i));
      const pulled = primitive.transpose!([select(wide, c, zerosOf(c.aval))], operands, flags, attrs);
      const support = primitive.support!(wide, operands, attrs);
      return on.flatMap((i) => (pulled[i] == null || support[i] == null ? [] : [pulled[i], support[i]]));
    });
    const bits = Uint8Array.from({ length: sizeOf(small.shape) }, () => (chance(r, 0.5) ? 1 : 0));
    const results = call(checked(traced), [
      ...args,
      ndarray(small.shape, "bool", bits),
      ...directions([arrayOf(out!, [])], 3),
    ]);
    for (let k = 0; k < results.length; k += 2) {
      told ||= results[k]!.data.length > 0;
      results[k]!.data.forEach((v, i) => {
        if (v !== 0 && !Number.isNaN(v) && results[k + 1]!.data[i] === 0)
          throw new Error(`cotangent ${v} outside its support`);
      });
    }
  }
  return told;
};
