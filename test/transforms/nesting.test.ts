/** Derivatives inside derivatives: each sees the others' variables as constants. */
import { describe, expect, test } from "vitest";
import { type Expr, literal, param } from "../../src/ir/expr.js";
import { add, mul, neg, sub } from "../../src/ir/primitives/arithmetic.js";
import { full, sum } from "../../src/ir/primitives/layout.js";
import { exp, sin } from "../../src/ir/primitives/transcendental.js";
import { substitute, topological } from "../../src/ir/program.js";
import { batchFold } from "../../src/transforms/batch.js";
import { jvpFold } from "../../src/transforms/jvp.js";
import { vjpFold } from "../../src/transforms/transpose.js";
import { gradOf, pushed, read, scalar, values } from "../ir/values.js";

const one = (): Expr => literal("float64", 1);
/** d/dx in forward mode. */
const pushOf = (f: (x: Expr) => Expr, x: Expr): Expr => pushed(f, x, one());
const modes = { forward: pushOf, reverse: gradOf };
const pairs = (["forward", "reverse"] as const).flatMap((a) =>
  (["forward", "reverse"] as const).map((b) => [a, b] as const),
);

describe("perturbation confusion", () => {
  // J. M. Siskind and B. A. Pearlmutter, "Perturbation confusion and referential transparency", 2005:
  // d/dx (x · d/dy (x + y) at y = 1) at x = 1 is 1, not 2.
  test.each(pairs)("%s over %s: d/dx (x · d/dy (x + y))", (outer, inner) => {
    expect(
      read(
        modes[outer](
          (x) =>
            mul(
              x,
              modes[inner]((y) => add(x, y), one()),
            ),
          scalar(1),
        ),
      ),
    ).toEqual([[1]]);
  });

  test.each(pairs)("%s over %s: d/dx (x · d/dy (x · y))", (outer, inner) => {
    expect(
      read(
        modes[outer](
          (x) =>
            mul(
              x,
              modes[inner]((y) => mul(x, y), scalar(2)),
            ),
          scalar(3),
        ),
      ),
    ).toEqual([[6]]);
  });

  test.each(pairs)("%s over %s: the inner point depends on the outer variable", (outer, inner) => {
    // d/dx of (d/dy y³ at y = x²) = d/dx 3x⁴ = 12x³
    const cube = (y: Expr): Expr => mul(y, mul(y, y));
    expect(read(modes[outer]((x) => modes[inner](cube, mul(x, x)), scalar(2)))).toEqual([[96]]);
  });

  test("three levels: d/dx d/dy d/dz of x²·y²·z² at (2, 3, 5)", () => {
    const square = (a: Expr): Expr => mul(a, a);
    const f = gradOf(
      (x) => pushOf((y) => gradOf((z) => mul(square(x), mul(square(y), square(z))), scalar(5)), scalar(3)),
      scalar(2),
    );
    expect(read(f)).toEqual([[4 * 6 * 10]]);
  });

  test("an inner function that ignores its variable has derivative 0 and lets the outer one through", () => {
    expect(
      read(
        gradOf(
          (x) =>
            add(
              gradOf(() => mul(x, x), scalar(7)),
              x,
            ),
          scalar(3),
        ),
      ),
    ).toEqual([[1]]);
  });

  test("the same function differentiated at two points inside one derivative", () => {
    const f = (y: Expr): Expr => mul(y, mul(y, y));
    // d/dx (f'(x) + f'(2x)) = 6x + 24x
    expect(read(gradOf((x) => add(gradOf(f, x), gradOf(f, add(x, x))), scalar(1)))).toEqual([[30]]);
  });

  test("the outer variable enters through a closure made before the inner one", () => {
    const outer = (x: Expr): Expr => {
      const g = (y: Expr): Expr => mul(sin(x), y);
      return mul(
        gradOf(g, x),
        gradOf((y) => mul(g(y), y), x),
      );
    };
    // sin x · (2 sin x · x): derivative 4 sin x cos x · x + 2 sin² x
    const [s, c] = [Math.sin(1.5), Math.cos(1.5)];
    expect(read(gradOf(outer, scalar(1.5)))[0]![0]).toBeCloseTo(4 * s * c * 1.5 + 2 * s * s, 12);
  });

  test("orders one to five of exp(-x²) agree with Hermite polynomials", () => {
    const f = (x: Expr): Expr => exp(neg(mul(x, x)));
    const hermite: ((x: number) => number)[] = [
      () => 1,
      (x) => 2 * x,
      (x) => 4 * x ** 2 - 2,
      (x) => 8 * x ** 3 - 12 * x,
      (x) => 16 * x ** 4 - 48 * x ** 2 + 12,
      (x) => 32 * x ** 5 - 160 * x ** 3 + 120 * x,
    ];
    for (const mode of [pushOf, gradOf]) {
      let g = f;
      for (let n = 0; n <= 5; n++) {
        expect(read(g(scalar(0.7)))[0]![0]).toBeCloseTo((-1) ** n * hermite[n]!(0.7) * Math.exp(-0.49), 9);
        const previous = g;
        g = (x) => mode(previous, x);
      }
    }
  });
});

