/** What the golden data does not show: faces, dtypes, edges, and derivatives where they are easily wrong. */
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { grad, tensor, type Tensor, vmap } from "../../src/index.js";

const int = (xs: readonly number[]): Tensor => tensor([...xs], { dtype: "int32" });
const float = (x: number): Tensor => tensor(x, { dtype: "float64" });

/** Derivatives of order 0, 1, 2, … at a float64. */
const orders = (f: (x: Tensor) => Tensor, at: number, n: number): number[] => {
  const values: number[] = [];
  let g = f;
  for (let k = 0; k <= n; k++) {
    values.push(g(float(at)).item());
    g = grad(g) as (x: Tensor) => Tensor;
  }
  return values;
};

const expectNear = (got: readonly number[], want: readonly number[]): void =>
  want.forEach((w, i) => expect(got[i], `order ${i}`).toBeCloseTo(w, 9));

test("the three faces of a function", () => {
  const x = tensor([5, 7]);
  expect(fx.sub(x, 2).toArray()).toEqual([3, 5]);
  expect(fx.sub(2)(x).toArray()).toEqual([3, 5]);
  expect(x.sub(2).toArray()).toEqual([3, 5]);
  expect(
    fx
      .where(
        0,
        1,
      )(tensor([true, false]))
      .toArray(),
  ).toEqual([0, 1]);
  expect(tensor([true, false]).where(0, 1).toArray()).toEqual([0, 1]);
  expect(fx.clip(null, 6)(x).toArray()).toEqual([5, 6]);
  expect(fx.cast("int32")(x).dtype).toBe("int32");
  expect([1, 2, 3].reduce<Tensor>((acc, v) => fx.add(acc, v), tensor([0])).toArray()).toEqual([6]);
});

test("bools add and multiply as or and and, and do not subtract", () => {
  const [a, b] = [tensor([true, true]), tensor([true, false])];
  expect(fx.add(a, b).toArray()).toEqual([true, true]);
  expect(fx.mul(a, b).toArray()).toEqual([true, false]);
  expect(fx.maximum(a, b).toArray()).toEqual([true, true]);
  expect(fx.div(a, b).toArray()).toEqual([1, Infinity]);
  expect(fx.abs(b).toArray()).toEqual([true, false]);
  expect(() => fx.sub(a, b)).toThrow(
    "sub: expected numeric operands, got bool ones: use logicalXor, or cast one of them",
  );
  expect(() => fx.neg(a)).toThrow("neg: expected a numeric dtype, got bool[2]: use logicalNot");
  expect(() => fx.bitwiseAnd(tensor([1]), 1)).toThrow(
    "bitwiseAnd: expected operands of an integer or bool dtype, got float32",
  );
  expect(() => fx.shiftLeft(a, b)).toThrow("shiftLeft: expected operands of an integer dtype, got bool");
});

test("integers stay integers where that makes sense", () => {
  expect(fx.div(int([3]), int([2])).dtype).toBe("float32");
  expect(fx.floorDivide(int([-7]), 2).toArray()).toEqual([-4]);
  expect(fx.floor(int([3])).dtype).toBe("int32");
  expect(fx.round(int([1234]), { decimals: -2 }).toArray()).toEqual([1200]);
  expect(fx.sqrt(int([4])).toArray()).toEqual([2]);
  expect(fx.isNaN(int([4])).toArray()).toEqual([false]);
  expect(fx.isFinite(int([4])).toArray()).toEqual([true]);
  expect(fx.nanToNum(int([4])).dtype).toBe("int32");
  expect(fx.sign(tensor([200], { dtype: "uint8" })).toArray()).toEqual([1]);
});

