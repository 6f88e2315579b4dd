/** What every shape rule says to operands and attributes that do not fit. */
import { describe, expect, test } from "vitest";
import { aval, type Aval } from "../../src/ir/aval.js";
import type { DType } from "../../src/ir/dtype.js";
import { primitives, type PrimitiveName } from "../../src/transforms/table.js";

const f = (...shape: number[]): Aval => aval(shape, "float32");
const i = (...shape: number[]): Aval => aval(shape, "int32");
const of = (dtype: DType, ...shape: number[]): Aval => aval(shape, dtype);

type Case = readonly [PrimitiveName, readonly Aval[], object, string];

const cases: readonly Case[] = [
  // elementwise: equal shapes, equal dtypes, a dtype that the function is defined on, the right number
  ["add", [f(2), f(3)], {}, "add: expected operands of equal shape, got float32[2] and float32[3]"],
  ["mul", [f(2), f()], {}, "mul: expected operands of equal shape, got float32[2] and float32[]"],
  ["sub", [f(2), i(2)], {}, "sub: expected operands of equal dtype, got float32[2] and int32[2]"],
  ["add", [of("bool", 2), of("bool", 2)], {}, "add: expected a numeric dtype, got bool[2] and bool[2]"],
  ["sin", [i(2)], {}, "sin: expected a float dtype, got int32[2]"],
  ["floor", [i(2)], {}, "floor: expected a float dtype, got int32[2]"],
  ["and", [f(2), f(2)], {}, "and: expected an integer or bool dtype, got float32[2] and float32[2]"],
  ["shl", [of("bool", 2), of("bool", 2)], {}, "shl: expected an integer dtype, got bool[2] and bool[2]"],
  ["add", [f(2)], {}, "add: expected 2 operands, got 1"],
  [
    "select",
    [f(2), f(2), f(2)],
    {},
    "select: expected a bool condition and operands of equal dtype, got float32[2] and float32[2] and float32[2]",
  ],
  [
    "select",
    [of("bool", 2), f(2), i(2)],
    {},
    "select: expected a bool condition and operands of equal dtype, got bool[2] and float32[2] and int32[2]",
  ],
  [
    "bitcast",
    [of("float64", 2)],
    { dtype: "int32" },
    "bitcast: expected an operand whose bits can be read as int32, got float64[2]",
  ],
  [
    "threefry2x32",
    [i(2), i(2), i(2), i(2)],
    { word: "xor" },
    "threefry2x32: expected uint32 operands, got int32[2] and int32[2] and int32[2] and int32[2]",
  ],
  // views
  ["reshape", [f(2, 3)], { shape: [4] }, "reshape: expected a shape of 6 elements, got [4] for float32[2,3]"],
  [
    "permute",
    [f(2, 3)],
    { permutation: [0, 0] },
    "permute: expected a permutation of 2 axes, got [0,0] for float32[2,3]",
  ],
  [
    "permute",
    [f(2, 3)],
    { permutation: [0] },
    "permute: expected a permutation of 2 axes, got [0] for float32[2,3]",
  ],
  [
    "broadcast",
    [f(2)],
    { shape: [3, 4], axes: [0] },
    "broadcast: expected operand axes to match [3,4] at [0], got float32[2]",
  ],
  [
    "broadcast",
    [f(1)],
    { shape: [3], axes: [0] },
    "broadcast: expected operand axes to match [3] at [0], got float32[1]",
  ],
  [
    "broadcast",
    [f(2, 3)],
    { shape: [3, 2], axes: [1, 0] },
    "broadcast: expected operand axes to match [3,2] at [1,0], got float32[2,3]",
  ],
  [
    "slice",
    [f(3)],
    { start: [1], size: [3], stride: [1] },
    "slice: expected a range inside float32[3], got start [1] size [3] stride [1]",
  ],
  [
    "slice",
    [f(3)],
    { start: [-1], size: [1], stride: [1] },
    "slice: expected a range inside float32[3], got start [-1] size [1] stride [1]",
  ],
  [
    "slice",
    [f(3)],
    { start: [0], size: [2], stride: [0] },
    "slice: expected a range inside float32[3], got start [0] size [2] stride [0]",
  ],
  [
    "slice",
    [f(3)],
    { start: [5], size: [0], stride: [1] },
    "slice: expected a range inside float32[3], got start [5] size [0] stride [1]",
  ],
  [
    "slice",
    [f(3)],
    { start: [0, 0], size: [1, 1], stride: [1, 1] },
    "slice: expected a range inside float32[3], got start [0,0] size [1,1] stride [1,1]",
  ],
  [
    "pad",
    [f(3)],
    { low: [-1], high: [0], interior: [0], value: 0 },
    "pad: expected non-negative padding for float32[3], got low [-1] high [0] interior [0]",
  ],
  [
    "pad",
    [f(3)],
    { low: [], high: [0], interior: [0], value: 0 },
    "pad: expected non-negative padding for float32[3], got low [] high [0] interior [0]",
  ],
  ["flip", [f(3)], { axes: [1] }, "flip: expected axes below 1, got [1] for float32[3]"],
  [
    "concat",
    [f(2, 3), f(2, 4)],
    { axis: 0 },
    "concat: expected operands equal but for axis 0, got float32[2,3] and float32[2,4]",
  ],
  [
    "concat",
    [f(2), i(2)],
    { axis: 0 },
    "concat: expected operands equal but for axis 0, got float32[2] and int32[2]",
  ],
  [
    "concat",
    [f(2), f(2)],
    { axis: 1 },
    "concat: expected operands equal but for axis 1, got float32[2] and float32[2]",
  ],
  // reductions
  ["sum", [of("bool", 3)], { axes: [0] }, "sum: expected a numeric operand, got bool[3]"],
  ["sum", [f(3)], { axes: [1] }, "sum: expected increasing axes below 1, got [1] for float32[3]"],
  ["sum", [f(3, 3)], { axes: [1, 0] }, "sum: expected increasing axes below 2, got [1,0] for float32[3,3]"],
  ["prod", [of("bool", 3)], { axes: [0] }, "prod: expected a numeric operand, got bool[3]"],
  [
    "reduceMax",
    [f(2, 0)],
    { axes: [1] },
    "reduceMax: expected at least one element to reduce, got float32[2,0]",
  ],
  ["argmin", [f(0)], { axes: [0] }, "argmin: expected at least one element to reduce, got float32[0]"],
  ["argmax", [f(2, 2)], { axes: [0, 1] }, "argmax: expected one axis, got [0,1]"],
  [
    "cumsum",
    [f(3)],
    { axis: 1, reverse: false },
    "cumsum: expected a numeric operand with an axis 1, got float32[3]",
  ],
  [
    "cummax",
    [of("bool", 3)],
    { axis: 0, reverse: false },
    "cummax: expected a numeric operand with an axis 0, got bool[3]",
  ],
  [
    "argsort",
    [f(3)],
    { axis: 0, descending: false, count: 4 },
    "argsort: expected an axis of at least 4 elements, got axis 0 of float32[3]",
  ],
  [
    "argsort",
    [f(3)],
    { axis: 1, descending: false, count: 0 },
    "argsort: expected an axis of at least 0 elements, got axis 1 of float32[3]",
  ],
  // contractions and windows
  [
    "dot",
    [f(2, 3), f(4, 2)],
    { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] },
    "dot: expected equal sizes along batch axes [] and [], contracted axes [1] and [0], got float32[2,3] and float32[4,2]",
  ],
  [
    "dot",
    [f(2), f(2)],
    { lhsBatch: [], rhsBatch: [], lhsContract: [2], rhsContract: [2] },
    "dot: expected equal sizes along batch axes [] and [], contracted axes [2] and [2], got float32[2] and float32[2]",
  ],
  [
    "dot",
    [f(2), i(2)],
    { lhsBatch: [], rhsBatch: [], lhsContract: [0], rhsContract: [0] },
    "dot: expected operands of one numeric dtype, got float32[2] and int32[2]",
  ],
  [
    "windows",
    [f(3)],
    { axes: [1], sizes: [1], strides: [1], dilations: [1] },
    "windows: expected sizes, strides and dilations of at least 1 on different axes of float32[3], got axes [1] sizes [1] strides [1] dilations [1]",
  ],
  [
    "windows",
    [f(3)],
    { axes: [0], sizes: [0], strides: [1], dilations: [1] },
    "windows: expected sizes, strides and dilations of at least 1 on different axes of float32[3], got axes [0] sizes [0] strides [1] dilations [1]",
  ],
  [
    "windows",
    [f(3)],
    { axes: [0, 0], sizes: [1, 1], strides: [1, 1], dilations: [1, 1] },
    "windows: expected sizes, strides and dilations of at least 1 on different axes of float32[3], got axes [0,0] sizes [1,1] strides [1,1] dilations [1,1]",
  ],
  [
    "overlapAdd",
    [f(3, 2)],
    { axes: [0], sizes: [2], strides: [1], dilations: [1], lengths: [3] },
    "overlapAdd: expected windows [2,2] of [3], got float32[3,2] (sizes [2])",
  ],
  // computed places
  [
    "gather",
    [f(3), of("float32", 2, 1)],
    { axes: [0], batch: 0, outOfBounds: "clip" },
    "gather: expected int32 indices [0 batch axes, …, 1] for axes [0], got float32[3] and float32[2,1]",
  ],
  [
    "gather",
    [f(3), i(2, 2)],
    { axes: [0], batch: 0, outOfBounds: "clip" },
    "gather: expected int32 indices [0 batch axes, …, 1] for axes [0], got float32[3] and int32[2,2]",
  ],
  [
    "gather",
    [f(2, 3), i(3, 1)],
    { axes: [1], batch: 1, outOfBounds: "clip" },
    "gather: expected int32 indices [1 batch axes, …, 1] for axes [1], got float32[2,3] and int32[3,1]",
  ],
  [
    "gather",
    [f(0), i(2, 1)],
    { axes: [0], batch: 0, outOfBounds: "clip" },
    "gather: expected at least one element to take, got float32[0] and int32[2,1]",
  ],
  [
    "scatter",
    [f(3), i(2, 1), f(3)],
    { axes: [0], batch: 0, outOfBounds: "drop", mode: "add" },
    "scatter: expected updates float32[2], got float32[3]",
  ],
  [
    "scatter",
    [f(3), i(2, 1), i(2)],
    { axes: [0], batch: 0, outOfBounds: "drop", mode: "set" },
    "scatter: expected updates float32[2], got int32[2]",
  ],
  [
    "scatter",
    [of("bool", 3), i(2, 1), of("bool", 2)],
    { axes: [0], batch: 0, outOfBounds: "drop", mode: "add" },
    "scatter: expected a numeric operand, got bool[3]",
  ],
  [
    "dynamicSlice",
    [f(3), i(2)],
    { sizes: [1] },
    "dynamicSlice: expected int32[1] starts and sizes within [3], got int32[2] and sizes [1]",
  ],
  [
    "dynamicSlice",
    [f(3), i(1)],
    { sizes: [4] },
    "dynamicSlice: expected int32[1] starts and sizes within [3], got int32[1] and sizes [4]",
  ],
  [
    "dynamicSlice",
    [f(3), f(1)],
    { sizes: [1] },
    "dynamicSlice: expected int32[1] starts and sizes within [3], got float32[1] and sizes [1]",
  ],
  [
    "dynamicUpdateSlice",
    [f(3), i(2), i(1)],
    {},
    "dynamicUpdateSlice: expected operands of equal dtype, got float32[3] and int32[2]",
  ],
  [
    "dynamicUpdateSlice",
    [f(3), f(4), i(1)],
    {},
    "dynamicUpdateSlice: expected int32[1] starts and sizes within [3], got int32[1] and sizes [4]",
  ],
];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

