import { expect, test } from "vitest";
import { grad, nancumprod, nancumsum, sum, type Tensor, tensor } from "fluxion";

const x = tensor([
  [1, NaN, 2],
  [NaN, 3, 4],
]);

test("nancumsum and nancumprod are NumPy's", () => {
  expect(nancumsum(x).toArray()).toEqual([1, 1, 3, 3, 6, 10]);
  expect(nancumsum(x, { axis: 0 }).toArray()).toEqual([
    [1, 0, 2],
    [1, 3, 6],
  ]);
  expect(nancumprod(x, { axis: 1 }).toArray()).toEqual([
    [1, 1, 2],
    [1, 3, 12],
  ]);
  expect(x.nancumsum({ axis: 1, reverse: true }).toArray()).toEqual([
    [3, 2, 2],
    [7, 7, 4],
  ]);
});

test("no gradient reaches a NaN", () => {
  expect(grad((y: Tensor) => sum(nancumsum(y)))(tensor([1, NaN, 2])).toArray()).toEqual([3, 0, 1]);
});

test("integers have no NaN", () => {
  expect(nancumsum(tensor([1, 2], { dtype: "int32" })).dtype).toBe("int32");
});
