import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { type GoldenArray, loadGolden } from "../golden/load.js";
import { expectClose, tensorOf, testGolden } from "./golden-cases.js";

describe("JAX's order and search", () => {
  testGolden("indexing", "sort", ([x], options) => fx.sort(x!, options));
  testGolden("indexing", "argsort", ([x], options) => fx.argsort(x!, options));
  testGolden("indexing", "topK", ([x, k]) => fx.topK(x!, k!));
  test("topK's values have JAX's derivative", () => {
    const cases = loadGolden("indexing").cases.filter((c) => c.valuesGrad !== undefined);
    expect(cases.length).toBeGreaterThan(0);
    for (const c of cases) {
      const g = fx.grad((x: fx.Tensor) => fx.sum(fx.topK(x, c.args[1] as number)[0]))(
        tensorOf(c.args[0] as GoldenArray),
      );
      expectClose(g, c.valuesGrad!, {}, "topK");
    }
  });
  testGolden("indexing", "searchsorted", ([a, v], options) => fx.searchsorted(a!, v!, options));
  testGolden("indexing", "digitize", ([x, bins]) => fx.digitize(x!, bins!));
  testGolden("indexing", "segmentSum", ([x, ids], options) => fx.segmentSum(x!, ids!, options as never));
  testGolden("indexing", "segmentMax", ([x, ids], options) => fx.segmentMax(x!, ids!, options as never));
  testGolden("indexing", "dynamicSlice", ([x, starts], { sizes }) => fx.dynamicSlice(x!, starts!, sizes!));
  testGolden("indexing", "dynamicUpdateSlice", ([x, u, starts]) => fx.dynamicUpdateSlice(x!, u!, starts!));
});
