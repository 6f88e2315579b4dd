/** Recurrences along an axis against plain loops. */
import { describe, expect, test } from "vitest";
import {
  cumsum,
  grad,
  jit,
  liftReduce,
  liftScan,
  sum,
  tensor,
  type Tensor,
  trace,
  vmap,
} from "../../src/index.js";

const rows = [
  [3, -1, 4],
  [1, -5, 9],
];
const x = tensor(rows);

describe("liftReduce", () => {
  const horner = liftReduce((acc: number, v: number) => acc * 2 + v, 0);
  const fold = (vs: readonly number[]): number => vs.reduce((a, v) => a * 2 + v, 0);

  test("along an axis, or over everything in row-major order", () => {
    expect(horner(x, { axis: 1 }).toArray()).toEqual(rows.map(fold));
    expect(horner(x, { axis: -2 }).toArray()).toEqual([0, 1, 2].map((j) => fold(rows.map((r) => r[j]!))));
    expect(horner(x).item()).toBe(fold(rows.flat()));
    expect(horner(x, { axis: 0, keepdims: true }).shape).toEqual([1, 3]);
    expect(horner(x, { keepdims: true }).shape).toEqual([1, 1]);
    expect(horner(tensor([])).item()).toBe(0);
  });

  test("tuples and records, several tensors, an environment", () => {
    // Welford's mean and variance.
    const welford = liftReduce(
      ({ n, mean, m2 }: { n: number; mean: number; m2: number }, v: number) => {
        const k = n + 1;
        const d = v - mean;
        const next = mean + d / k;
        return { n: k, mean: next, m2: m2 + d * (v - next) };
      },
      { n: 0, mean: 0, m2: 0 },
    );
    const { n, mean, m2 } = welford(tensor([2, 4, 4, 4, 5, 5, 7, 9]));
    expect([n.item(), mean.item()]).toEqual([8, 5]);
    expect(m2.item()).toBeCloseTo(32, 4);

    const weighted = liftReduce((acc: number, v: number, w: number) => acc + v * w, 0);
    expect(weighted(x, tensor([1, 0, 2]), { axis: 1 }).toArray()).toEqual([11, 19]);

    const scale = 3;
    expect(liftReduce((a: number, v: number) => a + scale * v, 1, { scale })(tensor([1, 2])).item()).toBe(10);
  });

  test("dtypes: bits stay integers, truths bool, float64 float64", () => {
    const hash = liftReduce((h: number, v: number) => Math.imul(h ^ v, 16777619), -2128831035);
    const plain = (vs: readonly number[]): number =>
      vs.reduce((h, v) => Math.imul(h ^ v, 16777619), -2128831035);
    const h = hash(tensor([1, 2, 300], { dtype: "int32" }));
    expect([h.dtype, h.item()]).toEqual(["int32", plain([1, 2, 300])]);
    const any = liftReduce((found: boolean, v: number) => found || v > 3, false);
    expect(any(x, { axis: 1 }).toArray()).toEqual([true, true]);
    expect(any(tensor([1, 2])).dtype).toBe("bool");
    expect(horner(tensor([1], { dtype: "float64" })).dtype).toBe("float64");
    expect(horner(tensor([1], { dtype: "int32" })).dtype).toBe("float32");
  });

  test("gradients, vmap and jit", () => {
    const product = liftReduce((acc: number, v: number) => acc * v, 1);
    expect(grad((v: Tensor) => product(v))(tensor([2, 3, 4])).toArray()).toEqual([12, 8, 6]);
    expect(
      vmap((v: Tensor) => product(v))(
        tensor([
          [2, 3],
          [4, 5],
        ]),
      ).toArray(),
    ).toEqual([6, 20]);
    expect(jit((v: Tensor) => product(v))(tensor([2, 3])).item()).toBe(6);
    expect(trace((v: Tensor) => product(v))(tensor([2, 3])).toString()).toContain("scan");
    // With respect to the beginning, too.
    expect(
      grad((a: Tensor) =>
        liftReduce((acc: number, v: number) => acc * v, a as unknown as number)(tensor([2, 3])),
      )(tensor(1)).item(),
    ).toBe(6);
  });
});

