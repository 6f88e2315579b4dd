import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  adaptiveAvgPool,
  adaptiveMaxPool,
  avgPool,
  conv,
  type ConvOptions,
  convTranspose,
  globalAvgPool,
  globalMaxPool,
  grad,
  lpPool,
  maxPool,
  minPool,
  mul,
  ones,
  overlapAdd,
  pixelShuffle,
  pixelUnshuffle,
  depthToSpace,
  spaceToDepth,
  random,
  resize,
  slidingWindow,
  sum,
  sumPool,
  tensor,
  type Tensor,
  vjp,
  vmap,
  zeros,
} from "../../src/index.js";
import { counting } from "./counting.js";
import { nodesOf } from "./nodes.js";

const noise = (seed: number, ...shape: number[]): Tensor => random.normal(random.key(seed), shape);
const close = (a: Tensor, b: Tensor, digits = 4): void => {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [a.dataSync(), b.dataSync()];
  x.forEach((v: number, i: number) => expect(v).toBeCloseTo(y[i]!, digits));
};

/** The definition in two dimensions, on nested loops. */
const definition = (
  x: Tensor,
  w: Tensor,
  s: number,
  p: readonly [number, number],
  d: number,
  groups: number,
): number[] => {
  const [n, c, h, wd] = x.shape as number[];
  const [o, i, kh, kw] = w.shape as number[];
  const [X, W] = [x.dataSync(), w.dataSync()];
  const size = (m: number, k: number): number => Math.floor((m + p[0] + p[1] - (k - 1) * d - 1) / s) + 1;
  const out: number[] = [];
  for (let a = 0; a < n!; a++)
    for (let b = 0; b < o!; b++)
      for (let y = 0; y < size(h!, kh!); y++)
        for (let z = 0; z < size(wd!, kw!); z++) {
          let total = 0;
          for (let ch = 0; ch < i!; ch++)
            for (let u = 0; u < kh!; u++)
              for (let v = 0; v < kw!; v++) {
                const [r, q] = [y * s + u * d - p[0], z * s + v * d - p[0]];
                const channel = Math.floor(b / (o! / groups)) * i! + ch;
                if (r >= 0 && r < h! && q >= 0 && q < wd!)
                  total +=
                    X[((a * c! + channel) * h! + r) * wd! + q]! * W[((b * i! + ch) * kh! + u) * kw! + v]!;
              }
          out.push(total);
        }
  return out;
};

