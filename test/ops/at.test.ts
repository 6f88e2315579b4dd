import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addAt,
  arange,
  at,
  cast,
  grad,
  type Index,
  type IndexEntry,
  maxAt,
  minAt,
  mul,
  mulAt,
  ones,
  setAt,
  sum,
  take,
  tensor,
  type Tensor,
  vmap,
  zeros,
} from "../../src/index.js";
import { counting } from "./counting.js";
import { nodesOf } from "./nodes.js";

const int = (values: readonly number[]): Tensor => tensor(values, { dtype: "int32" });

/** Python's slice on a list, element by element. */
const places = (text: string, n: number): number[] => {
  const [a, b, c] = text.split(":").map((s) => (s === "" ? null : Number(s)));
  const step = c ?? 1;
  const clamp = (v: number): number =>
    Math.min(Math.max(v < 0 ? v + n : v, step > 0 ? 0 : -1), step > 0 ? n : n - 1);
  const start = a == null ? (step > 0 ? 0 : n - 1) : clamp(a);
  const stop = b == null ? (step > 0 ? n : -1) : clamp(b);
  const out: number[] = [];
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) out.push(i);
  return out;
};

const bound = fc.option(fc.integer({ min: -7, max: 7 }), { nil: "" as const });
const rangeText = fc
  .tuple(
    bound,
    bound,
    fc.option(
      fc.integer({ min: -3, max: 3 }).filter((s) => s !== 0),
      { nil: "" as const },
    ),
  )
  .map(([a, b, c]) => `${a}:${b}:${c}` as const);

const shape = [4, 5, 3] as const;
const entry = (n: number): fc.Arbitrary<IndexEntry> =>
  fc.oneof(
    fc.integer({ min: -n, max: n - 1 }),
    rangeText,
    fc.array(fc.integer({ min: -n, max: n - 1 }), { minLength: 2, maxLength: 2 }),
  );
const anyIndex = fc.tuple(entry(4), entry(5), entry(3));

/** NumPy's rules for one index per axis, from the definition: joint places first unless they are neighbours. */
const reference = (
  x: Tensor,
  index: readonly IndexEntry[],
): { readonly shape: number[]; readonly data: number[] } => {
  const data = x.dataSync();
  const joint = index.some((e) => Array.isArray(e));
  const isJoint = (e: IndexEntry): boolean => Array.isArray(e) || (joint && typeof e === "number");
  const at = index.flatMap((e, i) => (isJoint(e) ? [i] : []));
  const together = at.length > 0 && at[at.length - 1]! - at[0]! === at.length - 1;
  const lists = index.map((e, i) =>
    Array.isArray(e) ? (e as number[]) : typeof e === "number" ? [e] : places(e as string, shape[i]!),
  );
  const norm = lists.map((l, i) => l.map((v) => (v < 0 ? v + shape[i]! : v)));
  // Axes of the result: the joint one (if any) and the ranges.
  const axes: (readonly number[])[] = [];
  let jointAt = -1;
  index.forEach((e, i) => {
    if (isJoint(e)) {
      if (jointAt < 0) jointAt = axes.length;
    } else if (typeof e !== "number") axes.push([i]);
  });
  if (joint) axes.splice(together ? jointAt : 0, 0, at);
  const sizes = axes.map((as) => Math.max(...as.map((a) => norm[a]!.length)));
  const out: number[] = [];
  const visit = (k: number, chosen: number[]): void => {
    if (k === axes.length) {
      const where = chosen.map((c, i) => (c < 0 ? norm[i]![0]! : c));
      out.push(data[(where[0]! * 5 + where[1]!) * 3 + where[2]!]!);
      return;
    }
    for (let i = 0; i < sizes[k]!; i++)
      visit(
        k + 1,
        chosen.map((c, a) => (axes[k]!.includes(a) ? norm[a]![norm[a]!.length === 1 ? 0 : i]! : c)),
      );
  };
  visit(0, [-1, -1, -1]);
  return { shape: sizes, data: out };
};

