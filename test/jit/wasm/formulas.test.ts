/**
 * Formulas whose bits do not depend on how a multiplication with an addition is rounded, as WebAssembly computes them,
 * one element at a time and in vectors: the same as the machine of test/ir/formulas.
 */
import { describe, expect, test } from "vitest";
import { jit, tensor, type Tensor } from "../../../src/index.js";
import type { DType } from "../../../src/ir/dtype.js";
import { apply } from "../../../src/ir/expr.js";
import type { Formula } from "../../../src/ir/machine.js";
import type { Primitive } from "../../../src/ir/primitive.js";
import { rem } from "../../../src/ir/primitives/arithmetic.js";
import { fma } from "../../../src/ir/primitives/fma.js";
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

const rows: readonly (readonly [Primitive, DType, Arity])[] = [
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
  [specialFunctions.erf, "float64", 1],
  [specialFunctions.erfc, "float64", 1],
  ...Object.entries(transcendental).map(
    ([name, f]) => [f, "float64", name === "pow" || name === "atan2" ? 2 : 1] as const,
  ),
];

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

/** Whether the formula leaves something to the reference. */
const bounded = (primitive: Primitive, dtype: DType): boolean =>
  dtype === "float64" && ["sin", "cos", "tan", "rem"].includes(primitive.name);

describe.each(rows)("$name of %s", (primitive, dtype, arity) => {
  const { lower } = primitive;
  if (lower._tag !== "Elementwise" || lower.formula === undefined) throw new Error("expected a formula");
  const formula = lower.formula as Formula<object>;
  const { run: inside } = compile((m, ...xs) => formula(m, xs, dtype, {}), arity, "twice", dtype);
  const beyond = bounded(primitive, dtype) ? (lower.beyond as Formula<object>) : undefined;
  const isBeyond =
    beyond === undefined
      ? () => 0
      : compile((m, ...xs) => beyond(m, xs, dtype, {}), arity, "twice", dtype).run;
  const reference = lower.scalar(dtype, {} as never);
  const run = (...xs: number[]): number => (isBeyond(...xs) ? reference(...xs) : inside(...xs));
  const operands = operandsOf(dtype, arity);
  const call = (...xs: Tensor[]): Tensor =>
    asTensor(
      apply(
        primitive,
        xs.map((x) => toExpr(primitive.name, x)),
        {},
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
    expect(calls).toEqual(beyond === undefined ? [] : [`${primitive.name} (beyond its formula)`]);
  });
});
