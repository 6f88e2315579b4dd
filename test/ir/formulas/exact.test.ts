/** Formulas that give the bits of their reference: remainders, powers of integers, neighbours, multiplication by a power of two with addition. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fma as fmaPrimitive } from "../../../src/ir/primitives/fma.js";
import { rem } from "../../../src/ir/primitives/arithmetic.js";
import { nextAfter } from "../../../src/ir/primitives/next-after.js";
import { specialFunctions } from "../../../src/ir/primitives/special.js";
import { pow } from "../../../src/ir/primitives/transcendental.js";
import type { Formula } from "../../../src/ir/machine.js";
import type { Primitive } from "../../../src/ir/primitive.js";
import { between, specials, spread } from "../../numerics/floats.js";
import { compile } from "./machine.js";
import { samples } from "./samples.js";

const elementwise = ({ lower }: Primitive) => {
  if (lower._tag !== "Elementwise" || lower.formula === undefined) throw new Error("expected a formula");
  return {
    formula: lower.formula as Formula<object>,
    beyond: lower.beyond as Formula<object>,
    otherwise: lower.otherwise as Formula<object>,
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
  const { formula, scalar } = elementwise(pow.primitive);
  const { run, size } = compile((m, x, y) => formula(m, [x, y], dtype, {}), 2, "once", dtype);
  const reference = scalar(dtype, {} as never);
  const wrap = (x: number): number => (dtype === "int32" ? x | 0 : x >>> 0);
  const small = Array.from({ length: 140 }, (_, k) => k);
  const corners = [...small, ...small.map((k) => max - k), ...small.map((k) => min + k), -1, -2, -3, 2 ** 16];
  const inside = corners.filter((k) => k >= min);

  test("is the reference at corners", () => {
    for (const x of inside)
      for (const y of inside)
        if (run(x, y) !== wrap(reference(x, y))) expect.fail(`${x} ** ${y}: got ${run(x, y)}`);
  });

  test("is the reference", () => {
    const integer = fc.integer({ min, max });
    fc.assert(
      fc.property(integer, integer, (x, y) => run(x, y) === wrap(reference(x, y))),
      { numRuns: 20_000 },
    );
  });

  test("cost", () => expect(size).toBe(dtype === "int32" ? 59 : 50));
});

describe.each([
  ["int8", -128, 127],
  ["uint8", 0, 255],
] as const)("pow of %s", (dtype, min, max) => {
  const { formula, scalar } = elementwise(pow.primitive);
  const { run } = compile((m, x, y) => formula(m, [x, y], dtype, {}), 2, "once", dtype);
  const reference = scalar(dtype, {} as never);
  const wrap = (x: number): number => (dtype === "int8" ? (x << 24) >> 24 : x & 255);

  test("is the reference, of all pairs", () => {
    for (let x = min; x <= max; x++)
      for (let y = min; y <= max; y++)
        if (run(x, y) !== wrap(reference(x, y))) expect.fail(`${x} ** ${y}: got ${run(x, y)}`);
  });
});

describe("rem of float32", () => {
  const { formula, scalar } = elementwise(rem.primitive);
  const { run, size } = compile((m, x, y) => formula(m, [x, y], "float32", {}), 2, "once");
  const reference = scalar("float32", {} as never);
  const check = (x: number, y: number): void => {
    if (!Object.is(run(x, y), reference(x, y)))
      expect.fail(`${x} % ${y}: got ${run(x, y)}, not ${reference(x, y)}`);
  };

  test("is the reference at corners", () => {
    for (const x of specials) for (const y of specials) check(x, y);
  });

  test("is the reference over all exponents", () => {
    const [xs, ys] = [spread(700), spread(701)];
    for (const x of xs) for (const y of ys) check(x, y);
  });

  test("is the reference of numbers of like size, and of multiples", () => {
    const near = between(-40, 40, 1000);
    for (const x of near) for (const y of between(-7, 7, 200)) check(x, y);
    for (const y of between(1e-30, 9, 500)) for (let n = 0; n < 200; n++) check(Math.fround(n * y), y);
  });

  test("cost", () => expect(size).toBe(289));
});

describe("nextAfter of float32", () => {
  const { formula, scalar } = elementwise(nextAfter.primitive);
  const { run, size } = compile((m, x, y) => formula(m, [x, y], "float32", {}), 2, "once");
  const reference = scalar("float32", {} as never);

  test("is the reference", () => {
    const xs = [...specials, ...spread(500)];
    for (const x of xs)
      for (const y of xs)
        if (!Object.is(run(x, y), reference(x, y)))
          expect.fail(`from ${x} to ${y}: got ${run(x, y)}, not ${reference(x, y)}`);
  });

  test("cost", () => expect(size).toBe(17));
});

/** Zeros, ends, powers of two, and numbers next to those. */
const doubles: readonly number[] = [
  0,
  1,
  2,
  3,
  2 ** 52,
  2 ** 53,
  2 ** -1022,
  2 ** -1073,
  2 ** 1022,
  2 ** 1023,
]
  .flatMap((x) => [x * (1 - 2 ** -53), x, x * (1 + 2 ** -52)])
  .concat(5e-324, 1e-310, 1 / 3, Math.PI, Number.MAX_VALUE, Infinity, NaN)
  .flatMap((x) => [x, -x]);

