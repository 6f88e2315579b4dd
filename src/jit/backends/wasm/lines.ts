/**
 * Axes whose flattened position is a number that code computes: the rows or columns of a contraction's tiles. For each
 * lane and each set of strides, how far an access is from its start.
 */
import { sizeOf } from "../../../ir/aval.js";
import type { Axis, Index } from "../../index-expression.js";
import { divided, scaled } from "./arithmetic.js";
import type { Bytes } from "./bytes.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";
import type { Writer } from "./writer.js";

interface Term {
  readonly axis: Axis;
  readonly by: number;
}

export const flatten = (axes: readonly Axis[]): number => sizeOf(axes.map((a) => a.size));

/** Strides in the order of the axes; an axis that is not named has stride 0. */
const stridesIn = (axes: readonly Axis[], terms: readonly Term[]): number[] =>
  axes.map((a) => terms.find((t) => t.axis.id === a.id)?.by ?? 0);

/** Whether one step of the flattened position is always the same step in memory. */
const isLinear = (axes: readonly Axis[], strides: readonly number[]): boolean =>
  strides.every((s, i) => i === 0 || strides[i - 1] === s * axes[i]!.size);

const termsOf = (x: Index): Term[] =>
  x.terms.flatMap(({ atom, by }) => (atom._tag === "Axis" ? [{ axis: atom.axis, by }] : []));

/** Whether so many positions, from a multiple of their number on or (not `aligned`) from anywhere, are neighbours in memory. */
export const areNeighbours = (x: Index, axes: readonly Axis[], lanes: number, aligned = true): boolean => {
  const real = axes.filter((a) => a.size > 1);
  const strides = stridesIn(real, termsOf(x));
  const last = real.length - 1;
  if (strides[last] !== 1) return false;
  return isLinear(real, strides) || (aligned && real[last]!.size % lanes === 0);
};

export class Lines {
  private readonly real: readonly Axis[];
  private readonly ids: ReadonlySet<number>;
  private readonly memo = new Map<string, Bytes>();
  /** The line that is meant where lines are not lanes. */
  current = 0;

  constructor(
    private readonly writer: Writer<unknown>,
    axes: readonly Axis[],
    /** The block in which offsets are computed. */
    readonly level: number,
    /** The flattened position of a lane; it may be too large for lanes that do not count. */
    private readonly flat: (lane: number) => Bytes,
    /** Lanes start at multiples of their number. */
    private readonly aligned = true,
  ) {
    this.real = axes.filter((a) => a.size > 1);
    this.ids = new Set(axes.map((a) => a.id));
  }

  has(axis: Axis): boolean {
    return this.ids.has(axis.id);
  }

  isContiguous(x: Index, lanes: number): boolean {
    return areNeighbours(x, this.real, lanes, this.aligned);
  }

  offset(terms: readonly Term[], lane: number): Bytes {
    const strides = stridesIn(this.real, terms);
    const key = `${lane}: ${strides.join()}`;
    const have = this.memo.get(key);
    if (have !== undefined) return have;
    const value = this.writer.at(this.level, () => this.writer.keep("i32", this.sum(strides, lane)));
    this.memo.set(key, value);
    return value;
  }

  private sum(strides: readonly number[], lane: number): Bytes {
    const { real } = this;
    if (real.length === 0) return code.i32(0);
    const flat = this.flat(lane);
    if (isLinear(real, strides)) return scaled(flat, strides[real.length - 1]!);
    const parts: Bytes[] = [];
    let below = 1;
    for (let i = real.length - 1; i >= 0; i--) {
      const { size } = real[i]!;
      if (strides[i] !== 0) {
        const quotient = below === 1 ? flat : divided("Div", flat, below, 0);
        parts.push(scaled(i === 0 ? quotient : divided("Mod", quotient, size, 0), strides[i]!));
      }
      below *= size;
    }
    return parts.reduce((x, y) => x + y + op("i32.add"), code.i32(0));
  }
}