describe("liftScan", () => {
  const running = liftScan((acc: number, v: number) => acc + v, 0);

  test("the accumulators, along an axis, in reverse, or over everything", () => {
    expect(running(x, { axis: 1 }).toArray()).toEqual(cumsum(x, { axis: 1 }).toArray());
    expect(running(x, { axis: 0 }).toArray()).toEqual(cumsum(x, { axis: 0 }).toArray());
    expect(running(x).toArray()).toEqual(cumsum(x).toArray());
    expect(running(tensor([1, 2, 3]), { reverse: true }).toArray()).toEqual([6, 5, 3]);
  });

  test("results beside the accumulator", () => {
    const logistic = liftScan(
      ([p, v]: [number, number], force: number) => {
        const w = 0.9 * v + force;
        const q = p + w;
        return [[q, w], { place: q, fast: Math.abs(w) > 1 }] as [
          [number, number],
          { place: number; fast: boolean },
        ];
      },
      [0, 0],
    );
    const [[p, v], ys] = logistic(tensor([1, 1, 0, -3], { dtype: "float64" }));
    const want: number[] = [];
    let [q, w] = [0, 0];
    for (const force of [1, 1, 0, -3]) {
      w = 0.9 * w + force;
      q += w;
      want.push(q);
    }
    (ys.place.toArray() as number[]).forEach((y, i) => expect(y).toBeCloseTo(want[i]!, 12));
    expect(ys.fast.toArray()).toEqual([false, true, true, true]);
    expect(p.item()).toBeCloseTo(q, 12);
    expect(v.item()).toBeCloseTo(w, 12);
  });

  test("an accumulator that ignores the elements still has their shape", () => {
    const count = liftScan((n: number, _x: number) => n + 1, 0);
    expect(count(x, { axis: 1 }).toArray()).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  test("a loop inside, and gradients through both", () => {
    const f = liftScan((s: number, v: number) => {
      let y = s;
      for (let i = 0; i < 40; i++) y = 0.9 * y + 0.1 * v;
      return y;
    }, 0);
    const decay = 0.9 ** 40;
    const g = grad((v: Tensor) => sum(f(v)))(tensor([1, 2], { dtype: "float64" })).toArray() as number[];
    expect(g[0]).toBeCloseTo((1 - decay) * (1 + decay), 10);
    expect(g[1]).toBeCloseTo(1 - decay, 10);
  });
});

test("errors", () => {
  expect(() => liftReduce((a: number) => a, 0)).toThrow(
    "liftReduce: expected a function of an accumulator and at least one element, got one of 1 parameters",
  );
  expect(() => liftReduce(((a: number, v: number) => [a, v]) as never, 0)).toThrow(
    "liftReduce: expected a function that returns what it accumulates, *, got [*, *]",
  );
  expect(() => liftScan(([a, _b]: [number, number], v: number) => [a + v] as never, [0, 0])).toThrow(
    "liftScan: expected a function that returns what it accumulates, [*, *], or [[*, *], y], got [*]",
  );
  expect(() => liftReduce((a: number, v: number) => a + v, [0] as never)).toThrow(
    "liftReduce: expected an init like the accumulator *, got [*]: take it apart, ([a, b], x) => … or ({ a, b }, x) => …",
  );
  expect(() => liftReduce((a: number, v: number) => a + v * missing, 0)).toThrow(
    "liftReduce(f, { missing })",
  );
  const f = liftReduce((a: number, v: number) => a + v, 0);
  expect(() => f(x, { axis: 2 })).toThrow("liftReduce: expected an axis from -2 to 1, got 2");
  expect(() => f(x, { axes: 1 } as never)).toThrow(
    "liftReduce: expected options { axis, keepdims }, got axes",
  );
  expect(() => (f as () => unknown)()).toThrow("liftReduce: expected 1 tensor and options, got 0 arguments");
});

declare const missing: number;
