/** What becomes one kernel, as `lower` shows it to people. */
import { describe, expect, test } from "vitest";
import {
  add,
  conv,
  div,
  exp,
  grad,
  jit,
  logSoftmax,
  logsumexp,
  matmul,
  max,
  maxPool,
  mean,
  mul,
  pad,
  random,
  relu,
  reshape,
  setBackend,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  swapAxes,
  take,
  tanh,
  tensor,
  type Tensor,
  tree,
  valueAndGrad,
  where,
} from "../../src/index.js";
import { faultsOf } from "./scope.js";

setBackend("js"); // whose kernels are text

const given = (...shape: number[]): Tensor => random.normal(random.key(shape.length), shape);

type Args = readonly Tensor[];

/** The kernels' names, after checking their texts. */
const kernels = (f: (...xs: never[]) => unknown, ...args: Args): string[] => {
  const lowered = jit(f).lower(...(args as never[]));
  for (const k of lowered.kernels) expect(faultsOf(k.source)).toEqual([]);
  return lowered.kernels.map((k) => k.name);
};

/** The loops' sizes in the order of the text. */
const loopsOf = (source: string): number[] =>
  [...source.matchAll(/for \(let \w+ = 0; \w+ < (\d+); \w+\+\+\)/g)].map((m) => Number(m[1]));

const source = (f: (...xs: never[]) => unknown, ...args: Args): string => {
  const all = jit(f).lower(...(args as never[])).kernels;
  expect(all).toHaveLength(1);
  return all[0]!.source;
};

describe("elementwise chains", () => {
  const chain = (x: Tensor, y: Tensor): Tensor => {
    let z = x;
    for (let i = 0; i < 5; i++) z = mul(sub(z, y), add(z, i));
    return z;
  };

  test("of ten operations are one flat loop without intermediates", () => {
    const lowered = jit(chain).lower(given(100, 10), given(100, 10));
    expect(lowered.kernels).toHaveLength(1);
    expect(loopsOf(lowered.kernels[0]!.source)).toEqual([1000]);
    expect(lowered.memory).toEqual({ inputs: 8000, outputs: 4000, arena: 0 });
    expect(lowered.cost.bytes).toBe(12_000);
  });

  test("read as written by hand", () => {
    expect(source((x: Tensor, y: Tensor) => add(mul(x, 2), y), given(4), given(4))).toMatchInlineSnapshot(`
      "function add(b0, b1, b2) {
      for (let i0 = 0; i0 < 4; i0++) {
        const v0 = b0[i0];
        const v2 = v0 * 2;
        const v3 = b1[i0];
        const v4 = Math.fround(v2 + v3);
        b2[i0] = v4;
      }
      }"
    `);
  });

  test("with views read through them", () => {
    expect(source((x: Tensor, y: Tensor) => add(swapAxes(x, 0, 1), y), given(3, 4), given(4, 3)))
      .toMatchInlineSnapshot(`
      "function add(b0, b1, b2) {
      for (let i0 = 0; i0 < 4; i0++) {
        const o0 = i0 * 3;
        for (let i1 = 0; i1 < 3; i1++) {
          const v0 = b0[i0 + i1 * 4];
          const v1 = b1[o0 + i1];
          const v2 = Math.fround(v0 + v1);
          b2[o0 + i1] = v2;
        }
      }
      }"
    `);
  });

  test("what depends on the row alone is computed outside the inner loop", () => {
    const text = source((x: Tensor, y: Tensor) => mul(reshape(add(x, 1), [8, 1]), y), given(8), given(8, 16));
    expect(loopsOf(text)).toEqual([8, 16]);
    const [outside, inside] = text.split("< 16;") as [string, string];
    expect(outside).toMatch(/\+ 1\)/);
    expect(inside).not.toMatch(/\+ 1\)/);
  });

  test("both branches of where are in the kernel; shared work is done once", () => {
    const text = source((x: Tensor) => where(exp(x).greater(1), exp(x), mul(exp(x), 2)), given(64));
    expect(text.match(/Math\.exp/g)).toHaveLength(1);
  });

  test("with several results share one loop", () => {
    const f = (x: Tensor, y: Tensor): Tensor[] => [add(x, y), mul(x, y), sub(x, y)];
    expect(loopsOf(source(f, given(50), given(50)))).toEqual([50]);
  });
});

