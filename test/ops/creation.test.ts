import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { grad, tensor, type Tensor, trace } from "../../src/index.js";
import { testGolden } from "./golden-cases.js";

describe("JAX's", () => {
  testGolden("structure", "tril", ([x], options) => fx.tril(x!, options));
  testGolden("structure", "triu", ([x], options) => fx.triu(x!, options));
  testGolden("structure", "diag", ([x], options) => fx.diag(x!, options));
  testGolden("structure", "diagonal", ([x]) => fx.diagonal(x!));
  testGolden("structure", "diff", ([x], options) => fx.diff(x!, options));
  testGolden("structure", "meshgrid", ([xs], options) => fx.meshgrid(...(xs! as Tensor[]), options));
  testGolden("structure", "linspace", ([a, b, n], options) => fx.linspace(a!, b!, n!, options));
  testGolden("structure", "logspace", ([a, b, n], options) => fx.logspace(a!, b!, n!, options));
  testGolden("structure", "geomspace", ([a, b, n], options) => fx.geomspace(a!, b!, n!, options));
  testGolden("structure", "arange", (args, options) =>
    (fx.arange as (...xs: unknown[]) => Tensor)(...args, options),
  );
  testGolden("structure", "eye", ([n], options) => fx.eye(n!, options));
  testGolden("structure", "tri", ([n], options) => fx.tri(n!, options));
  testGolden("structure", "where", ([c, x, y]) => fx.where(c!, x!, y!), { skip: (c) => c.args.length < 3 });
  testGolden("structure", "clip", ([x, lo, hi], { min, max }) =>
    fx.clip(x!, lo ?? min ?? null, hi ?? max ?? null),
  );
  testGolden("contractions", "trace", ([x]) => fx.matrixTrace(x!));
});

test("nothing is stored", () => {
  const made = [
    fx.zeros([1000, 1000]),
    fx.arange(1e6),
    fx.eye(1000),
    fx.linspace(0, 1, 1e6),
    fx.tri(1000),
    fx.indices([1000, 1000]),
  ];
  const listing = trace(() => made)().toString();
  expect(listing).not.toContain("const");
});

test("dtypes", () => {
  expect(fx.full([2], 3).dtype).toBe("float32");
  expect(fx.full([2], true).dtype).toBe("bool");
  expect(fx.full([2], tensor([1, 2], { dtype: "int8" })).dtype).toBe("int8");
  expect(fx.full([2], tensor([1, 2], { dtype: "int8" }), { dtype: "float64" }).dtype).toBe("float64");
  expect(fx.zerosLike(tensor([true])).dtype).toBe("bool");
  expect(fx.onesLike(tensor([1]), { dtype: "int32", shape: [2] }).toArray()).toEqual([1, 1]);
  expect(fx.fullLike(tensor([1, 2], { dtype: "int32" }), 7).dtype).toBe("int32");
  expect(fx.arange(2.5).toArray()).toEqual([0, 1, 2]);
  expect(fx.arange(0, 3, 0.5, { dtype: "int32" }).toArray()).toEqual([0, 0, 1, 1, 2, 2]);
  expect(fx.linspace(0, 9, 4, { dtype: "int32" }).toArray()).toEqual([0, 3, 6, 9]);
  expect(fx.zeros(3).shape).toEqual([3]);
  expect(fx.full([], 5).item()).toBe(5);
});

test("spaces between tensors", () => {
  const y = fx.linspace(tensor([0, 10]), tensor([1, 30]), 3);
  expect(y.toArray()).toEqual([
    [0, 10],
    [0.5, 20],
    [1, 30],
  ]);
  expect(fx.linspace(tensor([0, 10]), 30, 3, { axis: -1 }).shape).toEqual([2, 3]);
  expect(fx.geomspace(-1, -100, 3).toArray()).toEqual([-1, -10, -100]);
  expect(fx.geomspace(1e-30, 1e30, 3).dataSync()[1]).toBeCloseTo(1, 5);
  expect(fx.geomspace(-1, 1, 2).toArray()).toEqual([NaN, NaN]);
  expect(fx.logspace(0, 3, 4, { base: 2 }).toArray()).toEqual([1, 2, 4, 8]);
  expect(grad((t: Tensor) => fx.sum(fx.linspace(0, t, 5)))(tensor(1)).item()).toBeCloseTo(2.5, 6);
});

