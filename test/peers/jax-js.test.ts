/** Where jax-js fails, the right answer: one test for each fault that its users meet. */
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import {
  add,
  argmax,
  avgPool,
  cast,
  conv,
  div,
  exp,
  grad,
  greater,
  jit,
  log,
  matmul,
  maxPool,
  mean,
  mul,
  ones,
  pow,
  prod,
  random,
  scan,
  shiftRight,
  softplus,
  square,
  stack,
  sub,
  sum,
  take,
  tanh,
  tensor,
  type Tensor,
  tree,
  valueAndGrad,
  vmap,
  where,
} from "../../src/index.js";
import { ulps } from "../../property-tests/arrays.js";
import * as nn from "../../src/nn/index.js";
import { rules } from "../../src/eslint/index.js";
import { on } from "../backend.js";

const stacked = (f: (x: Tensor) => Tensor, x: Tensor): Tensor =>
  stack(Array.from({ length: x.shape[0]! }, (_, i) => f(x.at(i))));

describe("jax-js: what is missing", () => {
  test("layers, dropout and batch norm: they exist, and train under jit", () => {
    const model = nn.sequential(nn.dense(16), nn.batchNorm(), nn.relu, nn.dropout(0.2), nn.dense(2));
    const x = random.normal(random.key(1), [64, 4]);
    const labels = cast(greater(sum(x, { axis: 1 }), 0), "int32");
    const start = model.init(random.key(0), x);
    type Params = typeof start.params;
    type State = typeof start.state;
    const step = jit((p: Params, s: State, key: Tensor): [Params, State, Tensor] => {
      const loss = (q: Params): readonly [Tensor, State] => {
        const [y, next] = model.apply(q, s, x, { training: true, key });
        return [nn.crossEntropy(y, labels), next];
      };
      const [[value, next], g] = valueAndGrad(loss, { hasAux: true })(p);
      return [tree.map((a: Tensor, d: Tensor) => sub(a, mul(d, 0.5)), p, g), next, value];
    });
    let [params, state] = [start.params, start.state];
    const losses: number[] = [];
    for (let i = 0; i < 60; i++) {
      const [p, s, value] = step(params, state, random.foldIn(random.key(2), i));
      [params, state] = [p, s];
      losses.push(value.item());
    }
    const meanOf = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
    expect(meanOf(losses.slice(-5))).toBeLessThan(0.5 * meanOf(losses.slice(0, 5)));
    expect(step.cacheStats.misses).toBe(1);
  });

  test("recurrence is not unrolled: a trace of 500 steps is as large as one of 5", () => {
    const listing = (steps: number): number => {
      const f = jit(
        (xs: Tensor) =>
          scan((h: Tensor, x: Tensor) => [tanh(add(mul(h, 0.5), x)), h] as const, tensor(0), xs)[0],
      );
      return f.lower(ones([steps])).program.split("\n").length;
    };
    expect(listing(500)).toBe(listing(5));
  });

  test("gradients through casts: mixed precision works", () => {
    const loss = (w: Tensor): Tensor => sum(square(cast(mul(cast(w, "float64"), 3), "float32")));
    const g = grad(loss)(tensor([1, 2]));
    expect(g.dtype).toBe("float32");
    expect(g.toArray()).toEqual([18, 36]);
    expect(grad((x: Tensor) => sum(cast(x, "float32")))(tensor([1, 2], { dtype: "float64" })).dtype).toBe(
      "float64",
    );
  });

  test("vmap of pooling equals a loop", () => {
    const x = random.normal(random.key(3), [3, 1, 2, 6, 6]);
    for (const pool of [
      (a: Tensor) => maxPool(a, [2, 2]),
      (a: Tensor) => avgPool(a, [3, 3], { stride: 1 }),
    ]) {
      expect(vmap(pool)(x).toArray()).toEqual(stacked(pool, x).toArray());
      const g = (a: Tensor): Tensor => grad((b: Tensor) => sum(square(pool(b))))(a);
      expect(vmap(g)(x).toArray()).toEqual(stacked(g, x).toArray());
    }
  });
});

describe("jax-js: memory by hand", () => {
  test("operations do not consume their inputs", () => {
    const x = tensor([1, 2, 3]);
    const y = add(mul(x, x), x);
    expect([x, y, x, y].map((t) => t.toArray())).toEqual([
      [1, 2, 3],
      [2, 6, 12],
      [1, 2, 3],
      [2, 6, 12],
    ]);
    const f = jit((a: Tensor) => add(a, a));
    f(x);
    expect(f(x).toArray()).toEqual([2, 4, 6]);
  });

  test("six gigabytes of results that nobody disposes of do not exhaust memory", () => {
    const x = ones([4_000_000]);
    x.dataSync();
    const f = jit((a: Tensor) => add(a, 1));
    let last = 0;
    for (let i = 0; i < 400; i++) last = f(x).size;
    expect(last).toBe(4_000_000);
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(3e9);
  });

  test("no initialisation is needed, and reading is synchronous where one wants it", () => {
    expect(add(1, 2).item()).toBe(3);
    expect(tensor([1]).dataSync()).toEqual(Float32Array.of(1));
  });
});

