/** `jit`: traced once for each set of avals, and transparent to every other transformation. */
import { describe, expect, test } from "vitest";
import {
  add,
  at,
  cast,
  checkpoint,
  customJvp,
  customVjp,
  dynamicSlice,
  exp,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  map,
  matmul,
  mean,
  memoryStats,
  mul,
  ones,
  programCache,
  random,
  sin,
  square,
  sub,
  sum,
  take,
  tanh,
  tensor,
  type Tensor,
  tree,
  valueAndGrad,
  vjp,
  vmap,
  where,
  zeros,
} from "../../../src/index.js";

const x = tensor([1, 2, 3]);

describe("tracing", () => {
  test("happens once for each set of shapes, dtypes and structure", () => {
    let traces = 0;
    const f = jit((p: { a: Tensor; b: Tensor }) => {
      traces++;
      return add(mul(p.a, 2), p.b);
    });
    const call = (a: Tensor, b: Tensor): unknown => f({ a, b }).toArray();
    expect(call(x, x)).toEqual([3, 6, 9]);
    expect(call(tensor([4, 5, 6]), tensor([0, 0, 1]))).toEqual([8, 10, 13]);
    expect(traces).toBe(1);
    call(tensor([[1, 2]]), tensor([[1, 2]])); // another shape
    expect(traces).toBe(2);
    call(tensor([1, 2, 3], { dtype: "int32" }), x); // another dtype
    expect(traces).toBe(3);
    f({ b: x, a: x }); // the same structure, whatever the order of keys
    expect(traces).toBe(3);
    expect(f.cacheStats).toEqual({ size: 3, limit: 64, hits: 2, misses: 3 });
  });

  test("of a structure happens once, and a structure is no other", () => {
    let traces = 0;
    const f = jit((...args: unknown[]) => {
      traces++;
      return sum(tree.leaves(args).reduce((a, b) => add(a, b)));
    });
    f([x, [x]]);
    f([[x], x]);
    f([[x, x]]);
    f(x, x);
    expect(traces).toBe(4);
    f([x, [x]]);
    expect(traces).toBe(4);
  });

  test("the second call compiles nothing, and neither do two functions of one structure", () => {
    const make = () => jit((a: Tensor, b: Tensor) => sum(tanh(mul(sub(a, b), 0.37))));
    const [f, g] = [make(), make()];
    const given = (rows: number): Tensor => tensor(new Float32Array(rows * 7), { shape: [7, rows] });
    f(given(3), given(3)).item();
    const { misses } = programCache();
    f(given(3), given(3)).item();
    g(given(3), given(3)).item();
    expect(programCache().misses).toBe(misses);
    f(given(2), given(2)).item();
    expect(programCache().misses).toBe(misses + 1);
  });

  test("a training step of many calls compiles once", () => {
    interface Params {
      w: Tensor;
      b: Tensor;
    }
    const loss = (p: Params, a: Tensor, y: Tensor): Tensor => mean(square(sub(add(matmul(a, p.w), p.b), y)));
    const step = jit((p: Params, a: Tensor, y: Tensor): [Params, Tensor] => {
      const [value, g] = valueAndGrad(loss)(p, a, y);
      return [tree.map((q: Tensor, dq: Tensor) => sub(q, mul(dq, 0.1)), p, g), value];
    });
    let params: Params = { w: zeros([2, 1]), b: zeros([1]) };
    const a = random.normal(random.key(0), [16, 2]);
    const y = add(matmul(a, tensor([[2], [-1]])), 0.5);
    let value = Infinity;
    [params] = step(params, a, y);
    const { misses } = programCache();
    for (let i = 0; i < 100; i++) {
      const [next, l] = step(params, a, y);
      params = next;
      value = l.item();
    }
    expect(programCache().misses).toBe(misses);
    expect(step.cacheStats.misses).toBe(1);
    expect(value).toBeLessThan(1e-3);
  });

  test("keeps the last 64 traces", () => {
    const f = jit((a: Tensor, n: number) => mul(a, n), { static: [1] });
    for (let n = 0; n < 100; n++) f(x, n);
    expect(f.cacheStats).toEqual({ size: 64, limit: 64, hits: 0, misses: 100 });
    expect(f(x, 99).toArray()).toEqual([99, 198, 297]);
    expect(f.cacheStats.hits).toBe(1);
  });

  test("a failed trace leaves nothing behind", () => {
    let fail = true;
    const f = jit((a: Tensor) => {
      if (fail) throw new Error("not yet");
      return mul(a, 3);
    });
    expect(() => f(x)).toThrow("not yet");
    expect(f.cacheStats.size).toBe(0);
    fail = false;
    expect(f(x).toArray()).toEqual([3, 6, 9]);
  });

  test("under an outer transformation compiles nothing of its own", () => {
    const f = jit((a: Tensor) => sum(sin(mul(a, 1.2345))));
    const before = programCache().misses;
    const g = grad(f)(x);
    expect(programCache().misses).toBe(before);
    g.toArray();
    expect(programCache().misses).toBe(before + 1);
  });
});

