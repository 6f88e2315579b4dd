/** Attention by chunks of the keys against attention at once: values, derivatives, memory. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";

type T = fx.Tensor;
const dtype = fx.getBackend() === "webgpu" ? "float32" : "float64";
const close = dtype === "float64" ? 1e-12 : 2e-6;
const random = (n: number, shape: readonly number[]): T =>
  fx.cast(fx.random.normal(fx.random.key(n), shape), dtype);

const expectClose = (got: T, want: T): void => {
  expect(got.shape).toEqual(want.shape);
  const w = want.dataSync();
  got.dataSync().forEach((x, i) => {
    if (!(Object.is(x, w[i]) || Math.abs(x - w[i]!) <= close * Math.max(1, Math.abs(w[i]!))))
      throw new Error(`element ${i} is ${x}, expected ${w[i]}`);
  });
};

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  heads: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 2 }),
  queries: fc.integer({ min: 1, max: 4 }),
  keys: fc.integer({ min: 1, max: 7 }),
  size: fc.integer({ min: 1, max: 3 }),
  values: fc.integer({ min: 1, max: 3 }),
  keyChunkSize: fc.integer({ min: 1, max: 8 }),
  layout: fc.constantFrom("BTNH" as const, "BNTH" as const),
  causal: fc.boolean(),
  mask: fc.constantFrom("none", "keys", "queries and keys", "all", "no keys"),
  bias: fc.constantFrom("none", "keys", "all", "with -infinity"),
  seed: fc.nat(1000),
});

test("is attention at once, and so are its derivatives", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(cases, (c) => {
      const time = (n: number, h: number, size: number): number[] =>
        c.layout === "BTNH" ? [c.batch, n, h, size] : [c.batch, h, n, size];
      const n = c.heads * c.group;
      const q = random(c.seed, time(c.queries, n, c.size));
      const k = random(c.seed + 1, time(c.keys, c.heads, c.size));
      const v = random(c.seed + 2, time(c.keys, c.heads, c.values));
      const extra = {
        none: undefined,
        keys: [c.keys],
        "queries and keys": [c.queries, c.keys],
        all: [c.batch, n, c.queries, c.keys],
        "no keys": [c.batch, 1, c.queries, 1],
        "with -infinity": [c.queries, c.keys],
      };
      const maskShape = extra[c.mask as keyof typeof extra];
      const mask = maskShape && fx.greater(random(c.seed + 3, maskShape), -0.3);
      const biasShape = extra[c.bias as keyof typeof extra];
      const noise = biasShape && random(c.seed + 4, biasShape);
      const bias = c.bias === "with -infinity" ? fx.where(fx.less(noise!, -0.5), -Infinity, noise!) : noise;
      const run =
        (keyChunkSize?: number) =>
        (q: T, k: T, v: T, bias?: T): T =>
          fx.dotProductAttention(q, k, v, {
            layout: c.layout,
            causal: c.causal,
            ...(mask === undefined ? {} : { mask }),
            ...(bias === undefined ? {} : { bias }),
            ...(keyChunkSize === undefined ? {} : { keyChunkSize }),
          });
      const [chunks, once] = [run(c.keyChunkSize), run()];
      expectClose(chunks(q, k, v, bias), once(q, k, v, bias));
      if (c.bias === "with -infinity") return;
      const of = (f: typeof once): T[] => {
        const loss = (p: readonly T[]): T => fx.sum(fx.square(f(p[0]!, p[1]!, p[2]!, p[3])));
        return fx.grad(loss)([q, k, v, ...(bias === undefined ? [] : [bias])]) as T[];
      };
      const want = of(once);
      of(chunks).forEach((g, i) => {
        expectClose(g, want[i]!);
      });
    }),
    { seed: 7, numRuns: dtype === "float64" ? 60 : 15 },
  );
});

describe("edges", () => {
  const [q, k, v] = [random(1, [3, 1, 2]), random(2, [5, 1, 2]), random(3, [5, 1, 2])] as const;

  test("a query that may see nothing gets the mean of all values, keys filled in not counted", () => {
    const mask = fx.zeros([3, 5], { dtype: "bool" });
    const got = fx.dotProductAttention(q, k, v, { mask, keyChunkSize: 2 });
    expectClose(got, fx.dotProductAttention(q, k, v, { mask }));
  });

  test("under vmap and jit", () => {
    const qs = random(4, [4, 3, 1, 2]);
    const f = (keyChunkSize?: number) => (x: T) =>
      fx.dotProductAttention(x, k, v, keyChunkSize === undefined ? {} : { keyChunkSize });
    expectClose(fx.jit(fx.vmap(f(2)))(qs), fx.vmap(f())(qs));
  });

  test("what does not fit is refused as without chunks, a mask for one chunk too", () => {
    const mask = fx.ones([3, 2], { dtype: "bool" });
    expect(() => fx.dotProductAttention(q, k, v, { mask, keyChunkSize: 2 })).toThrow(
      /^dotProductAttention: expected/,
    );
    expect(() => fx.dotProductAttention(q, k, v, { keyChunkSize: 0 })).toThrow(
      "dotProductAttention: expected a keyChunkSize of at least 1, got 0",
    );
  });

  test("float16 is summed up in float32", () => {
    const half = (x: T): T => fx.cast(x, "float16");
    const got = fx.dotProductAttention(half(q), half(k), half(v), { keyChunkSize: 1 });
    expect(got.dtype).toBe("float16");
    const want = fx.dotProductAttention(half(q), half(k), half(v)).dataSync();
    got.dataSync().forEach((x, i) => expect(Math.abs(x - want[i]!)).toBeLessThan(4e-3));
  });
});

test("scores of all keys never exist, forwards or backwards", () => {
  const [time, heads, size] = [512, 2, 8];
  const x = fx.zeros([1, time, heads, size]);
  const bytes = (keyChunkSize?: number): number => {
    const loss = (p: T): T =>
      fx.sum(fx.square(fx.dotProductAttention(p, p, p, keyChunkSize === undefined ? {} : { keyChunkSize })));
    return fx.jit(fx.grad(loss)).lower(x).memory.arena;
  };
  const scores = 4 * heads * time * time;
  expect(bytes()).toBeGreaterThanOrEqual(scores);
  expect(bytes(32)).toBeLessThan(scores / 2);
});