describe("reductions", () => {
  test("take what comes before and after into their kernel", () => {
    expect(kernels((x: Tensor, y: Tensor) => mean(square(sub(x, y))), given(100), given(100))).toEqual([
      "sum_div",
    ]);
    expect(kernels((x: Tensor) => sqrt(add(sum(square(x), { axis: 1 }), 1e-5)), given(16, 100))).toHaveLength(
      1,
    );
  });

  test("over one domain share a loop", () => {
    expect(kernels((x: Tensor) => [mean(x), max(x), sum(square(x))], given(100))).toEqual([
      "sum_div_reduceMax",
    ]);
    const text = source((x: Tensor) => [sum(x, { axis: 1 }), max(x, { axis: 1 })], given(16, 100));
    expect(loopsOf(text)).toEqual([16, 100]);
  });

  test("softmax stays within four kernels, and its exponential is stored once", () => {
    for (const axis of [0, 1]) {
      const names = kernels((x: Tensor) => softmax(x, { axis }), given(64, 100));
      expect(names.length).toBeLessThanOrEqual(4);
    }
    expect(kernels((x: Tensor) => logSoftmax(x), given(64, 100)).length).toBeLessThanOrEqual(3);
    expect(kernels((x: Tensor) => logsumexp(x, { axis: 1 }), given(64, 100)).length).toBeLessThanOrEqual(2);
  });

  test("layer normalisation stays within three", () => {
    const norm = (x: Tensor): Tensor => {
      const centred = sub(x, mean(x, { axis: -1, keepdims: true }));
      return div(centred, sqrt(add(mean(square(centred), { axis: -1, keepdims: true }), 1e-5)));
    };
    expect(kernels(norm, given(32, 128)).length).toBeLessThanOrEqual(3);
  });
});

describe("contractions", () => {
  test("take bias, activation, mask and residual as their epilogue", () => {
    const dense = (x: Tensor, w: Tensor, b: Tensor, r: Tensor): Tensor =>
      add(mul(relu(add(matmul(x, w), b)), 0.5), r);
    expect(kernels(dense, given(32, 64), given(64, 48), given(48), given(32, 48))).toHaveLength(1);
  });

  test("convolution, bias and relu are one kernel; no patches are stored", () => {
    const f = (x: Tensor, w: Tensor, b: Tensor): Tensor => relu(add(conv(x, w), reshape(b, [16, 1, 1])));
    const [x, w, b] = [given(8, 3, 28, 28), given(16, 3, 5, 5), given(16)];
    expect(kernels(f, x, w, b)).toHaveLength(1);
    const patches = 4 * 8 * 24 * 24 * 3 * 5 * 5;
    expect(jit(f).lower(x, w, b).memory.arena).toBeLessThan(patches / 4);
  });

  test("images that are padded are not copied once more for their groups", () => {
    const f = (x: Tensor, w: Tensor): Tensor => conv(x, w, { padding: 1, groups: 8 });
    expect(kernels(f, given(2, 8, 10, 10), given(8, 1, 3, 3))).toEqual(["pad", "permute"]);
  });

  test("a buffer with other axes is read where it is, inside padding too", () => {
    const f = (x: Tensor): Tensor =>
      pad(
        reshape(x, [4, 2, 1, 6, 6]),
        [0, 0, 0, 1, 1].map((n) => [n, n]),
      );
    expect(source(f, given(4, 2, 6, 6))).not.toMatch(/[%/] \d/);
  });

  test("rows that are looked up are not stored for their gradient, which needs them twice", () => {
    const loss = (table: Tensor, at: Tensor): Tensor => sum(square(take(table, at, { axis: 0 })));
    const places = tensor([3, 1, 3, 7], { dtype: "int32" });
    expect(kernels(grad(loss), given(10, 16), places)).toEqual(["scatter"]);
  });

  test("transposes of operands cost no kernel, and neither do they in gradients", () => {
    expect(
      kernels(
        (x: Tensor, y: Tensor) => matmul(swapAxes(x, 0, 1), swapAxes(y, 0, 1)),
        given(30, 20),
        given(40, 30),
      ),
    ).toHaveLength(1);
    const loss = (w: Tensor, x: Tensor): Tensor => mean(square(relu(matmul(x, w))));
    expect(kernels(grad(loss), given(64, 32), given(32, 64))).toHaveLength(2);
  });

  test("of integers stay exact", () => {
    const a = tensor(new Int32Array(400).fill(70_000), { shape: [20, 20] });
    expect(jit((x: Tensor) => matmul(x, x))(a).dataSync()[0]).toBe(
      Number(BigInt.asIntN(32, 20n * 70_000n ** 2n)),
    );
  });
});

