import { expect, test } from "vitest";
import { grad, log1mexp, logmeanexp, type Tensor, tensor, vmap, zeros } from "fluxion";

const close = (got: readonly number[], want: readonly number[], tolerance = 1e-13): void => {
  expect(got.length).toBe(want.length);
  got.forEach((g, i) => {
    expect(Math.abs(g - want[i]!) / Math.abs(want[i]!), `${g} is not ${want[i]!}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
};
const numbers = (x: Tensor): number[] => [...x.dataSync()];
const double = (values: readonly number[]): Tensor => tensor(values, { dtype: "float64" });

/** Values and gradients of jax.nn in float64; at 40, where JAX's is flushed to −0, the series −e⁻ˣ. */
const x = [1e-12, 0.1, 0.6931, 0.7, 3, 40];

test("log1mexp, on both sides of log 2", () => {
  const want = [
    -27.631021115929048, -2.352168461044091, -0.6931943633460009, -0.6863410028083852, -0.05106918094270159,
  ];
  close(numbers(log1mexp(double(x))), [...want, -4.248354255291589e-18]);
});

test("its derivative, with no NaN from the branch that is not taken", () => {
  const slopes = [
    999999999999.5, 9.50833194477505, 1.0000943677983616, 0.9864338636344632, 0.05239569649125595,
  ];
  close(numbers(vmap(grad(log1mexp))(double(x))), [...slopes, 4.248354255291589e-18]);
  expect(numbers(vmap(grad(log1mexp))(tensor([0, 1000])))).toEqual([Infinity, 0]);
});

test("log1mexp is -Infinity at 0 and NaN below", () => {
  expect(log1mexp(tensor([0, -1])).toArray()).toEqual([-Infinity, NaN]);
});

test("logmeanexp over axes, without overflow", () => {
  const m = double([1, 2, 3, -1e4, 0, 1e4]).reshape([2, 3]);
  close(numbers(logmeanexp(m, { axis: 1 })), [2.3089936757762706, 9998.901387711332]);
  close(numbers(logmeanexp(m)), [9998.208240530772]);
  expect(logmeanexp(m, { axis: 1, keepdims: true }).shape).toEqual([2, 1]);
  expect(logmeanexp(zeros([0])).item()).toBeNaN();
  expect(() => logmeanexp(m, { axis: 2 })).toThrow("logmeanexp: expected an axis from -2 to 1, got 2");
});