describe("vmap and derivatives", () => {
  test("a batch over the outer variable of a nested derivative", () => {
    const x = param({ shape: [], dtype: "float64" });
    const y = gradOf(
      (a) =>
        mul(
          a,
          gradOf((b) => mul(a, mul(b, b)), scalar(3)),
        ),
      x,
    );
    // a · (a · 6): derivative 12a
    const [[out, axis]] = batchFold([y], new Map([[x, [values([1, 2, 3]), 0] as const]]), 3) as [
      readonly [Expr, number],
    ];
    expect(axis).toBe(0);
    expect(read(out)).toEqual([[12, 24, 36]]);
  });

  test("a value of the outer batch inside an inner batch over the same size", () => {
    const [x, y] = [param({ shape: [], dtype: "float64" }), param({ shape: [], dtype: "float64" })];
    const inner = batchFold([sub(y, x)], new Map([[y, [values([10, 20, 30]), 0] as const]]), 3)[0]!;
    expect(inner[1]).toBe(0);
    const outer = batchFold([inner[0]], new Map([[x, [values([1, 2, 3]), 0] as const]]), 3)[0]!;
    const rows = read(outer[1] === 0 ? outer[0] : outer[0])[0]!;
    const want = [1, 2, 3].map((a) => [10, 20, 30].map((b) => b - a));
    expect(outer[1] === 0 ? rows : [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => rows[j * 3 + i]))).toEqual(
      want.flat(),
    );
  });
});

describe("folds leave alone what they need not touch", () => {
  test("jvp keeps primals, and gives no tangent to what does not depend", () => {
    const [x, z] = [param({ shape: [], dtype: "float64" }), param({ shape: [], dtype: "float64" })];
    const other = exp(z);
    const y = mul(sin(x), other);
    const { primals, tangents } = jvpFold([y, other], new Map([[x, one()]]));
    expect(primals[0]).toBe(y);
    expect(primals[1]).toBe(other);
    expect(tangents[1]).toBeNull();
  });

  test("an old history is not walked", () => {
    let old = scalar(1);
    for (let i = 0; i < 2000; i++) old = sin(old);
    const x = param({ shape: [], dtype: "float64" });
    const y = mul(x, old);
    const { pull } = vjpFold([y], [x]);
    expect(pull([one()])[0]!.args).toContain(old);
    expect(substitute([y], new Map([[x, one()]]))[0]!.args[1]).toBe(old);
  });

  test("the gradient of a sum is one broadcast", () => {
    const x = param({ shape: [5], dtype: "float64" });
    const g = vjpFold([sum(x, [0])], [x]).pull([one()])[0]!;
    expect(
      topological([g])
        .filter((e) => e.tag === "Apply")
        .map((e) => e.primitive!.name),
    ).toEqual(["broadcast"]);
    expect(read(g)).toEqual([[1, 1, 1, 1, 1]]);
  });

  test("a result that is a param has the cotangent itself; an unused param has none", () => {
    const [x, y] = [param({ shape: [], dtype: "float64" }), param({ shape: [], dtype: "float64" })];
    const ct = full([], "float64", 3);
    expect(vjpFold([x], [x, y]).pull([ct])).toEqual([ct, null]);
    expect(vjpFold([x, x], [x]).pull([ct, null])).toEqual([ct]);
  });
});
