/** Derivatives of lifted functions: against central differences, and never from a branch that was not taken. */
import { describe, expect, test } from "vitest";
import { grad, jvp, lift, mul, sum, tensor, type Tensor, vmap } from "../../src/index.js";
import type { Plain } from "./everywhere.js";

const tensor64 = (values: readonly number[]): Tensor => tensor([...values], { dtype: "float64" });

const slope = (f: Plain, x: number): number => {
  const h = 1e-5;
  return (Number(f(x + h)) - Number(f(x - h))) / (2 * h);
};

const gradientOf = (f: Plain, xs: readonly number[], environment = {}): number[] =>
  grad((x: Tensor) => sum(lift(f, environment)(x) as Tensor))(tensor64(xs)).toArray() as number[];

const forwardOf = (f: Plain, xs: readonly number[]): number[] =>
  jvp(lift(f) as (x: Tensor) => Tensor, [tensor64(xs)], [tensor64(xs.map(() => 1))])[1].toArray() as number[];

const expectSlopes = (f: Plain, xs: readonly number[], reverse = true): void => {
  const want = xs.map((x) => slope(f, x));
  for (const got of [forwardOf(f, xs), ...(reverse ? [gradientOf(f, xs)] : [])])
    got.forEach((g, i) => expect(g, `slope at ${xs[i]}`).toBeCloseTo(want[i]!, 5));
};

describe("equal differences", () => {
  const smooth: Readonly<Record<string, Plain>> = {
    "an expression": (x) => (x * Math.sin(x)) / (1 + Math.exp(-x)) + x ** 3,
    "a choice": (x) => (x > 0.3 ? x * x : Math.exp(x)),
    "early returns": (x) => {
      if (x < 0) return -x * x;
      const y = Math.sqrt(x + 1);
      if (y > 1.4) return y * x;
      return y;
    },
    "a loop written out": (x) => {
      let y = 1;
      for (let i = 0; i < 4; i++) y = y * x + i;
      return y;
    },
    "a counted loop": (x) => {
      let y = x;
      for (let i = 0; i < 60; i++) y = y - 0.05 * Math.sin(y);
      return y;
    },
    "a counted loop that is left early": (x) => {
      let y = 1 + x * x;
      for (let i = 0; i < 60; i++) {
        if (y > 8) break;
        y = y * 1.1 + 0.1 * x;
      }
      return y;
    },
    "a short loop with conditions, written out in a long one": (x) => {
      let y = 1 + x * x;
      for (let i = 0; i < 40; i++) {
        for (let k = 0; k < 22; k++) {
          if (y > 8 + k) continue;
          y += 0.01 * x;
        }
        y *= 1.01;
      }
      return y;
    },
    "a return from inside a counted loop": (x) => {
      let y = 1 + x * x;
      for (let i = 0; i < 60; i++) {
        y *= 1.2;
        if (y > 9) return y * x;
      }
      return y;
    },
  };
  test.each(Object.keys(smooth))("%s", (name) => expectSlopes(smooth[name]!, [-0.9, 0.1, 0.7, 1.6]));

  test("a loop of unknown length, forward", () => {
    const f = (x: number): number => {
      let y = x;
      while (y < 10) y = y * 1.3 + x;
      return y;
    };
    expectSlopes(f, [0.4, 1.7], false);
    expect(() => gradientOf(f, [0.4])).toThrow("expected forward mode, got reverse mode");
    const many = Array.from({ length: 300 }, (_, i) => 0.4 + i / 100);
    expect(() => gradientOf(f, many)).toThrow("expected forward mode, got reverse mode");
  });

  test("second derivatives, and vmap of gradients", () => {
    const f = lift((x: number) => (x > 0 ? x ** 3 * Math.log(x) : x * x));
    const twice = grad(grad(f));
    expect(twice(2).item()).toBeCloseTo(6 * 2 * Math.log(2) + 5 * 2, 4);
    expect(twice(-2).item()).toBeCloseTo(2, 6);
    expect(twice(0).item()).toBeCloseTo(2, 6);
    const slopes = vmap(grad(f))(tensor([1, -1])).toArray();
    expect(slopes).toEqual([1, -2]);
  });

  test("reach tables and tensors of the environment", () => {
    const f = (table: Tensor): Tensor =>
      sum(
        lift((i: number, x: number) => (i > 0 ? (table as unknown as number[])[i]! * x : x), { table })(
          tensor([0, 1, 2, 2]),
          tensor([1, 2, 3, 4]),
        ),
      );
    expect(grad(f)(tensor([5, 6, 7])).toArray()).toEqual([0, 2, 7]);
    const scaled = (alpha: Tensor): Tensor =>
      sum(lift((x: number) => x * (alpha as unknown as number), { alpha })(tensor([1, 2])));
    expect(grad(scaled)(tensor(3)).item()).toBe(3);
  });
});

