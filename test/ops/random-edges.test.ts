/** Samplers at the edges of their domains, and what they refuse. */
import { describe, expect, test } from "vitest";
import { random, type Tensor, tensor } from "../../src/index.js";

const flat = (x: Tensor): readonly number[] => [...x.dataSync()];
const key = random.key(17);

describe("edges", () => {
  test("empty and scalar shapes", () => {
    expect(random.normal(key, [0, 3]).toArray()).toEqual([]);
    expect(random.uniform(key).shape).toEqual([]);
    expect(random.permutation(key, 0).shape).toEqual([0]);
    expect(random.permutation(key, tensor([[1], [2]]), { axis: 1 }).toArray()).toEqual([[1], [2]]);
    expect(random.choice(key, 5, [0]).shape).toEqual([0]);
    expect(random.poisson(key, 20, [0]).shape).toEqual([0]);
    expect(random.binomial(key, 20, 0.5, [0]).shape).toEqual([0]);
    expect(random.dirichlet(key, tensor([1, 2]), [0]).shape).toEqual([0, 2]);
    expect(random.multinomial(key, 3, tensor([[]], { shape: [2, 0] })).shape).toEqual([2, 0]);
    expect(random.categorical(key, tensor([[1, 2]], { shape: [1, 2] }), { shape: [0, 1] }).shape).toEqual([
      0, 1,
    ]);
    expect(random.orthogonal(key, 0).shape).toEqual([0, 0]);
  });

  test("parameters outside their domain", () => {
    expect(random.gamma(key, tensor([NaN, -3])).toArray()).toEqual([NaN, NaN]);
    expect(
      random.binomial(key, tensor([-1, 5, 5, 5, Infinity]), tensor([0.5, -0.1, 1.1, NaN, 0.5])).toArray(),
    ).toEqual([NaN, NaN, NaN, NaN, Infinity]);
    expect(random.binomial(key, tensor([5, 5, 0]), tensor([0, 1, 0.5])).toArray()).toEqual([0, 5, 0]);
    expect(random.poisson(key, tensor([0, 0])).toArray()).toEqual([0, 0]);
    expect(random.bernoulli(key, tensor([0, 1])).toArray()).toEqual([false, true]);
    expect(random.multivariateNormal(key, tensor([0]), tensor([[-1]])).toArray()).toEqual([NaN]);
  });

  test("randint covers whole dtypes and nothing else", () => {
    const bytes = flat(random.randint(key, [5000], 0, 256, { dtype: "uint8" }));
    expect([Math.min(...bytes), Math.max(...bytes), new Set(bytes).size]).toEqual([0, 255, 256]);
    const words = flat(random.randint(key, [5000], 0, 2 ** 32, { dtype: "uint32" }));
    expect(Math.max(...words)).toBeGreaterThan(2 ** 32 - 2 ** 22);
    const ints = flat(random.randint(key, [5000], -(2 ** 31), 2 ** 31));
    expect(Math.min(...ints)).toBeLessThan(-(2 ** 31) + 2 ** 22);
    const low = tensor([0, 10, -5], { dtype: "int32" });
    const each = flat(random.randint(key, [100, 3], low, low.add(3)));
    each.forEach((x, i) => expect([0, 1, 2]).toContain(x - [0, 10, -5][i % 3]!));
    const wide = tensor([0, 2 ** 32 - 1], { dtype: "uint32" });
    expect(
      flat(random.randint(key, [50, 2], wide, wide))
        .filter((_, i) => i % 2 === 1)
        .every((x) => x === 2 ** 31 - 1),
    ).toBe(true);
  });

  test("permutation moves every element once", () => {
    for (const n of [1, 2, 10, 3000])
      expect([...flat(random.permutation(key, n))].sort((a, b) => a - b)).toEqual(
        Array.from({ length: n }, (_, i) => i),
      );
    const x = tensor(Array.from({ length: 60 }, (_, i) => i)).reshape([3, 4, 5]);
    const y = random.permutation(key, x, { axis: -2, independent: true });
    const lines = (t: Tensor): string =>
      JSON.stringify(
        (t.transpose([0, 2, 1]).reshape([15, 4]).toArray() as number[][]).map((l) =>
          [...l].sort((a, b) => a - b),
        ),
      );
    expect(lines(y)).toBe(lines(x));
    expect(y.dtype).toBe("float32");
    expect(random.permutation(key, tensor([true, false])).dtype).toBe("bool");
  });

  test("choice without replacement repeats nothing", () => {
    const p = tensor([0.1, 0.2, 0.3, 0.4]);
    for (const options of [{ replace: false }, { replace: false, p }])
      expect(new Set(flat(random.choice(key, 4, [4], options))).size).toBe(4);
    expect(flat(random.choice(key, 3, [200], { p: tensor([0, 1, 0]) })).every((x) => x === 1)).toBe(true);
  });

  test("float64 parameters draw in float64", () => {
    const a = tensor(2, { dtype: "float64" });
    expect(random.gamma(key, a).dtype).toBe("float64");
    expect(random.beta(key, a, 1).dtype).toBe("float64");
    expect(random.categorical(key, tensor([0, 1], { dtype: "float64" })).dtype).toBe("int32");
    expect(random.gamma(key, tensor(2, { dtype: "int32" })).dtype).toBe("float32");
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
  const wrong = <T>(x: unknown): T => x as T;

  test.each<readonly [() => unknown, string]>([
    [() => random.key(1.5), "random.key: expected an integer (number or integer scalar tensor), got 1.5"],
    [
      () => random.key(tensor([1, 2], { dtype: "int32" })),
      "random.key: expected an integer (number or integer scalar tensor), got int32[2]",
    ],
    [() => random.key(1, wrong({ x32: true })), "random.key: expected options { x64 }, got x32"],
    [
      () => random.normal(wrong(3), [2]),
      "random.normal: expected a key (uint32[2], from random.key or random.split), got 3",
    ],
    [
      () => random.normal(wrong(random.split(key, 2)), [2]),
      "random.normal: expected a key (uint32[2], from random.key or random.split), got an array of 2 (pass one of them)",
    ],
    [
      () => random.uniform(random.split(key, [5]), [2]),
      "random.uniform: expected a key (uint32[2], from random.key or random.split), got uint32[5,2] (use vmap over several keys)",
    ],
    [() => random.split(key, -1), "random.split: expected a shape of non-negative integers, got -1"],
    [
      () => random.foldIn(key, 0.5),
      "random.foldIn: expected an integer (number or integer scalar tensor), got 0.5",
    ],
    [
      () => random.bits(key, [2], { dtype: "int32" }),
      "random.bits: expected dtype uint32 or uint8, got int32",
    ],
    [
      () => random.normal(key, [2], { dtype: "int32" }),
      "random.normal: expected a float dtype (float32, float64), got int32",
    ],
    [
      () => random.normal(key, [2], wrong({ mean: 1 })),
      "random.normal: expected options { dtype }, got mean",
    ],
    [
      () => random.uniform(key, [2.5]),
      "random.uniform: expected a shape of non-negative integers, got [2.5]",
    ],
    [
      () => random.uniform(key, [2], { minval: tensor([1, 2, 3]) }),
      "random.uniform: expected shapes that broadcast together, got [2] and [3]",
    ],
    [
      () => random.gamma(key, tensor([1, 2]), []),
      "random.gamma: expected parameters that broadcast to shape [], got [2]",
    ],
    [() => random.randint(key, [2], 0, 1.5), "random.randint: expected integer bounds, got 1.5"],
    [() => random.randint(key, [2], 0, tensor(3)), "random.randint: expected integer bounds, got float32[]"],
    [
      () => random.randint(key, [2], 0, 3, { dtype: "float32" }),
      "random.randint: expected an integer dtype (int32, uint32, int8, uint8), got float32",
    ],
    [
      () => random.rademacher(key, [2], { dtype: "uint8" }),
      "random.rademacher: expected a signed dtype (int32, int8, float32, float64), got uint8",
    ],
    [
      () => random.gumbel(key, [2], { mode: wrong("best") }),
      'random.gumbel: expected mode "low" or "high" or "highest", got "best"',
    ],
    [
      () =>
        random.categorical(
          key,
          tensor([
            [1, 2],
            [3, 4],
          ]),
          { shape: [3] },
        ),
      "random.categorical: expected shapes that broadcast together, got [3] and [2]",
    ],
    [
      () =>
        random.categorical(
          key,
          tensor([
            [1, 2],
            [3, 4],
          ]),
          { shape: [] },
        ),
      "random.categorical: expected a shape that ends with [2], got []",
    ],
    [
      () => random.categorical(key, tensor([1, 2]), { shape: [3], replace: false }),
      "random.categorical: expected at most 2 samples without replacement, got 3",
    ],
    [
      () => random.permutation(key, 2.5),
      "random.permutation: expected a non-negative integer or a tensor, got 2.5",
    ],
    [
      () => random.permutation(key, tensor([1]), { axis: 1 }),
      "random.permutation: expected an axis from -1 to 0, got 1",
    ],
    [() => random.choice(key, 0, [1]), "random.choice: expected at least one element to draw from, got 0"],
    [
      () => random.choice(key, 3, [4], { replace: false }),
      "random.choice: expected at most 3 draws without replacement, got 4",
    ],
    [
      () => random.choice(key, 3, [4], { p: tensor([1]) }),
      "random.choice: expected p of shape [3], got float32[1]",
    ],
    [
      () => random.dirichlet(key, 1),
      "random.dirichlet: expected concentrations along at least one axis, got float32[]",
    ],
    [() => random.ball(key, -1), "random.ball: expected a number of dimensions, got -1"],
    [
      () => random.multivariateNormal(key, tensor([1, 2]), tensor([[1]])),
      "random.multivariateNormal: expected a covariance of shape […,2,2], got float32[1,1]",
    ],
  ])("%#", (f, message) => {
    expect(says(f)).toBe(message);
  });
});
