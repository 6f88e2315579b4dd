/** Plain code without `jit`: lazy, fused on read, without a history that grows. */
import { describe, expect, test } from "vitest";
import {
  add,
  cos,
  exp,
  grad,
  hessian,
  matmul,
  max,
  mean,
  mul,
  ones,
  programCache,
  random,
  realizeAll,
  sin,
  split,
  square,
  sub,
  sum,
  tanh,
  tensor,
  type Tensor,
  topK,
  tree,
  valueAndGrad,
  vjp,
  vmap,
  zeros,
} from "../../src/index.js";
import type { Expr } from "../../src/ir/expr.js";
import { topological } from "../../src/ir/program.js";

const node = (x: Tensor): Expr => x as unknown as Expr;
const nodes = (...xs: readonly Tensor[]): number => topological(xs.map(node)).length;

describe("reading", () => {
  test("collapses history: the node becomes a constant in place", () => {
    const x = tensor([1, 2, 3]);
    const y = add(mul(x, 2), 1);
    expect(node(y).tag).toBe("Apply");
    expect(y.toArray()).toEqual([3, 5, 7]);
    expect(node(y)).toMatchObject({ tag: "Const", args: [], primitive: null, depth: 0 });
    expect(nodes(y)).toBe(1);
  });

  test("never consumes, and reads again without computing", () => {
    const x = tensor([1, 2, 3]);
    const y = exp(x);
    const first = y.toArray();
    const before = programCache();
    expect(y.toArray()).toEqual(first);
    expect(y.dataSync()).toEqual(Float32Array.from(first as number[]));
    expect(x.toArray()).toEqual([1, 2, 3]);
    expect(add(x, y).shape).toEqual([3]);
    expect(programCache()).toEqual(before);
  });

  test("gives copies: writing to them changes nothing", async () => {
    const x = tensor([1, 2]);
    x.dataSync()[0] = 9;
    (await x.data())[1] = 9;
    expect(x.toArray()).toEqual([1, 2]);
  });

  test("computes only what was asked for", () => {
    const x = tensor([1, 2]);
    const [a, b] = [sin(x), cos(x)];
    a.toArray();
    expect(node(b).tag).toBe("Apply");
  });

  test("several at once shares their work and compiles one program", () => {
    const x = tensor(new Float32Array(77).fill(0.5));
    const shared = tanh(mul(x, 1.125));
    const before = programCache().misses;
    const [s, m] = realizeAll([sum(shared), max(shared)]);
    expect(programCache().misses).toBe(before + 1);
    expect(s.item()).toBeCloseTo(77 * Math.tanh(0.5625), 4);
    expect(m.item()).toBeCloseTo(Math.tanh(0.5625));
    expect(programCache().misses).toBe(before + 1);
  });

  test("one result of several computes, and collapses, it alone", () => {
    const x = tensor([3, 1, 2]);
    const [values, indices] = topK(x, 2);
    expect(values.toArray()).toEqual([3, 2]);
    expect(indices.toArray()).toEqual([0, 2]);
    const [a, b] = split(x, 3);
    expect(b!.toArray()).toEqual([1]);
    expect(a!.toArray()).toEqual([3]);
  });

  test("a literal, a reshape of an input, and the same node twice", () => {
    expect(zeros([]).item()).toBe(0);
    expect(ones([2, 0]).toArray()).toEqual([[], []]);
    const x = tensor([1, 2, 3, 4]);
    const [r, again] = realizeAll([x.reshape([2, 2]), x.reshape([2, 2])]);
    expect(r.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(again.toArray()).toEqual(r.toArray());
    const y = add(x, 1);
    realizeAll([y, y, y]);
    expect(y.toArray()).toEqual([2, 3, 4, 5]);
  });

  test("console.log shows dtype, shape and values, and consumes nothing", async () => {
    const { inspect } = await import("node:util");
    const x = add(tensor([[1, 2]]), 0.5);
    expect(inspect(x)).toMatch(/Tensor float32\[1,2\] .*1\.5.*2\.5/s);
    expect(x.toArray()).toEqual([[1.5, 2.5]]);
  });
});

describe("reading inside grad", () => {
  test("keeps the operands of what depends on a parameter: the gradient is not zeroed", () => {
    const f = (x: Tensor): Tensor => {
      const y = mul(x, x);
      expect(y.item()).toBe(9); // caches the value …
      expect(node(y).args).toHaveLength(2); // … and keeps the operands
      return mul(y, x);
    };
    expect(grad(f)(tensor(3)).item()).toBe(27);
  });

  test("of every intermediate, in any order of derivative", () => {
    const f = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < 3; i++) {
        y = sin(mul(y, y));
        y.toArray();
      }
      return sum(y);
    };
    const plain = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < 3; i++) y = sin(mul(y, y));
      return sum(y);
    };
    const x = tensor([0.3, 0.8]);
    expect(grad(f)(x).toArray()).toEqual(grad(plain)(x).toArray());
    expect(hessian(f)(x).toArray()).toEqual(hessian(plain)(x).toArray());
    expect(grad((z: Tensor) => sum(grad(f)(z)))(x).toArray()).toEqual(
      grad((z: Tensor) => sum(grad(plain)(z)))(x).toArray(),
    );
  });

  test("and branching on it gives the branch's gradient", () => {
    const f = (x: Tensor): Tensor => (mul(x, x).item() > 4 ? mul(x, 10) : mul(x, -1));
    expect([grad(f)(tensor(3)).item(), grad(f)(tensor(1)).item()]).toEqual([10, -1]);
  });

  test("of the pullback's result leaves the pullback usable", () => {
    const [y, pull] = vjp((x: Tensor) => mul(x, x), tensor([1, 2]));
    expect(y.toArray()).toEqual([1, 4]);
    expect(pull(tensor([1, 1]))[0].toArray()).toEqual([2, 4]);
    expect(pull(tensor([3, 0]))[0].toArray()).toEqual([6, 0]);
  });
});

