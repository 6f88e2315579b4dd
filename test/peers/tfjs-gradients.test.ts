/**
 * Where TensorFlow.js has no gradient (einsum, cumprod, topk, stridedSlice, gatherND) or no second one (tanh,
 * sigmoid, exp, …), the right answer. The oracle is mathematics: sums written out as plain loops over float64
 * numbers, and the derivatives of calculus.
 */
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import {
  cumprod,
  einsum,
  erf,
  exp,
  expm1,
  grad,
  jit,
  jvp,
  log,
  log1p,
  logsumexp,
  mul,
  onesLike,
  type RangeText,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  silu,
  sin,
  softmax,
  softplus,
  sqrt,
  square,
  stack,
  sum,
  tan,
  tanh,
  tensor,
  type Tensor,
  topK,
  vmap,
} from "../../src/index.js";

/** Numbers without a pattern, never 0, some of them negative: sin(1), sin(2), … are equidistributed. */
const numbers = (n: number, from = 1): number[] =>
  Array.from({ length: n }, (_, i) => Math.sin(i + from) * 2);
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const float64 = (xs: readonly number[], shape: readonly number[]): Tensor =>
  tensor(xs, { shape, dtype: "float64" });
const random64 = (shape: readonly number[], from = 1): Tensor => float64(numbers(sizeOf(shape), from), shape);

const expectAll = (got: Tensor, want: readonly number[], digits = 10): void => {
  const values = got.dataSync();
  expect(values.length).toBe(want.length);
  want.forEach((w, i) => expect(values[i]).toBeCloseTo(w, digits));
};

/** Every multi-index of a shape, in row-major order. */
const indices = (shape: readonly number[]): number[][] =>
  shape.reduce<number[][]>(
    (all, n) => all.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])),
    [[]],
  );
const flat = (at: readonly number[], shape: readonly number[]): number =>
  at.reduce((o, i, a) => o * shape[a]! + i, 0);

describe("einsum", () => {
  type Case = readonly [spec: string, ...shapes: (readonly number[])[]];
  const cases: readonly Case[] = [
    ["ij,jk->ik", [2, 3], [3, 4]],
    ["bij,bjk->bik", [2, 3, 2], [2, 2, 4]],
    ["i,j->ij", [3], [4]],
    ["i,i->", [5], [5]],
    ["ij->ji", [2, 3]],
    ["ij->j", [3, 2]],
    ["ii->i", [3, 3]],
    ["ii->", [4, 4]],
    ["ijk,jil->kl", [2, 3, 4], [3, 2, 2]],
    ["bhqd,bhkd->bhqk", [1, 2, 3, 4], [1, 2, 2, 4]],
    ["a,ab,b->", [3], [3, 2], [2]],
    ["ij,jk,kl->il", [2, 3], [3, 2], [2, 4]],
    ["ij,ij->ij", [2, 2], [2, 2]],
  ];

  /** Σ w · einsum(operands), and its derivative by each operand: one loop over all letters. */
  const written = (
    [spec, ...shapes]: Case,
    operands: readonly number[][],
    w: readonly number[],
  ): number[][] => {
    const [left, out] = spec.split("->") as [string, string];
    const inputs = left.split(",");
    const letters = [...new Set(left.replaceAll(",", ""))];
    const size = (l: string): number =>
      shapes[inputs.findIndex((s) => s.includes(l))]![inputs.find((s) => s.includes(l))!.indexOf(l)]!;
    const place = (s: string, at: readonly number[]): number =>
      flat(
        [...s].map((l) => at[letters.indexOf(l)]!),
        [...s].map(size),
      );
    const gradients = operands.map((x) => x.map(() => 0));
    for (const at of indices(letters.map(size)))
      inputs.forEach((s, k) => {
        const others = inputs.reduce((p, t, j) => (j === k ? p : p * operands[j]![place(t, at)]!), 1);
        gradients[k]![place(s, at)]! += w[place(out, at)]! * others;
      });
    return gradients;
  };

  test.each(cases.map((c) => [c[0], c] as const))("%s has the gradients of the sum it is", (spec, c) => {
    const shapes = c.slice(1) as (readonly number[])[];
    const operands = shapes.map((s, k) => numbers(sizeOf(s), 1 + 7 * k));
    const tensors = operands.map((x, k) => float64(x, shapes[k]!));
    const out = einsum(spec, ...tensors);
    const w = random64(out.shape, 40);
    const loss = (...xs: Tensor[]): Tensor => sum(mul(einsum(spec, ...xs), w));
    const argnums = shapes.map((_, i) => i);
    const want = written(c, operands, [...w.dataSync()]);
    for (const g of [grad(loss, { argnums }), jit(grad(loss, { argnums }))])
      g(...tensors).forEach((x, k) => {
        expect(x.shape).toEqual(shapes[k]);
        expectAll(x, want[k]!);
      });
  });

  test("second derivatives: that of a quadratic form is A + Aᵀ", () => {
    const a = random64([3, 3]);
    const form = (x: Tensor): Tensor => einsum("i,ij,j->", x, a, x);
    const h = fx.hessian(form)(random64([3], 20));
    expectAll(h, [...fx.add(a, fx.transpose(a)).dataSync()]);
  });
});

