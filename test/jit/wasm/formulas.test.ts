/**
 * That no elementwise function of floats calls JavaScript, but for what is named here; and formulas whose bits do not depend on how a multiplication with an addition is rounded, as WebAssembly computes them,
 * one element at a time and in vectors: the same as the machine of test/ir/formulas.
 */
import { describe, expect, test } from "vitest";
import { jit, tensor, type Tensor } from "../../../src/index.js";
import { aval } from "../../../src/ir/aval.js";
import { type DType, dtypes } from "../../../src/ir/dtype.js";
import { apply, type Expr } from "../../../src/ir/expr.js";
import type { Formula } from "../../../src/ir/machine.js";
import type { Primitive } from "../../../src/ir/primitive.js";
import { lt, rem } from "../../../src/ir/primitives/arithmetic.js";
import { fma } from "../../../src/ir/primitives/fma.js";
import { leaves } from "../../../src/ir/primitives/index.js";
import { fullLike } from "../../../src/ir/primitives/layout.js";
import { nextAfter } from "../../../src/ir/primitives/next-after.js";
import { specialFunctions } from "../../../src/ir/primitives/special.js";
import { transcendental } from "../../../src/ir/primitives/transcendental.js";
import { asTensor, toExpr } from "../../../src/ops/tensor.js";
import { compile } from "../../ir/formulas/machine.js";
import { between, specials, spread } from "../../numerics/floats.js";
import { on } from "../../backend.js";

type Arity = 1 | 2 | 3;

const floats = [...specials, ...spread(301), ...between(-1, 1, 100), ...between(-8, 8, 100)];
const integers = [0, 1, 2, 3, 5, 7, 31, 32, 63, 64, 65, 127, 255, 2 ** 31 - 1].flatMap((n) => [n, -n, ~n]);

const listed: readonly (readonly [Primitive, DType, Arity, object?])[] = [
  [specialFunctions.erfInv, "float32", 1],
  [rem.primitive, "float32", 2],
  [nextAfter.primitive, "float32", 2],
  [fma.primitive, "float32", 3],
  [transcendental.pow, "int32", 2],
  [transcendental.pow, "uint32", 2],
  [transcendental.pow, "int8", 2],
  [transcendental.pow, "uint8", 2],
  [rem.primitive, "float64", 2],
  [nextAfter.primitive, "float64", 2],
  [fma.primitive, "float64", 3],
  ...(["erf", "erfc", "erfInv", "lgamma", "digamma"] as const).map(
    (name) => [specialFunctions[name], "float64", 1] as const,
  ),
  [specialFunctions.polygamma, "float64", 1, { n: 1 }],
  [specialFunctions.polygamma, "float64", 1, { n: 4 }],
  // In float64 on the way, so that their bits depend on nothing else.
  [specialFunctions.polygamma, "float32", 1, { n: 3 }],
  [specialFunctions.polygamma, "float32", 1, { n: 4 }],
  ...Object.entries(transcendental).map(
    ([name, f]) => [f, "float64", name === "pow" || name === "atan2" ? 2 : 1] as const,
  ),
];

const rows = listed.map(([primitive, dtype, arity, attrs = {}]) => ({ primitive, dtype, arity, attrs }));

const values = (dtype: DType): ArrayLike<number> =>
  tensor(dtype.startsWith("float") ? floats : integers.filter((n) => n >= 0 || dtype.startsWith("int")), {
    dtype,
  }).dataSync();

/** All operands, in step: each runs through the same values, in an order of its own. */
const operandsOf = (dtype: DType, arity: Arity): number[][] => {
  const all = Array.from(values(dtype));
  const length = all.length * (arity === 1 ? 1 : 7) + 1;
  return Array.from({ length: arity }, (_, k) =>
    Array.from(
      { length },
      (_, i) => all[(i * [1, 17, 5][k]! + k * Math.floor(i / all.length)) % all.length]!,
    ),
  );
};

/** What is left to the reference, and why. */
const left: Readonly<Record<string, string>> = {
  sin: "angles beyond 2²⁰ need hundreds of bits of π",
  cos: "the same",
  tan: "the same",
  rem: "quotients of more than 25 bits take several steps, as many as their exponents ask for",
};

const isLeft = (primitive: Primitive, dtype: DType): boolean => dtype === "float64" && primitive.name in left;

/** Whether machines have a formula for a dtype. */
const has = (f: Formula<object>, arity: Arity, dtype: DType, attrs: object): boolean => {
  try {
    compile((m, ...xs) => f(m, xs, dtype, attrs), arity, "twice", dtype);
    return true;
  } catch {
    return false;
  }
};

