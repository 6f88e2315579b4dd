/**
 * Integer index expressions in a canonical affine form: constant + Σ coefficient · atom. Atoms are loop axes,
 * computed values, and divisions and remainders that could not be resolved. Ranges make most of those vanish:
 * reshapes that only split or merge axes leave pure affine maps.
 */
import type { IndexAlgebra } from "../ir/lowering.js";

/** One loop: its variable runs from 0 to size - 1. */
export interface Axis {
  readonly id: number;
  readonly size: number;
}

export type Atom =
  | {
      readonly _tag: "Axis";
      readonly axis: Axis;
      readonly key: string;
      readonly lo: number;
      readonly hi: number;
    }
  /** A value computed in the kernel, by its number. */
  | {
      readonly _tag: "Value";
      readonly value: number;
      readonly key: string;
      readonly lo: number;
      readonly hi: number;
    }
  | {
      readonly _tag: "Div";
      readonly of: Index;
      readonly by: number;
      readonly key: string;
      readonly lo: number;
      readonly hi: number;
    }
  | {
      readonly _tag: "Mod";
      readonly of: Index;
      readonly by: number;
      readonly key: string;
      readonly lo: number;
      readonly hi: number;
    };

export interface Term {
  readonly atom: Atom;
  readonly by: number;
}

export interface Index {
  readonly base: number;
  /** Sorted by atom key; no coefficient is zero. */
  readonly terms: readonly Term[];
  readonly key: string;
}

// Programs are compiled in processes that have just started, where this runs unoptimised, ten thousand times: loops over
// numbers here, and no collections made on the way.

const make = (base: number, terms: readonly Term[]): Index => {
  let key = `${base}`;
  for (let i = 0; i < terms.length; i++) key += `+${terms[i]!.by}*${terms[i]!.atom.key}`;
  return { base, terms, key };
};

export const constantIndex = (n: number): Index => make(n, []);

const ofAtom = (atom: Atom): Index => make(0, [{ atom, by: 1 }]);

export const axisIndex = (axis: Axis): Index =>
  axis.size === 1
    ? constantIndex(0)
    : ofAtom({ _tag: "Axis", axis, key: `i${axis.id}`, lo: 0, hi: Math.max(0, axis.size - 1) });

export const valueIndex = (value: number, lo: number, hi: number): Index =>
  ofAtom({ _tag: "Value", value, key: `v${value}`, lo, hi });

/** Smallest and largest value. */
export const bounds = (x: Index): readonly [number, number] => {
  let lo = x.base;
  let hi = x.base;
  for (let i = 0; i < x.terms.length; i++) {
    const { atom, by } = x.terms[i]!;
    lo += by * (by > 0 ? atom.lo : atom.hi);
    hi += by * (by > 0 ? atom.hi : atom.lo);
  }
  return [lo, hi];
};

/** The terms of two indices as those of their sum. */
const merged = (xs: readonly Term[], ys: readonly Term[]): readonly Term[] => {
  const out: Term[] = [];
  let i = 0;
  let j = 0;
  while (i < xs.length && j < ys.length) {
    const x = xs[i]!;
    const y = ys[j]!;
    if (x.atom.key === y.atom.key) {
      if (x.by + y.by !== 0) out.push({ atom: x.atom, by: x.by + y.by });
      i++;
      j++;
    } else if (x.atom.key < y.atom.key) {
      out.push(x);
      i++;
    } else {
      out.push(y);
      j++;
    }
  }
  while (i < xs.length) out.push(xs[i++]!);
  while (j < ys.length) out.push(ys[j++]!);
  return out;
};

const combine = (base: number, terms: readonly Term[]): Index => {
  const joined = rejoin(terms);
  return joined === null ? make(base, terms) : combine(base + joined.base, joined.terms);
};

/** c·s·(Y div p·s) + c·((Y div p) mod s) = c·(Y div p): an index taken apart and put together again. */
const rejoin = (terms: readonly Term[]): { base: number; terms: readonly Term[] } | null => {
  for (let i = 0; i < terms.length; i++) {
    const low = terms[i]!;
    if (low.atom._tag !== "Mod") continue;
    const { of, by: s } = low.atom;
    const wanted = divIndex(of, s);
    if (wanted.terms.length !== 1 || wanted.base !== 0 || wanted.terms[0]!.by !== 1) continue;
    const high = terms.find((t) => t.atom.key === wanted.terms[0]!.atom.key && t.by === low.by * s);
    if (high === undefined) continue;
    const whole = scaleIndex(of, low.by);
    const others = terms.filter((t) => t !== low && t !== high);
    return { base: whole.base, terms: merged(others, whole.terms) };
  }
  return null;
};

export const addIndex = (a: Index, b: Index): Index => {
  if (a.terms.length === 0 && a.base === 0) return b;
  if (b.terms.length === 0) return b.base === 0 ? a : make(a.base + b.base, a.terms);
  return combine(a.base + b.base, merged(a.terms, b.terms));
};

export const scaleIndex = (a: Index, by: number): Index =>
  by === 0
    ? constantIndex(0)
    : by === 1
      ? a
      : make(
          a.base * by,
          a.terms.map((t) => ({ atom: t.atom, by: t.by * by })),
        );

const floorDiv = (a: number, b: number): number => Math.floor(a / b);
const floorMod = (a: number, b: number): number => a - b * Math.floor(a / b);

/** The part whose coefficients `by` divides, and the rest with a base in [0, by). */
const divisible = (a: Index, by: number): readonly [Index, Index] => {
  const whole = a.terms.filter((t) => t.by % by === 0);
  const rest = a.terms.filter((t) => t.by % by !== 0);
  return [
    make(
      floorDiv(a.base, by),
      whole.map((t) => ({ atom: t.atom, by: t.by / by })),
    ),
    make(floorMod(a.base, by), rest),
  ];
};

