/** Where TensorFlow.js fails, the right answer; its missing gradients are in tfjs-gradients.test.ts. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import {
  add,
  cast,
  checkpoint,
  cond,
  conv,
  cos,
  div,
  exp,
  foriLoop,
  grad,
  greater,
  jit,
  matmul,
  mean,
  mul,
  ones,
  random,
  realizeAll,
  setBackend,
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
  vmap,
  whileLoop,
  zeros,
} from "../../src/index.js";
import * as nn from "../../src/nn/index.js";

afterEach(() => {
  setBackend("js");
});

const backends = ["js", "wasm"] as const;

describe("tfjs: memory by hand (tidy, dispose)", () => {
  test("an eager loop of training that disposes of nothing keeps nothing", () => {
    const x = random.uniform(random.key(0), [50_000]);
    x.dataSync(); // else each step would draw it again: it is what nobody has read yet
    const loss = (w: Tensor): Tensor => mean(square(sub(tanh(w), x)));
    let w = random.normal(random.key(1), [50_000]);
    const step = (): number => {
      const [value, g] = valueAndGrad(loss)(w);
      w = sub(w, mul(g, 1000));
      realizeAll([value, w]);
      return value.item();
    };
    const first = step();
    const live = (): number => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    for (let i = 0; i < 100; i++) step();
    const before = live();
    let last = first;
    for (let i = 0; i < 1000; i++) last = step();
    expect(last).toBeLessThan(first);
    expect(live() - before).toBeLessThan(100e6); // 1,000 steps make 200 MB of results
  });
});

describe("tfjs: WebAssembly cannot train CNNs or embeddings", () => {
  /** Trains for a few steps under `backend`; the losses. */
  const losses = <P>(
    backend: (typeof backends)[number],
    start: P,
    loss: (p: P) => Tensor,
    rate: number,
  ): number[] => {
    setBackend(backend);
    const step = jit((p: P): readonly [Tensor, P] => {
      const [value, g] = valueAndGrad(loss)(p);
      return [value, tree.map((a: Tensor, d: Tensor) => sub(a, mul(d, rate)), p, g)];
    });
    const out: number[] = [];
    let p = start;
    for (let i = 0; i < 12; i++) {
      const [value, next] = step(p);
      out.push(value.item());
      p = next;
    }
    return out;
  };
  const expectTraining = <P>(start: P, loss: (p: P) => Tensor, rate: number): void => {
    const [js, wasm] = backends.map((b) => losses(b, start, loss, rate));
    expect(js!.at(-1)).toBeLessThan(0.7 * js![0]!);
    wasm!.forEach((v, i) => expect(Math.abs(v - js![i]!)).toBeLessThan(0.01 * js![0]!));
  };

  test("convolutions, pooling and cross-entropy", () => {
    const model = nn.leNet(3);
    const x = random.normal(random.key(2), [6, 1, 28, 28]);
    const labels = tensor([0, 1, 2, 0, 1, 2], { dtype: "int32" });
    const { params, state } = model.init(random.key(3), x);
    const loss = (p: typeof params): Tensor => nn.crossEntropy(model.apply(p, state, x)[0], labels);
    expectTraining(params, loss, 0.02);
  });

  test("embeddings: rows looked up several times add up their gradients", () => {
    const ids = tensor(
      [
        [0, 3, 3],
        [1, 3, 0],
      ],
      { dtype: "int32" },
    );
    const start = { table: random.normal(random.key(4), [5, 4]), w: random.normal(random.key(5), [4]) };
    const loss = ({ table, w }: typeof start): Tensor =>
      mean(
        square(
          sub(
            matmul(take(table, ids, { axis: 0 }), w),
            tensor([
              [1, 2, 2],
              [0, 2, 1],
            ]),
          ),
        ),
      );
    expectTraining(start, loss, 0.2);
    for (const backend of backends) {
      setBackend(backend);
      const counts = grad((t: Tensor) => sum(take(t, ids, { axis: 0 })))(zeros([5, 2]));
      expect(counts.toArray()).toEqual([
        [2, 2],
        [1, 1],
        [0, 0],
        [3, 3],
        [0, 0],
      ]);
    }
  });

  test("the gradients of a convolution, on every backend and stride, against sums written out", () => {
    const [n, size, k] = [2, 6, 3];
    for (const stride of [1, 2]) {
      const out = Math.floor((size - k) / stride) + 1;
      const x = random.normal(random.key(6), [n, 1, size, size]);
      const w = random.normal(random.key(7), [1, 1, k, k]);
      const c = random.normal(random.key(8), [n, 1, out, out]);
      const [xs, ws, cs] = [x, w, c].map((t) => t.dataSync());
      const dx = new Float64Array(x.size);
      const dw = new Float64Array(w.size);
      for (let b = 0; b < n; b++)
        for (let o = 0; o < out * out; o++)
          for (let j = 0; j < k * k; j++) {
            const row = Math.floor(o / out) * stride + Math.floor(j / k);
            const column = (o % out) * stride + (j % k);
            const at = b * size * size + row * size + column;
            dx[at]! += cs![b * out * out + o]! * ws![j]!;
            dw[j]! += cs![b * out * out + o]! * xs![at]!;
          }
      for (const backend of backends) {
        setBackend(backend);
        const loss = (a: Tensor, b: Tensor): Tensor => sum(mul(conv(a, b, { stride }), c));
        const [gx, gw] = jit(grad(loss, { argnums: [0, 1] }))(x, w);
        gx.dataSync().forEach((v, i) => expect(v).toBeCloseTo(dx[i]!, 4));
        gw.dataSync().forEach((v, i) => expect(v).toBeCloseTo(dw[i]!, 4));
      }
    }
  });
});

