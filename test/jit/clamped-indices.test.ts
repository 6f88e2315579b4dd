/** Indices from tensors are clamped inside the kernel of every backend: nothing is left to JavaScript. */
import { expect, test } from "vitest";
import { dynamicSlice, jit, switchCase, take, tensor, type Tensor } from "../../src/index.js";
import { onEachBackend } from "../backend.js";

const int = (values: readonly number[] | number): Tensor => tensor(values, { dtype: "int32" });
const extremes = int([0, 2, 3, 7, 2147483647, -2147483648]);
const x = tensor([10, 20, 30]);

onEachBackend("indices are clamped", () => {
  test("of take", () => {
    const f = jit((i: Tensor) => take(x, i));
    expect(f(extremes).toArray()).toEqual([10, 30, 30, 30, 30, 10]);
    for (const k of f.lower(extremes).kernels) expect(k.source).not.toContain("calls JavaScript");
  });

  test("of take from one element", () => {
    expect(jit((i: Tensor) => take(tensor([5]), i))(extremes).toArray()).toEqual([5, 5, 5, 5, 5, 5]);
  });

  test("of dynamicSlice", () => {
    const f = jit((i: Tensor) => dynamicSlice(x, [i], [2]));
    expect([-5, -1, 0, 1, 2, 2147483647].map((i) => f(int(i)).toArray())).toEqual([
      [10, 20], // -5 + 3 is still negative
      [20, 30], // -1 + 3 is too large
      [10, 20],
      [20, 30],
      [20, 30],
      [20, 30],
    ]);
  });

  test("of switchCase", () => {
    const f = jit((i: Tensor) => switchCase(i, [(v: Tensor) => v, (v: Tensor) => v.mul(2)], x));
    expect([-1, 0, 1, 9].map((i) => f(int(i)).at(0).item())).toEqual([10, 10, 20, 20]);
  });
});
