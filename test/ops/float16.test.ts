/** float16 as people meet it: creation, promotion, rounding, accumulation in float32, and what it refuses. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import * as nn from "../../src/nn/index.js";
import { roundToFloat16 } from "../../src/ir/scalar/float16.js";

type T = fx.Tensor;
const half = (x: Parameters<typeof fx.tensor>[0]): T => fx.tensor(x, { dtype: "float16" });
const step = <S extends nn.StateFn>(rule: nn.GradientTransformation<S>, g: T, p: T): T =>
  rule.update(g, rule.init(p), p)[0];
const rounded = (xs: ArrayLike<number>): number[] => Array.from(xs, roundToFloat16);

describe("creation", () => {
  test("rounds to the nearest float16", () => {
    expect(half([0.1, 1 / 3, 65520, -1e-9, NaN]).toArray()).toEqual([
      0.0999755859375,
      0.333251953125,
      Infinity,
      -0,
      NaN,
    ]);
    expect(fx.full([2], 0.1, { dtype: "float16" }).toArray()).toEqual([0.0999755859375, 0.0999755859375]);
    expect(half(0.1).item()).toBe(0.0999755859375);
    expect(String(half([0.1, 2]))).toBe("Tensor float16[2] [0.09998, 2]");
  });

  test("a Float16Array is float16, where the engine has it", () => {
    const { Float16Array: made } = globalThis as { Float16Array?: { from(xs: number[]): never } };
    if (made === undefined) return; // engines before V8 13.4
    expect(fx.tensor(made.from([0.1, 2])).dtype).toBe("float16");
  });

  test("ranges are counted where their positions are whole numbers", () => {
    expect(fx.arange(0, 2060, 4, { dtype: "float16" }).at(-1).item()).toBe(2056);
    expect(fx.linspace(0, 1, 3001, { dtype: "float16" }).toArray()).toEqual(
      rounded(fx.linspace(0, 1, 3001).dataSync()),
    );
  });
});

describe("promotion", () => {
  test("integers and numbers give way, other floats win", () => {
    const x = half([1, 2]);
    expect(fx.add(x, 0.5).dtype).toBe("float16");
    expect(fx.add(x, fx.tensor([1, 2], { dtype: "int32" })).dtype).toBe("float16");
    expect(fx.add(x, fx.tensor([1, 2])).dtype).toBe("float32");
    expect(fx.add(x, fx.tensor([1, 2], { dtype: "float64" })).dtype).toBe("float64");
    expect(fx.sin(x).dtype).toBe("float16");
  });

  test("what fills a view is rounded", () => {
    const x = half([1, 2]);
    const tenth = roundToFloat16(0.1);
    expect(fx.pad(x, [[1, 1]], { constantValues: 0.1 }).toArray()).toEqual([tenth, 1, 2, tenth]);
    expect(fx.mul(fx.pad(x, [[1, 1]], { constantValues: 0.1 }), 3).toArray()).toEqual([
      roundToFloat16(3 * tenth),
      3,
      6,
      roundToFloat16(3 * tenth),
    ]);
  });

  test("a JavaScript number is rounded before it is used", () => {
    expect(fx.mul(half([3]), 0.1).item()).toBe(roundToFloat16(3 * roundToFloat16(0.1)));
  });
});

describe("arithmetic", () => {
  const numbers = fc.array(fc.float({ min: -300, max: 300, noNaN: true }), { minLength: 1, maxLength: 40 });

  test.each([
    ["add", (a: number, b: number) => a + b],
    ["sub", (a: number, b: number) => a - b],
    ["mul", (a: number, b: number) => a * b],
    ["div", (a: number, b: number) => a / b],
  ] as const)("%s is correctly rounded", (name, f) => {
    fc.assert(
      fc.property(numbers, numbers, (xs, ys) => {
        const n = Math.min(xs.length, ys.length);
        const [a, b] = [xs, ys].map((v) => rounded(v.slice(0, n)));
        const got = fx[name](half(a!), half(b!)).toArray();
        expect(got).toEqual(a!.map((x, i) => roundToFloat16(f(x, b![i]!))));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test("functions are those of float32, rounded", () => {
    const xs = rounded(Array.from({ length: 200 }, (_, i) => (i - 100) / 17));
    for (const f of [fx.exp, fx.tanh, fx.sin, fx.expm1, fx.erf, fx.sigmoid]) {
      const got = f(half(xs)).toArray() as number[];
      const want = rounded(f(fx.tensor(xs, { dtype: "float64" })).dataSync());
      got.forEach((x, i) =>
        expect(Math.abs(x - want[i]!)).toBeLessThanOrEqual(2 ** -10 * Math.abs(want[i]!)),
      );
    }
  });

  test("every operation of a chain rounds, inside a compiled kernel as outside", () => {
    const f = (x: T): T => fx.sub(fx.mul(fx.add(x, 1), 3), x);
    const xs = rounded(Array.from({ length: 99 }, (_, i) => i / 7));
    const want = xs.map((x) => {
      const tripled = roundToFloat16(roundToFloat16(x + 1) * 3);
      return roundToFloat16(tripled - x);
    });
    expect(f(half(xs)).toArray()).toEqual(want);
    expect(fx.jit(f)(half(xs)).toArray()).toEqual(want);
  });
});

describe("accumulation is in float32", () => {
  test("sums go on where float16 would stop growing", () => {
    expect(fx.sum(fx.ones([5000], { dtype: "float16" })).item()).toBe(5000);
    expect(
      fx
        .cumsum(fx.ones([3000], { dtype: "float16" }))
        .at(-1)
        .item(),
    ).toBe(3000);
  });

  test("means, variances and norms of many, or of large, numbers", () => {
    const many = fx.full([100_000], 3, { dtype: "float16" });
    expect([fx.mean(many).dtype, fx.mean(many).item(), fx.nanmean(many).item()]).toEqual(["float16", 3, 3]);
    expect(fx.mean(many, { where: fx.less(fx.arange(100_000), 90_000) }).item()).toBe(3);
    expect(fx.average(many, { weights: many }).item()).toBe(3);
    const large = half([30000, -30000, 30000, -30000]);
    expect(fx.std(fx.div(large, 200)).item()).toBe(150);
    expect(fx.variance(half([-200, 200, 200, -200])).item()).toBe(40000);
    expect(fx.standardize(large).toArray()).toEqual([1, -1, 1, -1]);
    expect(fx.cov(half([[1, 2, 3]])).dtype).toBe("float16");
  });

  test("products of matrices", () => {
    const a = fx.ones([2, 4000], { dtype: "float16" });
    expect(fx.matmul(a, fx.transpose(a)).toArray()).toEqual([
      [4000, 4000],
      [4000, 4000],
    ]);
  });
});

describe("in functions", () => {
  test("gradients have the dtype of what they are for; casts differentiate", () => {
    const loss = (w: T): T =>
      fx.mean(fx.square(fx.sub(fx.matmul(fx.cast(w, "float16"), half([[1], [2]])), 3)));
    const g = fx.grad(loss)(fx.tensor([[0.5, 0.25]]));
    expect([g.dtype, g.toArray()]).toEqual(["float32", [[-4, -8]]]);
    expect(fx.grad((x: T) => fx.sum(fx.exp(x)))(half([0, 1])).dtype).toBe("float16");
  });

  test("loops carry it", () => {
    const step = (c: T, x: T): readonly [T, T] => {
      const next = fx.add(fx.mul(c, 0.3), x);
      return [next, next];
    };
    const xs = half([0.1, 0.2, 0.3]);
    const [last, all] = fx.scan(step, half(0), xs);
    const want: number[] = [];
    rounded([0.1, 0.2, 0.3]).reduce((c, x) => {
      want.push(roundToFloat16(roundToFloat16(c * roundToFloat16(0.3)) + x));
      return want.at(-1)!;
    }, 0);
    expect([last.dtype, last.item(), all!.toArray()]).toEqual(["float16", want[2], want]);
    expect(
      fx
        .whileLoop(
          (x: T) => fx.less(x, 60000),
          (x: T) => fx.mul(x, 2),
          half(3),
        )
        .item(),
    ).toBe(Infinity);
    expect(
      fx.cond(
        fx.tensor(true),
        (x: T) => fx.add(x, 0.1),
        (x: T) => x,
        half(1),
      ).dtype,
    ).toBe("float16");
  });

  test("attention hides what is masked", () => {
    const q = half([[[[1, 2]], [[3, 4]]]]);
    const out = fx.dotProductAttention(q, q, q, { causal: true });
    expect([out.dtype, out.at(0, 0).toArray()]).toEqual(["float16", [[1, 2]]]);
  });

  test("optimizers accumulate in float32, where squares and epsilons are not 0", () => {
    const first = {
      adam: (g: T, p: T): T => step(nn.adam(0.125), g, p),
      rmsProp: (g: T, p: T): T => step(nn.rmsProp(0.125), g, p),
      adagrad: (g: T, p: T): T => step(nn.adagrad(0.125), g, p),
      adadelta: (g: T, p: T): T => step(nn.adadelta(0.125), g, p),
    };
    const [p, g] = [half([1, 2, 3]), half([0, 0.1, 1e-5])];
    for (const update of Object.values(first)) {
      const got = update(g, p);
      expect(got.dtype).toBe("float16");
      expect(got.toArray()).toEqual(rounded(update(fx.cast(g, "float32"), fx.cast(p, "float32")).dataSync()));
    }
    expect(nn.scaleByAdam().init(p).nu.dtype).toBe("float32");
  });

  test("nanToNum knows its largest number", () => {
    expect(fx.nanToNum(half([Infinity, -Infinity, NaN])).toArray()).toEqual([65504, -65504, 0]);
  });
});

describe("what would be wrong is refused", () => {
  test("random numbers, whose bits are those of float32", () => {
    expect(() => fx.random.normal(fx.random.key(0), [2], { dtype: "float16" })).toThrow(
      'random.normal: expected float32 or float64, got float16: cast(sample, "float16") afterwards',
    );
  });

  test("bits that no integer dtype has as many of", () => {
    expect(() => fx.bitcast(half([1]), "int32")).toThrow(/^bitcast: expected/);
  });
});
