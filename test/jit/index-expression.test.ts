/** The algebra of index expressions: every symbol means the number that plain arithmetic gives. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stridesOf } from "../../src/ir/aval.js";
import { numbers } from "../../src/ir/primitives/layout.js";
import type { IndexAlgebra } from "../../src/ir/lowering.js";
import {
  addIndex,
  type Axis,
  axisIndex,
  bounds,
  constantIndex,
  divIndex,
  flatIndex,
  type Index,
  isAffine,
  mentions,
  mergeable,
  modIndex,
  scaleIndex,
  substituteAxes,
  symbols,
  valueIndex,
} from "../../src/jit/index-expression.js";

type Environment = ReadonlyMap<number, number>;

/** What a symbol means where axes (by id) and values (by number) have these values. */
const meaning = (x: Index, axes: Environment, values: Environment = new Map()): number => {
  let n = x.base;
  for (const { atom, by } of x.terms)
    switch (atom._tag) {
      case "Axis":
        n += by * axes.get(atom.axis.id)!;
        break;
      case "Value":
        n += by * values.get(atom.value)!;
        break;
      case "Div":
        n += by * Math.floor(meaning(atom.of, axes, values) / atom.by);
        break;
      case "Mod": {
        const v = meaning(atom.of, axes, values);
        n += by * (v - atom.by * Math.floor(v / atom.by));
      }
    }
  return n + 0; // no -0
};

const axesOf = (sizes: readonly number[]): Axis[] => sizes.map((size, id) => ({ id, size }));

/** Every place of a nest. */
const places = (axes: readonly Axis[]): Environment[] =>
  axes.reduce<Map<number, number>[]>(
    (before, { id, size }) =>
      before.flatMap((p) => Array.from({ length: size }, (_, i) => new Map([...p, [id, i]]))),
    [new Map()],
  );

/** An expression of the algebra, for any algebra. */
type Term =
  | { readonly op: "axis"; readonly axis: number }
  | { readonly op: "constant"; readonly n: number }
  | { readonly op: "add"; readonly a: Term; readonly b: Term }
  | { readonly op: "scale" | "div" | "mod"; readonly a: Term; readonly by: number };

const { term } = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({ op: fc.constant("axis" as const), axis: fc.nat(2) }),
    fc.record({ op: fc.constant("constant" as const), n: fc.integer({ min: -20, max: 20 }) }),
    fc.record({ op: fc.constant("add" as const), a: tie("term"), b: tie("term") }),
    fc.record({ op: fc.constant("scale" as const), a: tie("term"), by: fc.integer({ min: -6, max: 6 }) }),
    fc.record({
      op: fc.constantFrom("div" as const, "mod" as const),
      a: tie("term"),
      by: fc.integer({ min: 1, max: 12 }),
    }),
  ),
}));

const build = <I>(t: Term, algebra: IndexAlgebra<I>, axes: readonly I[]): I => {
  switch (t.op) {
    case "axis":
      return axes[t.axis]!;
    case "constant":
      return algebra.constant(t.n);
    case "add":
      return algebra.add(build(t.a, algebra, axes), build(t.b, algebra, axes));
    default:
      return algebra[t.op](build(t.a, algebra, axes), t.by);
  }
};

const sizes = fc.tuple(
  fc.integer({ min: 1, max: 5 }),
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 6 }),
);

const holds = <T>(arbitrary: fc.Arbitrary<T>, law: (x: T) => void, numRuns = 500): void => {
  fc.assert(
    fc.property(arbitrary, (x) => {
      law(x);
    }),
    { seed: 11, numRuns },
  );
};