describe("shape rules refuse what does not fit", () => {
  test.each(cases.map(([name, avals, attrs, message]) => ({ name, avals, attrs, message })))(
    "$message",
    ({ name, avals, attrs, message }) => {
      expect(() => primitives[name].shape(avals, attrs)).toThrow(new RegExp(`^${escaped(message)}$`));
    },
  );
});

describe("shape rules accept what is empty", () => {
  const accepted: readonly (readonly [PrimitiveName, readonly Aval[], object, Aval])[] = [
    ["sum", [f(2, 0)], { axes: [1] }, f(2)],
    ["prod", [f(0)], { axes: [0] }, f()],
    ["reduceMax", [f(0, 2)], { axes: [1] }, f(0)],
    ["slice", [f(3)], { start: [3], size: [0], stride: [1] }, f(0)],
    ["concat", [f(0, 2), f(1, 2)], { axis: 0 }, f(1, 2)],
    ["reshape", [f(0, 3)], { shape: [3, 0, 2] }, f(3, 0, 2)],
    ["dot", [f(2, 0), f(0, 3)], { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] }, f(2, 3)],
    ["windows", [f(2)], { axes: [0], sizes: [3], strides: [1], dilations: [1] }, f(0, 3)],
    ["gather", [f(0), i(2, 1)], { axes: [0], batch: 0, outOfBounds: "drop" }, f(2)],
    ["gather", [f(0), i(0, 1)], { axes: [0], batch: 0, outOfBounds: "clip" }, f(0)],
    ["argsort", [f(0)], { axis: 0, descending: true, count: 0 }, i(0)],
    ["cumsum", [f(0)], { axis: 0, reverse: true }, f(0)],
  ];
  test.each(accepted)("%s", (name, avals, attrs, result) => {
    expect(primitives[name].shape(avals, attrs)).toEqual([result]);
  });
});
