import { describe } from "vitest";
import { avgPool, conv, convTranspose, maxPool } from "../../src/index.js";
import { type Options, testGolden } from "./golden-cases.js";

/** JAX's pairs pad the dilated input; ours crop the result. */
const cropping = (options: Options, w: { readonly shape: readonly number[] }): Options => {
  const { padding, dilation } = options as { padding?: unknown; dilation?: readonly number[] };
  if (!Array.isArray(padding)) return options;
  const spans = w.shape.slice(2).map((k, i) => (k - 1) * (dilation?.[i] ?? 1));
  return {
    ...options,
    padding: padding.map(([lo, hi]: [number, number], i) => [spans[i]! - lo, spans[i]! - hi]),
  } as unknown as Options;
};

const pool =
  (f: typeof maxPool) =>
  ([x]: readonly never[], { windowShape, ...options }: Options): unknown =>
    f(x!, windowShape!, options);

describe("JAX's convolutions and pooling", () => {
  testGolden("conv", "conv", ([x, w], options) => conv(x!, w!, options), { rtol: 5e-6 });
  testGolden("conv", "convTranspose", ([x, w], options) => convTranspose(x!, w!, cropping(options, w!)), {
    rtol: 5e-6,
  });
  testGolden("conv", "maxPool", pool(maxPool), {
    // Equal maxima share here; JAX gives all to the first. These three cases have some.
    skipGradient: (c) =>
      [
        '{"windowShape":[3],"stride":[2]}',
        '{"windowShape":[2,2]}',
        '{"windowShape":[2,2],"stride":[1,1]}',
      ].includes(JSON.stringify(c.options)),
  });
  testGolden("conv", "avgPool", pool(avgPool as typeof maxPool));
});
