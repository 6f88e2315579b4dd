/** How work reaches the device: long loops and long reductions go to all of it, in dispatches that follow each other. */
import { beforeAll, describe, expect, test } from "vitest";
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
  random,
  scan,
  setBackend,
  softmax,
  sum,
  tanh,
  type Tensor,
  tensor,
  where,
} from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { syncDriver } from "./sync-driver.js";

/** Programs are made for either, whatever the adapter is. */
const crews = [
  ["on a graphics card", false],
  ["in software", true],
] as const;

const before = syncDriver();
const use = (software: boolean): void => {
  beforeAll(() => {
    useDriver(Object.create(before, { software: { value: software } }) as typeof before);
  });
};

const given = (seed: number, ...shape: number[]): Tensor => {
  const x = random.normal(random.key(seed), shape);
  x.dataSync();
  return x;
};

const expectSame = (f: (...xs: Tensor[]) => Tensor, ...xs: readonly Tensor[]): void => {
  const got = jit(f)(...xs).dataSync();
  setBackend("js");
  const want = jit(f)(...xs).dataSync();
  setBackend("webgpu");
  const largest = Math.max(...Array.from(want, Math.abs));
  got.forEach((g, i) => {
    expect(Math.abs(g - want[i]!), `element ${i}: ${g}, ${want[i]}`).toBeLessThanOrEqual(2e-5 * largest);
  });
};

const sourceOf = (f: (...xs: Tensor[]) => Tensor, ...xs: readonly Tensor[]): string =>
  jit(f)
    .lower(...xs)
    .kernels.map((k) => k.source)
    .join("\n");

describe.each(crews)("loops, %s", (_, software) => {
  use(software);

  const rnn = (w: Tensor, xs: Tensor): Tensor => {
    const step = (h: Tensor, x: Tensor): [Tensor, Tensor] => {
      const next = tanh(add(matmul(h, w), x));
      return [next, sum(next, { axis: 1 })];
    };
    return sum(scan(step, ones([64, 64]), xs)[1]);
  };

  test("with much to do in a step are dispatched step by step", () => {
    const [w, xs] = [given(1, 64, 64), given(2, 5, 64, 64)];
    const source = sourceOf(rnn, mul(w, 0.1), xs);
    expect(source.split("@compute").length).toBeGreaterThan(3);
    expectSame(rnn, mul(w, 0.1), xs);
  });

  test("their gradients too", () => {
    expectSame((w, xs) => grad(rnn)(w, xs), mul(given(1, 64, 64), 0.1), given(2, 4, 64, 64));
  });

  test("with little to do run in one workgroup", () => {
    const f = (w: Tensor, xs: Tensor): Tensor =>
      scan((h: Tensor, x: Tensor) => [tanh(add(matmul(h, w), x)), null], ones([4, 8]), xs)[0];
    const [w, xs] = [given(1, 8, 8), given(2, 6, 4, 8)];
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
      given(3, 300, 300),
    );
  });
});

describe.each(crews)("long reductions, %s", (_, software) => {
  use(software);

  test("are cut into parts of fixed size", () => {
    const n = 100_003;
    const source = sourceOf((x) => sum(x), given(4, n));
    expect(source).toContain("scratch");
    expectSame((x) => sum(x), given(4, n));
    expectSame((x) => max(x), given(4, n));
    expectSame((x) => add(mul(mean(x), 2), 1), given(4, n));
    // A few twos, whose product is exact.
    expectSame((x) => prod(where(greater(x, 3.5), 2, 1)), given(4, n));
  });

  test("are exact enough", () => {
    const x = mul(ones([1_000_000]), 0.1);
    expect(sum(x).item()).toBeCloseTo(100_000, 0);
    expect(Math.abs(sum(x).item() / 100_000 - 1)).toBeLessThan(1e-6);
  });
});

describe.each(crews)("elements, %s", (_, software) => {
  use(software);

  test("each once, however many an invocation takes", () => {
    for (const n of [5, 4097, 8191, 8193, 70_001]) expectSame((x) => tanh(mul(x, 2)), given(8, n));
    expectSame((x) => add(x.transpose(), 1), given(9, 300, 211));
    const { source } = jit((x: Tensor) => mul(x, 2)).lower(given(8, 70_001)).kernels[0]!;
    expect(source.includes("for (")).toBe(software);
  });
});

describe.each(crews)("rows, %s", (_, software) => {
  use(software);

  test("reductions, softmax and norms", () => {
    const x = given(5, 40, 300);
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
      expectSame((a, b) => matmul(a, b), given(6, m, k), given(7, k, n));
  });
});