test("diagonals of any rank, side and emptiness", () => {
  const x = fx.reshape(fx.arange(24), [2, 3, 4]);
  expect(fx.diagonal(x, { axis1: 1, axis2: 2 }).toArray()).toEqual([
    [0, 5, 10],
    [12, 17, 22],
  ]);
  expect(fx.diagonal(x, { axis1: 2, axis2: 1, offset: -1 }).toArray()).toEqual([
    [1, 6, 11],
    [13, 18, 23],
  ]);
  expect(fx.diagonal(x, { offset: 9 }).shape).toEqual([4, 0]);
  expect(fx.diagonal(x, { offset: -9 }).shape).toEqual([4, 0]);
  expect(fx.matrixTrace(x, { axis1: 1, axis2: 2, offset: 1 }).toArray()).toEqual([18, 54]);
  expect(fx.diag(tensor([]), { k: 2 }).toArray()).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(fx.diag(tensor([true, true]), { k: -1 }).toArray()).toEqual([
    [false, false, false],
    [true, false, false],
    [false, true, false],
  ]);
  expect(fx.triu(x, { k: 1 }).toArray()).toEqual([
    [
      [0, 1, 2, 3],
      [0, 0, 6, 7],
      [0, 0, 0, 11],
    ],
    [
      [0, 13, 14, 15],
      [0, 0, 18, 19],
      [0, 0, 0, 23],
    ],
  ]);
  expect(fx.eye(0).shape).toEqual([0, 0]);
  expect(fx.identity(2, { dtype: "bool" }).toArray()).toEqual([
    [true, false],
    [false, true],
  ]);
});

test("grids", () => {
  const [a, b, c] = fx.meshgrid(fx.arange(2), fx.arange(3), fx.arange(4));
  expect([a!.shape, b!.shape, c!.shape]).toEqual([
    [3, 2, 4],
    [3, 2, 4],
    [3, 2, 4],
  ]);
  expect(fx.meshgrid(fx.arange(3))[0]!.toArray()).toEqual([0, 1, 2]);
  expect(fx.indices([2, 3], { dtype: "float32" }).shape).toEqual([2, 2, 3]);
  expect(fx.vander(tensor([0, 2]), { increasing: true, n: 3 }).toArray()).toEqual([
    [1, 0, 0],
    [1, 2, 4],
  ]);
  expect(fx.vander(tensor([2], { dtype: "int32" }), { n: 4 }).toArray()).toEqual([[8, 4, 2, 1]]);
  expect(grad((t: Tensor) => fx.sum(fx.vander(t, { n: 3 })))(tensor([0, 2])).toArray()).toEqual([1, 5]);
});

test("errors", () => {
  expect(() => fx.zeros([2, -1])).toThrow("zeros: expected a shape of non-negative integers, got [2,-1]");
  expect(() => fx.zeros([2], { dtype: "bfloat16" as never })).toThrow(
    "zeros: expected a dtype (float16, float32, float64, int32, uint32, int8, uint8, bool)",
  );
  const endless: unknown[] = [];
  endless.push(endless);
  expect(() => tensor(endless as never)).toThrow(
    "tensor: expected nested arrays, got an array inside of itself",
  );
  expect(() => fx.full([2], tensor([1, 2, 3]))).toThrow(
    "full: expected shapes that broadcast together, got [3] and [2]",
  );
  expect(() => fx.full([2], fx.ones([2, 2]))).toThrow(
    "full: expected a value that broadcasts to [2], got float32[2,2]",
  );
  expect(() => fx.arange(0, 1, 0)).toThrow(
    "arange: expected finite numbers and a step other than 0, got start 0, stop 1, step 0",
  );
  expect(() => fx.arange(tensor(3) as never)).toThrow("arange: expected one to three numbers, got float32[]");
  expect(() => fx.linspace(0, 1, 2.5)).toThrow("linspace: expected a whole number of values from 0, got 2.5");
  expect(() => fx.tril(tensor([1]))).toThrow("tril: expected at least two axes, got float32[1]");
  expect(() => fx.diag(fx.ones([1, 1, 1]))).toThrow(
    "diag: expected a vector or a matrix, got float32[1,1,1]",
  );
  expect(() => fx.diagonal(fx.ones([2, 2]), { axis2: -2 })).toThrow(
    "diagonal: expected two different axes, got axis1 0 and axis2 -2",
  );
  expect(() => fx.eye(2.5)).toThrow("eye: expected a whole number as n, got 2.5");
  expect(() => fx.meshgrid(fx.ones([2, 2]))).toThrow("meshgrid: expected vectors, got float32[2,2]");
  expect(() => fx.zeros([2], { shape: [3] } as never)).toThrow(
    "zeros: expected options { dtype }, got shape",
  );
});
