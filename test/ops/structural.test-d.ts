/** The structural functions as TypeScript sees them: both orders, methods, and what must not compile. */
import { flow, pipe } from "fp-ts/lib/function.js";
import { expectTypeOf, test } from "vitest";
import {
  at,
  concat,
  conv,
  einsum,
  expandDims,
  grad,
  matmul,
  maxPool,
  oneHot,
  relu,
  reshape,
  setAt,
  softmax,
  split,
  sum,
  take,
  topK,
  transpose,
  type Tensor,
  type TensorLike,
} from "../../src/index.js";

declare const x: Tensor;
declare const y: Tensor;

test("data-first calls give tensors", () => {
  expectTypeOf(matmul(x, y)).toEqualTypeOf<Tensor>();
  expectTypeOf(matmul(x, y, { dtype: "float64" })).toEqualTypeOf<Tensor>();
  expectTypeOf(conv(x, y, { stride: 2 })).toEqualTypeOf<Tensor>();
  expectTypeOf(maxPool(x, 2)).toEqualTypeOf<Tensor>();
  expectTypeOf(reshape(x, [2, -1])).toEqualTypeOf<Tensor>();
  expectTypeOf(transpose(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(softmax(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(take(x, [1, 2], { axis: 0 })).toEqualTypeOf<Tensor>();
  expectTypeOf(take(x, y)).toEqualTypeOf<Tensor>();
  expectTypeOf(oneHot(x, 10)).toEqualTypeOf<Tensor>();
  expectTypeOf(split(x, 2)).toEqualTypeOf<Tensor[]>();
  expectTypeOf(topK(x, 2)).toEqualTypeOf<[values: Tensor, indices: Tensor]>();
  expectTypeOf(einsum("ij,jk", x, y)).toEqualTypeOf<Tensor>();
  expectTypeOf(einsum("ij,jk", x, y, { dtype: "float64" })).toEqualTypeOf<Tensor>();
  expectTypeOf(concat([x, y], { axis: 1 })).toEqualTypeOf<Tensor>();
});

test("data-last calls give functions, and compose", () => {
  expectTypeOf(reshape([2, -1])).toEqualTypeOf<(x: TensorLike) => Tensor>();
  expectTypeOf(softmax({ axis: 0 })).toEqualTypeOf<(x: TensorLike) => Tensor>();
  expectTypeOf(pipe(x, relu, reshape([2, 3]), softmax, expandDims(0), transpose)).toEqualTypeOf<Tensor>();
  expectTypeOf(flow(relu, maxPool(2), sum)(x)).toEqualTypeOf<Tensor>();
  expectTypeOf([x, y].map(relu)).toEqualTypeOf<Tensor[]>();
  expectTypeOf([x, y].reduce((a, b) => matmul(a, b))).toEqualTypeOf<Tensor>();
});

test("methods follow the tables", () => {
  expectTypeOf(x.matmul(y).relu().softmax({ axis: 0 }).reshape(-1)).toEqualTypeOf<Tensor>();
  expectTypeOf(x.split(2)).toEqualTypeOf<Tensor[]>();
  expectTypeOf(x.topK(1)[0]).toEqualTypeOf<Tensor>();
  expectTypeOf(grad((v) => v.matmul(v).sum())(x)).toEqualTypeOf<Tensor>();
});

test("indices are checked as they are written", () => {
  expectTypeOf(
    x.at(0, ":", "1:5", "::-1", "...", null, [0, 2], y, { start: 1, step: 2 }),
  ).toEqualTypeOf<Tensor>();
  expectTypeOf(at(x, [1, "2:"])).toEqualTypeOf<Tensor>();
  expectTypeOf(setAt(x, [0], 1)).toEqualTypeOf<Tensor>();
  // @ts-expect-error a range needs a colon
  x.at("1");
  // @ts-expect-error masks have no static shape
  x.at(true);
  // @ts-expect-error an index is an array
  setAt(x, 0, 1);
});

test("what must not compile", () => {
  // @ts-expect-error options are no permutation
  transpose(x, { axes: [0] });
  // @ts-expect-error an unknown option
  softmax(x, { axes: 1 });
  // @ts-expect-error an unknown padding
  conv(x, y, { padding: "same" });
});