describe("tfjs: no vmap, no jit, no fusion, no control flow", () => {
  test("per-example gradients are vmap of grad", () => {
    const [w, xs, ys] = [
      random.normal(random.key(9), [3]),
      random.normal(random.key(10), [5, 3]),
      random.normal(random.key(11), [5]),
    ];
    const loss = (v: Tensor, x: Tensor, y: Tensor): Tensor => square(sub(sum(mul(v, x)), y));
    const each = vmap(grad(loss), { in: [null, 0, 0] })(w, xs, ys);
    expect(each.shape).toEqual([5, 3]);
    for (let i = 0; i < 5; i++)
      each
        .at(i)
        .dataSync()
        .forEach((v, k) => expect(v).toBeCloseTo(grad(loss)(w, xs.at(i), ys.at(i)).dataSync()[k]!, 5));
  });

  test("a function is traced and compiled once for each type of its arguments", () => {
    let traced = 0;
    const f = jit((x: Tensor) => {
      traced++;
      return mul(add(x, 1), 2);
    });
    for (let i = 0; i < 10; i++) expect(f(tensor([i])).item()).toBe(2 * i + 2);
    f(tensor([1, 2]));
    expect(traced).toBe(2);
    expect(f.cacheStats.misses).toBe(2);
  });

  test("ten operations on a tensor are one loop that reads it once and writes it once", () => {
    const f = (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < 5; i++) y = add(mul(y, 1.5), sin(y));
      return div(y, 3);
    };
    const lowered = jit(f).lower(ones([1000]));
    expect(lowered.kernels.length).toBe(1);
    expect(lowered.cost.bytes).toBe(2 * 4 * 1000);
    expect(lowered.memory.arena).toBe(0);
  });

  test("loops and branches inside of compiled functions, with gradients", () => {
    const power = (x: Tensor): Tensor => foriLoop(0, 5, (_i, y: Tensor) => mul(y, x), tensor(1));
    expect(jit(grad(power))(2).item()).toBe(80);
    const either = (x: Tensor): Tensor =>
      cond(
        greater(x, 0),
        (v: Tensor) => square(v),
        (v: Tensor) => cos(v),
        x,
      );
    expect(jit(grad(either))(3).item()).toBe(6);
    expect(jit(grad(either))(-1).item()).toBeCloseTo(Math.sin(1), 6);
    const halvings = jit(
      (x: Tensor) =>
        whileLoop(
          ([v]: readonly [Tensor, Tensor]) => greater(v, 1),
          ([v, n]: readonly [Tensor, Tensor]) => [div(v, 2), add(n, 1)] as const,
          [x, tensor(0)] as const,
        )[1],
    );
    expect(halvings(tensor(1000)).item()).toBe(10);
  });
});

describe("tfjs: recurrent layers run JavaScript at each step", () => {
  test("the program and the kernels of 400 steps are those of 4", () => {
    const model = nn.lstm(8);
    const lowered = (time: number) => {
      const { params, state } = model.init(random.key(0), { shape: [2, time, 3], dtype: "float32" });
      const loss = (p: typeof params): Tensor => sum(model.apply(p, state, ones([2, time, 3]))[0]);
      return jit(grad(loss)).lower(params);
    };
    const [short, long] = [lowered(4), lowered(400)];
    expect(long.kernels.length).toBe(short.kernels.length);
    expect(long.program.split("\n").length).toBe(short.program.split("\n").length);
  });

  test("memory for the gradient can be bought with recomputing", () => {
    const step = (h: Tensor): Tensor => tanh(mul(sin(h), exp(cos(h))));
    const loss = (body: (h: Tensor) => Tensor) => (h: Tensor) =>
      sum(foriLoop(0, 50, (_i, v: Tensor) => body(v), h));
    const [kept, again] = [grad(loss(step)), grad(loss(checkpoint(step)))];
    const h = random.normal(random.key(12), [1000]);
    const want = kept(h).dataSync();
    again(h)
      .dataSync()
      .forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 5));
    expect(jit(again).lower(h).memory.arena).toBeLessThan(jit(kept).lower(h).memory.arena);
  });
});

