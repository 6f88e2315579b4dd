/** Initialisers against jax.nn.initializers, and what they refuse. */
import { describe, expect, test } from "vitest";
import { getBackend, random, type Tensor, tensor, vmap } from "../../src/index.js";
import * as init from "../../src/nn/init.js";
import { type GoldenArray, loadGolden } from "../golden/load.js";

interface InitCase {
  readonly fn: Exclude<keyof typeof init, "zeros" | "ones"> | "zeros" | "ones";
  readonly args: readonly unknown[];
  readonly options?: object;
  readonly key: GoldenArray;
  readonly shape: readonly number[];
  readonly out: GoldenArray;
}

const cases = loadGolden("init").cases as unknown as readonly InitCase[];

const initializerOf = ({ fn, args, options }: InitCase): init.Initializer => {
  const f = init[fn] as unknown;
  if (fn === "zeros" || fn === "ones") return f as init.Initializer;
  return (f as (...xs: readonly unknown[]) => init.Initializer)(
    ...args,
    ...(options === undefined ? [] : [options]),
  );
};

/** Drawn normally or uniformly the bits are JAX's but for one product; XLA's QR in float32 is coarser than ours. */
const tolerance = (c: InitCase, y: number): number =>
  c.fn === "orthogonal" ? 1e-6 : 4 * 2 ** -23 * Math.abs(y) + (getBackend() === "webgpu" ? 1e-7 : 0);

describe("values are JAX's", () => {
  test.each(cases.map((c, i) => [`${c.fn} #${i}`, c] as const))("%s", (_name, c) => {
    const key = tensor(c.key.data, { shape: [2], dtype: "uint32" });
    const x = initializerOf(c)(key, c.shape);
    expect(x.shape).toEqual(c.shape);
    expect(x.dtype).toBe("float32");
    const got = x.dataSync();
    c.out.data.forEach((y, i) => expect(Math.abs(got[i]! - y)).toBeLessThanOrEqual(tolerance(c, y)));
  });

  test("every initialiser with a counterpart is there", () => {
    const own = new Set(["identity", "deltaOrthogonal"]);
    const tested = new Set<string>(cases.map((c) => c.fn));
    expect(Object.keys(init).filter((name) => !own.has(name) && !tested.has(name))).toEqual([]);
  });
});

const key = random.key(3);
const flat = (x: Tensor): readonly number[] => [...x.dataSync()];

describe("what no other library decides", () => {
  test("float64", () => {
    expect(init.heNormal()(key, [4, 4], "float64").dtype).toBe("float64");
    expect(init.orthogonal()(key, [3, 3], "float64").dtype).toBe("float64");
  });

  test("empty shapes", () => {
    expect(init.orthogonal()(key, [0, 3]).shape).toEqual([0, 3]);
    expect(init.normal()(key, [0]).shape).toEqual([0]);
  });

  test("variance of a kernel is 2 / inputs", () => {
    const x = flat(init.heNormal({ inAxis: 1, outAxis: 0 })(key, [64, 16, 3, 3]));
    const variance = x.reduce((s, v) => s + v * v, 0) / x.length;
    expect(variance / (2 / (16 * 9))).toBeCloseTo(1, 1);
  });

  test("identity copies, on matrices and on kernels with an even window", () => {
    expect(init.identity(2)(key, [2, 2]).toArray()).toEqual([
      [2, 0],
      [0, 2],
    ]);
    expect(init.identity()(key, [2, 1, 4]).toArray()).toEqual([[[0, 1, 0, 0]], [[0, 0, 0, 0]]]);
  });

  test("deltaOrthogonal is orthogonal at the middle and zero elsewhere", () => {
    const x = init.deltaOrthogonal()(key, [4, 3, 3, 3]);
    const at = (o: number, i: number, h: number, w: number): number =>
      x.dataSync()[((o * 3 + i) * 3 + h) * 3 + w]!;
    const centre = [0, 1, 2].map((i) => [0, 1, 2, 3].map((o) => at(o, i, 1, 1)));
    const inner = (a: readonly number[], b: readonly number[]): number =>
      a.reduce((s, v, k) => s + v * b[k]!, 0);
    centre.forEach((a, i) => centre.forEach((b, j) => expect(inner(a, b)).toBeCloseTo(i === j ? 1 : 0, 5)));
    expect(flat(x).filter((v) => v !== 0).length).toBe(12);
  });

  test("keys may be mapped", () => {
    const keys = random.split(key, [3]);
    const draw = init.glorotUniform();
    const mapped = vmap((k: Tensor) => draw(k, [2, 2]))(keys) as Tensor;
    const looped = random.split(key, 3).flatMap((k) => flat(draw(k, [2, 2])));
    expect(flat(mapped)).toEqual(looped);
  });
});

describe("errors", () => {
  const says = (f: () => unknown): string => {
    try {
      f();
    } catch (e) {
      return (e as Error).message;
    }
    return "nothing";
  };

  test.each([
    [
      () => init.heNormal()(key, [3]),
      "init.heNormal: expected a shape with at least two axes, or inAxis and outAxis, got [3]",
    ],
    [
      () => init.glorotNormal({ inAxis: 5 })(key, [3, 3]),
      "init.glorotNormal: expected an axis from -2 to 1, got 5",
    ],
    [
      () => init.varianceScaling(1, "fan" as "fanIn", "normal"),
      'init.varianceScaling: expected a mode of fanIn, fanOut, fanAvg, fanGeoAvg, got "fan"',
    ],
    [
      () => init.varianceScaling(1, "fanIn", "gauss" as "normal"),
      'init.varianceScaling: expected a distribution of normal, truncatedNormal, uniform, got "gauss"',
    ],
    [() => init.orthogonal()(key, [3]), "init.orthogonal: expected a shape with at least two axes, got [3]"],
    [
      () => init.deltaOrthogonal()(key, [2, 3, 1]),
      "init.deltaOrthogonal: expected at least as many outputs as inputs, got [2,3,1]",
    ],
    [
      () => init.identity()(key, [2]),
      "init.identity: expected a kernel's shape [out, in, ...window], got [2]",
    ],
    [() => init.normal("1" as unknown as number), 'init.normal: expected a standard deviation, got "1"'],
    [
      () => init.heUniform({ axis: 1 } as object),
      "init.heUniform: expected options { inAxis, outAxis, batchAxis }, got axis",
    ],
  ])("%#", (f, message) => {
    expect(says(f)).toBe(message);
  });
});
