/**
 * The variables at one point of the control flow. A branch works in a frame of its own on top of the frame around it;
 * afterwards the two are merged by selection.
 *
 * What a branch reads from around it goes through a gate, select(mask, x, stopGradient(x)): the same number, but
 * derivatives pass only in the lanes that take the branch. So a NaN or infinite slope of a branch that was not taken
 * reaches nobody, in forward mode or reverse, and to any order.
 */
import type { Expr } from "../ir/expr.js";
import type { Slot } from "./program.js";
import { and, choose, type Float, gate, type Mask, type Value } from "./value.js";

/** Thrown when a frame that only knows numbers is asked for something computed. */
export class NotKnown extends Error {
  override readonly name = "NotKnown";
}

export class Frame {
  /** What was assigned here. */
  readonly own: Map<Slot, Value> = new Map();
  private readonly seen = new Map<Slot, Value>();
  private readonly gates = new Map<Expr, Value>();
  private lanes: Mask | null = null;

  /**
   * `mask` is null where the frame is not a branch. A `known` frame throws `NotKnown` when it is asked for anything but
   * a number that is known; in a `masked` one, as in a loop that keeps its own mask, `active` starts afresh.
   */
  constructor(
    readonly parent: Frame | null,
    private readonly mask: Expr | null,
    readonly float: Float,
    private readonly kind: "ordinary" | "known" | "masked" = "ordinary",
  ) {}

  /** The lanes that are here at all: those in which every mask around holds. */
  get active(): Mask {
    const outside = this.kind === "masked" ? true : (this.parent?.active ?? true);
    this.lanes ??= and(outside, this.mask ?? true);
    return this.lanes;
  }

  /** The value of a slot; undefined before its first assignment. */
  read(slot: Slot): Value | undefined {
    const here = this.own.get(slot) ?? this.seen.get(slot);
    if (here !== undefined) return here;
    const outside = this.parent?.read(slot);
    if (outside === undefined) return undefined;
    if (this.kind === "known" && typeof outside === "object") throw new NotKnown();
    const value = this.mask === null ? outside : gate(this.mask, outside);
    this.seen.set(slot, value);
    return value;
  }

  write(slot: Slot, value: Value): void {
    this.own.set(slot, value);
  }

  /** Something from outside of the program (a tensor of the environment), seen from here. */
  outer(value: Value): Value {
    if (typeof value !== "object") return value;
    if (this.kind === "known") throw new NotKnown();
    const known = this.gates.get(value);
    if (known !== undefined) return known;
    const outside = this.parent?.outer(value) ?? value;
    const seen = this.mask === null ? outside : gate(this.mask, outside);
    this.gates.set(value, seen);
    return seen;
  }

  /** A frame for the lanes in which the mask holds. */
  fork(mask: Mask): Frame {
    const kind = this.kind === "known" ? "known" : "ordinary";
    return new Frame(this, typeof mask === "object" ? mask : null, this.float, kind);
  }

  /** Takes over what two branches assigned. A slot that one of them leaves without a value has the other's. */
  merge(mask: Mask, yes: Frame, no: Frame | null): void {
    for (const slot of new Set([...yes.own.keys(), ...(no?.own.keys() ?? [])])) {
      const a = yes.own.get(slot) ?? this.read(slot);
      const b = no?.own.get(slot) ?? this.read(slot);
      if (a === undefined || b === undefined) this.write(slot, (a ?? b)!);
      else this.write(slot, choose(mask, a, b, this.float));
    }
  }
}