describe("at", () => {
  const x = counting(...shape);

  test("follows NumPy's rules, whatever the index", () => {
    fc.assert(
      fc.property(anyIndex, (index) => {
        const got = at(x, index);
        const want = reference(x, index);
        expect(got.shape).toEqual(want.shape);
        expect(Array.from(got.dataSync())).toEqual(want.data);
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  test("tensors of indices pick as lists do", () => {
    fc.assert(
      fc.property(anyIndex, (index) => {
        const asTensors = index.map((e) => (Array.isArray(e) ? int(e as number[]) : e)) as unknown as Index;
        expect(at(x, asTensors).toArray()).toEqual(at(x, index).toArray());
      }),
      { numRuns: 50, seed: 12 },
    );
  });

  test("new axes and ellipses fall into place", () => {
    expect(x.at(null, "...", "newaxis").shape).toEqual([1, 4, 5, 3, 1]);
    expect(x.at("...", 0).shape).toEqual([4, 5]);
    expect(x.at("...").toArray()).toEqual(x.toArray());
    expect(x.at([0, 1], null, [1, 2]).shape).toEqual([2, 1, 3]);
    expect(x.at(":", [0, 1], null, [1, 2]).shape).toEqual([2, 4, 1]);
    expect(
      x.at(":", [
        [0, 1],
        [2, 3],
      ]).shape,
    ).toEqual([4, 2, 2, 3]);
    expect(x.at({ start: 1, step: 2 }).shape).toEqual([2, 5, 3]);
    expect(x.at([]).shape).toEqual([0, 5, 3]);
    expect(x.at(int([2]).at(0), 1, 1).item()).toBe(2 * 15 + 4);
  });

  test("tensors beyond the ends are clamped after negative ones wrapped", () => {
    expect(
      arange(5)
        .at(int([-1, -5, -9, 7]))
        .toArray(),
    ).toEqual([4, 0, 0, 4]);
  });

  test("ranges are views, places one gather", () => {
    expect(nodesOf(x.at(1, "::2"))).not.toContain("gather");
    expect(nodesOf(x.at(":", [0, 1], "::-1")).filter((n) => n === "gather")).toEqual(["gather"]);
  });

  test.each([
    [() => ones([2]).at(2), "at: expected an index from -2 to 1 for axis 0, got 2"],
    [() => ones([2, 3]).at(":", [0, -4]), "at: expected an index from -3 to 2 for axis 1, got -4"],
    [() => ones([2]).at(0, 0), "at: expected at most 1 indices for shape [2], got 2"],
    [() => ones([2]).at("...", "..."), 'at: expected at most one "...", got ["...","..."]'],
    [
      () => ones([2]).at("1" as never),
      'at: expected an index like ":", "1:5", "::-1", "..." or "newaxis", got "1"',
    ],
    [() => ones([2]).at("::0"), 'at: expected a step other than 0, got "::0"'],
    [() => ones([2]).at(0.5), "at: expected integers as indices, got 0.5"],
    [
      () => ones([2]).at(tensor([0, 1])),
      'at: expected integer indices, got float32[2]: use a plain array, tensor(…, { dtype: "int32" }) or cast(x, "int32")',
    ],
    [
      () => ones([2]).at(tensor([true, false])),
      "at: expected integer indices, got the mask bool[2]: use where(mask, x, other), or nonzero(mask, { size }) for a fixed number of places: the number of trues is no static shape",
    ],
    [() => ones([2]).at([true] as never), /^at: expected integer indices, got booleans: use where/],
    [() => ones([0]).at(0), "at: expected no index into axis 0, which is empty, got 0"],
    [
      () => ones([3, 2]).at([0, 1], [0, 1, 1]),
      "at: expected shapes that broadcast together, got [2] and [3]",
    ],
  ])("says what is wrong (%#)", (f, message) => {
    expect(f).toThrow(typeof message === "string" ? expect.objectContaining({ message }) : message);
  });
});

describe("updates", () => {
  const x = counting(...shape);

  test("writing what was read changes nothing; what was written is read again", () => {
    fc.assert(
      fc.property(anyIndex, (index) => {
        expect(setAt(x, index, at(x, index)).toArray()).toEqual(x.toArray());
        const written = at(setAt(x, index, -7), index);
        expect(written.dataSync().every((v: number) => v === -7)).toBe(true);
        // Nothing else changed.
        const same = setAt(setAt(x, index, -7), index, at(x, index));
        expect(same.toArray()).toEqual(x.toArray());
      }),
      { numRuns: 100, seed: 13 },
    );
  });

  test("adding is the adjoint of reading", () => {
    fc.assert(
      fc.property(anyIndex, (index) => {
        const y = at(x, index);
        const c = counting(...y.shape);
        const g = grad((v: Tensor) => sum(mul(at(v, index), c)))(x);
        expect(g.toArray()).toEqual(addAt(zeros(x.shape), index, c).toArray());
      }),
      { numRuns: 60, seed: 14 },
    );
  });

  test("reading, combining and writing is what every mode does", () => {
    const index: Index = ["1:", "::-2", [0, 2]];
    const before = at(x, index);
    const value = 30;
    const apply = (f: (v: number) => number): unknown =>
      setAt(x, index, tensor(Array.from(before.dataSync(), f), { shape: before.shape })).toArray();
    expect(addAt(x, index, value).toArray()).toEqual(apply((v) => v + value));
    expect(mulAt(x, index, value).toArray()).toEqual(apply((v) => v * value));
    expect(minAt(x, index, value).toArray()).toEqual(apply((v) => Math.min(v, value)));
    expect(maxAt(x, index, value).toArray()).toEqual(apply((v) => Math.max(v, value)));
    for (const [f, g] of [
      [minAt, Math.min],
      [maxAt, Math.max],
    ] as const)
      expect(f(x, [1, "1:3"], value).at(1, "1:3").toArray()).toEqual(
        (x.at(1, "1:3").toArray() as number[][]).map((row) => row.map((v) => g(v, value))),
      );
  });

  test("ranges are written without scatter, and signed zeros survive", () => {
    expect(nodesOf(setAt(x, ["::2", 1], 5))).not.toContain("scatter");
    const z = tensor([-0, 1]);
    expect(Object.is(z.addAt([1], 1).dataSync()[0], -0)).toBe(true);
  });

  test("every value counts where a place is listed twice", () => {
    expect(
      zeros([3])
        .addAt([[1, 1]], 1)
        .toArray(),
    ).toEqual([0, 2, 0]);
    expect(
      zeros([3])
        .addAt([int([1, 1, 5, -1])], 1)
        .toArray(),
    ).toEqual([0, 2, 1]);
  });

  test("gradients reach both x and the values, and only where they were used", () => {
    const f = (a: Tensor, v: Tensor): Tensor => sum(mul(setAt(a, ["1:"], v), tensor([1, 10, 100])));
    expect(grad(f, { argnums: [0, 1] })(tensor([1, 2, 3]), tensor([4, 5])).map((g) => g.toArray())).toEqual([
      [1, 0, 0],
      [10, 100],
    ]);
  });

  test("are mapped", () => {
    const rows = counting(2, 3);
    const f = vmap((r: Tensor, i: Tensor) => setAt(r, [i], -1));
    expect(f(rows, int([2, 0])).toArray()).toEqual([
      [0, 1, -1],
      [-1, 4, 5],
    ]);
    const g = vmap((r: Tensor, i: Tensor) => r.at(i));
    expect(g(rows, int([2, 0])).toArray()).toEqual([2, 3]);
  });

  test.each([
    [
      () => setAt(ones([2, 3]), [0], ones([2])),
      "setAt: expected values that broadcast to [3], got float32[2]",
    ],
    [
      () => setAt(int([1, 2]), [0], 1.5),
      "setAt: expected values that int32 holds (cast one of the two), got 1.5",
    ],
    [
      () => setAt(ones([2]), [0], cast(ones([]), "float64")),
      "setAt: expected values that float32 holds (cast one of the two), got float64[]",
    ],
    [() => addAt(tensor([true]), [0], true), "addAt: expected a numeric tensor, got bool[1]"],
    [
      () => setAt(ones([2]), 0 as never, 1),
      "setAt: expected an index as an array with an entry for each axis, got 0",
    ],
  ])("say what is wrong (%#)", (f, message) => {
    expect(f).toThrow(expect.objectContaining({ message }));
  });
});

describe("take", () => {
  test("modes", () => {
    const x = arange(4);
    expect(take(x, int([-1, 9, -9]), { mode: "clip" }).toArray()).toEqual([3, 3, 0]);
    expect(take(x, int([-1, 9, -9]), { mode: "wrap" }).toArray()).toEqual([3, 1, 3]);
    expect(take(x, int([-1, 9]), { mode: "fill" }).toArray()).toEqual([3, -2147483648]);
    expect(take(x, int([-1, 9]), { mode: "fill", fillValue: 7 }).toArray()).toEqual([3, 7]);
    expect(take(x, [-1, 9], { mode: "wrap" }).toArray()).toEqual([3, 1]);
    expect(() => take(x, [4])).toThrow("take: expected an index from -4 to 3 for axis 0, got 4");
    expect(() => take(ones([0]), int([0]))).toThrow(
      "take: expected at least one element to take from, got [0]",
    );
    expect(() => take(x, 0, { mode: "raise" as never })).toThrow(
      'take: expected mode "clip", "wrap" or "fill", got "raise"',
    );
  });

  test("works data-last and as a method", () => {
    expect(take([1], { axis: 0 })(arange(3)).toArray()).toEqual([1]);
    expect(arange(3).take([1, 2]).toArray()).toEqual([1, 2]);
  });
});