describe("pow", () => {
  test("of integers", () => {
    expect(fx.pow(int([2, -3]), 3).toArray()).toEqual([8, -27]);
    expect(fx.pow(int([2, -3]), 0).toArray()).toEqual([1, 1]);
    expect(fx.pow(int([2, 10]), int([10, 9])).toArray()).toEqual([1024, 1000000000]);
    expect(fx.pow(int([2]), 0.5).dtype).toBe("float32");
    expect(() => fx.pow(int([2]), -1)).toThrow(
      "pow: expected a non-negative exponent for int32, got -1: cast to a float dtype first",
    );
  });
  test.each([0, 1, 2, 3, 4, 5, 7])("x^%i has its derivatives at 0", (n) => {
    let factorial = 1;
    const want = [0, 1, 2, 3, 4, 5].map((k) => {
      const value = k === n ? factorial : 0;
      factorial *= n - k;
      return value;
    });
    expectNear(
      orders((x) => fx.pow(x, n), 0, 5),
      want,
    );
  });
  test("x^-1, x^-2, x^2.5 and 2^x", () => {
    expectNear(
      orders((x) => fx.pow(x, -1), 2, 3),
      [0.5, -0.25, 0.25, -0.375],
    );
    expectNear(
      orders((x) => fx.pow(x, -2), 1, 3),
      [1, -2, 6, -24],
    );
    expectNear(
      orders((x) => fx.pow(x, 2.5), 4, 2),
      [32, 20, 7.5],
    );
    expectNear(
      orders((x) => fx.pow(2, x), 1, 2),
      [2, 2 * Math.LN2, 2 * Math.LN2 ** 2],
    );
    expectNear(
      orders((x) => fx.pow(x, int([3]).reshape([])), 2, 3),
      [8, 12, 12, 6],
    );
  });
  test("small whole exponents are products", () => {
    expect(
      fx
        .trace((x: Tensor) => fx.pow(x, 2))(tensor([1]))
        .toString(),
    ).toBe("{ a:float32[1] -> b:float32[1]\n  b:float32[1] = mul a a }");
    expect(
      fx
        .trace((x: Tensor) => fx.pow(x, 3))(tensor([1]))
        .toString(),
    ).not.toContain("pow");
  });
});

describe("derivatives of every order where a choice is made", () => {
  test("logaddexp at a tie and at infinities", () => {
    expectNear(
      orders((x) => fx.logaddexp(x, 0), 0, 4),
      [Math.LN2, 1 / 2, 1 / 4, 0, -1 / 8],
    );
    expectNear(
      orders((x) => fx.logaddexp(0, x), 0, 4),
      [Math.LN2, 1 / 2, 1 / 4, 0, -1 / 8],
    );
    expectNear(
      orders((x) => fx.logaddexp2(x, 0), 0, 2),
      [1, 1 / 2, Math.LN2 / 4],
    );
    expect(
      fx.logaddexp(tensor([-Infinity, Infinity, -1e30]), tensor([-Infinity, Infinity, 1])).toArray(),
    ).toEqual([-Infinity, Infinity, 1]);
    const g = grad((x: Tensor) => fx.sum(fx.logaddexp(x, tensor([-Infinity, 0, -Infinity]))));
    expect(g(tensor([-Infinity, -Infinity, 0])).toArray()).toEqual([1, 0, 1]);
  });
  test("sinc at 0 and on both sides of the series", () => {
    const p = Math.PI;
    expectNear(orders(fx.sinc, 0, 4), [1, 0, -(p ** 2) / 3, 0, p ** 4 / 5]);
    for (const x of [0.1591, 0.1592, 0.16]) {
      const [v, d] = orders(fx.sinc, x, 1);
      expect(v).toBeCloseTo(Math.sin(p * x) / (p * x), 14);
      expect(d).toBeCloseTo((p * x * Math.cos(p * x) - Math.sin(p * x)) / (p * x * x), 12);
    }
  });
  test("hypot along an axis and at the origin", () => {
    expectNear(
      orders((x) => fx.hypot(3, x), 0, 2),
      [3, 0, 1 / 3],
    );
    expectNear(
      orders((x) => fx.hypot(x, 4), 3, 2),
      [5, 0.6, 16 / 125],
    );
    expectNear(
      orders((x) => fx.hypot(x, x), 0, 1),
      [0, 0],
    );
    expect(fx.hypot(tensor([3e30, Infinity, -Infinity]), tensor([4e30, NaN, Infinity])).toArray()).toEqual([
      Math.fround(5e30),
      Infinity,
      Infinity,
    ]);
    expect(grad((x: Tensor) => fx.hypot(x, Infinity))(tensor(Infinity)).item()).toBe(0);
  });
  test("xlogy, xlog1py and entr at 0", () => {
    expectNear(
      orders((x) => fx.xlogy(x, 2), 0, 2),
      [0, Math.LN2, 0],
    );
    expectNear(
      orders((x) => fx.xlogy(x, 0), 0, 1),
      [0, 0],
    );
    expectNear(
      orders((y) => fx.xlogy(0, y), 0, 1),
      [0, 0],
    );
    expectNear(
      orders((y) => fx.xlogy(3, y), 2, 1),
      [3 * Math.LN2, 1.5],
    );
    expect(fx.xlogy(tensor([0, 0, 0, 1]), tensor([NaN, Infinity, -1, 0])).toArray()).toEqual([
      0,
      0,
      0,
      -Infinity,
    ]);
    expectNear(
      orders((x) => fx.xlog1py(x, 1), 0, 1),
      [0, Math.LN2],
    );
    expect(fx.xlog1py(tensor([0, 0]), tensor([-1, -2])).toArray()).toEqual([0, 0]);
    expect(fx.entr(tensor([0, -1, NaN, 1])).toArray()).toEqual([0, -Infinity, NaN, 0]);
    expectNear(orders(fx.entr, 0.5, 2), [0.5 * Math.LN2, Math.LN2 - 1, -2]);
  });
  test("where keeps NaN out of the side that is not chosen", () => {
    const f = (x: Tensor): Tensor => fx.where(fx.greater(x, 0), fx.sqrt(x), 0);
    expect(grad((x: Tensor) => fx.sum(f(fx.maximum(x, 1e-30))))(tensor([-1, 4])).toArray()).toEqual([
      0, 0.25,
    ]);
    expect(grad((x: Tensor) => fx.sum(fx.nanToNum(x)))(tensor([NaN, 2, Infinity])).toArray()).toEqual([
      0, 1, 0,
    ]);
    expect(grad((x: Tensor) => fx.sum(fx.fmax(x, 1)))(tensor([NaN, 2, 0])).toArray()).toEqual([0, 1, 0]);
  });
});

