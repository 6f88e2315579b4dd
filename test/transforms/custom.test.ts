import { describe, expect, test } from "vitest";
import { applyAll, type Expr, param } from "../../src/ir/expr.js";
import { add, mul, stopGradient } from "../../src/ir/primitives/arithmetic.js";
import { fullLike, zerosOf } from "../../src/ir/primitives/layout.js";
import { sin } from "../../src/ir/primitives/transcendental.js";
import { traceProgram } from "../../src/ir/program.js";
import { batchFold } from "../../src/transforms/batch.js";
import { checkpointed } from "../../src/transforms/checkpoint.js";
import { customJvpPrimitive, customVjpPrimitive } from "../../src/transforms/custom.js";
import { gradOf, pushed, read, scalar, values } from "../ir/values.js";

const real = { shape: [], dtype: "float64" } as const;

/** c + sin x, whose derivative is said to be 10x. */
const jvpNode = (c: Expr, x: Expr): Expr =>
  applyAll(customJvpPrimitive, [c, x], {
    program: traceProgram([real, real], ([k, p]) => [add(k!, sin(p!))]),
    rule: traceProgram([real, real, real], ([k, p, t]) => [
      add(k!, sin(p!)),
      mul(t!, mul(p!, fullLike(p!, 10))),
    ]),
    consts: 1,
  })[0]!;

/** The same by a customVjp with residual x. */
const vjpNode = (c: Expr, x: Expr): Expr =>
  applyAll(customVjpPrimitive, [c, x], {
    program: traceProgram([real, real], ([k, p]) => [add(k!, sin(p!))]),
    forward: traceProgram([real, real], ([k, p]) => [add(k!, sin(p!)), p!]),
    backward: traceProgram([real, real], ([p, ct]) => [mul(ct!, mul(p!, fullLike(p!, 10)))]),
    consts: 1,
  })[0]!;

const zero = scalar(0);

describe.each([
  ["customJvp", jvpNode],
  ["customVjp", vjpNode],
])("%s", (name, f) => {
  test("the value is the function's, the derivative the rule's", () => {
    expect(read(f(scalar(1), scalar(2)))).toEqual([[1 + Math.sin(2)]]);
    expect(read(gradOf((x) => f(zero, x), scalar(2)))).toEqual([[20]]);
  });

  test("the second derivative is the derivative of the rule", () => {
    expect(read(gradOf((x) => gradOf((y) => f(zero, y), x), scalar(2)))).toEqual([[10]]);
  });

  test("inside a checkpoint, and batched", () => {
    expect(read(gradOf((x) => checkpointed(([p]) => [f(zero, p!)], [x])[0]!, scalar(2)))).toEqual([[20]]);
    const x = param(real);
    const g = gradOf((y) => f(zero, y), x);
    const [[out]] = batchFold([g], new Map([[x, [values([1, 2, 3]), 0] as const]]), 3) as [
      readonly [Expr, number],
    ];
    expect(read(out)).toEqual([[10, 20, 30]]);
  });

  test("what the function closes over must not be differentiated", () => {
    const message = `${name}: expected every differentiated value to be an argument, got one that the function closes over: pass it as an argument, or through stopGradient`;
    expect(() => gradOf((x) => f(x, x), scalar(2))).toThrow(message);
    expect(read(gradOf((x) => f(stopGradient(x), x), scalar(2)))).toEqual([[20]]);
  });
});

describe("forward mode", () => {
  test("customJvp has it", () => {
    expect(read(pushed((x) => jvpNode(zero, x), scalar(2), scalar(3)))).toEqual([[60]]);
  });

  test("customVjp refuses it, and says what to do", () => {
    const message =
      "customVjp: expected reverse mode (grad, vjp, jacrev), got forward mode: give a customJvp rule instead";
    expect(() => read(pushed((x) => vjpNode(zero, x), scalar(2), scalar(3)))).toThrow(message);
    expect(() => gradOf((x) => pushed((y) => vjpNode(zero, y), x, scalar(1)), scalar(2))).toThrow(message);
  });
});

describe("rules that do not fit their function are refused where the node is made", () => {
  const program = traceProgram([real], ([p]) => [sin(p!)]);
  const vector = { shape: [2], dtype: "float64" } as const;
  const jvpWith = (rule: ReturnType<typeof traceProgram>) => () =>
    applyAll(customJvpPrimitive, [scalar(1)], { program, rule, consts: 0 });
  const vjpWith =
    (forward: ReturnType<typeof traceProgram>, backward: ReturnType<typeof traceProgram>) => () =>
      applyAll(customVjpPrimitive, [scalar(1)], { program, forward, backward, consts: 0 });
  const good = traceProgram([real], ([p]) => [sin(p!), p!]);
  const pull = traceProgram([real, real], ([, ct]) => [ct!]);

  test.each([
    [
      jvpWith(traceProgram([real], ([p]) => [p!, p!])),
      "customJvp: expected rule operands float64[], float64[], got float64[]",
    ],
    [
      jvpWith(traceProgram([real, real], ([p]) => [p!])),
      "customJvp: expected rule results float64[], float64[], got float64[]",
    ],
    [
      jvpWith(traceProgram([real, real], ([p]) => [p!, zerosOf(vector)])),
      "customJvp: expected rule results float64[], float64[], got float64[], float64[2]",
    ],
    [
      vjpWith(
        traceProgram([vector], () => [zerosOf(real)]),
        pull,
      ),
      "customVjp: expected forward operands float64[], got float64[2]",
    ],
    [
      vjpWith(
        traceProgram([real], () => [zerosOf(vector)]),
        pull,
      ),
      "customVjp: expected forward results float64[], got float64[2]",
    ],
    [
      vjpWith(
        good,
        traceProgram([real], ([p]) => [p!]),
      ),
      "customVjp: expected backward operands float64[], float64[], got float64[]",
    ],
    [
      vjpWith(
        good,
        traceProgram([real, real], () => []),
      ),
      "customVjp: expected backward results float64[], got none",
    ],
    [
      () => applyAll(customJvpPrimitive, [zerosOf(vector)], { program, rule: pull, consts: 0 }),
      "customJvp: expected operands float64[], got float64[2]",
    ],
  ])("%#", (make, message) => {
    expect(make).toThrow(new RegExp(`^${message.replace(/[[\]]/g, "\\$&")}$`));
  });
});

test("a customJvp of several arguments gets zeros for those that have no tangent", () => {
  const product = (x: Expr, y: Expr): Expr =>
    applyAll(customJvpPrimitive, [x, y], {
      program: traceProgram([real, real], ([p, q]) => [mul(p!, q!)]),
      rule: traceProgram([real, real, real, real], ([p, q, tp, tq]) => [
        mul(p!, q!),
        add(mul(tp!, q!), mul(p!, tq!)),
      ]),
      consts: 0,
    })[0]!;
  expect(read(pushed((x) => product(scalar(3), x), scalar(5), scalar(1)))).toEqual([[3]]);
});