describe("a branch that is not taken gives no NaN", () => {
  const at: Readonly<Record<string, readonly [f: Plain, x: number, slope: number]>> = {
    "log at 0": [(x) => (x > 0 ? Math.log(x) : 0), 0, 0],
    "log at 0, early return": [
      (x) => {
        if (x <= 0) return 3 * x;
        return Math.log(x);
      },
      0,
      3,
    ],
    "sqrt at 0, assigned": [
      (x) => {
        let y = x;
        if (x > 0) y = Math.sqrt(x);
        return y;
      },
      0,
      1,
    ],
    "a division behind &&": [(x) => (x !== 0 && 1 / x > 2 ? x * 5 : x), 0, 1],
    "sin(x)/x": [(x) => (x === 0 ? 1 : Math.sin(x) / x), 0, 0],
    nested: [(x) => (x > 0 ? (x > 1 ? Math.sqrt(x - 1) : x * x) : -x), 1, 2],
    "after a break": [
      (x) => {
        let y = x;
        for (let i = 0; i < 50; i++) {
          if (y <= 0) break;
          y = Math.sqrt(y) - 0.9;
        }
        return y;
      },
      0,
      1,
    ],
    "in rounds written out": [
      (x) => {
        let y = x;
        for (let i = 0; i < 3; i++) if (y > 0) y = y * Math.log(y);
        return y;
      },
      0,
      1,
    ],
    "in a counted loop behind a condition": [
      (x) => {
        let y = x;
        if (x > 0) for (let i = 0; i < 50; i++) y = Math.sqrt(y);
        return 2 * y;
      },
      0,
      2,
    ],
    "in a loop in a loop behind conditions": [
      (x) => {
        let y = x;
        for (let k = 0; k < 40; k++) {
          if (y <= 0) continue;
          for (let i = 0; i < 40; i++) y = y ** 0.5 - 0.001;
        }
        return y;
      },
      0,
      1,
    ],
    "in a lifted function that is called": [(x) => (x > 0 ? inverse(x) : 2 * x), 0, 2],
    "a table's element": [(x) => (x > 0 ? Math.log(x) : 0) + x, 0, 1],
  };
  const inverse = (x: number): number => 1 / x;
  test.each(Object.keys(at))("%s", (name) => {
    const [f, x, want] = at[name]!;
    const y = tensor64([x, x]);
    const lifted = lift(f, { inverse }) as (x: Tensor) => Tensor;
    expect(grad((v: Tensor) => sum(lifted(v)))(y).toArray()).toEqual([want, want]);
    expect(jvp(lifted, [y], [tensor64([1, 1])])[1].toArray()).toEqual([want, want]);
    // Of the second derivative only that it is a number.
    const second = grad((v: Tensor) => sum(grad((u: Tensor) => sum(mul(lifted(u), u)))(v)))(y);
    for (const s of second.toArray() as number[]) expect(Number.isFinite(s)).toBe(true);
  });

  test("in forward mode through a loop of unknown length, whose lanes end apart", () => {
    const f = lift((x: number) => {
      let y = x;
      while (y > 1) y = Math.sqrt(y - 1) + 0.1;
      return y;
    });
    const [, t] = jvp(f as (x: Tensor) => Tensor, [tensor64([1, 5])], [tensor64([1, 1])]);
    expect((t.toArray() as number[]).every(Number.isFinite)).toBe(true);
    expect((t.toArray() as number[])[0]).toBe(1);
  });
});
