/** ⟨A t, c⟩ = ⟨t, Aᵀ c⟩ for what is linear by itself, in the sample's own dtypes. */
import type { NdArray } from "../../src/ir/ndarray.js";
import type { Primitive } from "../../src/ir/primitive.js";
import { call } from "../../src/transforms/evaluate.js";
import { inner, magnitude, moved } from "../arrays.js";
import { transposed } from "../folds.js";
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
    const rounds = [...args, ...at].some((x) => x.dtype === "float32");
    expectInner(
      `transpose in operands ${on}`,
      sum(at, cts, inner),
      sum(back, ts, inner),
      sum(at, cts, magnitude),
      rounds ? 1e-5 : 1e-11,
    );
  }
};