describe("cumprod", () => {
  /** ∂/∂xⱼ Σᵢ wᵢ Π_{k ≤ i} xₖ, written out: exact with any number of zeros. */
  const along = (x: readonly number[], w: readonly number[]): number[] =>
    x.map((_, j) => {
      let total = 0;
      for (let i = j; i < x.length; i++)
        total += w[i]! * x.slice(0, i + 1).reduce((p, v, k) => (k === j ? p : p * v), 1);
      return total;
    });
  const rows: readonly (readonly number[])[] = [
    [2],
    [2, 3],
    [1.5, -2, 0.5, 3, -1],
    [0, 2, 3],
    [2, 0, 3, 4],
    [2, 0, 3, 0, 5],
    [0, 0, 0],
    numbers(17),
  ];

  test.each(rows.map((r) => [r]))("%j, forwards and from the end", (x) => {
    const w = numbers(x.length, 9);
    const loss = (reverse: boolean) => (t: Tensor) =>
      sum(mul(cumprod(t, { reverse }), float64(w, [w.length])));
    expectAll(grad(loss(false))(float64(x, [x.length])), along(x, w));
    const turned = along([...x].reverse(), [...w].reverse()).reverse();
    expectAll(grad(loss(true))(float64(x, [x.length])), turned);
  });

  test.each([0, 1, 2, -1])("axis %i of three", (axis) => {
    const shape = [2, 3, 4];
    const x = numbers(24).map((v, i) => (i % 5 === 0 ? 0 : v));
    const w = numbers(24, 50);
    const got = grad((t: Tensor) => sum(mul(cumprod(t, { axis }), float64(w, shape))))(float64(x, shape));
    const at = (axis + 3) % 3;
    const want = new Array<number>(24).fill(0);
    for (const place of indices(shape.map((n, i) => (i === at ? 1 : n)))) {
      const line = Array.from({ length: shape[at]! }, (_, k) =>
        flat(
          place.map((i, a) => (a === at ? k : i)),
          shape,
        ),
      );
      const g = along(
        line.map((i) => x[i]!),
        line.map((i) => w[i]!),
      );
      line.forEach((i, k) => (want[i] = g[k]!));
    }
    expectAll(got, want);
  });

  test("differentiated twice: x₀x₁x₂ with a zero", () => {
    const product = (x: Tensor): Tensor => cumprod(x).at(-1);
    expectAll(fx.hessian(product)(float64([2, 0, 5], [3])), [0, 5, 0, 5, 0, 2, 0, 2, 0]);
  });
});

describe("topK", () => {
  test.each([
    [[5], 2],
    [[7], 7],
    [[3, 4], 1],
    [[2, 3, 4], 3],
  ] as const)("of %j, k = %i: weights go to the elements chosen, everywhere else is 0", (shape, k) => {
    const x = numbers(sizeOf(shape));
    const n = shape.at(-1)!;
    const w = numbers((x.length / n) * k, 30);
    const values = (t: Tensor): Tensor => topK(t, k)[0];
    const got = grad((t: Tensor) => sum(mul(values(t), float64(w, [...shape.slice(0, -1), k]))))(
      float64(x, shape),
    );
    const want = x.map((v, i) => {
      const row = x.slice(i - (i % n), i - (i % n) + n);
      const rank = row.filter((u) => u > v).length;
      return rank < k ? w[Math.floor(i / n) * k + rank]! : 0;
    });
    expectAll(got, want);
  });

  test("its second derivative, under vmap and jit", () => {
    const f = (t: Tensor): Tensor => sum(fx.pow(topK(t, 2)[0], 3));
    const rows = float64([1, 3, 2, 5, 4, -6], [2, 3]);
    const second = vmap((r: Tensor) => fx.diagonal(fx.hessian(f)(r)));
    expectAll(second(rows), [0, 18, 12, 30, 24, 0]);
    expectAll(jit(second)(rows), [0, 18, 12, 30, 24, 0]);
  });
});

