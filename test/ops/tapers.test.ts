import { expect, test } from "vitest";
import { bartlett, blackman, hamming, hanning, type Tensor } from "fluxion";

/** NumPy's values, rounded to float32; blackman's ends are −1e-17 there. */
test.each<[name: string, f: (n: number) => Tensor, values: readonly number[]]>([
  ["hanning", hanning, [0, 0.345491502812526, 0.904508497187474]],
  ["hamming", hamming, [0.08, 0.397852187582524, 0.912147817412476]],
  ["blackman", blackman, [0, 0.2007701432625305, 0.8492298567374694]],
  ["bartlett", bartlett, [0, 0.4, 0.8]],
])("%s", (name, f, values) => {
  const symmetric = [...values, ...[...values].reverse()];
  f(6)
    .dataSync()
    .forEach((y, i) => {
      expect(y).toBeCloseTo(symmetric[i]!, 7);
    });
  expect(f(6).dtype).toBe("float32");
  expect(f(1).toArray()).toEqual([1]);
  expect(f(0).toArray()).toEqual([]);
  expect(() => f(1.5)).toThrow(`${name}: expected a whole number of elements from 0, got 1.5`);
});
