/** Maxima and minima in vectors are IEEE's: NaN wins wherever it stands, and 0 is more than -0. */
import { expect, test } from "vitest";
import { cast, jit, max, min, tensor, type Tensor } from "../../../src/index.js";
import { on } from "../../backend.js";

const [n, lines] = [45, 9] as const; // several turns in vectors, single vectors, and a rest

/** Numbers that hold one special value at a place, among fillers that it has to win or lose against. */
const cases: number[][] = [];
for (const special of [NaN, Infinity, -Infinity, 0, -0, 3, -3])
  for (const filler of [0, -0, -5, 5, -Infinity])
    for (const at of [0, 1, 4, 17, 31, 41, 44])
      cases.push(Array.from({ length: n }, (_, i) => (i === at ? special : filler)));
for (const filler of [0, -0, NaN, -Infinity, Infinity]) cases.push(new Array<number>(n).fill(filler));

const extremes = [
  ["max", max, Math.max],
  ["min", min, Math.min],
] as const;

for (const [name, f, exact] of extremes)
  for (const dtype of ["float32", "float64"] as const) {
    const results = (numbers: number[], shape: number[], axis: number): number[] =>
      on("wasm", () => {
        const g = jit((x: Tensor) => f(x, { axis }));
        return [...(g(cast(tensor(numbers, { shape, dtype: "float64" }), dtype)).dataSync() as Float64Array)];
      });

    test(`${name} of ${dtype} along rows`, () => {
      const got = results(cases.flat(), [cases.length, n], 1);
      expect(got).toEqual(cases.map((row) => exact(...row)));
    });

    test(`${name} of ${dtype} along columns`, () => {
      // Transposed: lanes are maxima of their own.
      const flat = Array.from({ length: n }, (_, i) => cases.map((row) => row[i]!)).flat();
      const got = results(flat, [n, cases.length], 0);
      expect(got).toEqual(cases.map((row) => exact(...row)));
    });

    test(`${name} of ${dtype} of all numbers`, () => {
      for (let k = 0; k + lines < cases.length; k += lines) {
        const flat = cases.slice(k, k + lines).flat();
        expect(results(flat, [flat.length], 0)).toEqual([exact(...flat)]);
      }
    });
  }