describe("jax-js: work done again", () => {
  test("the gradient of a convolution costs a few forward passes, and stores no patches", () => {
    const [x, w] = [ones([8, 16, 16, 16]), ones([16, 16, 3, 3])];
    const forward = (a: Tensor, k: Tensor): Tensor => sum(square(conv(a, k, { padding: "SAME" })));
    const one = jit(forward).lower(x, w);
    const both = jit(grad(forward, { argnums: [0, 1] })).lower(x, w);
    expect(both.cost.flops).toBeLessThan(4.5 * one.cost.flops);
    const patches = 4 * x.size * 9;
    expect(both.memory.arena).toBeLessThan(2 * patches);
  });

  test("nothing expensive is computed again for each element of a broadcast", () => {
    const f = jit((row: Tensor, m: Tensor) => mul(exp(row), m));
    const lowered = on("js", () => f.lower(ones([100]), ones([1000, 100])));
    expect(lowered.cost.flops).toBeLessThan(100 * 20 + 2 * 100_000);
    const loops = lowered.kernels
      .filter((k) => k.source.includes("Math.exp"))
      .map((k) => k.source.match(/for \(/g)?.length);
    expect(loops).toEqual([1]); // one loop, over the row alone
  });
});

describe("jax-js: silent wrong answers", () => {
  test("sums: 1e7 × 0.1 loses nothing", () => {
    expect(Math.abs(sum(tensor(new Float32Array(1e7).fill(0.1))).item() / 1e6 - 1)).toBeLessThan(1e-6);
  });

  test("trees of different structure do not map: the error names the path", () => {
    const params = { layers: [{ w: ones([2]), b: ones([2]) }] };
    const grads = { layers: [{ w: ones([2]) }] };
    expect(() => tree.map((a: Tensor, b: Tensor) => add(a, b), params, grads as never)).toThrow(
      "map: expected {b: *, w: *} at tree 1.layers[0], got {w: *}",
    );
  });

  test("a traced tensor in a comparison throws instead of being true", () => {
    const relu = (x: Tensor): Tensor => ((x as unknown as number) > 0 ? x : mul(x, 0));
    expect(() => jit(relu)(tensor(-1))).toThrow(
      "number conversion: expected a tensor with one known element, got a traced float32[]",
    );
    expect(() => vmap(relu)(tensor([-1]))).toThrow(
      "number conversion: expected a tensor with one known element",
    );
    expect(relu(tensor(-1)).item()).toBe(-0); // known outside
    expect(jit((x: Tensor) => where(greater(x, 0), x, 0))(tensor(-1)).item()).toBe(0);
  });

  test("if (tensor), which no run can see, is a lint error", () => {
    expect(Object.keys(rules)).toContain("no-tensor-in-condition");
  });

  test("the gradient of power(x, 2) at 0 is 0", () => {
    expect(grad((x: Tensor) => pow(x, 2))(tensor(0)).item()).toBe(0);
    expect(grad((x: Tensor) => sum(pow(x, tensor([2, 2]))))(tensor([0, 3])).toArray()).toEqual([0, 6]);
  });

  test("the gradient of prod with a zero", () => {
    expect(grad((x: Tensor) => prod(x))(tensor([0, 2, 3])).toArray()).toEqual([6, 0, 0]);
  });

  test("argmax with NaN is in range: it finds the NaN", () => {
    expect(argmax(tensor([1, NaN, 3])).item()).toBe(1);
    expect(argmax(tensor([NaN, NaN])).item()).toBe(0);
  });

  test("take(-1) is the last element", () => {
    expect(take(tensor([10, 20, 30]), -1).item()).toBe(30);
    expect(take(tensor([10, 20, 30]), tensor([-1, 0, -3], { dtype: "int32" })).toArray()).toEqual([
      30, 10, 10,
    ]);
  });

  test("shifting negatives keeps the sign", () => {
    expect(shiftRight(tensor([-8, -1, 8], { dtype: "int32" }), 1).toArray()).toEqual([-4, -1, 4]);
  });

  test("softplus(100) is 100", () => {
    expect(softplus(tensor([100, 1000, -1000])).toArray()).toEqual([100, 1000, 0]);
  });

  test("log near 1 and tanh near 0 keep their digits", () => {
    for (const x of [1.0000001, 0.9999999, 1.001].map(Math.fround))
      expect(log(tensor(x)).item()).toBe(Math.fround(Math.log(x)));
    for (const x of [1e-8, 1e-4, -3e-3].map(Math.fround))
      expect(tanh(tensor(x)).item()).toBe(Math.fround(Math.tanh(x)));
  });

  test("division and exponentials are as exact fused as alone", () => {
    const x = random.normal(random.key(9), [1000]);
    const data = x.dataSync();
    for (const [backend, off] of [
      ["js", 0],
      ["wasm", 2],
    ] as const)
      on(backend, () => {
        const alone = exp(x).dataSync();
        alone.forEach((v, i) =>
          expect(ulps(v, Math.fround(Math.exp(data[i]!)), "float32")).toBeLessThanOrEqual(off),
        );
        const fused = jit((a: Tensor) => div(exp(a), 3))(x).dataSync();
        fused.forEach((v, i) => expect(v).toBe(Math.fround(alone[i]! / 3)));
      });
  });
});

describe("jax-js: terse errors", () => {
  test("say the operation, what it wanted, what it got, and start at the caller's line", () => {
    let error: Error | null = null;
    try {
      (function usersCode() {
        matmul(ones([2, 3]), ones([4, 5]));
      })();
    } catch (e) {
      error = e as Error;
    }
    expect(error?.message).toMatch(/^matmul: expected .*, got .*float32\[2,3\].*float32\[4,5\]/);
    expect(error?.stack?.split("\n")[1]).toMatch(/usersCode .*jax-js\.test\.ts/);
  });

  test("the same seed gives the same numbers", () => {
    const draw = (): unknown => mean(random.normal(random.key(42), [100])).item();
    expect(draw()).toBe(draw());
    expect(fx.random.bits(fx.random.key(0), [2]).toArray()).toEqual([4070199207, 4202968722]); // JAX's
  });
});
