/**
 * The laws that every primitive obeys, on random operands:
 *
 *  1. the shape rule says what evaluation gives;
 *  2. jvp is the derivative, to second order, in forward and in reverse mode;
 *  3. transposes are adjoint: ⟨A t, c⟩ = ⟨t, Aᵀ c⟩; zeros of cotangents stay where `support` says;
 *  4. batching equals a loop, whichever operands are mapped along whichever axes;
 *  5. every backend equals the interpreter.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Primitive } from "../src/ir/primitive.js";
import { type PrimitiveName, primitives } from "../src/transforms/table.js";
import { call } from "../src/transforms/evaluate.js";
import { expectSame, expectWithin } from "./arrays.js";
import { backends } from "./backends.js";
import { batched, forward, looped, reverse, stacked, transposed } from "./folds.js";
import { expectBatch } from "./laws/batch.js";
import {
  expectForwardOverReverse,
  expectJvp,
  expectPullback,
  expectReverseOverReverse,
  expectSecondJvp,
} from "./laws/derivative.js";
import {
  allowedFor,
  forwardOnly,
  gradientUlps,
  implicit,
  onceDifferentiable,
  reverseOnly,
  tangentOnly,
  withoutDerivative,
} from "./laws/exceptions.js";
import { expectSupport, expectTranspose } from "./laws/linear.js";
import { directions, nodeProgram, placeOf } from "./laws/node.js";
import { expectShape } from "./laws/shape.js";
import { type Sample, samplers } from "./samplers/index.js";

/** FLUXION_RUNS=20 looks twenty times as hard. */
const effort = Number(process.env["FLUXION_RUNS"] ?? 1);

/** Checks a law on random samples; returns on how many it had something to say. */
const hold = (name: PrimitiveName, numRuns: number, law: (sample: Sample) => boolean): number => {
  let told = 0;
  fc.assert(
    fc.property(samplers[name], (sample) => {
      if (law(sample)) told++;
    }),
    { seed: 20250607, numRuns: numRuns * effort },
  );
  return told;
};

const ordinary = (Object.entries(primitives) as [PrimitiveName, Primitive][]).filter(
  ([name]) => name !== tangentOnly,
);

describe.each(ordinary)("%s", (name, primitive) => {
  test("its shape rule says what evaluation gives", () => {
    hold(name, 50, (s) => (expectShape(primitive, s), true));
  });

  test("batching equals a loop", { timeout: 120_000 }, () => {
    hold(name, 25, (s) => (expectBatch(primitive, s), true));
  });

  test.each(backends)("backend $name equals the interpreter", ({ name: backend, run }) => {
    hold(name, 25, (s) => {
      const program = nodeProgram(primitive, s.args, s.attrs);
      expectWithin("result", run(program, s.args), call(program, s.args), allowedFor(name, backend));
      return true;
    });
  });

  if (withoutDerivative.has(name))
    test("no tangent passes", () => {
      hold(name, 25, (s) => {
        const program = nodeProgram(primitive, s.args, s.attrs);
        const on = s.args.flatMap((x, i) => (x.dtype.startsWith("float") ? [i] : []));
        const ts = directions(
          on.map((i) => s.args[i]!),
          1,
        );
        const out = call(forward(program, on), [...s.args, ...ts]).slice(program.results.length);
        expect(s.differentiable).toEqual([]);
        for (const t of out) expect(t.data.every((x) => x === 0)).toBe(true);
        return true;
      });
    });
  else {
    const differentiate = (numRuns: number, law: (sample: Sample) => void): void => {
      const told = hold(name, numRuns, (s) => {
        if (s.differentiable.length === 0) return false;
        law(s);
        return true;
      });
      expect(told).toBeGreaterThanOrEqual(numRuns / 5);
    };

    test.skipIf(reverseOnly.has(name) || implicit.has(name))(
      "jvp is the derivative, and so is its jvp",
      () => {
        differentiate(30, (s) => {
          const place = placeOf(primitive, s);
          expectJvp(place);
          if (!onceDifferentiable.has(name)) expectSecondJvp(place);
        });
      },
    );

    test.skipIf(forwardOnly.has(name))("vjp is adjoint to the derivative", () => {
      differentiate(30, (s) => expectPullback(placeOf(primitive, s), !reverseOnly.has(name)));
    });

    test.skipIf(onceDifferentiable.has(name) || forwardOnly.has(name) || implicit.has(name))(
      "vjp can be differentiated, forwards and in reverse",
      () => {
        differentiate(20, (s) => {
          const place = placeOf(primitive, s);
          expectForwardOverReverse(place);
          expectReverseOverReverse(place);
        });
      },
    );

    if (forwardOnly.has(name))
      test("reverse mode is refused", () => {
        differentiate(10, (s) => {
          const { program, on } = placeOf(primitive, s);
          expect(() => reverse(program, on)).toThrow(/expected forward mode, got reverse mode/);
        });
      });

    test.skipIf(forwardOnly.has(name)).each(backends)(
      "backend $name computes its gradient as the interpreter does",
      ({ run }) => {
        differentiate(10, (s) => {
          const { program, args, on } = placeOf(primitive, s);
          const gradient = reverse(program, on);
          const cts = directions(
            call(program, args).filter((x) => x.dtype.startsWith("float")),
            5,
          );
          const operands = [...args, ...cts];
          expectWithin("gradient", run(gradient, operands), call(gradient, operands), gradientUlps);
        });
      },
    );
  }

  test(
    primitive.transpose === null ? "is linear in none of its operands" : "its transpose is adjoint",
    () => {
      const told = hold(name, 40, (s) => {
        if (s.linear.length === 0) return false;
        expectTranspose(primitive, s);
        return true;
      });
      expect(told > 0).toBe(primitive.transpose !== null);
    },
  );

  test.skipIf(primitive.transpose === null || primitive.support === undefined)(
    "zeros of cotangents stay where its support says",
    () => {
      let told = 0;
      for (const along of [0, 1, 2, 3, 15])
        told += hold(name, 20, (s) => s.linear.length > 0 && expectSupport(primitive, s, along));
      expect(told > 0).toBe(name !== "windows");
    },
  );
});

