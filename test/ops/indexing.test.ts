import { describe } from "vitest";
import { addAt, at, maxAt, minAt, mulAt, setAt, take, takeAlongAxis } from "../../src/index.js";
import { type GoldenArray, type GoldenValue, isGoldenArray } from "../golden/load.js";
import { testGolden } from "./golden-cases.js";

/** JSON's `{ slice: [start, stop, step] }` as ours. */
const index = (entries: readonly unknown[]): never =>
  entries.map((e) => {
    const s = (e as { slice?: readonly (number | null)[] } | null)?.slice;
    return Array.isArray(s) ? { start: s[0], stop: s[1], step: s[2] } : e;
  }) as never;

/** Whether a tensor of indices reaches beyond the axis that it indexes. */
const outOfRange = ([x, ix]: readonly GoldenValue[]): boolean =>
  (ix as readonly GoldenValue[]).some(
    (e, axis) =>
      e !== null &&
      isGoldenArray(e) &&
      Array.from(e.data).some((i) => Math.abs(i) > (x as GoldenArray).shape[axis]!),
  );

describe("JAX's indexing", () => {
  testGolden("indexing", "index", ([x, ix]) => at(x!, index(ix!)), {
    skip: (c) => !Array.isArray(c.args[1]),
    // What was clamped was read, so it has a derivative here; JAX drops it.
    skipGradient: (c) => outOfRange(c.args),
  });
  testGolden("indexing", "take", ([x, i], options) => take(x!, i!, options));
  testGolden("indexing", "takeAlongAxis", ([x, i], options) => takeAlongAxis(x!, i!, options));
  testGolden("indexing", "atSet", ([x, ix, v]) => setAt(x!, index(ix!), v!));
  testGolden("indexing", "atAdd", ([x, ix, v]) => addAt(x!, index(ix!), v!));
  testGolden("indexing", "atMul", ([x, ix, v]) => mulAt(x!, index(ix!), v!));
  testGolden("indexing", "atMin", ([x, ix, v]) => minAt(x!, index(ix!), v!));
  testGolden("indexing", "atMax", ([x, ix, v]) => maxAt(x!, index(ix!), v!));
});