/** The largest number that divides `by` and every coefficient and the base: it can be cancelled in a division. */
const commonFactor = (a: Index, by: number): number => {
  let g = gcd(by, Math.abs(a.base));
  for (let i = 0; i < a.terms.length; i++) g = gcd(g, Math.abs(a.terms[i]!.by));
  return g;
};
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

const shrink = (a: Index, by: number): Index =>
  make(
    a.base / by,
    a.terms.map((t) => ({ atom: t.atom, by: t.by / by })),
  );

/**
 * g · A and what is left, within [0, g), where a divisor g of `by` allows it: what is left has no part in the quotient,
 * and stays as it is in the remainder.
 */
const apart = (
  a: Index,
  by: number,
): { readonly whole: Index; readonly left: Index; readonly g: number } | null => {
  for (let i = 0; i < a.terms.length; i++) {
    const g = gcd(by, Math.abs(a.terms[i]!.by));
    if (g === 1) continue;
    const [whole, left] = divisible(a, g);
    if (left.terms.length === 0 && left.base === 0) continue;
    const [lo, hi] = bounds(left);
    if (lo >= 0 && hi < g) return { whole, left, g };
  }
  return null;
};

export const divIndex = (a: Index, by: number): Index => {
  if (by === 1) return a;
  const [whole, rest] = divisible(a, by);
  const [lo, hi] = bounds(rest);
  if (floorDiv(lo, by) === floorDiv(hi, by)) return addIndex(whole, constantIndex(floorDiv(lo, by)));
  const only =
    rest.terms.length === 1 && rest.base === 0 && rest.terms[0]!.by === 1 ? rest.terms[0]!.atom : null;
  if (only?._tag === "Div") return addIndex(whole, divIndex(only.of, only.by * by));
  const g = commonFactor(rest, by);
  if (g > 1) return addIndex(whole, divIndex(shrink(rest, g), by / g));
  const parts = apart(rest, by);
  if (parts !== null) return addIndex(whole, divIndex(parts.whole, by / parts.g));
  const atom: Atom = {
    _tag: "Div",
    of: rest,
    by,
    key: `(${rest.key}/${by})`,
    lo: floorDiv(lo, by),
    hi: floorDiv(hi, by),
  };
  return addIndex(whole, ofAtom(atom));
};

export const modIndex = (a: Index, by: number): Index => {
  if (by === 1) return constantIndex(0);
  const [, rest] = divisible(a, by);
  const [lo, hi] = bounds(rest);
  if (floorDiv(lo, by) === floorDiv(hi, by)) return addIndex(rest, constantIndex(-by * floorDiv(lo, by)));
  const g = commonFactor(rest, by);
  if (g > 1) return scaleIndex(modIndex(shrink(rest, g), by / g), g);
  const parts = apart(rest, by);
  if (parts !== null) return addIndex(scaleIndex(modIndex(parts.whole, by / parts.g), parts.g), parts.left);
  return ofAtom({ _tag: "Mod", of: rest, by, key: `(${rest.key}%${by})`, lo: 0, hi: by - 1 });
};

/** The algebra that views are written in, on symbols. */
export const symbols: IndexAlgebra<Index> = {
  constant: constantIndex,
  add: addIndex,
  scale: scaleIndex,
  div: divIndex,
  mod: modIndex,
};

/** Row-major offset of a multi-index. */
export const flatIndex = (index: readonly Index[], strides: readonly number[]): Index =>
  index.reduce((o, x, i) => addIndex(o, scaleIndex(x, strides[i]!)), constantIndex(0));

/** The index with axes replaced; used to merge loops. */
export const substituteAxes = (x: Index, replace: (axis: Axis) => Index | null): Index => {
  let out = constantIndex(x.base);
  for (const { atom, by } of x.terms) out = addIndex(out, scaleIndex(substituteAtom(atom, replace), by));
  return out;
};

const substituteAtom = (atom: Atom, replace: (axis: Axis) => Index | null): Index => {
  switch (atom._tag) {
    case "Axis":
      return replace(atom.axis) ?? ofAtom(atom);
    case "Value":
      return ofAtom(atom);
    case "Div":
      return divIndex(substituteAxes(atom.of, replace), atom.by);
    case "Mod":
      return modIndex(substituteAxes(atom.of, replace), atom.by);
  }
};

/** Whether `outer · inner.size + inner` is all that the index knows of the two axes. */
export const mergeable = (x: Index, outer: Axis, inner: Axis): boolean => {
  let a = 0;
  let b = 0;
  for (const { atom, by } of x.terms) {
    if (atom._tag === "Axis" && atom.axis === outer) a = by;
    else if (atom._tag === "Axis" && atom.axis === inner) b = by;
    else if ((atom._tag === "Div" || atom._tag === "Mod") && !mergeable(atom.of, outer, inner)) return false;
  }
  return a === b * inner.size;
};

/** Whether any of the axes occurs. */
export const mentions = (x: Index, axes: ReadonlySet<Axis>): boolean =>
  x.terms.some(({ atom }) =>
    atom._tag === "Axis" ? axes.has(atom.axis) : atom._tag === "Value" ? false : mentions(atom.of, axes),
  );

/** Whether the index is affine in its axes, with no division, remainder or computed value. */
export const isAffine = (x: Index): boolean => x.terms.every((t) => t.atom._tag === "Axis");

/** The computed values in an index, by their numbers. */
export const valuesIn = (x: Index): readonly number[] =>
  x.terms.flatMap(({ atom }) =>
    atom._tag === "Value" ? [atom.value] : atom._tag === "Axis" ? [] : valuesIn(atom.of),
  );
