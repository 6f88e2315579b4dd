/** The buffers of a kernel under construction, and where in them expressions are. */
import type { Expr } from "../ir/expr.js";
import { addIndex, constantIndex, type Index } from "./index-expression.js";
import type { BufferPart, BufferUse } from "./kernel.js";

/** Part of a buffer. */
export interface Place {
  readonly buffer: Expr;
  readonly from: Index;
  /** What is stored here is stored after all else of an iteration: the iteration may still read what was there. */
  readonly late?: boolean;
}

export class Buffers {
  readonly uses: BufferUse[] = [];
  /** The expression behind each buffer. */
  readonly expressions: Expr[] = [];
  private readonly slots = new Map<Expr, number>();
  /** Expressions that are rows or wholes of other buffers: a loop body's params and results. */
  private readonly bindings = new Map<Expr, Place>();
  /** Further places of an expression that is stored element by element. */
  private readonly mirrors = new Map<Expr, readonly Place[]>();

  /** The number of an expression's own buffer. */
  slot(e: Expr, written: boolean): number {
    const have = this.slots.get(e);
    if (have !== undefined) {
      if (written && !this.uses[have]!.written) this.uses[have] = { ...this.uses[have]!, written };
      return have;
    }
    this.uses.push({ dtype: e.dtype, length: e.size, written });
    this.expressions.push(e);
    this.slots.set(e, this.uses.length - 1);
    return this.uses.length - 1;
  }

  /** From now on, `e` is at `place`, and what is stored to it is stored to `others` as well. */
  bind(e: Expr, place: Place, others: readonly Place[]): void {
    this.bindings.set(e, this.absolute(place));
    this.mirrors.set(
      e,
      others.map((o) => this.absolute(o)),
    );
  }

  isBound(e: Expr): boolean {
    return this.bindings.has(e);
  }

  /** Where an expression is read. */
  placeOf(e: Expr): Place {
    return this.bindings.get(e) ?? { buffer: e, from: constantIndex(0) };
  }

  /** Where an expression is stored. */
  placesOf(e: Expr): readonly Place[] {
    return [this.placeOf(e), ...(this.mirrors.get(e) ?? [])];
  }

  /** The whole of an expression's buffer, for a routine. */
  part(e: Expr, written: boolean): BufferPart {
    const { buffer, from } = this.placeOf(e);
    return { buffer: this.slot(buffer, written), from, length: e.size };
  }

  /** A place in a buffer that is itself part of another. */
  private absolute(place: Place): Place {
    const outer = this.bindings.get(place.buffer);
    if (outer === undefined) return place;
    return { ...place, buffer: outer.buffer, from: addIndex(outer.from, place.from) };
  }
}
