/**
 * Four neighbours along an axis, computed at once as vectors and read and written as such where memory holds them beside
 * each other, from a multiple of 4 on. Arrays begin at multiples of 16 words.
 */
import {
  addIndex,
  type Axis,
  axisIndex,
  type Index,
  mentions,
  scaleIndex,
  substituteAxes,
  valuesIn,
} from "../../index-expression.js";
import type { Definition, Statement } from "../../kernel.js";

/** Elements of a vector. */
export const width = 4;

/** An axis in groups of four: its position is 4 · group + lane. */
export interface Lanes {
  readonly axis: Axis;
  readonly group: Axis;
  readonly lane: Axis;
}

/** No kernel has so many axes. */
const beyond = 1 << 20;

/** The last group reaches beyond the end of an axis that is no multiple of 4. */
export const lanesOf = (axis: Axis): Lanes => ({
  axis,
  group: { id: beyond + 2 * axis.id, size: Math.ceil(axis.size / width) },
  lane: { id: beyond + 2 * axis.id + 1, size: width },
});

/** The last axis that is more than one position long, where its groups are whole. */
export const lanesAlong = (axes: readonly Axis[]): Lanes | null => {
  const axis = axes.findLast((a) => a.size > 1);
  return axis === undefined || axis.size % width !== 0 ? null : lanesOf(axis);
};

/** Axes with the groups of one in its place. */
export const grouped = (axes: readonly Axis[], { axis, group }: Lanes): Axis[] =>
  axes.map((a) => (a === axis ? group : a));

/** An index in terms of group and lane. */
export const inLanes = (x: Index, { axis, group, lane }: Lanes): Index =>
  substituteAxes(x, (a) =>
    a === axis ? addIndex(scaleIndex(axisIndex(group), width), axisIndex(lane)) : null,
  );

/** How elements at an index in lanes lie: all lanes have one, or four beside each other, or each one somewhere. */
export type Access = "one" | "four" | "each";

export const accessOf = (x: Index, { lane }: Lanes): Access => {
  if (!mentions(x, new Set([lane]))) return "one";
  let neighbours = x.base % width === 0;
  for (const { atom, by } of x.terms)
    neighbours &&=
      atom._tag === "Axis" && atom.axis === lane
        ? by === 1
        : by % width === 0 &&
          (atom._tag === "Axis" || atom._tag === "Value" || !mentions(atom.of, new Set([lane])));
  return neighbours ? "four" : "each";
};

/** How often statements read and write memory. */
export interface Accesses {
  readonly one: number;
  readonly four: number;
  readonly each: number;
}

/** What statements do in lanes. */
class Survey implements Accesses {
  one = 0;
  four = 0;
  each = 0;
  isPossible = true;
  private readonly written = new Map<number, string>();

  constructor(
    private readonly lanes: Lanes,
    private readonly wide: Set<number>,
  ) {}

  statements(body: readonly Statement[]): void {
    for (const s of body)
      switch (s._tag) {
        case "Let":
          if (this.isWide(s.value.definition)) this.wide.add(s.value.id);
          break;
        case "Guard":
          this.isPossible &&= s.conditions.every((c) => this.access(c.value) === "one");
          this.statements(s.body);
          if (this.wide.has(s.value.id)) this.wide.add(s.result.id);
          break;
        case "Store":
          this.isPossible &&= s.mode === "set" && this.access(s.index) === "four";
          this.isPossible &&= s.conditions.every((c) => this.access(c.value) === "one");
          this.written.set(s.buffer, s.index.key);
          break;
        default:
          this.isPossible = false;
      }
  }

  private isWide(d: Definition): boolean {
    switch (d._tag) {
      case "FromIndex":
        return this.access(d.index) !== "one";
      case "Load": {
        // What was written here is the same four elements, or others that this must not see.
        const own = this.written.get(d.buffer);
        this.isPossible &&= own === undefined || own === d.index.key;
        const access = this.access(d.index);
        this[access]++;
        return access !== "one";
      }
      case "Compute":
        return d.args.some((a) => this.wide.has(a.id));
      default:
        return false;
    }
  }

  private access(x: Index): Access {
    // A computed number in it must be the same in all lanes.
    this.isPossible &&= !valuesIn(x).some((v) => this.wide.has(v));
    return accessOf(inLanes(x, this.lanes), this.lanes);
  }
}

/**
 * How statements read memory when they run in lanes, all they write being whole vectors; null where they cannot. `wide` are
 * the values that differ from lane to lane; those of the statements are added.
 */
export const surveyed = (
  body: readonly Statement[],
  lanes: Lanes,
  wide: Set<number> = new Set(),
): Accesses | null => {
  const survey = new Survey(lanes, wide);
  survey.statements(body);
  return survey.isPossible ? survey : null;
};
