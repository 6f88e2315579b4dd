/**
 * Which iterations of a nest may run at once. Two that store to one address (a sum of overlapping windows, a scatter)
 * must follow each other, in the loop's order, for results that are the same every time.
 */
import type { Axis, Index, Term } from "../../index-expression.js";
import type { Statement } from "../../kernel.js";
import { positions, storesIn } from "../../statements.js";

/** Axes of the nests inside statements. */
const axesIn = (body: readonly Statement[]): Axis[] =>
  body.flatMap((s) =>
    s._tag === "Nest" ? [...s.axes, ...axesIn(s.body)] : s._tag === "Guard" ? axesIn(s.body) : [],
  );

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

const span = ({ atom, by }: Term): number => Math.abs(by) * (atom.hi - atom.lo);

/** Whether a term's atom can change while some axes do. A value may depend on any. */
const varies = ({ atom }: Term, axes: ReadonlySet<Axis>): boolean => {
  switch (atom._tag) {
    case "Axis":
      return axes.has(atom.axis);
    case "Value":
      return true;
    default:
      return atom.of.terms.some((t) => varies(t, axes));
  }
};

/**
 * The axes that an address tells: whatever the others are, two addresses with another position on one of them differ.
 * An axis is a digit of the address if what is below it cannot carry into it, and what is above are multiples of more
 * than it and all below can be.
 */
export const digitsOf = (address: Index, axes: readonly Axis[], moving: ReadonlySet<Axis>): Set<Axis> => {
  const terms = address.terms.filter((t) => varies(t, moving));
  const found = new Set<Axis>();
  for (const t of terms) {
    if (t.atom._tag !== "Axis" || !axes.includes(t.atom.axis)) continue;
    const { axis } = t.atom;
    const stride = Math.abs(t.by);
    const others = terms.filter((o) => o !== t);
    const hidden = others.some(
      (o) => o.atom._tag !== "Axis" && varies(o, new Set([axis])) && o.atom._tag !== "Value",
    );
    const below = others.filter((o) => Math.abs(o.by) <= stride).reduce((n, o) => n + span(o), 0);
    const above = others.filter((o) => Math.abs(o.by) > stride).reduce((g, o) => gcd(g, Math.abs(o.by)), 0);
    if (!hidden && below < stride && (above === 0 || below + stride * (axis.size - 1) < above))
      found.add(axis);
  }
  return found;
};

export interface Order {
  /** Positions on these may be taken at once; each goes through all positions on the others, in their order. */
  readonly parallel: readonly Axis[];
  readonly serial: readonly Axis[];
}

/** What may run at once without any step in between. */
export const independent = (axes: readonly Axis[], body: readonly Statement[]): Order => {
  const moving = new Set([...axes, ...axesIn(body)]);
  let parallel = axes.filter((a) => a.size > 1);
  for (const s of storesIn(body)) {
    const digits = digitsOf(s.index, parallel, moving);
    parallel = parallel.filter((a) => digits.has(a));
  }
  return { parallel, serial: axes.filter((a) => !parallel.includes(a)) };
};

/** More steps than these cost more than they gain. */
const stepLimit = 256;

/**
 * The few axes to go through step by step, all iterations of a step at once; null where `independent` is no worse.
 * A sum of windows takes a step for each position in the window.
 */
export const stepped = (axes: readonly Axis[], body: readonly Statement[]): Order | null => {
  const stores = storesIn(body);
  if (stores.some((s) => s.index.terms.some((t) => t.atom._tag === "Value"))) return null;
  const inner = axesIn(body);
  const real = axes.filter((a) => a.size > 1);
  const works = (serial: ReadonlySet<Axis>): boolean => {
    const parallel = real.filter((a) => !serial.has(a));
    const moving = new Set([...parallel, ...inner]);
    return stores.every((s) => digitsOf(s.index, parallel, moving).size === parallel.length);
  };
  const candidates = subsets(real.filter((a) => a.size <= stepLimit))
    .filter((s) => s.length > 0 && positions(s) <= stepLimit)
    .sort((a, b) => positions(a) - positions(b));
  const found = candidates.find((c) => works(new Set(c)));
  if (found === undefined) return null;
  return { parallel: axes.filter((a) => !found.includes(a)), serial: found };
};

/** Subsets of up to eight axes; of more, none. */
const subsets = (axes: readonly Axis[]): Axis[][] =>
  axes.length > 8 ? [] : axes.reduce<Axis[][]>((sets, a) => [...sets, ...sets.map((s) => [...s, a])], [[]]);
