/** Indices as text where four neighbours may be computed at once. */
import type { Condition } from "../../../ir/lowering.js";
import type { Index } from "../../index-expression.js";
import type { Indices } from "./indices.js";
import { accessOf, inLanes, type Lanes, width } from "./lanes.js";

export class LaneIndices {
  /** The axis whose positions are taken four at a time, where one is. */
  lanes: Lanes | null = null;

  constructor(private readonly indices: Indices) {}

  /** An index, in each lane where it is not the same in all. */
  texts(x: Index): readonly string[] {
    const { indices, lanes } = this;
    if (lanes === null) return [indices.text(x)];
    const y = inLanes(x, lanes);
    if (accessOf(y, lanes) === "one") return [indices.text(y)];
    return Array.from({ length: width }, (_, k) => {
      indices.name(lanes.lane, String(k));
      return indices.text(y);
    });
  }

  /** An index in the first lane. */
  first(x: Index): string {
    return this.texts(x)[0]!;
  }

  /** Whether elements at an index, of which each lane has its own, are a vector in memory. */
  areNeighbours(x: Index): boolean {
    return this.lanes !== null && accessOf(inLanes(x, this.lanes), this.lanes) === "four";
  }

  /** Conditions that hold in all lanes or in none. */
  conditions(cs: readonly Condition<Index>[]): string {
    const { indices, lanes } = this;
    return indices.conditions(
      lanes === null ? cs : cs.map((c) => ({ ...c, value: inLanes(c.value, lanes) })),
    );
  }
}
