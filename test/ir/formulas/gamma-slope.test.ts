/** The derivative of gamma samples by their shape as machines without float64 compute it: all of the series and of the integral in float32. */
import { describe, expect, test } from "vitest";
import { gammaSlope } from "../../../src/ir/formulas/index.js";
import { logGammaGrad, randomGammaGrad } from "../../../src/ir/scalar/igamma.js";
import { gammaSample, logGammaSample } from "../../../src/ir/scalar/random/gamma.js";
import { realOf } from "../../../src/ir/scalar/random/real.js";
import { compile } from "./machine.js";

const shapes = [
  1e-20, 0.001, 0.01, 0.1, 0.3, 0.5, 0.9, 1, 1.5, 2.5, 5, 7.9, 8.1, 20, 50, 99, 101, 1000, 1e4, 1e6, 1e10,
  1e20,
].map(Math.fround);
const edges = [0, 1e-30, 0.5, 1, 50, 99, 100, 101, 1e5, Infinity, -1, -Infinity, NaN];

describe.each([
  { name: "of samples", isLog: false, exact: randomGammaGrad, draw: gammaSample },
  { name: "of their logarithms", isLog: true, exact: logGammaGrad, draw: logGammaSample },
])("$name", ({ isLog, exact, draw }) => {
  const { run } = compile((m, a, x) => gammaSlope(m, a!, x!, isLog), 2, "twice", "float32", false);

  test.each(shapes)("of shape %d", (a) => {
    let [largest, at] = [0, NaN];
    for (let k = 0; k < 1000; k++) {
      const x = draw(realOf("float32"), 5, k, a);
      const [got, want] = [run(a, x), Math.fround(exact(a, x))];
      // A subnormal sample counts as 0.
      if (Object.is(got, want) || (!isLog && x < 2 ** -126)) continue;
      const error = Math.abs(got / want - 1);
      if (!(error <= largest)) [largest, at] = [error, x];
    }
    expect(largest, `at ${at}: got ${run(a, at)}, exactly ${exact(a, at)}`).toBeLessThan(6e-6);
  });

  test("far from the mean", () => {
    for (const a of [0.01, 0.5, 3, 60, 99.5, 100, 300, 1e5])
      for (const factor of [1e-3, 0.1, 0.45, 0.55, 0.9, 1.1, 2, 5, 10]) {
        const x = Math.fround(isLog ? Math.log(a * factor) : a * factor);
        const [got, want] = [run(Math.fround(a), x), exact(Math.fround(a), x)];
        expect(Math.abs(got / want - 1), `${a}, ${x}: got ${got}, exactly ${want}`).toBeLessThan(3e-5);
      }
  });

  test("NaN where there is none", () => {
    for (const a of edges)
      for (const x of isLog ? edges.filter((y) => !(y > 80)) : edges) {
        const want = exact(a, x);
        if (Number.isNaN(want)) expect(run(a, x), `${a}, ${x}`).toBeNaN();
        else expect(run(a, x), `${a}, ${x}`).not.toBeNaN();
      }
  });
});
