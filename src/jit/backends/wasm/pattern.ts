/** Accesses whose lanes are at fixed distances from the first: every second element, each one twice, backwards. */
import { type Axis, type Index, mentions } from "../../index-expression.js";
import type { Lanes } from "./vector.js";

/** How far each lane's element is from that of lane 0. */
export type Pattern = readonly number[];

type Atom = Index["terms"][number]["atom"];

/** More positions of a vector in a quotient's period are not looked at. */
const longestPeriod = 1024;

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** What an atom is in every lane, less what it is in lane 0. Quotients are known where vectors start at multiples of their lanes. */
const patternOfAtom = (atom: Atom, axis: Axis, lanes: Lanes, aligned: boolean): Pattern | null => {
  const each = Array.from({ length: lanes }, (_, l) => l);
  if (atom._tag === "Value") return each.map(() => 0);
  if (atom._tag === "Axis") return each.map((l) => (atom.axis.id === axis.id ? l : 0));
  const { of, by } = atom;
  if (!mentions(of, new Set([axis]))) return each.map(() => 0);
  const [term] = of.terms;
  if (!aligned || of.terms.length !== 1 || term!.atom._tag !== "Axis") return null;
  const step = term!.by * lanes;
  const period = by / greatestDivisor(by, Math.abs(step));
  if (period > longestPeriod) return null;
  const at = (start: number): Pattern => {
    const part = (l: number): number => {
      const x = of.base + start + term!.by * l;
      return atom._tag === "Div" ? Math.floor(x / by) : x - by * Math.floor(x / by);
    };
    return each.map((l) => part(l) - part(0));
  };
  const first = at(0);
  for (let k = 1; k < period; k++) if (at(k * step).some((x, l) => x !== first[l])) return null;
  return first;
};

/**
 * The distances that lanes along an axis have in memory, where they are the same for every vector. What depends on
 * computed values has to be the same in all lanes.
 */
export const patternOf = (x: Index, axis: Axis, lanes: Lanes, aligned: boolean): Pattern | null => {
  const out = new Array<number>(lanes).fill(0);
  for (const { atom, by } of x.terms) {
    const own = patternOfAtom(atom, axis, lanes, aligned);
    if (own === null) return null;
    own.forEach((d, l) => (out[l]! += by * d));
  }
  return out;
};

/** How a pattern is read: one number for all lanes, two neighbours, or four neighbours from each of one or two places. */
export type Reading =
  | { readonly _tag: "One" }
  | { readonly _tag: "Pair"; readonly from: number; readonly lanes: readonly number[] }
  | { readonly _tag: "Fours"; readonly from: readonly [number, number]; readonly lanes: readonly number[] };

/**
 * The reading of four lanes of 32 bits; null where one by one is as good. It touches nothing but what lies between
 * the first element and the last.
 */
export const readingOf = (p: Pattern): Reading | null => {
  if (p.length !== 4) return null;
  const low = Math.min(...p);
  const high = Math.max(...p);
  if (high === low) return { _tag: "One" };
  if (high - low === 1) return { _tag: "Pair", from: low, lanes: p.map((d) => d - low) };
  if (high - low < 3) return null;
  const from = [low, high - 3] as const;
  const lanes = p.map((d) => (d - low < 4 ? d - low : d < from[1] ? -1 : 4 + d - from[1]));
  return lanes.includes(-1) ? null : { _tag: "Fours", from, lanes };
};
