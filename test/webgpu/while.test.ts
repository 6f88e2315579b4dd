/** Loops of unknown length with much work in a round: their stages go to all of the device, which is asked when they end. */
import { expect, test } from "vitest";
import {
  add,
  argsort,
  cond,
  cumsum,
  foriLoop,
  greater,
  jvp,
  less,
  logicalAnd,
  matmul,
  max,
  mul,
  scan,
  slice,
  softmax,
  sub,
  sum,
  take,
  tanh,
  type Tensor,
  tensor,
  vmap,
  whileLoop,
} from "../../src/index.js";
import { normal } from "../arguments.js";
import { type F, onEachKind, ownDevice, sourceOf } from "./own-device.js";
import { expectLikeWasm, times, whole } from "./rounds-of.js";

const device = ownDevice();

/** Whether no shader goes through the rounds by itself. */
const isDispatched = (f: F, ...xs: readonly Tensor[]): boolean => !sourceOf(f, ...xs).includes("loop {");

const expectSame = (f: F, ...xs: readonly Tensor[]): void => {
  expectLikeWasm(2e-5, f, ...xs);
};

onEachKind("", device, () => {
  const bodies: readonly (readonly [string, readonly [number, number], (x: Tensor) => Tensor])[] = [
    ["elementwise", [260, 260], (x) => tanh(mul(x, 1.1))],
    ["a product in tiles", [64, 64], (x) => tanh(matmul(x, x))],
    ["rows", [17, 4000], (x) => softmax(x)],
    ["a sum, and what follows", [260, 260], (x) => mul(x, tanh(sum(mul(x, x))))],
    ["running sums", [260, 260], (x) => mul(cumsum(x, { axis: 1 }), 0.1)],
    ["sorting", [32, 2100], (x) => add(take(x, argsort(max(x, { axis: 1 })), { axis: 0 }), 1)],
    ["products one after the other", [64, 64], (x) => tanh(matmul(tanh(matmul(x, x)), x))],
  ];

  test.each(bodies)("%s, none to many times", (_name, shape, f) => {
    const x = normal(1, ...shape);
    const g: F = (n, v) => times(n, f, v);
    expect(isDispatched(g, whole(3), x)).toBe(true);
    for (const n of [0, 1, 3]) expectSame(g, whole(n), x);
  });

  test("as often as the test holds, however often the device is asked", () => {
    const g: F = (n, v) => times(n, (x) => add(x, 1), v);
    const x = normal(2, 300, 300);
    for (const n of [15, 16, 17, 47, 48, 49, 200]) expectSame(g, whole(n), x);
  });

  test("thousands of times", () => {
    const g: F = (n, v) => times(n, (x) => add(x, 1), v);
    expectSame(g, whole(3000), normal(3, 256, 256));
  });

  test("until what a reduction of all says", () => {
    const f: F = (x) =>
      whileLoop(
        (v: Tensor) => greater(sum(mul(v, v)), 1),
        (v: Tensor) => mul(v, 0.3),
        x,
      );
    const x = normal(4, 300, 300);
    expect(isDispatched(f, x)).toBe(true);
    expectSame(f, x);
    expectSame(f, mul(x, 1e-6)); // none
  });

  test("until either of two", () => {
    const f: F = (x, most) =>
      whileLoop(
        ([i, v]: readonly [Tensor, Tensor]) =>
          logicalAnd(less(i, most), greater(max(slice(v, [0, 0], [1, 20])), 0.2)),
        ([i, v]: readonly [Tensor, Tensor]) => [add(i, 1), mul(v, 0.8)] as const,
        [whole(0), x] as const,
      )[1];
    for (const n of [5, 500]) expectSame(f, normal(5, 300, 300), whole(n));
  });

  test("of several carries that take each other's place", () => {
    const f: F = (a, b) => {
      const [n, x, y] = whileLoop(
        ([i]: readonly [Tensor, Tensor, Tensor]) => less(i, 7),
        ([i, u, v]: readonly [Tensor, Tensor, Tensor]) => [add(i, 1), v, tanh(add(mul(u, 2), v))] as const,
        [whole(0), a, b] as const,
      );
      return add(add(x, mul(y, 3)), n);
    };
    expect(isDispatched(f, normal(6, 300, 300), normal(7, 300, 300))).toBe(true);
    expectSame(f, normal(6, 300, 300), normal(7, 300, 300));
  });

  test("of scalars that count beside what they weigh", () => {
    const f: F = (x) => {
      const [i, rate, y] = whileLoop(
        ([k]: readonly [Tensor, Tensor, Tensor]) => less(k, 20),
        ([k, r, v]: readonly [Tensor, Tensor, Tensor]) =>
          [add(k, 1), mul(r, 0.9), sub(v, mul(v, r))] as const,
        [whole(0), tensor(0.5), x] as const,
      );
      return add(add(y, i), rate);
    };
    expect(isDispatched(f, normal(8, 300, 300))).toBe(true);
    expectSame(f, normal(8, 300, 300));
  });

  test("in the steps of a loop", () => {
    const f: F = (ns, x) =>
      scan((c: Tensor, n: Tensor) => [times(n, (v) => tanh(matmul(v, v)), c), sum(c)] as const, x, ns)[0];
    const ns = tensor([2, 0, 1, 20, 3], { dtype: "int32" });
    expect(isDispatched(f, ns, normal(9, 64, 64))).toBe(true);
    expectSame(f, ns, normal(9, 64, 64));
  });

  test("in rounds of another", () => {
    const f: F = (n, x) =>
      whileLoop(
        ([i]: readonly [Tensor, Tensor]) => less(i, n),
        ([i, v]: readonly [Tensor, Tensor]) =>
          [
            add(i, 1),
            add(
              times(i, (w) => tanh(matmul(w, w)), v),
              0.01,
            ),
          ] as const,
        [whole(0), x] as const,
      )[1];
    expect(isDispatched(f, whole(5), normal(10, 64, 64))).toBe(true);
    for (const n of [0, 1, 5, 19]) expectSame(f, whole(n), normal(10, 64, 64));
  });

  test("in rounds of another, after two more of them", () => {
    const f: F = (n, x) => {
      const g = (w: Tensor): Tensor => tanh(matmul(w, w));
      const inner = (i: Tensor, v: Tensor): Tensor =>
        times(i, (w) => add(times(i, g, w), times(sub(2, i), g, w)), v);
      return times(n, (w) => add(inner(n, w), 0.1), x);
    };
    expect(isDispatched(f, whole(2), normal(11, 64, 64))).toBe(true);
    for (const n of [1, 2, 3]) expectSame(f, whole(n), normal(11, 64, 64));
  });

  test("with loops and branches inside", () => {
    const f: F = (n, x) =>
      whileLoop(
        ([i]: readonly [Tensor, Tensor]) => less(i, n),
        ([i, v]: readonly [Tensor, Tensor]) => {
          const looped = foriLoop(0, 3, (_k: Tensor, w: Tensor) => tanh(matmul(w, w)), v);
          const next = cond(
            greater(i, 1),
            (w: Tensor) => softmax(matmul(w, w)),
            (w: Tensor) => add(w, 0.3),
            looped,
          );
          return [add(i, 1), next] as const;
        },
        [whole(0), x] as const,
      )[1];
    expect(isDispatched(f, whole(4), normal(12, 64, 64))).toBe(true);
    for (const n of [0, 1, 4]) expectSame(f, whole(n), normal(12, 64, 64));
  });

  test("in a branch, taken or not", () => {
    const f: F = (p, n, x) =>
      cond(
        greater(p, 0),
        (v: Tensor) => times(n, (w) => tanh(matmul(w, w)), v),
        (v: Tensor) => add(v, 1),
        x,
      );
    expect(isDispatched(f, tensor(1), whole(3), normal(13, 64, 64))).toBe(true);
    for (const p of [1, -1])
      for (const n of [0, 3, 20]) expectSame(f, tensor(p), whole(n), normal(13, 64, 64));
  });

  test("one after the other, between other work", () => {
    const f: F = (n, x) => {
      const a = times(n, (v) => tanh(matmul(v, v)), softmax(x));
      return sum(
        times(add(n, 2), (v) => tanh(matmul(v, v)), add(a, x)),
        { axis: 0 },
      );
    };
    for (const n of [0, 20]) expectSame(f, whole(n), normal(14, 64, 64));
  });

  test("forward derivatives, and one for each of a batch", () => {
    const f: F = (n, x) => jvp((v: Tensor) => times(n, (w) => tanh(matmul(w, w)), v), [x], [mul(x, 0.5)])[1];
    expectSame(f, whole(3), normal(15, 64, 64));
    const batched: F = (ns, xs) =>
      vmap((n: Tensor, x: Tensor) => times(n, (w) => tanh(matmul(w, w)), x))(ns, xs);
    expect(isDispatched(batched, tensor([1, 4, 0], { dtype: "int32" }), normal(16, 3, 64, 64))).toBe(true);
    expectSame(batched, tensor([1, 4, 0], { dtype: "int32" }), normal(16, 3, 64, 64));
  });

  test("with little to do stay in one workgroup", () => {
    const f: F = (n, x) => times(n, (v) => tanh(matmul(v, v)), x);
    const source = sourceOf(f, whole(3), normal(17, 8, 8));
    expect(source.split("loop {").length).toBe(2);
    for (const n of [0, 3]) expectSame(f, whole(n), normal(17, 8, 8));
  });
});