describe("strided slices", () => {
  const cases: readonly (readonly [
    shape: readonly number[],
    index: readonly RangeText[],
    picked: number[][],
  ])[] = [
    [[7], ["::2"], [[0, 2, 4, 6]]],
    [[7], ["1:6:3"], [[1, 4]]],
    [[7], ["::-1"], [[6, 5, 4, 3, 2, 1, 0]]],
    [[7], ["5:0:-2"], [[5, 3, 1]]],
    [
      [4, 5],
      ["-3:", "::2"],
      [
        [1, 2, 3],
        [0, 2, 4],
      ],
    ],
    [
      [3, 2, 4],
      ["::2", "1:", "3:0:-1"],
      [[0, 2], [1], [3, 2, 1]],
    ],
    [[4], ["2:2"], [[]]],
  ];

  test.each(cases)("%j at %j", (shape, index, picked) => {
    const x = random64(shape);
    const w = numbers(sizeOf(picked.map((p) => p.length)), 60);
    const loss = (t: Tensor): Tensor =>
      sum(
        mul(
          square(t.at(...index)),
          float64(
            w,
            picked.map((p) => p.length),
          ),
        ),
      );
    const want = new Array<number>(x.size).fill(0);
    indices(picked.map((p) => p.length)).forEach((at, k) => {
      const i = flat(
        at.map((j, a) => picked[a]![j]!),
        shape,
      );
      want[i] = 2 * w[k]! * x.dataSync()[i]!; // the slice reads no element twice
    });
    expectAll(grad(loss)(x), want);
    expectAll(jit(grad(loss))(x), want);
  });
});

describe("gathers of points (gatherND)", () => {
  test.each([
    [[4], [[3], [0], [3], [-1]]],
    [
      [3, 4],
      [
        [0, 1],
        [2, 3],
        [0, 1],
        [1, 0],
      ],
    ],
    [
      [2, 3, 4],
      [
        [0, 1, 2],
        [1, 2, 3],
        [0, 1, 2],
      ],
    ],
    [
      [3, 4],
      [[2], [2], [0]],
    ], // rows
    [
      [2, 3, 4],
      [
        [1, 0],
        [1, 0],
        [0, 2],
      ],
    ], // rows of matrices
  ] as const)("from %j at %j: repeated points add up", (shape, points) => {
    const x = random64(shape);
    const columns = points[0].map((_, a) =>
      tensor(
        points.map((p) => p[a]!),
        { dtype: "int32" },
      ),
    );
    const gather = (t: Tensor): Tensor => t.at(...columns);
    const y = gather(x);
    const w = random64(y.shape, 70);
    const want = new Array<number>(x.size).fill(0);
    const rest = shape.slice(points[0].length);
    points.forEach((p, k) => {
      const wrapped = p.map((i, a) => (i + shape[a]!) % shape[a]!);
      indices(rest).forEach((r) => {
        want[flat([...wrapped, ...r], shape)]! += w.dataSync()[k * sizeOf(rest) + flat(r, rest)]!;
      });
    });
    expectAll(grad((t: Tensor) => sum(mul(gather(t), w)))(x), want);
    // by the weights: what was gathered
    expectAll(grad((v: Tensor) => sum(mul(gather(x), v)))(w), [...y.dataSync()]);
  });
});