describe("tfjs: numbers", () => {
  test("float64, in results and in gradients", () => {
    const x = tensor([1 / 3], { dtype: "float64" });
    expect(x.item()).toBe(1 / 3);
    expect(add(x, 1e-12).item()).toBe(1 / 3 + 1e-12);
    expect(grad((v: Tensor) => sum(exp(v)))(x).item()).toBe(Math.exp(1 / 3));
    const m = matmul(tensor([[0.1, 0.2]], { dtype: "float64" }), tensor([[3], [4]], { dtype: "float64" }));
    expect(m.item()).toBeCloseTo(1.1, 15);
  });

  test("integers are integers: they wrap, and do not pass through floats", () => {
    const big = tensor([2147483647], { dtype: "int32" });
    expect(add(big, 1).item()).toBe(-2147483648);
    expect(mul(tensor([65537], { dtype: "int32" }), 65537).item()).toBe(131073);
    expect(cast(tensor([16777217], { dtype: "int32" }), "float64").item()).toBe(16777217);
  });

  test("a seed gives the same numbers, whatever ran before", () => {
    const draw = (): unknown => random.uniform(random.key(7), [3]).toArray();
    const before = draw();
    random.normal(random.key(8), [100]).dataSync();
    expect(draw()).toEqual(before);
    const [a, b] = random.split(random.key(7), 2);
    expect(random.uniform(a!, [3]).toArray()).not.toEqual(random.uniform(b!, [3]).toArray());
  });
});

describe("tfjs: the package", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    type: string;
    scripts: Record<string, string>;
    dependencies: Record<string, string>;
    exports: Record<string, { import?: { types: string; default: string }; require?: unknown } | string>;
  };

  test("nothing is downloaded or built on installation", () => {
    for (const hook of ["preinstall", "install", "postinstall"])
      expect(manifest.scripts[hook]).toBeUndefined();
    for (const name of Object.keys(manifest.dependencies)) {
      const { scripts = {} } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as {
        scripts?: Record<string, string>;
      };
      for (const hook of ["preinstall", "install", "postinstall"]) expect(scripts[hook]).toBeUndefined();
    }
  });

  test("real ES modules: every entry has an import with types, beside a require", () => {
    expect(manifest.type).toBe("module");
    const entries = Object.entries(manifest.exports).filter(([name]) => name !== "./package.json");
    expect(entries.length).toBeGreaterThanOrEqual(5);
    for (const [, entry] of entries) {
      if (typeof entry === "string") throw new Error(`no conditions: ${entry}`);
      expect(entry.import!.default).toMatch(/\.js$/);
      expect(entry.import!.types).toMatch(/\.d\.ts$/);
      expect(entry.require).toBeDefined();
    }
  });
});

describe("tfjs: terse errors", () => {
  test.each([
    [
      "matmul",
      () => matmul(ones([2, 3]), ones([4, 5])),
      /^matmul: expected .*, got .*float32\[2,3\].*float32\[4,5\]/,
    ],
    ["add", () => add(ones([2, 3]), ones([4])), /^add: expected .*, got .*\[2,3\].*\[4\]/],
    ["reshape", () => fx.reshape(ones([6]), [4]), /^reshape: expected .*, got /],
    ["conv", () => conv(ones([1, 3, 8, 8]), ones([4, 2, 3, 3])), /^conv: expected .*, got /],
    ["einsum", () => fx.einsum("ij,jk->ik", ones([2, 3]), ones([4, 5])), /^einsum: expected .*, got /],
    ["concat", () => fx.concat([ones([2, 3]), ones([2, 4])], { axis: 0 }), /^concat: expected .*, got /],
    ["sum", () => sum(ones([2]), { axis: 3 }), /^sum: expected .*, got /],
    [
      "grad",
      () => grad((x: Tensor) => x)(ones([3])),
      /^grad: expected a function that returns a float scalar, got float32\[3\]/,
    ],
  ] as const)("%s", (_name, f, message) => {
    let error: Error | null = null;
    try {
      (function usersCode() {
        f();
      })();
    } catch (e) {
      error = e as Error;
    }
    expect(error?.message).toMatch(message);
    expect(error?.stack?.split("\n")[1]).toMatch(/tfjs\.test\.ts/);
  });
});
