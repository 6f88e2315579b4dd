/** Programs may be long: compiling them needs no deep stack and no time that grows faster than they do (by much). */
import { describe, expect, test } from "vitest";
import { add, grad, jit, mul, sin, sum, tensor, type Tensor } from "fluxion";

const repeated =
  (n: number, f: (y: Tensor, x: Tensor) => Tensor) =>
  (x: Tensor): Tensor => {
    let y = x;
    for (let i = 0; i < n; i++) y = f(y, x);
    return y;
  };

describe("long programs compile", () => {
  // Inlining is recursive: a chain of 1,000 elementwise operations overflowed the stack.
  test("a chain of 10,000 elementwise operations", () => {
    const f = jit(repeated(5000, (y, x) => add(mul(y, 0.5), x)));
    expect(f(tensor([2, 3])).toArray()).toEqual([4, 6]);
  });

  test("its gradient", () => {
    const f = jit(grad((x: Tensor) => sum(repeated(2000, (y, x0) => add(mul(sin(y), 0.5), x0))(x))));
    const [a] = f(tensor([0.3])).toArray() as [number];
    let fixed = 0.3;
    for (let i = 0; i < 100; i++) fixed = 0.3 + 0.5 * Math.sin(fixed);
    expect(a).toBeCloseTo(1 / (1 - 0.5 * Math.cos(fixed)), 5);
  });

  // Whether one cluster comes before another was found by walking, for each pair: 1,000 took 23 s, 3,000 nine minutes.
  test("1,000 reductions in a row, each needed by the next", () => {
    const f = jit(repeated(1000, (y, x) => add(mul(x, 0.5), mul(sum(y), 0.25))));
    const started = performance.now();
    const [a, b] = f(tensor([0.2, 0.4])).toArray() as [number, number];
    expect([a, b].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([0.25, 0.35]);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