describe("static arguments", () => {
  test("retrace for each value, of any type", () => {
    let traces = 0;
    const f = jit(
      (a: Tensor, axis: number | null, how: string) => {
        traces++;
        return how === "sum" ? sum(a, { axis }) : mean(a, { axis });
      },
      { static: [1, 2] },
    );
    const m = tensor([
      [1, 2],
      [3, 4],
    ]);
    expect(f(m, 0, "sum").toArray()).toEqual([4, 6]);
    expect(f(m, 1, "sum").toArray()).toEqual([3, 7]);
    expect(f(m, null, "sum").toArray()).toBe(10);
    expect(f(m, 0, "mean").toArray()).toEqual([2, 3]);
    expect(traces).toBe(4);
    f(m, 0, "sum");
    expect(traces).toBe(4);
  });

  test("strings that contain the separators of keys are told apart", () => {
    const f = jit((_a: Tensor, s: string, t: string) => tensor([s.length, t.length]), { static: [1, 2] });
    expect(f(x, 'a",string:"b', "c").toArray()).toEqual([12, 1]);
    expect(f(x, "a", 'b",string:"c').toArray()).toEqual([1, 12]);
    expect(f(x, "a", "b,c").toArray()).toEqual([1, 3]);
    expect(f(x, "a,b", "c").toArray()).toEqual([3, 1]);
  });

  test("objects and functions are told apart by identity", () => {
    const f = jit((a: Tensor, g: (t: Tensor) => Tensor) => g(a), { static: [1] });
    const scaleBy = (n: number) => (t: Tensor) => mul(t, n);
    const [double, triple] = [scaleBy(2), scaleBy(3)]; // equal text
    expect(f(x, double).toArray()).toEqual([2, 4, 6]);
    expect(f(x, triple).toArray()).toEqual([3, 6, 9]);
    f(x, double);
    expect(f.cacheStats).toMatchObject({ hits: 1, misses: 2 });
  });

  test("functions inside dynamic trees, too", () => {
    const f = jit((p: { a: Tensor; g: (t: Tensor) => Tensor }) => p.g(p.a));
    const scaleBy = (n: number) => (t: Tensor) => mul(t, n);
    expect(f({ a: x, g: scaleBy(2) }).toArray()).toEqual([2, 4, 6]);
    expect(f({ a: x, g: scaleBy(3) }).toArray()).toEqual([3, 6, 9]);
  });

  test("0 and -0 differ, NaN equals itself", () => {
    const f = jit((a: Tensor, n: number) => mul(a, n), { static: [1] });
    expect(f(x, 0).toArray()).toEqual([0, 0, 0]);
    expect(f(x, -0).toArray()).toEqual([-0, -0, -0]);
    f(x, NaN);
    f(x, NaN);
    expect(f.cacheStats.misses).toBe(3);
  });
});