describe("long loops", () => {
  const size = (n: number): number[] => [n];

  test("that read a loss keep a bounded graph: 2,000 steps of gradient descent", () => {
    const target = random.normal(random.key(3), size(16));
    const loss = (w: Tensor): Tensor => mean(square(sub(w, target)));
    let w = zeros(size(16));
    let largest = 0;
    let last = Infinity;
    for (let i = 0; i < 2000; i++) {
      const [value, g] = valueAndGrad(loss)(w);
      w = sub(w, mul(g, 0.1));
      last = value.item();
      largest = Math.max(largest, nodes(w));
    }
    expect(last).toBeLessThan(1e-6);
    expect(largest).toBeLessThan(5000);
  });

  test("that read nothing stay bounded too, and give the right answer", () => {
    let x = tensor([1, -1]);
    let largest = 0;
    for (let i = 0; i < 5000; i++) {
      x = add(mul(x, 0.999), 0.001);
      if (i % 100 === 0) largest = Math.max(largest, nodes(x));
    }
    expect(largest).toBeLessThan(3000);
    const [a, b] = x.toArray() as number[];
    expect(a).toBeCloseTo(1, 3);
    expect(b).toBeCloseTo(1 - 2 * 0.999 ** 5000, 2);
  });

  test("of many parameters that stay lazy: as many nodes and no more programs at the end than early on", () => {
    const x = random.normal(random.key(1), [4, 8]);
    const loss = (q: { w: Tensor; b: Tensor }): Tensor => mean(square(tanh(add(matmul(x, q.w), q.b))));
    let p = { w: random.normal(random.key(0), [8, 8]), b: zeros([8]) };
    /** The largest graph of some steps, and how many programs they compiled. */
    const run = (steps: number): { largest: number; compiled: number } => {
      const { misses } = programCache();
      let largest = 0;
      for (let i = 0; i < steps; i++) {
        const [value, g] = valueAndGrad(loss)(p);
        p = tree.map((a: Tensor, d: Tensor) => sub(a, mul(d, 0.01)), p, g);
        value.item();
        largest = Math.max(largest, nodes(p.w, p.b));
      }
      return { largest, compiled: programCache().misses - misses };
    };
    const early = run(200);
    const late = run(200);
    expect(late.compiled).toBe(0);
    expect(late.largest).toBeLessThanOrEqual(early.largest);
  });

  test("compile once: programs repeat", () => {
    let x = random.normal(random.key(2), [5]);
    const step = (): void => {
      x = sub(x, mul(grad((z: Tensor) => sum(square(z)))(x), 0.25));
      x.toArray();
    };
    for (let i = 0; i < 3; i++) step();
    const { misses } = programCache();
    for (let i = 0; i < 100; i++) step();
    expect(programCache().misses).toBe(misses);
  });

  test("with vmap inside", () => {
    let x = tensor([1, 2, 3]);
    for (let i = 0; i < 1000; i++) x = vmap((v: Tensor) => mul(v, 0.99))(x);
    (x.toArray() as number[]).forEach((v, i) => expect(v).toBeCloseTo((i + 1) * 0.99 ** 1000, 7));
  });
});

describe("the program cache", () => {
  test("is bounded however many programs there are", () => {
    const { limit } = programCache();
    for (let n = 1; n <= limit + 20; n++) add(tensor(new Float32Array(n)), 1).dataSync();
    const stats = programCache();
    expect(stats.size).toBe(limit);
    expect(add(tensor([1]), 1).toArray()).toEqual([2]); // forgotten, and compiled again
  });

  test("tells programs apart by shape, dtype, attributes and numbers", () => {
    const a = tensor([1, 2, 3, 4], { shape: [2, 2] });
    expect(sum(a, { axis: 0 }).toArray()).toEqual([4, 6]);
    expect(sum(a, { axis: 1 }).toArray()).toEqual([3, 7]);
    expect(add(a, 1).dataSync()).toEqual(Float32Array.of(2, 3, 4, 5));
    expect(add(a, 2).dataSync()).toEqual(Float32Array.of(3, 4, 5, 6));
    expect(add(a.cast("int32"), 2).dataSync()).toEqual(Int32Array.of(3, 4, 5, 6));
    expect(mul(a, 0).dataSync()).toEqual(Float32Array.of(0, 0, 0, 0));
    expect(mul(a, -0).dataSync()).toEqual(Float32Array.of(-0, -0, -0, -0));
  });

  test("does not mix up which operand is which", () => {
    const [a, b] = [tensor([5, 6]), tensor([1, 2])];
    expect(sub(a, b).toArray()).toEqual([4, 4]);
    expect(sub(b, a).toArray()).toEqual([-4, -4]);
    expect(sub(a, a).toArray()).toEqual([0, 0]);
  });
});