describe("updates of many parameters", () => {
  interface State {
    readonly p: readonly Tensor[];
    readonly m: readonly Tensor[];
    readonly v: readonly Tensor[];
  }
  const adam = ({ p, m, v }: State, g: readonly Tensor[]): State => {
    const m2 = m.map((a, i) => add(mul(a, 0.9), mul(g[i]!, 0.1)));
    const v2 = v.map((a, i) => add(mul(a, 0.999), mul(square(g[i]!), 0.001)));
    return { p: p.map((a, i) => sub(a, div(mul(m2[i]!, 0.01), add(sqrt(v2[i]!), 1e-8)))), m: m2, v: v2 };
  };

  test("of equal shape are one loop, and every shape has one", () => {
    const shapes = [[32, 10], [10], [32, 10], [5], [10], [32, 10]];
    const p = shapes.map((s) => given(...s));
    const state = { p, m: p, v: p };
    const lowered = jit(adam).lower(state, p);
    expect(lowered.kernels.map((k) => loopsOf(k.source))).toEqual([[320], [10], [5]]);
    expect(lowered.memory.arena).toBe(0);
  });
});

describe("max-pooling", () => {
  test("is one kernel that reads its windows in place", () => {
    expect(kernels((x: Tensor) => maxPool(relu(x), [2, 2]), given(2, 3, 8, 8))).toEqual(["reduceMax"]);
  });

  test("has the right gradient with producers inlined on both sides", () => {
    const x = given(2, 3, 8, 8);
    const y = given(2, 3, 4, 4);
    const loss = (z: Tensor): Tensor => sum(mul(maxPool(tanh(mul(z, 2)), [2, 2]), y));
    const got = jit(grad(loss))(x).dataSync();
    // By hand: the cotangent goes to the place of each window's maximum.
    const [xs, ys] = [x.dataSync(), y.dataSync()];
    const want = new Float64Array(xs.length);
    for (let image = 0; image < 6; image++)
      for (let i = 0; i < 4; i++)
        for (let j = 0; j < 4; j++) {
          const places = [0, 1, 8, 9].map((o) => image * 64 + 2 * i * 8 + 2 * j + o);
          const best = places.reduce((a, b) => (xs[b]! > xs[a]! ? b : a));
          want[best] = ys[image * 16 + i * 4 + j]! * 2 * (1 - Math.tanh(2 * xs[best]!) ** 2);
        }
    got.forEach((g, i) => expect(g).toBeCloseTo(want[i]!, 5));
  });

  test("with overlapping windows and ties", () => {
    const x = tensor([1, 3, 3, 2, 0]);
    const loss = (z: Tensor): Tensor => sum(maxPool(reshape(z, [1, 1, 5]), [3], { stride: 1 }));
    // Windows (1 3 3), (3 3 2), (3 2 0): two with ties, which share.
    expect(grad(loss)(x).toArray()).toEqual([0, 1, 2, 0, 0]);
    expect(jit(grad(loss))(x).toArray()).toEqual([0, 1, 2, 0, 0]);
  });
});

test("a LeNet training step: every kernel proper, no more than 40 of them", () => {
  interface Params {
    w1: Tensor;
    b1: Tensor;
    w2: Tensor;
    b2: Tensor;
    w3: Tensor;
    b3: Tensor;
  }
  const loss = (p: Params, x: Tensor, y: Tensor): Tensor => {
    const a = maxPool(relu(add(conv(x, p.w1), reshape(p.b1, [6, 1, 1]))), [2, 2]);
    const b = maxPool(relu(add(conv(a, p.w2), reshape(p.b2, [16, 1, 1]))), [2, 2]);
    const logits = add(matmul(reshape(b, [8, 256]), p.w3), p.b3);
    return mean(sub(logsumexp(logits, { axis: 1 }), sum(mul(logits, y), { axis: 1 })));
  };
  const step = (p: Params, m: Params, x: Tensor, y: Tensor): [Params, Params, Tensor] => {
    const [value, g] = valueAndGrad(loss)(p, x, y);
    const m2 = tree.map((a: Tensor, b: Tensor) => add(mul(a, 0.9), b), m, g);
    return [tree.map((a: Tensor, b: Tensor) => sub(a, mul(b, 0.01)), p, m2), m2, value];
  };
  const params = {
    w1: given(6, 1, 5, 5),
    b1: given(6),
    w2: given(16, 6, 5, 5),
    b2: given(16),
    w3: given(256, 10),
    b3: given(10),
  };
  const lowered = jit(step).lower(params, params, given(8, 1, 28, 28), given(8, 10));
  for (const k of lowered.kernels) expect(faultsOf(k.source)).toEqual([]);
  expect(lowered.kernels.length).toBeLessThanOrEqual(40);
});
