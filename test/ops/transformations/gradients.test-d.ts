/** A gradient has the type of what it is by. */
import { expectTypeOf, test } from "vitest";
import {
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  mul,
  sin,
  sub,
  sum,
  tensor,
  type Tensor,
  tree,
  valueAndGrad,
  vjp,
  vmap,
} from "fluxion";

interface Params {
  readonly w: Tensor;
  readonly layers: readonly { readonly b: Tensor }[];
}
declare const params: Params;
declare const loss: (p: Params, x: Tensor) => Tensor;
const x = tensor([1]);

test("trees", () => {
  expectTypeOf(grad(loss)(params, x)).toEqualTypeOf<Params>();
  expectTypeOf(valueAndGrad(loss)(params, x)).toEqualTypeOf<[Tensor, Params]>();
  expectTypeOf(grad(loss, { argnums: 1 })(params, x)).toEqualTypeOf<Tensor>();
  expectTypeOf(grad(loss, { argnums: [1, 0] })(params, x)).toEqualTypeOf<readonly [Tensor, Params]>();
  expectTypeOf(jit(grad(loss))(params, x)).toEqualTypeOf<Params>();
});

test("functions of the library, which take numbers too", () => {
  expectTypeOf(grad(sin)(2)).toEqualTypeOf<Tensor>();
  expectTypeOf(grad(grad(sin))(2)).toEqualTypeOf<Tensor>();
  expectTypeOf(valueAndGrad(sin)(x)).toEqualTypeOf<[Tensor, Tensor]>();
  expectTypeOf(vmap(grad(sin))(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(grad(mul, { argnums: 0 })).returns.toEqualTypeOf<Tensor>();
  expectTypeOf(jacfwd(sin)(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(jacrev(sin)(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(hessian(sin)(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(jvp(sin, [x], [x])).toEqualTypeOf<[Tensor, Tensor]>();
});

test("arrows", () => {
  grad((y) => {
    expectTypeOf(y).toEqualTypeOf<Tensor>();
    return y.mul(y);
  });
  expectTypeOf(grad((y: Tensor) => sum(y))).toBeCallableWith(2);
  expectTypeOf(vjp((a: Tensor, b: Tensor) => mul(a, b), x, x)[1]).returns.toEqualTypeOf<[Tensor, Tensor]>();
});

test("generic training functions", () => {
  const step = <P>(f: (p: P, y: Tensor) => Tensor, p: P, y: Tensor): P =>
    tree.map((a: Tensor, g: Tensor) => sub(a, mul(g, 0.1)), p, grad(f)(p, y));
  expectTypeOf(step(loss, params, x)).toEqualTypeOf<Params>();
  const descend = <P>(f: (p: P) => Tensor, p: P): P => grad(f)(p);
  expectTypeOf(descend((p: Params) => p.w, params)).toEqualTypeOf<Params>();
});