describe("symbols", () => {
  test("mean what numbers give, at every place", () => {
    holds(fc.tuple(term, sizes), ([t, shape]) => {
      const axes = axesOf(shape);
      const symbol = build(t, symbols, axes.map(axisIndex));
      for (const at of places(axes)) {
        const want = build(
          t,
          numbers,
          axes.map((a) => at.get(a.id)!),
        );
        expect(meaning(symbol, at)).toBe(want + 0); // no -0
      }
    });
  });

  test("lie within their bounds", () => {
    holds(fc.tuple(term, sizes), ([t, shape]) => {
      const axes = axesOf(shape);
      const symbol = build(t, symbols, axes.map(axisIndex));
      const [lo, hi] = bounds(symbol);
      for (const at of places(axes)) {
        const n = meaning(symbol, at);
        expect(n).toBeGreaterThanOrEqual(lo);
        expect(n).toBeLessThanOrEqual(hi);
      }
    });
  });

  test("have equal keys only where they are equal", () => {
    holds(fc.tuple(term, term, sizes), ([s, t, shape]) => {
      const axes = axesOf(shape);
      const [a, b] = [s, t].map((x) => build(x, symbols, axes.map(axisIndex))) as [Index, Index];
      if (a.key !== b.key) return;
      for (const at of places(axes)) expect(meaning(a, at)).toBe(meaning(b, at));
    });
  });

  test("are canonical: sums in any order and grouping have one key", () => {
    holds(fc.tuple(fc.array(term, { minLength: 2, maxLength: 4 }), sizes), ([ts, shape]) => {
      const axes = axesOf(shape);
      const parts = ts.map((t) => build(t, symbols, axes.map(axisIndex)));
      const left = parts.reduce(addIndex);
      const right = [...parts].reverse().reduce(addIndex);
      for (const at of places(axes)) expect(meaning(left, at)).toBe(meaning(right, at));
      if (isAffine(left) && isAffine(right)) expect(left.key).toBe(right.key);
    });
  });

  test("cancel: x - x is 0, and nothing has a coefficient of 0", () => {
    holds(fc.tuple(term, sizes), ([t, shape]) => {
      const x = build(t, symbols, axesOf(shape).map(axisIndex));
      expect(addIndex(x, scaleIndex(x, -1)).key).toBe("0");
      expect(x.terms.every((u) => u.by !== 0)).toBe(true);
    });
  });

  test("substitution is substitution of meanings", () => {
    holds(fc.tuple(term, term, sizes), ([t, u, shape]) => {
      const axes = axesOf(shape);
      const index = axes.map(axisIndex);
      const [x, y] = [build(t, symbols, index), build(u, symbols, index)];
      const replaced = substituteAxes(x, (a) => (a === axes[0] ? y : null));
      for (const at of places(axes)) {
        // Bounds of x were found for the axis, so its replacement must stay in them.
        const n = meaning(y, at);
        if (shape[0] === 1 || n < 0 || n >= shape[0]) continue;
        expect(meaning(replaced, at)).toBe(meaning(x, new Map([...at, [0, n]])));
      }
    });
  });

  test("mentions exactly the axes that matter", () => {
    holds(fc.tuple(term, sizes), ([t, shape]) => {
      const axes = axesOf(shape);
      const x = build(t, symbols, axes.map(axisIndex));
      for (const a of axes) {
        if (mentions(x, new Set([a]))) continue;
        for (const at of places(axes)) expect(meaning(x, at)).toBe(meaning(x, new Map([...at, [a.id, 0]])));
      }
    });
  });

  test("what is mergeable depends on outer · size + inner alone", () => {
    let merged = 0;
    holds(
      fc.tuple(term, sizes, fc.boolean()),
      ([t, shape, flat]) => {
        const axes = axesOf(shape);
        const [outer, inner] = axes as [Axis, Axis];
        const index = axes.map(axisIndex);
        const joined = addIndex(scaleIndex(index[0]!, inner.size), index[1]!);
        const x = build(t, symbols, flat ? [joined, joined, index[2]!] : index);
        if (outer.size === 1 || inner.size === 1 || !mergeable(x, outer, inner)) return;
        if (mentions(x, new Set([outer, inner]))) merged++;
        const byPlace = new Map<string, number>();
        for (const at of places(axes)) {
          const key = `${String(at.get(0)! * inner.size + at.get(1)!)},${String(at.get(2))}`;
          expect(meaning(x, at)).toBe(byPlace.get(key) ?? meaning(x, at));
          byPlace.set(key, meaning(x, at));
          // … and is computed by the merged loop that replaces the two.
          const whole: Axis = { id: 1, size: outer.size * inner.size };
          const one = substituteAxes(x, (a) =>
            a === inner ? axisIndex(whole) : a === outer ? constantIndex(0) : null,
          );
          expect(meaning(one, new Map([...at, [1, at.get(0)! * inner.size + at.get(1)!]]))).toBe(
            meaning(x, at),
          );
        }
      },
      1000,
    );
    expect(merged).toBeGreaterThan(100);
  });
});

