import { describe, expect, test } from "vitest";
import { constant, type Expr, literal, param } from "../../src/ir/expr.js";
import { programHash, programKey, samePrograms } from "../../src/ir/key.js";
import { add, cast, mul, neg, sub } from "../../src/ir/primitives/arithmetic.js";
import { broadcast, fullLike, permute, sum } from "../../src/ir/primitives/layout.js";
import { sin } from "../../src/ir/primitives/transcendental.js";
import { pad, slice } from "../../src/ir/primitives/views.js";
import { type Program, traceProgram } from "../../src/ir/program.js";
import { checkpointed } from "../../src/transforms/checkpoint.js";
import { values } from "./values.js";

const square = { shape: [2, 2], dtype: "float32" } as const;
const of = (f: (x: Expr, y: Expr) => Expr | Expr[], avals = [square, square] as const): Program =>
  traceProgram(avals, ([x, y]) => [f(x!, y!)].flat());

describe("programKey", () => {
  test("does not depend on names: the same function traced twice has one key and one hash", () => {
    const make = () => of((x, y) => checkpointed(([p]) => [mul(p!, sin(y))], [x])[0]!);
    const [a, b] = [make(), make()];
    expect(samePrograms(a, b)).toBe(true);
    expect(programHash(a)).toBe(programHash(b));
  });

  test("does not depend on the values of tensors, but does on those of literals", () => {
    const withTensor = (x0: number) => of((x) => add(x, values([x0, 1, 2, 3], [2, 2], "float32")));
    expect(programKey(withTensor(5))).toBe(programKey(withTensor(6)));
    const withNumber = (n: number) => of((x) => add(x, fullLike(x, n)));
    expect(programKey(withNumber(5))).not.toBe(programKey(withNumber(6)));
    expect(programKey(withNumber(0))).not.toBe(programKey(withNumber(-0)));
    expect(programKey(withNumber(NaN))).toBe(programKey(withNumber(NaN)));
  });

  test("the same constant twice is not two constants", () => {
    const c = values([1, 2, 3, 4], [2, 2], "float32");
    const twice = of((x) => add(add(x, c), c));
    const two = of((x) => add(add(x, c), constant(square, new Float32Array(4))));
    expect(programKey(twice)).not.toBe(programKey(two));
  });

  test("tells apart what computes something else", () => {
    const programs: Program[] = [
      of((x, y) => add(x, y)),
      of((x, y) => add(y, x)),
      of((x) => add(x, x)),
      of((x, y) => sub(x, y)),
      of((x) => neg(x)),
      of((x, y) => [add(x, y), x]),
      of((x, y) => [x, add(x, y)]),
      of((x, y) => [x, y]),
      of((x, y) => [y, x]),
      of((x) => x),
      of((x, y) => sin(add(x, y))),
      of((x, y) => add(sin(x), y)),
      of((x) => cast(x, "float64")),
      of((x) => cast(x, "int32")),
      of((x) => sum(x, [0])),
      of((x) => sum(x, [1])),
      of((x) => permute(x, [1, 0])),
      of((x) => broadcast(x, [2, 2, 2], [0, 1])),
      of((x) => broadcast(x, [2, 2, 2], [0, 2])),
      of((x) => broadcast(x, [2, 2, 2], [1, 2])),
      of((x) => slice(x, [0, 0], [1, 2])),
      of((x) => slice(x, [1, 0], [1, 2])),
      of((x) => pad(x, { low: [1, 0], high: [0, 0], value: 0 })),
      of((x) => pad(x, { low: [1, 0], high: [0, 0], value: -0 })),
      of((x) => pad(x, { low: [1, 0], high: [0, 0], value: NaN })),
      of((x) => checkpointed(([p]) => [sin(p!)], [x])[0]!),
      of((x) => checkpointed(([p]) => [neg(p!)], [x])[0]!),
      of((x) => sin(x)),
      of((x, y) => add(x, y), [
        { shape: [4], dtype: "float32" },
        { shape: [4], dtype: "float32" },
      ] as never),
      of((x, y) => add(x, y), [
        { shape: [2, 2], dtype: "float64" },
        { shape: [2, 2], dtype: "float64" },
      ] as never),
      of(() => literal("float32", 1)),
      of(() => literal("float64", 1)),
      of(() => literal("int32", 1)),
    ];
    const keys = programs.map(programKey);
    expect(new Set(keys).size).toBe(programs.length);
    expect(new Set(programs.map(programHash)).size).toBe(programs.length);
  });

  test("which result of a node is read matters", () => {
    const pick = (i: number) => of((x) => checkpointed(([p]) => [sin(p!), neg(p!)], [x])[i]!);
    expect(programKey(pick(0))).not.toBe(programKey(pick(1)));
  });

  test("free params are themselves", () => {
    const [a, b] = [param(square), param(square)];
    expect(programKey(of((x) => add(x, a)))).toBe(programKey(of((x) => add(x, a))));
    expect(programKey(of((x) => add(x, a)))).not.toBe(programKey(of((x) => add(x, b))));
  });
});
