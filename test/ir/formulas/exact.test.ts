/** Formulas that give the bits of their reference: remainders of integers, multiplication by a power of two with addition. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fma as fmaPrimitive } from "../../../src/ir/primitives/fma.js";
import { rem } from "../../../src/ir/primitives/arithmetic.js";
import { pow } from "../../../src/ir/primitives/transcendental.js";
import type { Formula } from "../../../src/ir/machine.js";
import type { Primitive } from "../../../src/ir/primitive.js";
import { compile } from "./machine.js";

const elementwise = ({ lower }: Primitive) => {
  if (lower._tag !== "Elementwise" || lower.formula === undefined) throw new Error("expected a formula");
  return {
    formula: lower.formula as Formula<object>,
    beyond: lower.beyond as Formula<object>,
    scalar: lower.scalar,
  };
};

describe.each([
  ["int32", -(2 ** 31), 2 ** 31 - 1],
  ["uint32", 0, 2 ** 32 - 1],
] as const)("rem of %s", (dtype, min, max) => {
  const { formula, scalar } = elementwise(rem.primitive);
  const { run } = compile((m, x, y) => formula(m, [x, y], dtype, {}), 2, "once", dtype);
  const reference = scalar(dtype, {} as never);
  const integer = fc.oneof(fc.integer({ min, max }), fc.constantFrom(0, 1, 2, min, max));

  test("is the reference", () => {
    fc.assert(fc.property(integer, integer, (x, y) => run(x, y) === (reference(x, y) || 0)));
  });
});

describe.each([
  ["int32", -(2 ** 31), 2 ** 31 - 1],
  ["uint32", 0, 2 ** 32 - 1],
] as const)("pow of %s", (dtype, min, max) => {
  const { formula, beyond, scalar } = elementwise(pow.primitive);
  const { run } = compile((m, x, y) => formula(m, [x, y], dtype, {}), 2, "once", dtype);
  const isBeyond = compile((m, x, y) => beyond(m, [x, y], dtype, {}), 2, "once", dtype).run;
  const reference = scalar(dtype, {} as never);
  const wrap = (x: number): number => (dtype === "int32" ? x | 0 : x >>> 0);

  test("is the reference for exponents up to 31, and left to it elsewhere", () => {
    const x = fc.oneof(fc.integer({ min, max }), fc.integer({ min: 0, max: 12 }));
    const y = fc.oneof(fc.integer({ min: 0, max: 31 }), fc.integer({ min, max }));
    fc.assert(
      fc.property(x, y, (a, b) => {
        const small = b >= 0 && b < 32;
        expect(Boolean(isBeyond(a, b))).toBe(!small);
        if (small) expect(run(a, b)).toBe(wrap(reference(a, b)));
      }),
    );
  });
});

describe.each(["float32", "float64"] as const)("fma of %s", (dtype) => {
  const { formula, beyond, scalar } = elementwise(fmaPrimitive.primitive);
  const reference = scalar(dtype, {} as never);
  const round = dtype === "float32" ? Math.fround : (x: number): number => x;
  const number = (dtype === "float32" ? fc.float() : fc.double()).map(round);

  // The machine of these tests rounds to float32 only; in float64 its numbers are JavaScript's.
  test.each([1, 2, 1024])("by %d is the reference", (by) => {
    const { run } = compile(
      (m, x, z) => formula(m, [x, m.constant(dtype, by), z], dtype, {}),
      2,
      "once",
      dtype,
    );
    const overflows = compile(
      (m, x) => beyond(m, [x, m.constant(dtype, by), x], dtype, {}),
      1,
      "once",
      dtype,
    );
    fc.assert(
      fc.property(number, number, (x, z) =>
        overflows.run(x)
          ? !(Math.abs(round(x * by)) < Infinity)
          : Object.is(run(x, z), round(reference(x, by, z))),
      ),
    );
  });

  test.each([3, 0.5, 0, -2, Infinity, NaN])("by %d is not left to machines", (by) => {
    expect(() =>
      compile((m, x) => formula(m, [x, m.constant(dtype, by), x], dtype, {}), 1, "once", dtype),
    ).toThrow("expected a formula");
  });
});