describe("arguments and results", () => {
  test("any tree goes in and out; strings, null and undefined pass", () => {
    const f = jit((p: { layers: { w: Tensor; name: string }[]; none: null }, n: Tensor) => ({
      ...p,
      sums: p.layers.map((l) => sum(l.w)),
      n,
      missing: undefined,
    }));
    const out = f(
      {
        layers: [
          { w: x, name: "a" },
          { w: ones([2]), name: "b" },
        ],
        none: null,
      },
      tensor(4),
    );
    expect(out.layers.map((l) => l.name)).toEqual(["a", "b"]);
    expect(out.none).toBeNull();
    expect(out.missing).toBeUndefined();
    expect(out.sums.map((s) => s.item())).toEqual([6, 2]);
    expect(out.n.item()).toBe(4);
  });

  test("numbers and booleans become scalars, and so do those that it returns", () => {
    const f = jit((a: Tensor, n: number, b: boolean) => [where(b, mul(a, n), a), 7, n] as const);
    const [y, seven, n] = f(x, 3, true);
    expect(y.toArray()).toEqual([3, 6, 9]);
    expect((seven as unknown as Tensor).item()).toBe(7);
    expect((n as unknown as Tensor).item()).toBe(3);
    expect(f(x, 3, false)[0].toArray()).toEqual([1, 2, 3]);
    expect(f.cacheStats.misses).toBe(1); // their values are not part of the program
  });

  test("a lazy argument is computed, once, and keeps its value", () => {
    const f = jit((a: Tensor) => add(a, 1));
    const lazy = exp(zeros([2]));
    expect(f(lazy).toArray()).toEqual([2, 2]);
    const { misses, hits } = programCache();
    expect(lazy.toArray()).toEqual([1, 1]);
    expect(programCache()).toMatchObject({ misses, hits });
  });

  test("an argument returned as it is, twice, or not used at all", () => {
    const f = jit((a: Tensor, b: Tensor, _unused: Tensor) => [a, b, a, add(a, b)] as const);
    const y = tensor([5, 5, 5]);
    const [a, b, again, s] = f(x, y, zeros([1000]));
    expect([a, b, again, s].map((t) => t.toArray())).toEqual([
      [1, 2, 3],
      [5, 5, 5],
      [1, 2, 3],
      [6, 7, 8],
    ]);
  });

  test("no arguments, no results, empty tensors", () => {
    expect(jit(() => tensor([1, 2]))().toArray()).toEqual([1, 2]);
    expect(jit((_a: Tensor) => [])(x)).toEqual([]);
    const f = jit((a: Tensor) => [sum(a), mul(a, 2), sum(a, { axis: 1 })] as const);
    const [s, m, rows] = f(zeros([2, 0]));
    expect([s.toArray(), m.toArray(), rows.toArray()]).toEqual([0, [[], []], [0, 0]]);
  });

  test("results are independent of later calls", () => {
    const f = jit((a: Tensor) => mul(sin(a), 2));
    const first = f(x);
    const before = first.toArray();
    f(tensor([7, 8, 9]));
    expect(first.toArray()).toEqual(before);
  });

  test("what the caller does with read data changes nothing", () => {
    const f = jit((a: Tensor) => [a, add(a, 1)] as const);
    const given = new Float32Array([1, 2]);
    const a = tensor(given);
    given[0] = 100;
    const [same, more] = f(a);
    same.dataSync()[0] = 50;
    more.dataSync()[0] = 50;
    expect([a.toArray(), same.toArray(), more.toArray()]).toEqual([
      [1, 2],
      [1, 2],
      [2, 3],
    ]);
  });
});

