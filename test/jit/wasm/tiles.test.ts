/** Contractions in tiles of 3 and 4 rows. Operands are small whole numbers: sums of any order are equal to the bit. */
import { describe, expect, test } from "vitest";
import { add, conv, einsum, flip, grad, jit, mul, sum, tensor, type Tensor } from "../../../src/index.js";
import { heightFor } from "../../../src/jit/backends/wasm/micro.js";
import { on } from "../../backend.js";

test("tiles have 3 rows where that leaves fewer without work", () => {
  const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 128];
  expect(rows.filter((n) => heightFor(n, 4) === 3)).toEqual([1, 2, 3, 5, 6, 9]);
  expect(heightFor(6, 2)).toBe(4);
});

const whole = (shape: readonly number[], seed: number, dtype: "float32" | "float64"): Tensor => {
  const length = shape.reduce((a, b) => a * b, 1);
  const data = Array.from({ length }, (_, k) => (((k + seed) * 7919) % 17) - 8);
  return tensor(data, { shape, dtype });
};

const expectSame = (f: (...xs: Tensor[]) => Tensor, shapes: readonly (readonly number[])[]): void => {
  for (const dtype of ["float32", "float64"] as const) {
    const run = (backend: "js" | "wasm"): ArrayLike<number> =>
      on(backend, () => jit(f)(...shapes.map((s, i) => whole(s, i, dtype))).dataSync());
    expect(Array.from(run("wasm"))).toEqual(Array.from(run("js")));
  }
};

describe.each([3, 4, 5, 6, 7, 9, 10, 18])("%i rows", (rows) => {
  // Shallow products stay in registers, deep ones go through memory, very deep ones in blocks.
  test.each([20, 200, 900])("depth %i, every way round", (depth) => {
    const columns = 21;
    for (const [a, b] of [
      ["mk", "kn"],
      ["km", "kn"],
      ["mk", "nk"],
      ["km", "nk"],
    ] as const)
      for (const out of ["mn", "nm"]) {
        const size: Record<string, number> = { m: rows, k: depth, n: columns };
        const shapes = [a, b, out].map((s) => [...s].map((c) => size[c]!));
        expectSame((x, y, z) => add(einsum(`${a},${b}->${out}`, x, y), z), shapes);
      }
  });
});

describe("rows of several axes", () => {
  test.each([
    ["pqk,kn->pqn", { p: 3, q: 2 }],
    ["qpk,kn->pqn", { p: 3, q: 2 }],
    ["pkq,kn->pqn", { p: 3, q: 2 }],
    ["kqp,kn->npq", { p: 3, q: 3 }],
    ["qkp,nk->pqn", { p: 5, q: 1 }],
    ["kpq,kn->pqn", { p: 9, q: 2 }],
  ] as const)("%s", (spec, sizes) => {
    const size: Record<string, number> = { ...sizes, k: 60, n: 40 };
    const [inputs] = spec.split("->") as [string];
    const shapes = inputs.split(",").map((s) => [...s].map((c) => size[c]!));
    expectSame((x, y) => einsum(spec, x, y), shapes);
    expectSame((x, y) => einsum(spec, flip(x), y), shapes);
  });
});

describe("convolutions of few channels", () => {
  test.each([3, 5, 6, 9])("%i", (channels) => {
    const [x, w] = [
      [2, 3, 11, 12],
      [channels, 3, 3, 2],
    ];
    expectSame((a, b) => conv(a, b), [x, w]);
    const weighted = (a: Tensor, b: Tensor, c: Tensor): Tensor => sum(mul(conv(a, b), c));
    const out = [2, channels, 9, 11];
    expectSame((a, b, c) => grad(weighted)(a, b, c), [x, w, out]);
    expectSame((a, b, c) => grad((v: Tensor) => weighted(a, v, c))(b), [x, w, out]);
  });
});
