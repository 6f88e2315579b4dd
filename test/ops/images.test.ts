import { describe } from "vitest";
import * as fx from "../../src/index.js";
import { type Options, testGolden } from "./golden-cases.js";

const attention = (
  [q, k, v]: readonly never[],
  { layout: _layout, isCausal, ...options }: Options & { isCausal?: never },
): unknown =>
  fx.dotProductAttention(q!, k!, v!, isCausal === undefined ? options : { ...options, causal: isCausal });

describe("JAX's image functions, attention and places", () => {
  testGolden("images", "resize", ([x, shape], options) => fx.resize(x!, shape!, options), { rtol: 3e-6 });
  testGolden("images", "dotProductAttention", attention, { rtol: 3e-6 });
  testGolden("nn", "dotProductAttention", attention, { rtol: 3e-6 });
  testGolden("images", "nonzero", ([x], options) => fx.nonzero(x!, options as never));
  testGolden("images", "unique", ([x], options) => fx.unique(x!, options as never));
  testGolden("images", "lexsort", ([keys]) => fx.lexsort(keys!));
  testGolden("images", "select", ([conditions, choices], options) =>
    fx.select(conditions!, choices!, options),
  );
  testGolden("images", "choose", ([which, choices]) => fx.choose(which!, choices!));
  testGolden("images", "putAlongAxis", ([x, i, v], options) => fx.putAlongAxis(x!, i!, v!, options));
  for (const name of ["segmentSum", "segmentProd", "segmentMax", "segmentMin"] as const)
    testGolden("images", name, ([x, ids], options) => fx[name](x!, ids!, options as never));
  testGolden("images", "standardize", ([x], options) => fx.standardize(x!, options), {
    rtol: 5e-6,
    atol: 1e-5,
  });
  testGolden(
    "nn",
    "standardize",
    ([x], { epsilon, axis }) => fx.standardize(x!, { epsilon: epsilon!, axis: axis! }),
    { rtol: 5e-6, atol: 1e-5 },
  );
  testGolden("images", "convolve", ([x, y], options) => fx.convolve(x!, y!, options));
  testGolden("images", "correlate", ([x, y], options) => fx.correlate(x!, y!, options));
  testGolden("images", "dotGeneral", ([x, y], options) => fx.dotGeneral(x!, y!, options));
  testGolden("images", "isin", ([x, set]) => fx.isin(x!, set!));
  testGolden("images", "unravelIndex", ([places], { shape }) => fx.unravelIndex(places!, shape!));
});