describe("closures", () => {
  test("over tensors, computed or lazy, are constants of the program", () => {
    const w = tensor([2, 3, 4]);
    const lazy = add(w, 1);
    const f = jit((a: Tensor) => add(mul(a, w), lazy));
    expect(f(x).toArray()).toEqual([5, 10, 17]);
    expect(f(ones([3])).toArray()).toEqual([5, 7, 9]);
  });

  test("over the argument of an outer jit, grad, vmap and jvp", () => {
    const scale = (c: Tensor): ((a: Tensor) => Tensor) => jit((a: Tensor) => mul(mul(a, a), c));
    expect(jit((c: Tensor) => scale(c)(x))(tensor(2)).toArray()).toEqual([2, 8, 18]);
    expect(grad((c: Tensor) => sum(scale(c)(x)))(tensor(2)).item()).toBe(14);
    expect(grad((c: Tensor) => sum(scale(c)(c)))(tensor(2)).item()).toBe(12);
    expect(vmap((c: Tensor) => scale(c)(x))(tensor([1, 2])).toArray()).toEqual([
      [1, 4, 9],
      [2, 8, 18],
    ]);
    const [y, dy] = jvp((c: Tensor) => scale(c)(x), [tensor(2)], [tensor(10)]);
    expect([y.toArray(), dy.toArray()]).toEqual([
      [2, 8, 18],
      [10, 40, 90],
    ]);
  });

  test("one jitted function used under different outer values is traced for each", () => {
    let c = tensor(0);
    const f = jit((a: Tensor) => mul(a, c));
    const outer = (v: Tensor): Tensor => {
      c = v;
      return sum(f(x));
    };
    expect(grad(outer)(tensor(2)).item()).toBe(6);
    expect(grad(outer)(tensor(5)).item()).toBe(6);
    expect(vmap(outer)(tensor([1, 2])).toArray()).toEqual([6, 12]);
    expect(f.cacheStats.size).toBe(0);
  });
});

