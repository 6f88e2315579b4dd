/** One table of structural functions; every one is held to the same laws: derivatives, second derivatives, vmap, jit. */
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import type { Tensor } from "../../src/index.js";

const int = (values: readonly number[]): Tensor => fx.tensor(values, { dtype: "int32" });

/** Distinct values, without ties or zeros, in float64. */
const sample = (shape: readonly number[], seed = 0): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from(
    { length: n },
    (_, i) => Math.sin((i + 1) * 1.7 + seed * 0.9) * 1.3 + 0.011 * i,
  );
  return fx.tensor(data, { shape });
};

const w = sample([2, 3, 2, 2], 5);
const table: Record<string, readonly [shape: readonly number[], f: (x: Tensor) => Tensor]> = {
  reshape: [[2, 3], (x) => fx.reshape(x, [3, -1])],
  transpose: [[2, 3, 2], (x) => fx.transpose(x, [1, 2, 0])],
  broadcastTo: [[3, 1], (x) => fx.broadcastTo(x, [2, 3, 4])],
  "concat with itself": [[2, 3], (x) => fx.concat([x, fx.mul(x, x)], { axis: 1 })],
  stack: [[3], (x) => fx.stack([x, x], { axis: 1 })],
  split: [[5], (x) => fx.split(x, [2])[1]!],
  tile: [[2, 2], (x) => fx.tile(x, [2, 3])],
  repeat: [[3], (x) => fx.repeat(x, [2, 0, 1])],
  roll: [[4, 2], (x) => fx.roll(x, [1, -1], { axis: [0, 1] })],
  rot90: [[2, 3], (x) => fx.rot90(x)],
  "pad constant": [[3], (x) => fx.pad(x, [2, -1], { constantValues: 7 })],
  "pad reflect": [[4], (x) => fx.pad(x, [3, 2], { mode: "reflect" })],
  "pad linearRamp": [[3], (x) => fx.pad(x, 2, { mode: "linearRamp", endValues: 1 })],
  "at range": [[5, 3], (x) => x.at("::-2", 1)],
  "at places": [
    [4, 3],
    (x) =>
      x.at(
        [
          [0, 3],
          [3, 1],
        ],
        "1:",
      ),
  ],
  "at tensors": [[4, 3], (x) => x.at(int([-1, 2]), int([0, 1]))],
  setAt: [[4, 3], (x) => fx.setAt(x, ["1:3", 0], fx.square(x.at(0, ":2")))],
  "addAt places": [[4], (x) => fx.addAt(x, [[1, 1, 3]], fx.mul(x.at(":3"), 2))],
  "mulAt range": [[4], (x) => fx.mulAt(x, ["::2"], x.at("1::2"))],
  "mulAt places": [[4], (x) => fx.mulAt(x, [[1, 1]], x.at(":2"))],
  "maxAt places": [[4], (x) => fx.maxAt(x, [[1, 2]], x.at(":2"))],
  take: [[3, 4], (x) => fx.take(x, int([1, -1, 1]), { axis: 1 })],
  takeAlongAxis: [[2, 4], (x) => fx.takeAlongAxis(x, fx.argsort(x))],
  putAlongAxis: [[2, 3], (x) => fx.putAlongAxis(x, [[1], [2]], x.at(":", ":1"))],
  segmentSum: [[4, 2], (x) => fx.segmentSum(x, int([0, 2, 0, 1]), { numSegments: 3 })],
  segmentMax: [[4, 2], (x) => fx.segmentMax(x, int([0, 1, 0, 1]), { numSegments: 2 })],
  segmentProd: [[4], (x) => fx.segmentProd(x, int([0, 1, 0, 1]), { numSegments: 2 })],
  dynamicSlice: [[4, 3], (x) => fx.dynamicSlice(x, [int([1]).at(0), 1], [2, 2])],
  dynamicUpdateSlice: [[4], (x) => fx.dynamicUpdateSlice(x, fx.square(x.at(":2")), [2])],
  sort: [[2, 5], (x) => fx.sort(x)],
  "sort descending": [[5, 2], (x) => fx.sort(x, { axis: 0, descending: true })],
  topK: [[2, 5], (x) => fx.topK(x, 3)[0]],
  matmul: [[2, 2, 3], (x) => fx.matmul(x, fx.matrixTranspose(x))],
  einsum: [[3, 3], (x) => fx.einsum("ij,jk,ki->i", x, x, x)],
  "einsum diagonal": [[3, 3], (x) => fx.einsum("ii->i", x)],
  kron: [[2, 2], (x) => fx.kron(x, x)],
  cross: [[2, 3], (x) => fx.cross(x, fx.flip(x))],
  matrixPower: [[2, 2], (x) => fx.matrixPower(x, 3)],
  conv: [[1, 3, 4, 3], (x) => fx.conv(x, w, { padding: 1, stride: [2, 1] })],
  "conv of kernels": [[2, 1, 2, 2], (x) => fx.conv(sample([1, 2, 4, 4], 3), x, { groups: 2, dilation: 2 })],
  convTranspose: [[1, 2, 3, 2], (x) => fx.convTranspose(x, w, { stride: 2, padding: 1 })],
  maxPool: [[1, 1, 4, 5], (x) => fx.maxPool(x, 2, { stride: 1, padding: "SAME" })],
  avgPool: [[1, 1, 5], (x) => fx.avgPool(x, 3, { stride: 2, padding: 1 })],
  lpPool: [[1, 1, 4], (x) => fx.lpPool(x, 3, 2)],
  adaptiveAvgPool: [[1, 1, 5], (x) => fx.adaptiveAvgPool(x, 3)],
  adaptiveMaxPool: [[1, 1, 5], (x) => fx.adaptiveMaxPool(x, 3)],
  slidingWindow: [[5, 2], (x) => fx.slidingWindow(x, 3, { axis: 0, stride: 2 })],
  overlapAdd: [[3, 2], (x) => fx.overlapAdd(x, 4)],
  resize: [[3, 4], (x) => fx.resize(x, [5, 2], { method: "cubic" })],
  pixelShuffle: [[1, 4, 2, 1], (x) => fx.pixelShuffle(x, 2)],
  softmax: [[2, 4], (x) => fx.softmax(x)],
  "softmax where": [
    [2, 3],
    (x) =>
      fx.softmax(x, {
        where: fx.tensor([
          [true, false, true],
          [false, false, false],
        ]),
      }),
  ],
  logSoftmax: [[2, 4], (x) => fx.logSoftmax(x, { axis: 0 })],
  standardize: [[2, 4], (x) => fx.standardize(x)],
  attention: [[1, 3, 2, 2], (x) => fx.dotProductAttention(x, fx.square(x), x, { causal: true })],
  gelu: [[6], (x) => fx.gelu(x, { approximate: false })],
  mish: [[6], (x) => fx.mish(x)],
  selu: [[6], (x) => fx.selu(x)],
  logSigmoid: [[6], (x) => fx.logSigmoid(x)],
  squareplus: [[6], (x) => fx.squareplus(x)],
  glu: [[4], (x) => fx.glu(x)],
  choose: [[3], (x) => fx.choose(int([0, 1, 1]), [x, fx.square(x)])],
  convolve: [[4], (x) => fx.convolve(x, fx.flip(x))],
};

