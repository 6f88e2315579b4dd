/** Elements that are no neighbours in memory, but at known distances, are read as vectors and put in order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  broadcastTo,
  flip,
  grad,
  arange,
  jit,
  maxPool,
  mul,
  reshape,
  slice,
  sum,
  tensor,
  type Tensor,
} from "../../../src/index.js";
import { patternOf, readingOf } from "../../../src/jit/backends/wasm/pattern.js";
import {
  addIndex,
  type Axis,
  axisIndex,
  constantIndex,
  divIndex,
  type Index,
  modIndex,
  scaleIndex,
} from "../../../src/jit/index-expression.js";
import { on } from "../../backend.js";

const i: Axis = { id: 0, size: 64 };

describe("patterns of four lanes", () => {
  test.each<[string, Index, readonly number[] | null, string | null]>([
    ["every second", scaleIndex(axisIndex(i), 2), [0, 2, 4, 6], "Fours"],
    ["every third", scaleIndex(axisIndex(i), 3), [0, 3, 6, 9], "Fours"],
    ["every fourth: too far apart", scaleIndex(axisIndex(i), 4), [0, 4, 8, 12], null],
    ["backwards", scaleIndex(axisIndex(i), -1), [0, -1, -2, -3], "Fours"],
    ["each twice", divIndex(axisIndex(i), 2), [0, 0, 1, 1], "Pair"],
    ["each three times: no two vectors alike", divIndex(axisIndex(i), 3), null, null],
    ["each four times", divIndex(axisIndex(i), 4), [0, 0, 0, 0], "One"],
    ["each eight times", divIndex(axisIndex(i), 8), [0, 0, 0, 0], "One"],
    ["two in turn", modIndex(axisIndex(i), 2), [0, 1, 0, 1], "Pair"],
    ["eight in turn", modIndex(axisIndex(i), 8), [0, 1, 2, 3], "Fours"],
    ["five in turn", modIndex(axisIndex(i), 5), null, null],
    [
      "each twice, from the second of a pair on",
      divIndex(addIndex(axisIndex(i), constantIndex(1)), 2),
      [0, 1, 1, 2],
      null,
    ],
  ])("%s", (_, index, pattern, reading) => {
    const found = patternOf(index, i, 4, true);
    expect(found).toEqual(pattern);
    expect((found && readingOf(found))?._tag ?? null).toBe(reading);
  });

  test("quotients of vectors that start anywhere are not known", () => {
    expect(patternOf(divIndex(axisIndex(i), 2), i, 4, false)).toBeNull();
    expect(patternOf(scaleIndex(axisIndex(i), 2), i, 4, false)).toEqual([0, 2, 4, 6]);
  });

  test("a reading gives every lane its element, and touches none outside", () => {
    const distance = fc.integer({ min: -9, max: 9 });
    fc.assert(
      fc.property(fc.array(distance, { minLength: 4, maxLength: 4 }), (p) => {
        const reading = readingOf(p);
        const [low, high] = [Math.min(...p), Math.max(...p)];
        if (reading === null) return;
        if (reading._tag === "One") {
          expect(high).toBe(low);
          return;
        }
        const held =
          reading._tag === "Pair"
            ? [reading.from, reading.from + 1]
            : reading.from.flatMap((from) => [0, 1, 2, 3].map((l) => from + l));
        expect(Math.min(...held)).toBe(low);
        expect(Math.max(...held)).toBe(high);
        expect(reading.lanes.map((l) => held[l])).toEqual(p);
      }),
    );
  });
});

const counted = (...shape: number[]): Tensor => reshape(arange(shape.reduce((a, b) => a * b, 1)), shape);

/** Each element `n` times in a row. */
const repeated = (x: Tensor, n: number): Tensor => {
  const size = x.shape[0]!;
  return reshape(broadcastTo(reshape(x, [size, 1]), [size, n]), [size * n]);
};
const inTurn = (x: Tensor, n: number): Tensor => {
  const size = x.shape[0]!;
  return reshape(broadcastTo(reshape(x, [1, size]), [n, size]), [size * n]);
};

describe("programs", () => {
  const programs: Record<string, (x: Tensor) => Tensor> = {
    "every second": (x) => add(slice(x, [1], [71], { strides: [2] }), 1),
    backwards: (x) => mul(flip(x), 3),
    "backwards, every second": (x) => mul(flip(slice(x, [0], [71], { strides: [2] })), 3),
    "each twice": (x) => add(repeated(x, 2), counted(144)),
    "each three times": (x) => add(repeated(x, 3), counted(216)),
    "each four times": (x) => add(repeated(x, 4), counted(288)),
    "each eight times, from the middle on": (x) => add(slice(repeated(x, 8), [3], [500]), counted(497)),
    "two in turn": (x) => add(inTurn(slice(x, [4], [6]), 30), counted(60)),
    "eight in turn": (x) => add(inTurn(slice(x, [4], [12]), 9), counted(72)),
    "the gradient of pooling": (x) =>
      grad((y: Tensor) => sum(mul(maxPool(y, [2, 3], { stride: [2, 3] }), counted(4, 3))))(
        reshape(x, [1, 1, 8, 9]),
      ),
  };
  test.each(Object.entries(programs))("%s", (_, f) => {
    for (const dtype of ["float32", "int32", "float64", "uint8"] as const) {
      if (dtype !== "float32" && f === programs["the gradient of pooling"]) continue;
      const data = Array.from({ length: 72 }, (_, k) => (k * 37) % 61);
      const run = (backend: "js" | "wasm"): unknown =>
        on(backend, () => Array.from(jit(f)(tensor(data, { shape: [72], dtype })).dataSync()));
      expect(run("wasm")).toEqual(run("js"));
    }
  });
});