describe(tangentOnly, () => {
  const primitive = primitives[tangentOnly];
  const message =
    "customVjp: expected reverse mode (grad, vjp, jacrev), got forward mode: give a customJvp rule instead";

  test("has no values and no forward mode", () => {
    hold(tangentOnly, 10, ({ args, attrs, linear: [on] }) => {
      const program = nodeProgram(primitive, args, attrs);
      expect(() => call(program, args)).toThrow(message);
      expect(() => forward(program, on!)).toThrow(message);
      return true;
    });
  });

  test("its transpose is the backward rule", () => {
    hold(tangentOnly, 30, (s) => {
      const program = nodeProgram(primitive, s.args, s.attrs);
      const { known, cts, backward } = pulledBack(s);
      expectSame("transpose", call(transposed(program, s.linear[0]!), [...known, ...cts]), backward);
      return true;
    });
  });

  test("the transpose of a batch equals a loop of transposes", () => {
    hold(tangentOnly, 30, (s) => {
      const program = nodeProgram(primitive, s.args, s.attrs);
      const on = s.linear[0]!;
      const members = [s.args, ...s.others];
      const { cts } = pulledBack(s);
      for (const mapped of [true, false]) {
        // The tangents are mapped; the residuals are or are not.
        const axes = s.args.map((_, i) => (on.includes(i) || mapped ? 0 : null));
        const pull = transposed(batched(program, axes, members.length), on);
        const one = transposed(program, on);
        const knownAxes = axes.slice(0, on[0]);
        const ctAxes = cts.map(() => 0);
        const knowns = members.map((m) => [...m.slice(0, on[0]), ...cts]);
        const got = call(pull, stacked([...knownAxes, ...ctAxes], knowns));
        expectSame("transpose of a batch", got, looped(one, [...knownAxes, ...ctAxes], knowns));
      }
      return true;
    });
  });

  const pulledBack = (s: Sample) => {
    const { backward, residuals } = s.attrs as unknown as {
      backward: Parameters<typeof call>[0];
      residuals: number;
    };
    const known = s.args.slice(0, residuals);
    const cts = directions(
      backward.params.slice(residuals).map((p) => ({ ...p.aval, data: new Float64Array(p.size) })),
      2,
    );
    return { known, cts, backward: call(backward, [...known, ...cts]) };
  };
});