describe("shapes", () => {
  const dims = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 });

  /** Axis by axis: the multi-index of a flat offset. */
  const unflatten = (flat: Index, shape: readonly number[]): Index[] =>
    stridesOf(shape).map((s, i) => (i === 0 ? divIndex(flat, s) : modIndex(divIndex(flat, s), shape[i]!)));

  test("flattening and unflattening by one shape is nothing", () => {
    holds(dims, (shape) => {
      const index = axesOf(shape).map(axisIndex);
      const back = unflatten(flatIndex(index, stridesOf(shape)), shape);
      expect(back.map((x) => x.key)).toEqual(index.map((x) => x.key));
    });
  });

  test("taking an axis apart and putting it together again is nothing", () => {
    holds(
      fc.tuple(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
      ),
      ([a, b, c]) => {
        const [axis] = axesOf([a * b * c]);
        const x = axisIndex(axis!);
        const parts = unflatten(x, [a, b, c]);
        expect(flatIndex(parts, [b * c, c, 1]).key).toBe(x.key);
      },
    );
  });

  test("joining and splitting axes stays affine", () => {
    const [i, j, k] = axesOf([4, 6, 5]).map(axisIndex) as [Index, Index, Index];
    const flat = flatIndex([i, j, k], [30, 5, 1]);
    expect(unflatten(flat, [24, 5]).map((x) => x.key)).toEqual([flatIndex([i, j], [6, 1]).key, k.key]);
    expect(unflatten(flat, [4, 30]).map((x) => x.key)).toEqual([i.key, flatIndex([j, k], [5, 1]).key]);
    expect(unflatten(flat, [4, 6, 5]).every(isAffine)).toBe(true);
    expect(unflatten(flat, [8, 15]).every(isAffine)).toBe(false);
  });
});

describe("simplification", () => {
  const [i] = axesOf([12]);
  const x = axisIndex(i!);
  test.each([
    ["an axis of size 1 is 0", axisIndex({ id: 9, size: 1 }), "0"],
    ["(8i + 3) / 8", divIndex(addIndex(scaleIndex(x, 8), constantIndex(3)), 8), "0+1*i0"],
    ["(8i + 3) % 8", modIndex(addIndex(scaleIndex(x, 8), constantIndex(3)), 8), "3"],
    ["i / 12", divIndex(x, 12), "0"],
    ["i % 12", modIndex(x, 12), "0+1*i0"],
    ["(i + 12) % 12", modIndex(addIndex(x, constantIndex(12)), 12), "0+1*i0"],
    ["i / 2 / 3", divIndex(divIndex(x, 2), 3), "0+1*(0+1*i0/6)"],
    ["6i / 4", divIndex(scaleIndex(x, 6), 4), "0+1*(0+3*i0/2)"],
    ["6i % 4", modIndex(scaleIndex(x, 6), 4), "0+2*(0+3*i0%2)"],
    ["4 · (i / 4) + i % 4", addIndex(scaleIndex(divIndex(x, 4), 4), modIndex(x, 4)), "0+1*i0"],
    [
      "(i / 4) · 8 + (i % 4) · 2",
      addIndex(scaleIndex(divIndex(x, 4), 8), scaleIndex(modIndex(x, 4), 2)),
      "0+2*i0",
    ],
  ])("%s", (_, got, key) => {
    expect(got.key).toBe(key);
  });

  test("computed values keep their ranges", () => {
    const v = valueIndex(3, 0, 9);
    expect(divIndex(v, 10).key).toBe("0");
    expect(modIndex(v, 10).key).toBe(v.key);
    expect(bounds(addIndex(scaleIndex(v, -2), constantIndex(1)))).toEqual([-17, 1]);
  });
});