describe("under other transformations", () => {
  const plain = (a: Tensor): Tensor => sum(mul(sin(a), exp(mul(a, 0.3))));
  const jitted = jit(plain);
  const same = (a: Tensor, b: Tensor): void => {
    expect(a.shape).toEqual(b.shape);
    const [p, q] = [a.dataSync(), b.dataSync()];
    p.forEach((v, i) => expect(v).toBeCloseTo(q[i]!, 5));
  };

  test("grad, valueAndGrad, vjp, jvp, linearize, Jacobians and Hessians", () => {
    same(grad(jitted)(x), grad(plain)(x));
    same(valueAndGrad(jitted)(x)[1], valueAndGrad(plain)(x)[1]);
    same(vjp(jitted, x)[1](tensor(2))[0], vjp(plain, x)[1](tensor(2))[0]);
    same(jvp(jitted, [x], [x])[1], jvp(plain, [x], [x])[1]);
    same(linearize(jitted, x)[1](x), linearize(plain, x)[1](x));
    same(hessian(jitted)(x), hessian(plain)(x));
    const each = (a: Tensor): Tensor => mul(sin(a), exp(mul(a, 0.3)));
    same(jacfwd(jit(each))(x), jacfwd(each)(x));
    same(jacrev(jit(each))(x), jacrev(each)(x));
  });

  test("vmap, and in any order with jit and grad", () => {
    const rows = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const want = vmap(grad(plain))(rows);
    same(vmap(grad(jitted))(rows), want);
    same(jit(vmap(grad(plain)))(rows), want);
    same(vmap(jit(grad(plain)))(rows), want);
    same(jit(vmap(jit(grad(jitted))))(rows), want);
    same(vmap(jitted)(rows), vmap(plain)(rows));
    same(grad((a: Tensor) => sum(vmap(jitted)(a)))(rows), want);
  });

  test("jit inside jit, three deep, and recursively", () => {
    const f = jit((a: Tensor) => add(a, 1));
    const g = jit((a: Tensor) => mul(f(f(a)), 2));
    const h = jit((a: Tensor) => g(f(g(a))));
    expect(h(x).toArray()).toEqual([18, 22, 26]);
    const power: (a: Tensor, n: number) => Tensor = jit(
      (a: Tensor, n: number): Tensor => (n === 0 ? tensor(1) : mul(a, power(a, n - 1))),
      { static: [1] },
    );
    expect(power(tensor(2), 10).item()).toBe(1024);
    expect(grad((a: Tensor) => power(a, 3))(tensor(2)).item()).toBe(12);
  });

  test("checkpoint and custom rules inside jit, and jit inside them", () => {
    const kept = jit((a: Tensor) => grad((b: Tensor) => sum(checkpoint((c: Tensor) => sin(sin(c)))(b)))(a));
    same(kept(x), grad((b: Tensor) => sum(sin(sin(b))))(x));
    const inner = checkpoint(jit((c: Tensor) => sin(sin(c))));
    same(grad((b: Tensor) => sum(inner(b)))(x), kept(x));
    const ruled = customJvp(
      jit((a: Tensor) => square(a)),
      ([a], [t]) => [square(a), mul(mul(a, 3), t)],
    );
    expect(jit(grad((a: Tensor) => sum(ruled(a))))(x).toArray()).toEqual([3, 6, 9]);
    const pulled = customVjp(
      (a: Tensor) => square(a),
      (a: Tensor) => [square(a), [a]] as const,
      jit(([a]: readonly Tensor[], ct: Tensor) => [mul(mul(a!, 5), ct)] as const),
    );
    expect(jit(grad((a: Tensor) => sum(pulled(a))))(x).toArray()).toEqual([5, 10, 15]);
  });

  test("a value read under grad and jit: abstract in jit, known in grad", () => {
    const branchy = (a: Tensor): Tensor => (a.item() > 0 ? mul(a, 2) : mul(a, -3));
    expect(grad(branchy)(tensor(1)).item()).toBe(2);
    expect(grad(branchy)(tensor(-1)).item()).toBe(-3);
    expect(() => jit(grad(branchy))(tensor(1))).toThrow(
      "item: expected a concrete value, got a traced argument",
    );
    expect(() => grad(jit(branchy))(tensor(1))).toThrow(
      "item: expected a concrete value, got a traced argument",
    );
    expect(() => vmap(grad(branchy))(tensor([1]))).toThrow(
      "item: expected a concrete value, got a traced argument",
    );
  });
});

