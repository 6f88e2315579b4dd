/** Programs that differ only in numbers compile a few times, not each time. */
import { expect, test } from "vitest";
import { add, exp, jit, mul, programCache, type Tensor, tensor } from "../../src/index.js";
import { onEachBackend } from "../backend.js";

onEachBackend("eager programs with another number each time", () => {
  test("compile three times at most", () => {
    const x = tensor([1, 2, 3]);
    const before = programCache().misses;
    for (let i = 1; i <= 40; i++) {
      const rate = 0.1 / i;
      const got = add(mul(x, rate), mul(x, x)).dataSync();
      [1, 2, 3].forEach((v, k) => {
        expect(got[k]).toBeCloseTo(v * rate + v * v, 6);
      });
    }
    expect(programCache().misses - before).toBeLessThanOrEqual(3);
  });

  test("give the bits that the number in the text gives", () => {
    const x = tensor(Array.from({ length: 50 }, (_, i) => Math.sin(i) * 3));
    for (let i = 1; i <= 6; i++) {
      const eager = exp(mul(add(x, 0.123 * i), 0.37)).dataSync();
      const compiled = jit((v: Tensor) => exp(mul(add(v, 0.123 * i), 0.37)))(x).dataSync();
      expect(eager).toEqual(compiled);
    }
  });

  test("numbers that are the result, or computed with each other, stay in the text", () => {
    for (let i = 1; i <= 5; i++) {
      expect(mul(exp(tensor(0.3 * i)), 1).item()).toBeCloseTo(Math.exp(0.3 * i), 5);
      expect(add(mul(tensor([1, 2]), 0.7 * i), exp(0.11 * i)).dataSync()[1]).toBeCloseTo(
        1.4 * i + Math.exp(0.11 * i),
        4,
      );
    }
  });
});
