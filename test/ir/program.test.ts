import { describe, expect, test } from "vitest";
import { checkProgram } from "../../src/ir/check.js";
import { collapse, type Expr, literal, param, watermark } from "../../src/ir/expr.js";
import { printProgram } from "../../src/ir/print.js";
import { add, mul, neg, sub } from "../../src/ir/primitives/arithmetic.js";
import { fullLike } from "../../src/ir/primitives/layout.js";
import { sin } from "../../src/ir/primitives/transcendental.js";
import {
  dependents,
  inline,
  lift,
  oldest,
  substitute,
  topological,
  traceProgram,
} from "../../src/ir/program.js";
import { checkpointed } from "../../src/transforms/checkpoint.js";
import { call } from "../../src/transforms/evaluate.js";
import { array, read, run, scalar, values } from "./values.js";

const real = { shape: [], dtype: "float64" } as const;

describe("topological", () => {
  test("operands come before users, each node once", () => {
    const x = param(real);
    const y = sin(x);
    const z = add(mul(y, y), y);
    const order = topological([z, y]);
    expect(order).toHaveLength(4);
    for (const e of order) for (const a of e.args) expect(order.indexOf(a)).toBeLessThan(order.indexOf(e));
  });

  test("stops at older nodes and at leaves", () => {
    const x = param(real);
    const old = sin(x);
    const mark = watermark();
    const y = neg(old);
    const z = add(y, old);
    expect(topological([z], mark)).toEqual([y, z]);
    expect(topological([z], 0, new Set([y]))).toEqual([y, x, old, z]);
    expect(topological([old], mark)).toEqual([]);
  });
});

describe("dependents", () => {
  test("finds what depends, and looks at nothing older", () => {
    const [a, b] = [param(real), param(real)];
    const c = neg(a);
    const d = sin(b);
    const e = add(c, d);
    const { order, depends } = dependents([e, c], new Set([b]));
    expect([...depends]).toEqual([b, d, e]);
    expect(order).not.toContain(a);
    expect(oldest([b, a, e])).toBe(a.id);
  });
});

describe("substitute", () => {
  test("rebuilds only what changes", () => {
    const [x, y] = [param(real), param(real)];
    const kept = sin(y);
    const changed = add(sin(x), kept);
    const [c, k] = substitute([changed, kept], new Map([[x, literal("float64", 1)]]));
    expect(k).toBe(kept);
    expect(c).not.toBe(changed);
    expect(c!.args[1]).toBe(kept);
  });

  test("a replaced node's operands are left alone; replacements are not replaced again", () => {
    const x = param(real);
    const y = sin(x);
    const [z] = substitute(
      [neg(y)],
      new Map([
        [y, x],
        [x, y],
      ]),
    );
    expect(z!.args[0]).toBe(x);
  });

  test("goes through nodes of several results", () => {
    const p = traceProgram([real], ([x]) => {
      const [a, b] = checkpointed(([q]) => [sin(q!), neg(q!)], [x!]);
      return [sub(a!, b!)];
    });
    expect(run({ params: [], results: inline(p, [scalar(2)]) })).toEqual([[Math.sin(2) + 2]]);
  });

  test("re-types: a substitute of another type is refused by the first node that cannot take it", () => {
    const x = param(real);
    const y = add(x, scalar(1));
    expect(() => substitute([y], new Map([[x, values([1, 2])]]))).toThrow(
      "add: expected operands of equal shape, got float64[2] and float64[]",
    );
  });
});

describe("lift", () => {
  const lifted = (make: (p: Expr) => readonly Expr[]) => {
    const mark = watermark();
    const p = param(real);
    return lift({ params: [p], results: make(p) }, mark);
  };
  const outer = param(real);
  const computed = sin(outer);
  const tensor = scalar(3);
  const number = literal("float64", 4);

  test("outer expressions become params in front; literals stay", () => {
    const { program, captured } = lifted((p) => [add(mul(p, computed), mul(tensor, number))]);
    expect(captured).toEqual([computed, tensor]);
    expect(program.params).toHaveLength(3);
    checkProgram(program);
    expect(run(program, [10], [3], [2])).toEqual([[2 * 10 + 3 * 4]]);
  });

  test("captures what the results are, and captures each once", () => {
    const { program, captured } = lifted((p) => [computed, add(computed, computed), number, p]);
    expect(captured).toEqual([computed]);
    expect(run(program, [7], [1])).toEqual([[7], [14], [4], [1]]);
  });

  test("constants with storage and foreign params made inside are operands too", () => {
    const { program, captured } = lifted((p) => [add(mul(p, scalar(5)), mul(param(real), fullLike(p, 2)))]);
    expect(captured.map((c) => c.tag)).toEqual(["Const", "Param"]);
    checkProgram(program);
    expect(run(program, [5], [6], [1])).toEqual([[5 + 12]]);
  });

  test("nothing to capture: the program itself, under its own params", () => {
    const { program, captured } = lifted((p) => [sin(p)]);
    expect(captured).toEqual([]);
    expect(program.params).toHaveLength(1);
  });

  test("a capture inside a capture: nested sub-programs lift one level at a time", () => {
    const program = traceProgram([real], ([x]) => {
      const [y] = checkpointed(
        ([p]) => {
          const inner = mul(p!, x!);
          return checkpointed(([q]) => [add(mul(q!, inner), x!)], [p!]);
        },
        [neg(x!)],
      );
      return [y!];
    });
    checkProgram(program);
    // y = p·(p·x) + x with p = -x
    expect(run(program, [3])).toEqual([[27 + 3]]);
    expect(printProgram(program).match(/checkpoint/g)).toHaveLength(2);
  });
});

describe("collapse", () => {
  test("a closed node becomes a constant and forgets its history", () => {
    const y = sin(scalar(1));
    collapse(y, Float64Array.of(42));
    expect(y).toMatchObject({ tag: "Const", args: [], primitive: null, depth: 0 });
    expect(read(neg(y))).toEqual([[-42]]);
  });

  test("an open node keeps its operands: its derivative needs them", () => {
    const x = param(real, scalar(1));
    const y = sin(x);
    collapse(y, Float64Array.of(Math.sin(1)));
    expect(y).toMatchObject({ tag: "Apply", args: [x] });
  });

  test("programs that refer to a node see it collapsed", () => {
    const y = sin(scalar(1));
    const p = traceProgram([real], ([x]) => [add(x!, y)]);
    const before = call(p, [array([1], [])]);
    collapse(y, Float64Array.of(Math.sin(1)));
    expect(call(p, [array([1], [])])).toEqual(before);
  });
});