describe("donated arguments", () => {
  test("cannot be read afterwards", () => {
    const f = jit((a: Tensor, b: Tensor) => add(a, b), { donate: [0] });
    const [a, b] = [tensor([1, 2]), tensor([3, 4])];
    expect(f(a, b).toArray()).toEqual([4, 6]);
    expect(b.toArray()).toEqual([3, 4]);
    expect(() => a.toArray()).toThrow(
      "toArray: expected a tensor that still has its value, got float32[2] that was donated to a jitted call",
    );
    expect(() => f(a, b)).toThrow(
      "jit: expected a tensor that still has its value, got float32[2] that was donated to a jitted call",
    );
    expect(() => add(a, 1).toArray()).toThrow(
      "expected a tensor that still has its value, got float32[2] that was donated to a jitted call",
    );
    expect(String(a)).toMatch(/float32\[2\]/);
  });

  test("trees, and what comes back although it was donated", () => {
    const step = jit((p: { w: Tensor; b: Tensor }) => ({ w: mul(p.w, 2), b: p.b }), { donate: [0] });
    let p = { w: tensor([1, 2]), b: tensor(5) };
    for (let i = 0; i < 3; i++) p = step(p);
    expect(p.w.toArray()).toEqual([8, 16]);
    expect(p.b.item()).toBe(5);
  });

  test("give their memory back at once: a loop of many steps needs two of everything", () => {
    const n = 1 << 18;
    const step = jit((w: Tensor) => add(mul(w, 0.5), 1), { donate: [0] });
    let w = step(step(zeros([n])));
    const before = memoryStats();
    for (let i = 0; i < 400; i++) w = step(w);
    const after = memoryStats();
    expect(after.total).toBe(before.total);
    expect(after.resident).toBe(before.resident);
    expect(w.at(n - 1).item()).toBeCloseTo(2, 5);
  });

  test("that other tensors hold as well stay where they are", () => {
    const n = 5000;
    const make = jit((x: Tensor) => add(x, 1));
    const consume = jit((x: Tensor) => mul(x, 2), { donate: [0] });
    const other = jit((x: Tensor) => add(x, 100));
    const same = jit((x: Tensor) => x);
    const twice = jit((x: Tensor) => {
      const y = add(x, 3);
      return [y, y] as const;
    });
    const check = (held: Tensor, given: Tensor, value: number): void => {
      held.dataSync();
      consume(given);
      for (let i = 0; i < 4; i++) other(zeros([n])).dataSync(); // would take a free place
      expect(held.dataSync()[n - 1]).toBe(value);
    };
    const x = make(zeros([n]));
    check(same(x), x, 1);
    const y = make(zeros([n]));
    check(y.reshape([50, 100]), y, 1);
    const [a, b] = twice(zeros([n]));
    check(b, a, 3);
    const c = make(zeros([n]));
    const captured = jit((v: Tensor) => add(v, c));
    captured(zeros([n])).dataSync();
    const d = make(zeros([n]));
    const p = { d, also: d };
    const both = jit((t: typeof p) => add(t.d, t.also), { donate: [0] });
    expect(both(p).at(0).item()).toBe(2);
    expect(
      captured(zeros([n]))
        .at(0)
        .item(),
    ).toBe(1);
  });

  test("under grad nothing is donated: the pullback needs it", () => {
    const f = jit((a: Tensor) => sum(square(a)), { donate: [0] });
    const a = tensor([1, 2]);
    expect(grad(f)(a).toArray()).toEqual([2, 4]);
    expect(a.toArray()).toEqual([1, 2]);
  });
});

describe("checked indices", () => {
  const i = (n: number): Tensor => tensor(n, { dtype: "int32" });
  test("throw where they are out of bounds, and only then", () => {
    const f = (a: Tensor, k: Tensor): Tensor => take(a, k);
    const safe = jit(f, { checked: true });
    expect(safe(x, i(2)).item()).toBe(3);
    expect(jit(f)(x, i(7)).item()).toBe(3); // clamps
    expect(() => safe(x, i(7))).toThrow(
      "gather: expected indices from 0 to 2 along axis 0, got one that is out of bounds by 5",
    );
    expect(safe(x, i(-1)).item()).toBe(3); // wraps
    expect(() => safe(x, i(-5))).toThrow(
      "gather: expected indices from 0 to 2 along axis 0, got one that is out of bounds by 2",
    );
  });

  test("in gathers, scatters and dynamic slices inside other functions", () => {
    const f = jit((a: Tensor, k: Tensor) => dynamicSlice(a, [k], [2]), { checked: true });
    expect(f(x, i(1)).toArray()).toEqual([2, 3]);
    expect(() => f(x, i(2))).toThrow(
      "dynamicSlice: expected indices from 0 to 1 along axis 0, got one that is out of bounds by 1",
    );
    const g = jit((a: Tensor, k: Tensor) => checkpoint((b: Tensor) => at(b, [k]))(a), { checked: true });
    expect(() => g(x, i(3))).toThrow(
      "gather: expected indices from 0 to 2 along axis 0, got one that is out of bounds by 1",
    );
  });
});