test("remainders have the sign of Python's and of JavaScript's, and their derivatives", () => {
  const [x, y] = [tensor([7, -7, 7, -7, 0.3]), tensor([3, 3, -3, -3, 0.1])];
  expect(fx.mod(x, y).toArray().toString()).toBe([1, 2, -2, -1, fx.mod(x, y).dataSync()[4]].toString());
  expect(fx.rem(x, y).dataSync().slice(0, 4)).toEqual(new Float32Array([1, -1, 1, -1]));
  expect(
    grad((d: Tensor) => fx.sum(fx.mod(x, d)))(y)
      .dataSync()
      .slice(0, 4),
  ).toEqual(new Float32Array([-2, 3, 3, -2]));
  expect(fx.floorDivide(tensor([1, -1, 0, Infinity]), tensor([0, 0, 0, 2])).toArray()).toEqual([
    Infinity,
    -Infinity,
    NaN,
    NaN,
  ]);
  const [q, r] = fx.divmod(tensor([-7, 7]), 2);
  expect([q.toArray(), r.toArray()]).toEqual([
    [-4, 3],
    [1, 1],
  ]);
});

test("signs", () => {
  expect(fx.signbit(tensor([-0, 0, -Infinity, NaN, -1e-45])).toArray()).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
  expect(fx.signbit(int([-1, 1])).toArray()).toEqual([true, false]);
  expect(fx.copysign(tensor([1, -1, 3]), tensor([-0, 0, -5])).toArray()).toEqual([-1, 1, -3]);
  expect(fx.heaviside(tensor([-1, 0, 2, NaN]), 0.5).toArray()).toEqual([0, 0.5, 1, NaN]);
  expect(fx.isPosInf(tensor([Infinity, -Infinity])).toArray()).toEqual([true, false]);
});

test("rounding", () => {
  expect(fx.trunc(tensor([-1.5, 1.5, -0.5, NaN])).toArray()).toEqual([-1, 1, -0, NaN]);
  expect(fx.round(tensor([1.25, -123.456]), { decimals: 1 }).toArray()).toEqual([
    Math.fround(1.2),
    Math.fround(-123.5),
  ]);
  expect(fx.round(tensor([125]), { decimals: -1 }).toArray()).toEqual([120]);
  expect(grad((x: Tensor) => fx.sum(fx.floor(x)))(tensor([1.5])).toArray()).toEqual([0]);
  expect(() => fx.round(tensor([1]), { decimals: 0.5 })).toThrow(
    "round: expected a whole number of decimals, got 0.5",
  );
});

test("clip", () => {
  const x = tensor([-2, 0, 2]);
  expect(fx.clip(x, tensor([-1, 1, 0]), 1).toArray()).toEqual([-1, 1, 1]);
  expect(fx.clip(x, 3, 1).toArray()).toEqual([1, 1, 1]);
  expect(() => fx.clip(x, null, null)).toThrow("clip: expected at least one bound, got null and null");
});

