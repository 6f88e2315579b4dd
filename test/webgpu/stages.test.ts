/** How work reaches the device: long loops and long reductions go to all of it, in dispatches that follow each other. */
import { expect, test } from "vitest";
import {
  add,
  argmax,
  foriLoop,
  greater,
  grad,
  jit,
  matmul,
  max,
  mean,
  mul,
  ones,
  prod,
  scan,
  softmax,
  sum,
  tanh,
  type Tensor,
  tensor,
  where,
} from "../../src/index.js";
import { normal } from "../arguments.js";
import {
  byJavaScript,
  expectWithin,
  type F,
  onDevice,
  onEachKind,
  ownDevice,
  sourceOf,
} from "./own-device.js";

const device = ownDevice();

const expectSame = (f: F, ...xs: readonly Tensor[]): void => {
  expectWithin(2e-5, onDevice(f, ...xs), byJavaScript(f, ...xs));
};

onEachKind("loops, ", device, () => {
  const rnn = (w: Tensor, xs: Tensor): Tensor => {
    const step = (h: Tensor, x: Tensor): [Tensor, Tensor] => {
      const next = tanh(add(matmul(h, w), x));
      return [next, sum(next, { axis: 1 })];
    };
    return sum(scan(step, ones([64, 64]), xs)[1]);
  };

  test("with much to do in a step are dispatched step by step", () => {
    const [w, xs] = [normal(1, 64, 64), normal(2, 5, 64, 64)];
    const source = sourceOf(rnn, mul(w, 0.1), xs);
    expect(source.split("@compute").length).toBeGreaterThan(3);
    expectSame(rnn, mul(w, 0.1), xs);
  });

  test("their gradients too", () => {
    expectSame((w, xs) => grad(rnn)(w, xs), mul(normal(1, 64, 64), 0.1), normal(2, 4, 64, 64));
  });

  test("with little to do run in one workgroup", () => {
    const f = (w: Tensor, xs: Tensor): Tensor =>
      scan((h: Tensor, x: Tensor) => [tanh(add(matmul(h, w), x)), null], ones([4, 8]), xs)[0];
    const [w, xs] = [normal(1, 8, 8), normal(2, 6, 4, 8)];
    expect(sourceOf(f, w, xs).split("@compute").length).toBeLessThanOrEqual(3);
    expectSame(f, w, xs);
  });

  test("of scalars beside large carries", () => {
    expectSame(
      (x) => {
        const [a, b] = foriLoop(
          0,
          4,
          (_i: Tensor, [s, y]: readonly [Tensor, Tensor]) =>
            [add(mul(s, 0.5), mean(y)), tanh(add(y, s))] as const,
          [tensor(1), x] as const,
        );
        return add(a, b);
      },
      normal(3, 300, 300),
    );
  });
});

onEachKind("long reductions, ", device, () => {
  test("are cut into parts of fixed size", () => {
    const n = 100_003;
    const source = sourceOf((x) => sum(x), normal(4, n));
    expect(source).toContain("scratch");
    expectSame((x) => sum(x), normal(4, n));
    expectSame((x) => max(x), normal(4, n));
    expectSame((x) => add(mul(mean(x), 2), 1), normal(4, n));
    // A few twos, whose product is exact.
    expectSame((x) => prod(where(greater(x, 3.5), 2, 1)), normal(4, n));
  });

  test("are exact enough", () => {
    const x = mul(ones([1_000_000]), 0.1);
    expect(sum(x).item()).toBeCloseTo(100_000, 0);
    expect(Math.abs(sum(x).item() / 100_000 - 1)).toBeLessThan(1e-6);
  });
});

onEachKind("elements, ", device, (software) => {
  test("each once, however many an invocation takes", () => {
    for (const n of [5, 4097, 8191, 8193, 70_001]) expectSame((x) => tanh(mul(x, 2)), normal(8, n));
    expectSame((x) => add(x.transpose(), 1), normal(9, 300, 211));
    const { source } = jit((x: Tensor) => mul(x, 2)).lower(normal(8, 70_001)).kernels[0]!;
    expect(source.includes("for (")).toBe(software);
  });
});

onEachKind("rows, ", device, () => {
  test("reductions, softmax and norms", () => {
    const x = normal(5, 40, 300);
    expectSame((v) => sum(mul(v, v), { axis: 1 }), x);
    expectSame((v) => softmax(v), x);
    expectSame((v) => grad((w: Tensor) => sum(mul(softmax(w), w)))(v), x);
    expectSame((v) => argmax(v, { axis: 1 }), x);
    expectSame((v) => sum(v, { axis: 0 }), x);
  });

  test("products of any sizes", () => {
    for (const [m, k, n] of [
      [9, 30, 11],
      [64, 64, 64],
      [5, 100, 3],
      [130, 17, 66],
    ] as const)
      expectSame((a, b) => matmul(a, b), normal(6, m, k), normal(7, k, n));
  });
});