describe("rem of float64", () => {
  const { formula, beyond, scalar } = elementwise(rem.primitive);
  const compiled = (f: Formula<object>) =>
    compile((m, x, y) => f(m, [x, y], "float64", {}), 2, "twice", "float64");
  const [inside, far] = [compiled(formula), compiled(beyond)];
  const reference = scalar("float64", {} as never);
  /** Whether the formula holds. */
  const check = (x: number, y: number): boolean => {
    if (far.run(x, y)) return false;
    if (!Object.is(inside.run(x, y), reference(x, y)))
      expect.fail(`${x} % ${y}: got ${inside.run(x, y)}, not ${reference(x, y)}`);
    return true;
  };

  test("is the reference at corners", () => {
    for (const x of doubles) for (const y of doubles) check(x, y);
  });

  test("is the reference over all exponents, wherever quotients are short", () => {
    const double = fc.double({ noNaN: true });
    fc.assert(
      fc.property(double, double, (x, y) => {
        check(x, y);
      }),
      { numRuns: 20_000 },
    );
    const quotient = fc.double({ min: -(2 ** 24), max: 2 ** 24, noNaN: true });
    const divisor = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
    fc.assert(
      fc.property(quotient, divisor, (q, y) => check(q * y, y) && check(Math.trunc(q) * y, y)),
      { numRuns: 20_000 },
    );
  });

  test("does not hold where quotients are long or infinite", () => {
    expect([far.run(2 ** 25, 1), far.run(2 ** 25 + 1, 1), far.run(1, 0), far.run(1e308, 1e308)]).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  test("cost", () => expect([inside.size, far.size]).toEqual([18, 7]));
});

describe("nextAfter of float64", () => {
  const { formula, scalar } = elementwise(nextAfter.primitive);
  const { run, size } = compile((m, x, y) => formula(m, [x, y], "float64", {}), 2, "twice", "float64");
  const reference = scalar("float64", {} as never);
  const check = (x: number, y: number): void => {
    if (!Object.is(run(x, y), reference(x, y)))
      expect.fail(`from ${x} to ${y}: got ${run(x, y)}, not ${reference(x, y)}`);
  };

  test("is the reference", () => {
    for (const x of doubles) for (const y of doubles) check(x, y);
    for (let e = -1074; e < 1024; e++)
      for (const x of [2 ** e, -(2 ** e), 1.5 * 2 ** e])
        for (const y of [0, -Infinity, Infinity]) check(x, y);
    fc.assert(fc.property(fc.double(), fc.double(), check), { numRuns: 5_000 });
  });

  test("cost", () => expect(size).toBe(24));
});

describe.each(["float32", "float64"] as const)("fma of %s", (dtype) => {
  const { formula, beyond, otherwise, scalar } = elementwise(fmaPrimitive.primitive);
  const reference = scalar(dtype, {} as never);
  const round = dtype === "float32" ? Math.fround : (x: number): number => x;
  const number = (dtype === "float32" ? fc.float() : fc.double()).map(round);

  // The machine of these tests rounds to float32 only; in float64 its numbers are JavaScript's.
  test.each([1, 2, 1024])("by %d is the reference", (by) => {
    const compiled = (f: Formula<object>) =>
      compile((m, x, z) => f(m, [x, m.constant(dtype, by), z], dtype, {}), 2, "once", dtype).run;
    const [inside, overflows, large] = [formula, beyond, otherwise].map(compiled);
    const check = (x: number, z: number): boolean =>
      Object.is((overflows!(x, z) ? large! : inside!)(x, z), round(reference(x, by, z)));
    fc.assert(fc.property(number, number, check));
    const most = dtype === "float32" ? 2 ** 127 * (2 - 2 ** -23) : Number.MAX_VALUE;
    const huge = [1, 0.75, 0.5 + 2 ** -20, 2 ** -9].flatMap((f) => [f * most, -f * most]).map(round);
    for (const x of [...huge, Infinity, -Infinity])
      for (const z of [...huge, Infinity, -Infinity, 0, 1, 1e-40])
        if (!check(x, z)) expect.fail(`${x} · ${by} + ${z}`);
  });

  test.each([3, 0.5, 0, -2, Infinity, NaN])("by %d", (by) => {
    const compiled = (f: Formula<object>) =>
      compile((m, x, z) => f(m, [x, m.constant(dtype, by), z], dtype, {}), 2, "twice", dtype).run;
    const inside = compiled(formula);
    const [far, there] = dtype === "float32" ? [() => 0, inside] : [beyond, otherwise].map(compiled);
    const run = (x: number, z: number): number => (far!(x, z) ? there!(x, z) : inside(x, z));
    fc.assert(fc.property(number, number, (x, z) => Object.is(run(x, z), reference(x, by, z))));
  });
});

test("erfInv of float32 is the reference", () => {
  const { formula, scalar } = elementwise(specialFunctions.erfInv);
  const { run, size } = compile((m, x) => formula(m, [x], "float32", {}), 1, "twice");
  const reference = scalar("float32", {} as never);
  for (const x of samples([-1, 1], [1]))
    if (!Object.is(run(x), reference(x))) expect.fail(`erfInv(${x}): got ${run(x)}, not ${reference(x)}`);
  expect(size).toBe(85);
});
