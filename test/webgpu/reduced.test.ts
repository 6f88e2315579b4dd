/** Reductions to one element in the middle of a loop's body: the work after them goes to all of the device as well. */
import { expect, test } from "vitest";
import {
  abs,
  add,
  argmax,
  div,
  grad,
  less,
  matmul,
  max,
  mean,
  mul,
  scan,
  sqrt,
  sub,
  sum,
  take,
  tanh,
  type Tensor,
  whileLoop,
  zerosLike,
} from "../../src/index.js";
import { normal } from "../arguments.js";
import { type F, onEachKind, ownDevice, sourceOf } from "./own-device.js";
import { expectLikeWasm, times, whole } from "./rounds-of.js";

const device = ownDevice();

const expectSame = (f: F, ...xs: readonly Tensor[]): void => {
  expectLikeWasm(5e-5, f, ...xs);
};

onEachKind("", device, (software) => {
  /** Elements that shaders of one workgroup go through. */
  const aloneIn = (f: F, ...xs: readonly Tensor[]): number => {
    const size = software ? 16 : 256;
    const found = [...sourceOf(f, ...xs).matchAll(/f_\d+ = i32\(lid\); f_\d+ < (\d+); f_\d+ \+= (\d+)/g)];
    return found.filter(([, , by]) => Number(by) === size).reduce((n, [, most]) => n + Number(most), 0);
  };

  const bodies: readonly (readonly [string, number, (x: Tensor) => Tensor])[] = [
    ["a norm", 1, (x) => div(x, sqrt(sum(mul(x, x))))],
    [
      "a mean and a deviation",
      2,
      (x) => {
        const d = sub(x, mean(x));
        return add(mul(div(d, sqrt(mean(mul(d, d)))), 0.5), 0.1);
      },
    ],
    ["the largest", 1, (x) => tanh(mul(div(x, max(abs(x))), 1.5))],
    ["two of them, and what follows from both", 2, (x) => add(mul(x, tanh(sum(x))), mul(0.01, max(x)))],
    [
      "where the largest is",
      1,
      (x) => add(x, take(mul(x, 0.5).reshape(-1), argmax(x.reshape(-1)), { axis: 0 })),
    ],
    [
      "products around",
      1,
      (x) => {
        const y = matmul(x, x);
        return tanh(matmul(div(y, sqrt(sum(mul(y, y)))), x));
      },
    ],
  ];

  test.each(bodies)("%s", (name, reductions, f) => {
    const x = normal(1, 120, 120);
    const g: F = (n, v) => times(n, (w) => f(matmul(w, mul(w, 0.1))), v);
    // Reductions alone: each takes one workgroup. Software adapters gain from more only where products follow.
    if (!software || name.includes("products"))
      expect(aloneIn(g, whole(3), x)).toBeLessThanOrEqual(reductions * 120 * 120);
    for (const n of [1, 3]) expectSame(g, whole(n), x);
  });

  test("conjugate gradients", () => {
    const solve: F = (a, b) => {
      const spd = (v: Tensor): Tensor => add(matmul(a.transpose(), matmul(a, v)), mul(v, 300));
      const [, x] = whileLoop(
        ([i, , r]: readonly [Tensor, Tensor, Tensor, Tensor]) => less(i, mul(6, less(1e-6, sum(mul(r, r))))),
        ([i, v, r, p]: readonly [Tensor, Tensor, Tensor, Tensor]) => {
          const q = spd(p);
          const rr = sum(mul(r, r));
          const step = div(rr, sum(mul(p, q)));
          const next = sub(r, mul(step, q));
          return [
            add(i, 1),
            add(v, mul(step, p)),
            next,
            add(next, mul(div(sum(mul(next, next)), rr), p)),
          ] as const;
        },
        [whole(0), zerosLike(b), b, b] as const,
      );
      return x;
    };
    expectSame(solve, normal(2, 300, 300), normal(3, 300, 40));
  });

  test("in scans, and their gradients", () => {
    const f: F = (w, xs) =>
      scan(
        (c: Tensor, x: Tensor) => {
          const y = tanh(add(matmul(c, w), x));
          return [div(y, sqrt(add(sum(mul(y, y)), 1))), null] as const;
        },
        zerosLike(w),
        xs,
      )[0];
    const [w, xs] = [normal(4, 64, 64), normal(5, 4, 64, 64)];
    expectSame(f, w, xs);
    expectSame((a, b) => grad((v: Tensor) => sum(mul(f(v, b), b.at(0))))(a), w, xs);
  });
});
