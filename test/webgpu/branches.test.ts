/** Branches with much work: their stages go to all of the device, and end at once where another branch is taken. */
import { expect, test } from "vitest";
import {
  add,
  argsort,
  cond,
  cumsum,
  exp,
  grad,
  greater,
  matmul,
  max,
  mul,
  neg,
  relu,
  scan,
  softmax,
  sum,
  switchCase,
  take,
  tanh,
  type Tensor,
  tensor,
} from "../../src/index.js";
import { normal } from "../arguments.js";
import {
  byJavaScript,
  expectWithin,
  type F,
  onDevice,
  onEachKind,
  ownDevice,
  sourceOf,
} from "./own-device.js";

const device = ownDevice();

const stagesOf: (...program: Parameters<typeof sourceOf>) => number = (...program) =>
  sourceOf(...program).split("@compute").length - 1;

const expectSame = (f: F, ...xs: readonly Tensor[]): void => {
  const want = byJavaScript(f, ...xs);
  expect(Array.from(want).some((w) => w !== 0)).toBe(true);
  expectWithin(2e-5, onDevice(f, ...xs), want);
};

onEachKind("", device, (software) => {
  const bodies: readonly (readonly [string, (x: Tensor) => Tensor])[] = [
    ["elementwise", (x) => exp(mul(x, 0.5))],
    ["a product in tiles", (x) => relu(matmul(x, x))],
    ["rows", (x) => softmax(x)],
    ["a sum, and what follows", (x) => mul(x, sum(mul(x, x)))],
    ["running sums", (x) => cumsum(x, { axis: 1 })],
    ["sorting", (x) => take(x, argsort(max(x, { axis: 1 })), { axis: 0 })],
    ["products one after the other", (x) => tanh(matmul(tanh(matmul(x, x)), x))],
  ];

  test.each(bodies)("%s, taken or not", (name, f) => {
    const x = normal(1, 96, 96);
    const g = (p: Tensor, v: Tensor): Tensor => cond(greater(sum(p), 0), f, (w: Tensor) => neg(w), v);
    // A processor that plays a graphics card is slow at stages that only end: there products alone are worth it.
    if (software && !name.includes("product")) expect(stagesOf(g, tensor([1]), x)).toBe(1);
    else expect(stagesOf(g, tensor([1]), x)).toBeGreaterThan(1);
    for (const p of [1, -1]) expectSame(g, tensor([p]), x);
    const h = (p: Tensor, v: Tensor): Tensor => cond(greater(sum(p), 0), (w: Tensor) => neg(w), f, v);
    for (const p of [1, -1]) expectSame(h, tensor([p]), x);
  });

  test("of several, one", () => {
    const f = (i: Tensor, x: Tensor): Tensor =>
      switchCase(
        i,
        bodies.slice(0, 4).map(([, body]) => body),
        x,
      );
    for (const i of [0, 1, 2, 3, 9]) expectSame(f, tensor(i, { dtype: "int32" }), normal(2, 96, 96));
  });

  test("within branches", () => {
    const f = (p: Tensor, q: Tensor, x: Tensor): Tensor =>
      cond(
        greater(p, 0),
        (v: Tensor) =>
          cond(
            greater(q, 0),
            (w: Tensor) => matmul(w, w),
            (w: Tensor) => softmax(w),
            v,
          ),
        (v: Tensor) =>
          cond(
            greater(q, 0),
            (w: Tensor) => exp(w),
            (w: Tensor) => cumsum(w, { axis: 0 }),
            v,
          ),
        x,
      );
    const x = normal(3, 96, 96);
    for (const [p, q] of [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
    ] as const)
      expectSame(f, tensor(p), tensor(q), x);
  });

  test("in the steps of loops, whose branch changes from one to the next", () => {
    const f = (ps: Tensor, x: Tensor): Tensor =>
      scan(
        (c: Tensor, p: Tensor) => {
          const next = cond(
            greater(p, 0),
            (v: Tensor) => softmax(matmul(v, v)),
            (v: Tensor) => tanh(add(v, p)),
            c,
          );
          return [next, null] as const;
        },
        x,
        ps,
      )[0];
    const [ps, x] = [tensor([1, -1, -1, 1, -1]), normal(4, 96, 96)];
    expect(stagesOf(f, ps, x)).toBeGreaterThan(1);
    expectSame(f, ps, x);
  });

  test("have gradients", () => {
    const f = (p: Tensor, x: Tensor): Tensor =>
      grad((v: Tensor) =>
        sum(
          mul(
            cond(
              greater(p, 0),
              (w: Tensor) => matmul(w, w),
              (w: Tensor) => exp(w),
              v,
            ),
            v,
          ),
        ),
      )(x);
    for (const p of [1, -1]) expectSame(f, tensor(p), normal(5, 96, 96));
  });

  test("with little to do stay in one workgroup", () => {
    const f = (p: Tensor, x: Tensor): Tensor =>
      cond(
        greater(p, 0),
        (v: Tensor) => exp(v),
        (v: Tensor) => neg(v),
        x,
      );
    expect(stagesOf(f, tensor(1), normal(6, 20))).toBe(1);
    for (const p of [1, -1]) expectSame(f, tensor(p), normal(6, 20));
  });
});
