/** Lifted functions have the types that people expect: structures stay, numbers become tensors. */
import { expectTypeOf, test } from "vitest";
import {
  grad,
  jit,
  lift,
  liftable,
  type LiftTable,
  liftReduce,
  liftScan,
  sum,
  tensor,
  type Tensor,
  vmap,
} from "../../src/index.js";

const x = tensor([1, 2]);

test("arguments and results", () => {
  const f = lift((a: number, b: number) => a * b);
  expectTypeOf(f(x, 2)).toEqualTypeOf<Tensor>();
  // @ts-expect-error -- two arguments
  f(x);
  // @ts-expect-error -- no strings
  f(x, "a");
});

test("parameters without types are numbers", () => {
  const f = lift((a, b) => {
    expectTypeOf(a).toEqualTypeOf<number>();
    return a + b;
  });
  expectTypeOf(f(x, 1)).toEqualTypeOf<Tensor>();
});

test("tuples, records, booleans and defaults", () => {
  const f = lift(({ p, q: [u, v] }: { p: number; q: [number, number] }, k: number = 1) => ({
    both: [p + u, v > k] as [number, boolean],
  }));
  expectTypeOf(f({ p: x, q: [1, x] })).toEqualTypeOf<{ both: [Tensor, Tensor] }>();
});

test("through transformations", () => {
  const f = lift((a: number) => a * a);
  expectTypeOf(grad(f)(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(grad((v: Tensor) => sum(f(v)))(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(jit(f)(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(vmap(f)(x)).toEqualTypeOf<Tensor>();
});

test("along an axis", () => {
  const total = liftReduce((acc: number, v: number) => acc + v, 0);
  expectTypeOf(total(x, { axis: 0 })).toEqualTypeOf<Tensor>();
  const pair = liftReduce(([a, b]: [number, number], v: number): [number, number] => [a + v, b * v], [0, 1]);
  expectTypeOf(pair(x)).toEqualTypeOf<[Tensor, Tensor]>();
  const running = liftScan((acc: number, v: number) => acc + v, 0);
  expectTypeOf(running(x)).toEqualTypeOf<Tensor>();
  const more = liftScan((acc: number, v: number): [number, { y: number }] => [acc + v, { y: v }], 0);
  expectTypeOf(more(x)).toEqualTypeOf<[last: Tensor, ys: { y: Tensor }]>();
  // @ts-expect-error -- no such option
  total(x, { axes: 0 });
});

test("inside lifted functions", () => {
  expectTypeOf(liftable(x)).toEqualTypeOf<LiftTable>();
  expectTypeOf(liftable(lift((a: number) => a > 1))).toEqualTypeOf<(a: number) => boolean>();
});