/** Attributes, where a primitive has some. */
const attributes: Readonly<Record<string, readonly object[]>> = {
  cast: dtypes.map((dtype) => ({ dtype })),
  bitcast: [{ dtype: "float32" }, { dtype: "int32" }],
  polygamma: [1, 2, 3, 4, 5, 6, 12, 30].map((n) => ({ n })),
  gammaSlope: [1, 2].flatMap((order) => [
    { log: false, order },
    { log: true, order },
  ]),
};

/** What has no formula at all. */
const notYet: Readonly<Record<string, string>> = {
  gammaSlope:
    "a derivative of the incomplete gamma function, by series of which each element takes as many terms as it needs",
};

const condition = (primitive: Primitive, i: number): boolean => primitive.name === "select" && i === 0;

const operandOf = (primitive: Primitive, i: number, x: Expr): Expr =>
  condition(primitive, i) ? lt(x, fullLike(x, 1)) : x;

const takes = (primitive: Primitive, arity: Arity, dtype: DType, attrs: object): boolean => {
  const avals = Array.from({ length: arity }, (_, i) => aval([], condition(primitive, i) ? "bool" : dtype));
  try {
    primitive.shape(avals, attrs as never);
    return true;
  } catch {
    return false;
  }
};

describe.each(rows)("$primitive.name of $dtype, $attrs", ({ primitive, dtype, arity, attrs }) => {
  const { lower } = primitive;
  if (lower._tag !== "Elementwise" || lower.formula === undefined) throw new Error("expected a formula");
  const formula = lower.formula as Formula<object>;
  const made = (f: Formula<object> | undefined) => {
    const machines = f !== undefined && has(f, arity, dtype, attrs);
    return machines ? compile((m, ...xs) => f(m, xs, dtype, attrs), arity, "twice", dtype).run : null;
  };
  const inside = made(formula)!;
  const isBeyond = made(lower.beyond as Formula<object> | undefined);
  const there = made(lower.otherwise as Formula<object> | undefined) ?? lower.scalar(dtype, attrs as never);
  const run = (...xs: number[]): number => (isBeyond?.(...xs) ? there(...xs) : inside(...xs));
  const operands = operandsOf(dtype, arity);
  const call = (...xs: Tensor[]): Tensor =>
    asTensor(
      apply(
        primitive,
        xs.map((x) => toExpr(primitive.name, x)),
        attrs,
      ),
    );
  const onWasm = (xs: readonly number[][]): number[] =>
    on("wasm", () => Array.from(jit(call)(...xs.map((x) => tensor(x, { dtype }))).dataSync()));
  const expected = operands[0]!.map((_, i) => run(...operands.map((xs) => xs[i]!)));

  test("in vectors", () => {
    onWasm(operands).forEach((got, i) => {
      if (!Object.is(got, expected[i]))
        expect.fail(`at ${operands.map((xs) => xs[i]).join(", ")}: got ${got}, not ${expected[i]}`);
    });
  });

  test("one at a time", () => {
    for (let i = 0; i < expected.length; i += 37)
      expect(onWasm(operands.map((xs) => [xs[i]!]))).toEqual([expected[i]]);
  });

  test("calls no JavaScript but where it does not hold", () => {
    const args = operands.map((x) => tensor(x, { dtype }));
    const calls = on("wasm", () => jit(call).lower(...args)).kernels.flatMap((k) => k.calls);
    expect(calls).toEqual(isLeft(primitive, dtype) ? [`${primitive.name} (beyond its formula)`] : []);
  });
});

describe("no elementwise function of up to three floats calls JavaScript", () => {
  /** Those of keys are in samplers.test.ts. */
  const functions = Object.entries(leaves).flatMap(([name, primitive]) =>
    ([1, 2, 3] as const).flatMap((arity) =>
      (["float32", "float64"] as const).flatMap((dtype) =>
        (attributes[name] ?? [{}])
          .filter((attrs) => primitive.lower._tag === "Elementwise" && takes(primitive, arity, dtype, attrs))
          .map((attrs) => ({ name, primitive, arity, dtype, attrs })),
      ),
    ),
  );

  test("there are many", () => expect(functions.length).toBeGreaterThan(100));

  test.each(functions)("$name of $dtype, $attrs", ({ primitive, arity, dtype, attrs }) => {
    const call = (...xs: Tensor[]): Tensor =>
      asTensor(
        apply(
          primitive,
          xs.map((x, i) => operandOf(primitive, i, toExpr(primitive.name, x))),
          attrs as never,
        ),
      );
    const args = Array.from({ length: arity }, (_, k) => tensor([0.5 + k, 1, -2, 3, 4], { dtype }));
    const { kernels } = on("wasm", () => jit(call).lower(...args));
    const wanted = isLeft(primitive, dtype) ? [`${primitive.name} (beyond its formula)`] : [];
    expect(kernels.flatMap((k) => k.calls)).toEqual(primitive.name in notYet ? [primitive.name] : wanted);
  });
});