const close = (got: Tensor, want: Tensor, tolerance: number): void => {
  expect(got.shape).toEqual(want.shape);
  const [a, b] = [got.dataSync(), want.dataSync()];
  const scale = Math.max(1, ...Array.from(b, Math.abs));
  a.forEach((v: number, i: number) => expect(Math.abs(v - b[i]!)).toBeLessThanOrEqual(tolerance * scale));
};

const h = 1e-5;

/** (f(x + h·t) - f(x - h·t)) / 2h */
const difference = (f: (x: Tensor) => Tensor, x: Tensor, t: Tensor): Tensor =>
  fx.div(fx.sub(f(fx.add(x, fx.mul(t, h))), f(fx.sub(x, fx.mul(t, h)))), 2 * h);

describe.each(Object.entries(table))("%s", (_name, [shape, f]) => {
  const x = sample(shape);
  const t = sample(shape, 2);

  test("jvp is the directional derivative", () => {
    const [y, dy] = fx.jvp(f, [x], [t]) as readonly [Tensor, Tensor];
    close(y, f(x), 1e-12);
    close(dy, difference(f, x, t), 1e-6);
  });

  test("vjp is its transpose", () => {
    const [, dy] = fx.jvp(f, [x], [t]) as readonly [Tensor, Tensor];
    const [y, pull] = fx.vjp(f, x);
    const c = sample(y.shape as number[], 4);
    const [dx] = pull(c) as readonly [Tensor];
    expect(fx.sum(fx.mul(dx, t)).item()).toBeCloseTo(fx.sum(fx.mul(c, dy)).item(), 8);
  });

  test("second derivatives", () => {
    const g = (v: Tensor): Tensor => fx.grad((u: Tensor) => fx.sum(fx.square(f(u))))(v);
    const [, dg] = fx.jvp(g, [x], [t]) as readonly [Tensor, Tensor];
    close(dg, difference(g, x, t), 1e-5);
  });

  test("vmap is a loop", () => {
    const xs = fx.stack([x, t, fx.mul(x, 0.5)], { axis: -1 });
    const looped = fx.stack([f(x), f(t), f(fx.mul(x, 0.5))]);
    close(fx.vmap(f, { in: -1 })(xs), looped, 1e-12);
    const gradient = fx.grad((v: Tensor) => fx.sum(fx.square(f(v))));
    close(fx.vmap(gradient, { in: -1 })(xs).at(1), gradient(t), 1e-9);
  });

  test("jit changes nothing", () => {
    close(fx.jit(f)(x), f(x), 1e-12);
  });
});
