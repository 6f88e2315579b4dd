/** What divided kernels compute, beside the JavaScript backend, which divides nothing. */
import { expect, test } from "vitest";
import {
  cast,
  conv,
  grad,
  matmul,
  maxPool,
  mean,
  norm,
  ones,
  prod,
  square,
  sum,
  type Tensor,
} from "../../../src/index.js";
import { on } from "../../backend.js";
import { normal } from "../../arguments.js";

const cases: readonly (readonly [string, () => Tensor])[] = [
  ["sum", () => sum(normal(1, 300_001))],
  ["sum of ones", () => sum(ones([1_234_567]))],
  ["sums of columns", () => sum(square(normal(1, 3001, 203)), { axis: 0 })],
  ["product", () => prod(normal(1, 100_003).mul(1e-3).add(1))],
  ["mean of squares, float64", () => mean(square(cast(normal(1, 211, 1009), "float64")))],
  ["norm of a view", () => norm(normal(1, 400, 500).transpose().slice([3, 0], [490, 400]))],
  [
    "gradient of a window",
    () => {
      const x = normal(1, 32, 1, 28, 28);
      return grad((w: Tensor) => mean(square(conv(x, w))))(normal(2, 6, 1, 5, 5));
    },
  ],
  [
    "gradient of an image",
    () => {
      const w = normal(2, 6, 3, 5, 5);
      return grad((x: Tensor) => mean(square(conv(x, w))))(normal(1, 16, 3, 24, 26));
    },
  ],
  [
    "gradient of pooling that overlaps",
    () => grad((x: Tensor) => mean(square(maxPool(x, [3, 3], { stride: 2 }))))(normal(1, 16, 4, 33, 35)),
  ],
  ["few results of a deep product", () => matmul(normal(1, 7, 20_000), normal(2, 20_000, 9))],
  ["deep products of a batch", () => matmul(normal(1, 3, 5, 4096), normal(2, 3, 4096, 6))],
];

test.each(cases)("%s", (_, f) => {
  const [own, other] = [on("wasm", f), on("js", f)] as const;
  const [a, b] = [on("wasm", () => own.dataSync()), on("js", () => other.dataSync())];
  const scale = Math.max(...Array.from(b, Math.abs));
  expect(a.length).toBe(b.length);
  expect(Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i]!)))).toBeLessThan(2e-6 * scale);
});