describe("reading and coercing what is abstract", () => {
  const advice =
    "expected a concrete value, got a traced argument, whose value is not known while jit or vmap traces the function: use where instead of JavaScript control flow, or mark the argument static";
  test.each(["item", "toArray", "dataSync"] as const)("%s", (method) => {
    expect(() => jit((a: Tensor) => add(a, Number(a[method]())))(tensor(1))).toThrow(`${method}: ${advice}`);
    expect(() => vmap((a: Tensor) => add(a, Number(a[method]())))(tensor([1]))).toThrow(
      `${method}: ${advice}`,
    );
  });

  test("data rejects", async () => {
    let promise: Promise<unknown> = Promise.resolve();
    jit((a: Tensor) => {
      promise = a.data();
      promise.catch(() => undefined);
      return a;
    })(x);
    await expect(promise).rejects.toThrow(`data: ${advice}`);
  });

  const coercion = (what: string): string =>
    `${what}: expected a tensor with one known element, got a traced float32[], whose value is not known: use tensor functions (greater, where, exp, …) instead of JavaScript's operators and Math`;
  test.each([
    ["a comparison", (a: Tensor) => ((a as unknown as number) > 0 ? a : mul(a, 2)), "number conversion"],
    ["arithmetic", (a: Tensor) => tensor((a as unknown as number) * 2), "number conversion"],
    ["addition", (a: Tensor) => tensor((a as unknown as number) + 1), "number conversion"],
    ["Math", (a: Tensor) => tensor(Math.exp(a as unknown as number)), "number conversion"],
    ["a template", (a: Tensor) => tensor(`${a as unknown as string}`.length), "string conversion"],
    ["isNaN", (a: Tensor) => tensor(isNaN(a as unknown as number)), "number conversion"],
  ] as const)("%s", (_, f, what) => {
    expect(() => jit(f)(tensor(1))).toThrow(coercion(what));
  });

  test("a concrete scalar converts", () => {
    expect((tensor(2) as unknown as number) * 3).toBe(6);
    expect((tensor(2) as unknown as number) > 1).toBe(true);
    expect(() => (x as unknown as number) * 3).toThrow(
      "number conversion: expected a tensor with one known element, got float32[3]: use tensor functions, or read it with .toArray()",
    );
  });

  test("the error starts at the line that read", () => {
    let error: unknown;
    try {
      jit(function readsInside(a: Tensor) {
        return mul(a, a.item());
      })(tensor(1));
    } catch (e) {
      error = e;
    }
    const [message, first] = (error as Error).stack!.split("\n");
    expect(message).toContain("AbstractValueError: item: expected a concrete value");
    expect(first).toMatch(/at readsInside .*jit\.test\.ts/);
  });

  test("a traced argument that escapes says so when it is read, wherever it went", () => {
    let leaked: Tensor | null = null;
    jit((a: Tensor) => {
      leaked = mul(a, 2);
      return a;
    })(x);
    expect(() => (leaked as unknown as Tensor).toArray()).toThrow(
      "toArray: expected a concrete value, got a traced argument",
    );
    expect(() => add(leaked as unknown as Tensor, 1).dataSync()).toThrow(
      "dataSync: expected a concrete value, got a traced argument",
    );
    expect(() => jit((b: Tensor) => add(b, leaked as unknown as Tensor))(x).toArray()).toThrow(
      "expected a concrete value, got a traced argument",
    );
    expect(() => String(leaked)).toThrow(
      "string conversion: expected a tensor with one known element, got a traced float32[3]",
    );
  });

  test("shapes, dtypes and printing are known", () => {
    const f = jit((a: Tensor) => {
      expect([a.shape, a.dtype, a.ndim, a.size]).toEqual([[3], "float32", 1, 3]);
      return cast(a, "int32");
    });
    expect(f(x).dtype).toBe("int32");
  });
});

test("checked refuses loops whose bodies index: nothing is left unchecked in silence", () => {
  const table = tensor([1, 2, 3]);
  const f = jit((is: Tensor) => map((i) => take(table, i), is), { checked: true });
  expect(() => f(tensor([0, 1], { dtype: "int32" }))).toThrow(
    "jit: expected indices outside of loops (checked is set), got some inside scan, where they are not checked yet: leave checked out",
  );
});
