import { describe, expect, test } from "vitest";
import type { Aval } from "../../src/ir/aval.js";
import { checkProgram } from "../../src/ir/check.js";
import { apply, applyAll, Expr, param } from "../../src/ir/expr.js";
import type { Attrs, Primitive } from "../../src/ir/primitive.js";
import { add, mul } from "../../src/ir/primitives/arithmetic.js";
import { sum, sumPrimitive } from "../../src/ir/primitives/layout.js";
import { sin } from "../../src/ir/primitives/transcendental.js";
import type { Program } from "../../src/ir/program.js";
import { checkpointed, checkpointPrimitive } from "../../src/transforms/checkpoint.js";
import { values } from "./values.js";

const vector: Aval = { shape: [3], dtype: "float32" };
const matrix: Aval = { shape: [2, 3], dtype: "float32" };
const noAttrs: Attrs = {};

/** A node as a faulty rewrite might make it: recorded with whatever type it says. */
const node = (primitive: Primitive, args: readonly Expr[], attrs: object, ...avals: Aval[]): Expr =>
  new Expr("Apply", avals, primitive, args, attrs as Attrs, null);

const x = param(vector);
const program = (...results: Expr[]): Program => ({ params: [x], results });

describe("checkProgram", () => {
  test("accepts programs with constants, sub-programs and unused params", () => {
    const y = add(sin(x), values([1, 2, 3], [3], "float32"));
    const [z] = checkpointed(([p]) => [mul(p!, y)], [x]);
    expect(() => checkProgram({ params: [x, param(matrix)], results: [z!, x, sum(y, [0])] })).not.toThrow();
  });

  const faults: [string, () => Program, string][] = [
    [
      "a wrong shape",
      () => program(node(sin.primitive, [x], noAttrs, matrix)),
      "checkProgram: sin is recorded as float32[2,3], its rule gives float32[3]",
    ],
    [
      "a wrong dtype",
      () => program(node(sin.primitive, [x], noAttrs, { ...vector, dtype: "float64" })),
      "checkProgram: sin is recorded as float64[3], its rule gives float32[3]",
    ],
    [
      "operands that do not fit",
      () => program(node(add.primitive, [x, values([1, 2])], noAttrs, vector)),
      "add: expected operands of equal shape, got float32[3] and float64[2]",
    ],
    [
      "attributes that do not fit",
      () => program(node(sumPrimitive, [x], { axes: [1] }, vector)),
      "sum: expected increasing axes below 1, got [1] for float32[3]",
    ],
    [
      "too many results",
      () =>
        program(
          new Expr(
            "Project",
            [vector],
            null,
            [node(sin.primitive, [x], noAttrs, vector, vector)],
            noAttrs,
            null,
            1,
          ),
        ),
      "checkProgram: sin is recorded as float32[3],float32[3], its rule gives float32[3]",
    ],
    [
      "a wrong fault deep inside",
      () => program(sum(mul(node(sin.primitive, [x], noAttrs, matrix), param(matrix)), [0])),
      "checkProgram: sin is recorded as float32[2,3], its rule gives float32[3]",
    ],
    ["a free param", () => program(add(x, param(vector))), "checkProgram: free param float32[3] #"],
    [
      "a param listed twice",
      () => ({ params: [x, x], results: [x] }),
      "checkProgram: a param is listed twice",
    ],
    ["a param that is none", () => ({ params: [sin(x)], results: [] }), "is a Apply"],
    [
      "a projection of nothing",
      () => program(new Expr("Project", [vector], null, [sin(x)], noAttrs, null, 1)),
      "checkProgram: projection 1 of sin",
    ],
    [
      "a projection of another type",
      () => {
        const [first] = checkpointed(([p]) => [p!, sum(p!, [0])], [x]);
        return program(new Expr("Project", [vector], null, [first!.args[0]!], noAttrs, null, 1));
      },
      "checkProgram: projection 1 of checkpoint",
    ],
    [
      "an unprojected operand",
      () => {
        const [first] = checkpointed(([p]) => [p!, p!], [x]);
        return program(sin(first!.args[0]!));
      },
      "checkProgram: sin takes an unprojected operand",
    ],
    [
      "an unprojected result",
      () => program(checkpointed(([p]) => [p!, p!], [x])[0]!.args[0]!),
      "checkProgram: a result has 2 values",
    ],
    [
      "a sub-program with a free param",
      () => {
        const p = param(vector);
        return program(
          apply(checkpointPrimitive, [x], { program: { params: [p], results: [add(p, param(vector))] } }),
        );
      },
      "checkProgram: free param float32[3] #",
    ],
    [
      "a sub-program with a corrupted node",
      () => {
        const p = param(vector);
        const inside = { params: [p], results: [node(sin.primitive, [p], noAttrs, matrix)] };
        return program(applyAll(checkpointPrimitive, [x], { program: inside })[0]!);
      },
      "checkProgram: sin is recorded as float32[2,3], its rule gives float32[3]",
    ],
  ];
  test.each(faults)("finds %s", (_name, faulty, message) => {
    expect(() => checkProgram(faulty())).toThrow(message);
  });

  test("finds operands of a node with a sub-program that do not fit its params", () => {
    const p = param(vector);
    const inside = { params: [p], results: [sin(p)] };
    expect(() =>
      checkProgram({
        params: [],
        results: [apply(checkpointPrimitive, [param(matrix)], { program: inside })],
      }),
    ).toThrow("checkpoint: expected operands float32[3], got float32[2,3]");
  });
});
