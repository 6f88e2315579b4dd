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
  /**
   * Expressions that are rows or wholes of other buffers (a loop body's params and results), and all their places: what
   * is stored element by element may have several.
   */
  private readonly bindings = new Map<Expr, readonly [Place, ...Place[]]>();
  /** What each binding took the place of, in order. */
  private readonly replaced: [Expr, readonly [Place, ...Place[]] | undefined][] = [];

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
    const before = this.bindings.get(e);
    this.bindings.set(e, [this.absolute(place), ...others.map((o) => this.absolute(o))]);
    this.replaced.push([e, before]);
  }

  /** Bindings made in `body` end with it: two loops may share expressions of their bodies, each at its own places. */
  locally<T>(body: () => T): T {
    const before = this.replaced.length;
    try {
      return body();
    } finally {
      for (const [e, places] of this.replaced.splice(before).reverse())
        if (places === undefined) this.bindings.delete(e);
        else this.bindings.set(e, places);
    }
  }

  isBound(e: Expr): boolean {
    return this.bindings.has(e);
  }

  /** Where an expression is read. */
  placeOf(e: Expr): Place {
    return this.placesOf(e)[0]!;
  }

  /** Where an expression is stored. */
  placesOf(e: Expr): readonly Place[] {
    return this.bindings.get(e) ?? [{ buffer: e, from: constantIndex(0) }];
  }

  /** The whole of an expression's buffer, for a routine. */
  part(e: Expr, written: boolean): BufferPart {
    const { buffer, from } = this.placeOf(e);
    return { buffer: this.slot(buffer, written), from, length: e.size };
  }

  /** A place in a buffer that is itself part of another. */
  private absolute(place: Place): Place {
    const [outer] = this.bindings.get(place.buffer) ?? [];
    if (outer === undefined) return place;
    return { ...place, buffer: outer.buffer, from: addIndex(outer.from, place.from) };
  }
}
