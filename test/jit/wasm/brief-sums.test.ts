/** Sums of few products: in float32 where there are many of them, in float64 otherwise. */
import { expect, test } from "vitest";
import { conv, jit, matmul, random, tensor, type Tensor } from "../../../src/index.js";
import { on } from "../../backend.js";

/** A 3×3 convolution of each channel by itself: its result, and the sums of the absolute values of its products. */
const depthwise = (x: Float32Array, w: Float32Array, channels: number, height: number, width: number) => {
  const [sums, magnitudes]: [number[], number[]] = [[], []];
  for (let c = 0; c < x.length / (height * width); c++)
    for (let i = 0; i < height - 2; i++)
      for (let j = 0; j < width - 2; j++) {
        let [sum, magnitude] = [0, 0];
        for (let k = 0; k < 9; k++) {
          const at = (c * height + i + Math.floor(k / 3)) * width + j + (k % 3);
          const product = x[at]! * w[(c % channels) * 9 + k]!;
          sum += product;
          magnitude += Math.abs(product);
        }
        sums.push(sum);
        magnitudes.push(magnitude);
      }
  return { sums, magnitudes };
};

test("a large depthwise convolution is within nine roundings, in whole vectors and at the ends of rows", () => {
  const [images, channels, height, width] = [2, 8, 66, 67];
  const x = random.normal(random.key(1), [images, channels, height, width]);
  const w = random.normal(random.key(2), [channels, 1, 3, 3]);
  const f = jit((a: Tensor, b: Tensor) => conv(a, b, { groups: channels }));
  const y = on("wasm", () => f(x, w).dataSync());
  const { sums, magnitudes } = depthwise(
    ...([x.dataSync() as Float32Array, w.dataSync() as Float32Array] as const),
    ...([channels, height, width] as const),
  );
  expect(y.length).toBe(sums.length);
  const worst = sums.reduce((m, s, i) => Math.max(m, Math.abs(s - y[i]!) / magnitudes[i]!), 0);
  expect(worst).toBeGreaterThan(0);
  expect(worst).toBeLessThan(9 * 2 ** -24);
});

test("small products are summed in float64", () => {
  const f = jit((a: Tensor, b: Tensor) => matmul(a, b));
  const product = on("wasm", () => f(tensor([[1e8, 1, -1e8]]), tensor([[1], [1], [1]])).dataSync());
  expect([...product]).toEqual([1]);
});