test("closeness", () => {
  const x = tensor([1, Infinity, NaN, 1]);
  const y = tensor([1 + 1e-6, Infinity, NaN, 2]);
  expect(fx.isClose(x, y).toArray()).toEqual([true, true, false, false]);
  expect(fx.isClose(x, y, { equalNaN: true, rtol: 1 }).toArray()).toEqual([true, true, true, true]);
  expect(fx.isClose(int([1]), int([2])).toArray()).toEqual([false]);
  expect(fx.allClose(x, y).item()).toBe(0);
  expect(fx.allClose(fx.zeros([0]), fx.ones([0])).item()).toBe(1);
  expect(fx.arrayEqual(tensor([1, 2]), int([1, 2])).item()).toBe(1);
  expect(fx.arrayEqual(tensor([NaN]), tensor([NaN])).item()).toBe(0);
});

test("bits", () => {
  expect(fx.bitwiseNot(tensor([0, 1], { dtype: "uint8" })).toArray()).toEqual([255, 254]);
  expect(fx.bitwiseNot(tensor([true])).toArray()).toEqual([false]);
  expect(fx.shiftRight(tensor([0x80000000], { dtype: "uint32" }), 31).toArray()).toEqual([1]);
  expect(fx.populationCount(tensor([255, 3], { dtype: "uint8" })).toArray()).toEqual([8, 2]);
  expect(fx.bitcast(tensor([1]), "int32").toArray()).toEqual([0x3f800000]);
  expect(() => fx.bitcast(tensor([1]), "int8")).toThrow(
    "bitcast: expected two dtypes among float32, int32, uint32 or among int8, uint8, got float32[1] as int8",
  );
});

test("special functions of two arguments", () => {
  // Exact values from mpmath: log B without cancellation, in float32 too.
  const b = fx.betaln(tensor([1e6, 0.5, 20, 1e-3, 1e6]), tensor([2, 1e5, 30, 3, 1e6])).dataSync();
  [-27.63102211592805, -5.18409653956041, -33.96882079197738, 6.90625585603877, -1386300.0033629211].forEach(
    (w, i) => expect(Math.abs(b[i]! / w - 1)).toBeLessThan(3e-7),
  );
  const d = grad((x: Tensor) => fx.betaln(x, 2))(tensor(50));
  expect(d.item()).toBeCloseTo(-1 / 50 - 1 / 51, 6);
  expect(fx.betaln(tensor([2]), 3).dataSync()[0]).toBeCloseTo(Math.log(1 / 12), 5);
  expect(fx.polygamma(tensor([1]), 0).dataSync()[0]).toBeCloseTo(-0.5772157, 6);
  expect(grad((x: Tensor) => fx.polygamma(x, 1))(tensor(1)).item()).toBeCloseTo(-2.4041138, 5);
  expect(() => fx.polygamma(tensor([1]), 1.5)).toThrow("polygamma: expected a whole order from 0, got 1.5");
  expect(fx.lerp(int([0]), int([4]), 0.25).toArray()).toEqual([1]);
});

test("polynomials, broken lines, trapezoids", () => {
  expect(fx.polyval(tensor([]), tensor([1, 2])).toArray()).toEqual([0, 0]);
  expect(fx.polyval(int([1, 1]), int([3])).toArray()).toEqual([4]);
  expect(grad((p: Tensor) => fx.sum(fx.polyval(p, 3)))(tensor([1, 2, 5])).toArray()).toEqual([9, 3, 1]);
  const [xp, fp] = [tensor([0, 1, 1, 2]), tensor([0, 10, 20, 40])];
  const at = tensor([-1, 0.5, 1, 1.5, 3, NaN]);
  expect(fx.interp(at, xp, fp).toArray()).toEqual([0, 5, 20, 30, 40, NaN]);
  expect(fx.interp(at, xp, fp, { left: -7, right: NaN }).toArray()).toEqual([-7, 5, 20, 30, NaN, NaN]);
  expect(grad((v: Tensor) => fx.sum(fx.interp(v, xp, fp)))(tensor([-1, 0.5, 1.5, 3])).toArray()).toEqual([
    0, 10, 20, 0,
  ]);
  expect(() => fx.interp(at, xp, at)).toThrow(
    "interp: expected two vectors of equal, positive length, got float32[4] and float32[6]",
  );
  expect(
    fx
      .trapezoid(
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
        { axis: 0, dx: 2 },
      )
      .toArray(),
  ).toEqual([5, 7, 9]);
  expect(fx.trapezoid(tensor([1])).item()).toBe(0);
});

test("vmap over any argument", () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(
    vmap((a: Tensor, b: Tensor) => fx.hypot(a, b), { in: [0, null] })(x, tensor([0, 0])).toArray(),
  ).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(vmap((a: Tensor) => fx.logsumexp(a))(fx.zeros([2, 3])).dataSync()[1]).toBeCloseTo(Math.log(3), 6);
});
