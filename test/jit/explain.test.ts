/** What `lower` says of a program: its listing, kernels, memory, cost and profile. */
import { describe, expect, test } from "vitest";
import {
  add,
  conv,
  exp,
  foriLoop,
  grad,
  jit,
  type Lowered,
  matmul,
  mul,
  relu,
  setBackend,
  sin,
  sum,
  tensor,
  type Tensor,
  zeros,
} from "../../src/index.js";
import { faultsOf } from "./scope.js";

setBackend("js"); // whose kernels are text

const f = jit((x: Tensor, w: Tensor) => sum(relu(matmul(exp(x), w)), { axis: 1 }));
const [x, w] = [zeros([8, 100]), zeros([100, 300])];
const lowered = f.lower(x, w);

describe("lower", () => {
  test("lists the simplified program with types", () => {
    expect(jit((a: Tensor) => add(mul(a, 1), sin(a))).lower(zeros([3])).program).toMatchInlineSnapshot(`
      "{ a:float32[3] -> c:float32[3]
        b:float32[3] = sin a
        c:float32[3] = add a b }"
    `);
  });

  test("shows kernels that can be read", () => {
    expect(lowered.kernels.length).toBeGreaterThan(1);
    for (const k of lowered.kernels) {
      expect(k.backend).toBe("js");
      expect(k.source.startsWith(`function ${k.name}(`)).toBe(true);
      expect(faultsOf(k.source)).toEqual([]);
    }
  });

  test("counts bytes of inputs, outputs and intermediates", () => {
    expect(lowered.memory.inputs).toBe(4 * (8 * 100 + 100 * 300));
    expect(lowered.memory.outputs).toBe(4 * 8);
    // The exponential and the product are stored, beside float64 panels.
    expect(lowered.memory.arena).toBeGreaterThanOrEqual(4 * (8 * 100 + 8 * 300));
    expect(lowered.memory.arena).toBeLessThan(4 * 100 * 300 * 8);
    const plain = jit((a: Tensor) => mul(a, 2)).lower(zeros([10], { dtype: "float64" }));
    expect(plain.memory).toEqual({ inputs: 80, outputs: 80, arena: 0 });
  });

  test("counts constants that the function closes over as inputs", () => {
    const c = tensor([1, 2, 3]);
    expect(jit((a: Tensor) => mul(a, c)).lower(zeros([3])).memory).toEqual({
      inputs: 24,
      outputs: 12,
      arena: 0,
    });
  });

  test("estimates work", () => {
    const { cost } = jit((a: Tensor, b: Tensor) => matmul(a, b)).lower(zeros([32, 64]), zeros([64, 16]));
    expect(cost.flops).toBe(2 * 32 * 64 * 16);
    expect(cost.bytes).toBeGreaterThanOrEqual(4 * (32 * 64 + 64 * 16 + 32 * 16));
    expect(jit((a: Tensor) => add(mul(a, 3), a)).lower(zeros([100])).cost).toEqual({
      flops: 200,
      bytes: 800,
    });
  });

  test.each<readonly [string, number, () => Lowered]>([
    ["a product", 2 * 32 * 64 * 16, () => jit(matmul).lower(zeros([32, 64]), zeros([64, 16]))],
    [
      "a product, a bias and a factor in one kernel",
      2 * 32 * 64 * 16 + 2 * 32 * 16,
      () =>
        jit((a: Tensor, b: Tensor, c: Tensor) => mul(add(matmul(a, b), c), 0.5)).lower(
          zeros([32, 64]),
          zeros([64, 16]),
          zeros([16]),
        ),
    ],
    [
      "a convolution",
      2 * (2 * 4 * 6 * 6) * (3 * 3 * 3),
      () => jit((a: Tensor, b: Tensor) => conv(a, b)).lower(zeros([2, 3, 8, 8]), zeros([4, 3, 3, 3])),
    ],
    [
      "a sum of squares",
      2 * 7 * 100,
      () => jit((a: Tensor) => sum(mul(a, a), { axis: 1 })).lower(zeros([7, 100])),
    ],
    [
      "a loop",
      10 * 2 * 50,
      () =>
        jit((a: Tensor) => foriLoop(0, 10, (_: Tensor, c: Tensor) => add(mul(c, 0.5), 3), a)).lower(
          zeros([50]),
        ),
    ],
    ["a copy", 0, () => jit((a: Tensor) => a.transpose()).lower(zeros([7, 100]))],
  ])("counts the operations of %s", (_, flops, lower) => {
    const { cost, profile } = lower();
    expect(cost.flops).toBe(flops);
    const { kernels } = profile(1);
    const counted = kernels.reduce((n, k) => n + k.gigaflopsPerSecond * k.ms * 1e6, 0);
    if (kernels.every((k) => k.ms > 0)) expect(counted).toBeCloseTo(flops, 3);
  });

  test("neither runs nor compiles for the cache: calls are not counted", () => {
    const g = jit((a: Tensor) => mul(a, 3));
    g.lower(zeros([3]));
    expect(g.cacheStats).toEqual({ size: 0, limit: 64, hits: 0, misses: 0 });
  });

  test("takes static arguments, trees and gradients as the call does", () => {
    const g = jit((p: { a: Tensor }, n: number) => grad((q: { a: Tensor }) => sum(mul(q.a, n)))(p), {
      static: [1],
    });
    expect(g.lower({ a: zeros([4]) }, 3).program).toContain("3:float32");
    expect(g.lower({ a: zeros([4]) }, 5).program).toContain("5:float32");
  });
});

describe("profileAsync", () => {
  test("measures on every backend", async () => {
    const { kernels } = await lowered.profileAsync(2);
    expect(kernels.map((k) => k.name)).toEqual(lowered.kernels.map((k) => k.name));
    for (const k of kernels) {
      expect(k.gigabytesPerSecond).toBeGreaterThanOrEqual(0);
      expect(k.gigaflopsPerSecond).toBeGreaterThanOrEqual(0);
    }
  });
});

describe("profile", () => {
  const profile = lowered.profile(3);

  test("times every kernel in order", () => {
    expect(profile.kernels.map((k) => k.name)).toEqual(lowered.kernels.map((k) => k.name));
    for (const k of profile.kernels) expect(k.ms).toBeGreaterThanOrEqual(0);
    expect(profile.totalMs).toBeCloseTo(profile.kernels.reduce((t, k) => t + k.ms, 0));
  });

  test("is a Chrome trace: complete events, one after another, in microseconds", () => {
    const { traceEvents } = JSON.parse(profile.toChromeTrace()) as {
      traceEvents: { name: string; ph: string; pid: number; tid: number; ts: number; dur: number }[];
    };
    expect(traceEvents).toHaveLength(profile.kernels.length);
    let at = 0;
    traceEvents.forEach((e, i) => {
      expect(e).toMatchObject({ name: profile.kernels[i]!.name, ph: "X", pid: 1, tid: 1 });
      expect(e.ts).toBeCloseTo(at, 6);
      expect(e.dur).toBeCloseTo(profile.kernels[i]!.ms * 1000, 6);
      at += e.dur;
    });
  });

  test("leaves later calls alone", () => {
    const g = jit((a: Tensor) => sum(exp(a)));
    const a = tensor([0, 0]);
    const before = g(a).item();
    g.lower(a).profile();
    expect(g(a).item()).toBe(before);
  });
});