describe("second and third derivatives", () => {
  type Calculus = readonly [name: string, f: (x: Tensor) => Tensor, first: N, second: N, third: N];
  type N = (x: number) => number;
  const s: N = (x) => 1 / (1 + Math.exp(-x));
  const table: readonly Calculus[] = [
    [
      "tanh",
      tanh,
      (x) => 1 - Math.tanh(x) ** 2,
      (x) => -2 * Math.tanh(x) * (1 - Math.tanh(x) ** 2),
      (x) => (1 - Math.tanh(x) ** 2) * (6 * Math.tanh(x) ** 2 - 2),
    ],
    [
      "sigmoid",
      sigmoid,
      (x) => s(x) * (1 - s(x)),
      (x) => s(x) * (1 - s(x)) * (1 - 2 * s(x)),
      (x) => s(x) * (1 - s(x)) * (1 - 6 * s(x) * (1 - s(x))),
    ],
    ["exp", exp, Math.exp, Math.exp, Math.exp],
    ["expm1", expm1, Math.exp, Math.exp, Math.exp],
    ["log", (x) => log(square(x)), (x) => 2 / x, (x) => -2 / x ** 2, (x) => 4 / x ** 3],
    [
      "log1p",
      (x) => log1p(square(x)),
      (x) => (2 * x) / (1 + x * x),
      (x) => (2 - 2 * x * x) / (1 + x * x) ** 2,
      (x) => (4 * x * (x * x - 3)) / (1 + x * x) ** 3,
    ],
    ["sin", sin, Math.cos, (x) => -Math.sin(x), (x) => -Math.cos(x)],
    [
      "tan",
      tan,
      (x) => 1 / Math.cos(x) ** 2,
      (x) => (2 * Math.tan(x)) / Math.cos(x) ** 2,
      (x) => (2 + 4 * Math.sin(x) ** 2) / Math.cos(x) ** 4,
    ],
    ["softplus", softplus, s, (x) => s(x) * (1 - s(x)), (x) => s(x) * (1 - s(x)) * (1 - 2 * s(x))],
    [
      "silu",
      silu,
      (x) => s(x) * (1 + x * (1 - s(x))),
      (x) => s(x) * (1 - s(x)) * (2 + x * (1 - 2 * s(x))),
      (x) => s(x) * (1 - s(x)) * (3 * (1 - 2 * s(x)) + x * (1 - 6 * s(x) * (1 - s(x)))),
    ],
    [
      "erf",
      erf,
      (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
      (x) => (-4 * x * Math.exp(-x * x)) / Math.sqrt(Math.PI),
      (x) => ((8 * x * x - 4) * Math.exp(-x * x)) / Math.sqrt(Math.PI),
    ],
    ["1/x", reciprocal, (x) => -1 / x ** 2, (x) => 2 / x ** 3, (x) => -6 / x ** 4],
    [
      "√(1 + x²)",
      (x) => sqrt(fx.add(square(x), 1)),
      (x) => x / Math.sqrt(1 + x * x),
      (x) => (1 + x * x) ** -1.5,
      (x) => -3 * x * (1 + x * x) ** -2.5,
    ],
    [
      "1/√(1 + x²)",
      (x) => rsqrt(fx.add(square(x), 1)),
      (x) => -x * (1 + x * x) ** -1.5,
      (x) => (2 * x * x - 1) * (1 + x * x) ** -2.5,
      (x) => (9 * x - 6 * x ** 3) * (1 + x * x) ** -3.5,
    ],
    [
      "relu(x)³",
      (x) => fx.pow(relu(x), 3),
      (x) => 3 * Math.max(x, 0) ** 2,
      (x) => 6 * Math.max(x, 0),
      (x) => (x > 0 ? 6 : 0),
    ],
  ];
  const shapes = [[], [1], [7], [2, 3], [2, 1, 2]] as const;

  const reverse = (f: (x: Tensor) => Tensor) => grad((x: Tensor) => sum(f(x)));
  const forward = (f: (x: Tensor) => Tensor) => (x: Tensor) => jvp(f, [x], [onesLike(x)])[1];

  test.each(table)("%s", (_name, f, first, second, third) => {
    for (const shape of shapes) {
      const x = random64(shape);
      const want = (d: N): number[] => Array.from(x.dataSync(), d);
      for (const D of [reverse, forward]) {
        expectAll(D(f)(x), want(first), 9);
        expectAll(D(D(f))(x), want(second), 9);
        expectAll(D(D(D(f)))(x), want(third), 8);
      }
      expectAll(jit(reverse(forward(f)))(x), want(second), 9);
      expectAll(forward(reverse(f))(x), want(second), 9);
    }
  });

  test.each([2, 3, 5])("of logsumexp of %i: diag p − p pᵀ with p the softmax", (n) => {
    const x = random64([n]);
    const p = [...softmax(x).dataSync()];
    const want = p.flatMap((a, i) => p.map((b, j) => (i === j ? a : 0) - a * b));
    expectAll(fx.hessian((t: Tensor) => logsumexp(t))(x), want);
  });

  test("a gradient penalty trains: ∂/∂w |∂ tanh(w·x)/∂x|² against the formula", () => {
    const [w, x] = [random64([4]), random64([4], 11)];
    const slope = (u: Tensor): Tensor => grad((v: Tensor) => tanh(sum(mul(u, v))))(x);
    const got = grad((u: Tensor) => sum(square(slope(u))))(w);
    // |∇|² = |w|² (1 − t²)² with t = tanh(w·x)
    const [a, b] = [[...w.dataSync()], [...x.dataSync()]];
    const t = Math.tanh(a.reduce((o, v, i) => o + v * b[i]!, 0));
    const norm = a.reduce((o, v) => o + v * v, 0);
    const d = 1 - t * t;
    expectAll(
      got,
      a.map((v, i) => 2 * v * d * d - 4 * norm * d * d * t * b[i]!),
    );
  });

  test("per-example second derivatives equal a loop", () => {
    const f = (x: Tensor): Tensor => sum(mul(sigmoid(x), tanh(x)));
    const rows = random64([3, 4]);
    const one = fx.hessian(f);
    expectAll(vmap(one)(rows), [...stack([0, 1, 2].map((i) => one(rows.at(i)))).dataSync()]);
  });
});