describe("conv", () => {
  test("is its definition", () => {
    const options = fc.record({
      s: fc.integer({ min: 1, max: 3 }),
      d: fc.integer({ min: 1, max: 2 }),
      lo: fc.integer({ min: 0, max: 2 }),
      hi: fc.integer({ min: 0, max: 2 }),
      k: fc.integer({ min: 1, max: 3 }),
      groups: fc.constantFrom(1, 2, 4),
      n: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(options, ({ s, d, lo, hi, k, groups, n }) => {
        const [x, w] = [counting(n, 4, 6, 7), counting(8, 4 / groups, k, Math.max(1, k - 1))];
        const pads = [
          [lo, hi],
          [lo, hi],
        ] as const;
        const got = conv(x, w, { stride: s, dilation: d, padding: pads, groups });
        expect(Array.from(got.dataSync())).toEqual(definition(x, w, s, [lo, hi], d, groups));
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  test("is one contraction over windows", () => {
    const nodes = nodesOf(conv(counting(2, 3, 8, 8), counting(4, 3, 3, 3), { padding: 1 }));
    expect(nodes.slice(nodes.indexOf("pad"))).toEqual(["pad", "windows", "dot", "permute"]);
    expect(nodesOf(conv(ones([2, 3, 8, 8]), ones([4, 3, 1, 1])))).not.toContain("windows");
  });

  test("has the transposed convolution as its derivative", () => {
    for (const options of [
      {},
      { stride: 2, padding: 1 },
      { dilation: 2, groups: 2 },
      {
        padding: [
          [0, 2],
          [1, 0],
        ],
      },
    ] satisfies ConvOptions[]) {
      const groups = "groups" in options ? 2 : 1;
      const [x, w] = [noise(1, 2, 4, 9, 9), noise(2, 6, 4 / groups, 3, 3)];
      const [y, pull] = vjp((a: Tensor) => conv(a, w, options), x);
      const ct = noise(3, ...(y.shape as number[]));
      const [dx] = pull(ct) as readonly [Tensor];
      close(convTranspose(ct, w, options), dx);
    }
  });

  test("second derivatives", () => {
    const [x, w] = [noise(4, 1, 1, 4, 4), noise(5, 1, 1, 2, 2)];
    const f = (a: Tensor): Tensor => sum(mul(conv(a, w), conv(a, w)));
    const g = (a: Tensor): Tensor => sum(mul(grad(f)(a), grad(f)(a)));
    const h = 1e-2;
    const step = tensor(
      Array.from({ length: 16 }, (_, i) => (i === 5 ? h : 0)),
      { shape: [1, 1, 4, 4] },
    );
    const numeric = (g(x.add(step)).item() - g(x.sub(step)).item()) / (2 * h);
    expect(grad(g)(x).at(0, 0, 1, 1).item()).toBeCloseTo(numeric, 0);
  });

  test("maps over images and kernels", () => {
    const [x, w] = [noise(6, 3, 2, 2, 5, 5), noise(7, 3, 4, 2, 3, 3)];
    const both = vmap((a: Tensor, b: Tensor) => conv(a, b, { padding: "SAME" }))(x, w);
    close(both.at(1), conv(x.at(1), w.at(1), { padding: "SAME" }));
    close(vmap((b: Tensor) => conv(x.at(0), b))(w).at(2), conv(x.at(0), w.at(2)));
    close(vmap((a: Tensor) => conv(a, w.at(0)))(x).at(2), conv(x.at(2), w.at(0)));
  });

  test("of empty batches is empty", () => {
    expect(conv(zeros([0, 3, 8, 8]), ones([4, 3, 3, 3])).shape).toEqual([0, 4, 6, 6]);
  });

  test.each([
    [
      () => conv(ones([1, 3, 8, 8]), ones([4, 2, 3, 3])),
      "conv: expected w [O, 3, …window] with O divisible by groups 1, got float32[1,3,8,8] and float32[4,2,3,3]",
    ],
    [
      () => conv(ones([3, 8]), ones([4, 3])),
      "conv: expected x [N, C, …space] and w [O, I, …window] with the same one to three spatial axes, got float32[3,8] and float32[4,3]",
    ],
    [
      () => conv(ones([1, 1, 2, 8]), ones([1, 1, 3, 3])),
      "conv: expected at least 3 elements along spatial axis 0 for a window of 3 (dilation 1), got 2 after padding float32[1,1,2,8]",
    ],
    [
      () => conv(ones([1, 1, 8]), ones([1, 1, 3]), { stride: 0 }),
      "conv: expected stride as an integer of at least 1, or 1 of them, got 0",
    ],
    [
      () => conv(ones([1, 1, 8]), ones([1, 1, 3]), { padding: "same" as never }),
      'conv: expected padding "SAME", "VALID", a number or 1 of them, got "same"',
    ],
    [
      () => conv(ones([1, 1, 8]), ones([1, 1, 3]), { groups: 1.5 }),
      "conv: expected groups of at least 1, got 1.5",
    ],
  ])("says what is wrong (%#)", (f, message) => {
    expect(f).toThrow(expect.objectContaining({ message }));
  });
});

describe("convTranspose", () => {
  test("sizes are PyTorch's where padding is numbers", () => {
    const size = (n: number, k: number, o: Parameters<typeof convTranspose>[2] & object): number =>
      convTranspose(ones([1, 1, n]), ones([1, 1, k]), o).shape[2] as number;
    expect(size(5, 3, { stride: 2, padding: 1 })).toBe(9);
    expect(size(5, 3, { stride: 2, padding: 1, outputPadding: 1 })).toBe(10);
    expect(size(5, 4, { stride: 3, padding: [[1, 2]], dilation: 2 })).toBe(16);
  });
  test("takes groups", () => {
    const [x, w] = [noise(8, 1, 4, 5), noise(9, 4, 3, 2)];
    const y = convTranspose(x, w, { groups: 2 });
    expect(y.shape).toEqual([1, 6, 6]);
    close(y.at(":", "3:"), convTranspose(x.at(":", "2:"), w.at("2:")));
  });
});

describe("pooling", () => {
  const x = tensor([[[1, 4, 2, 8, 5, 7]]]);
  test("extremes, sums and norms", () => {
    expect(maxPool(x, 2, { stride: 1 }).toArray()).toEqual([[[4, 4, 8, 8, 7]]]);
    expect(minPool(x, 3).toArray()).toEqual([[[1, 5]]]);
    expect(sumPool(x, 2, { dilation: 2, stride: 2 }).toArray()).toEqual([[[3, 7]]]);
    expect(lpPool(tensor([[[3, -4]]]), 2, 2).item()).toBeCloseTo(5, 5);
    expect(maxPool(tensor([[[1, 2, 3]]], { dtype: "int32" }), 2, { padding: 1 }).toArray()).toEqual([
      [[1, 3]],
    ]);
    expect(maxPool(tensor([[[-3, -2]]]), 3, { padding: "SAME", stride: 1 }).toArray()).toEqual([[[-2, -2]]]);
  });
  test("equal maxima share the derivative", () => {
    expect(grad((v: Tensor) => sum(maxPool(v, 2)))(tensor([[[1, 1, 0, 3]]])).toArray()).toEqual([
      [[0.5, 0.5, 0, 1]],
    ]);
  });
  test("to a size, and over all of space", () => {
    const y = counting(1, 2, 5, 7);
    expect(adaptiveAvgPool(y, [1, 1]).toArray()).toEqual(globalAvgPool(y, { keepdims: true }).toArray());
    expect(adaptiveMaxPool(y, 1).toArray()).toEqual(globalMaxPool(y, { keepdims: true }).toArray());
    expect(adaptiveMaxPool(counting(1, 1, 5), 3).toArray()).toEqual([[[1, 3, 4]]]);
    expect(adaptiveAvgPool(counting(1, 1, 5), 3).toArray()).toEqual([[[0.5, 2, 3.5]]]);
    expect(globalAvgPool(y).shape).toEqual([1, 2]);
  });
  test("says what is wrong", () => {
    expect(() => maxPool(ones([2, 3]), 2)).toThrow(
      "maxPool: expected [N, C, …space] with at least one spatial axis, got float32[2,3]",
    );
    expect(() => maxPool(ones([1, 1, 4]), [2, 2])).toThrow(
      "maxPool: expected window as an integer of at least 1, or 1 of them, got [2,2]",
    );
    expect(() => avgPool(ones([1, 1, 1]), 2)).toThrow(
      "avgPool: expected at least 2 elements along spatial axis 0 for a window of 2 (dilation 1), got 1 after padding float32[1,1,1]",
    );
  });
});

describe("windows", () => {
  test("and overlapAdd are adjoint", () => {
    const x = noise(10, 2, 9);
    const [y, pull] = vjp((v: Tensor) => slidingWindow(v, 3, { stride: 2 }), x);
    const ct = noise(11, ...(y.shape as number[]));
    close((pull(ct) as readonly [Tensor])[0], overlapAdd(ct, 9, { stride: 2 }));
  });
  test("slide along any axes", () => {
    expect(slidingWindow(ones([4, 5, 6]), [2, 3], { axis: [0, 2] }).shape).toEqual([3, 5, 4, 2, 3]);
    expect(() => slidingWindow(ones([2]), 3)).toThrow(
      "slidingWindow: expected at least 3 elements along axis 0, got float32[2]",
    );
    expect(() => overlapAdd(ones([3, 2]), 6)).toThrow(
      "overlapAdd: expected a length that has exactly 3 windows along axis 0, got 6",
    );
  });
});

describe("pixels and sizes", () => {
  test("shuffles are inverse", () => {
    const x = counting(2, 8, 3, 2);
    expect(pixelUnshuffle(pixelShuffle(x, 2), 2).toArray()).toEqual(x.toArray());
    expect(spaceToDepth(depthToSpace(x, 2), 2).toArray()).toEqual(x.toArray());
    expect(() => pixelShuffle(ones([1, 3, 2, 2]), 2)).toThrow(
      "pixelShuffle: expected channels divisible by 4, got float32[1,3,2,2]",
    );
  });
  test("nearest sizes by whole factors are views", () => {
    expect(nodesOf(resize(ones([2, 2]), [4, 6], { method: "nearest" }))).not.toContain("gather");
    expect(nodesOf(resize(counting(6), [2], { method: "nearest" }))).not.toContain("gather");
    expect(resize(counting(6), [2], { method: "nearest" }).toArray()).toEqual([1, 4]);
  });
  test("says what is wrong", () => {
    expect(() => resize(ones([2]), [3, 3])).toThrow(
      "resize: expected a shape of 1 axes for float32[2], got [3,3]",
    );
    expect(() => resize(ones([2]), [3], { method: "area" as never })).toThrow(
      'resize: expected a method among nearest, linear, bilinear, cubic, bicubic, lanczos3, lanczos5, got "area"',
    );
  });
});
