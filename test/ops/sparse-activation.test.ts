import { expect, test } from "vitest";
import { grad, sparsePlus, sparseSigmoid, tensor, vmap } from "fluxion";

const x = tensor([-2, -1, -0.5, 0, 0.5, 1, 2]);

test("sparsePlus and sparseSigmoid are jax.nn's", () => {
  expect(sparsePlus(x).toArray()).toEqual([0, 0, 0.0625, 0.25, 0.5625, 1, 2]);
  expect(sparseSigmoid(x).toArray()).toEqual([0, 0, 0.25, 0.5, 0.75, 1, 1]);
});

test("sparseSigmoid is the derivative of sparsePlus", () => {
  expect(vmap(grad(sparsePlus))(x).toArray()).toEqual(sparseSigmoid(x).toArray());
});

test("integers become float32", () => {
  expect(sparsePlus(tensor([2], { dtype: "int32" })).dtype).toBe("float32");
});
