/** What a transformation says of functions, options and positions that it cannot take: at once, and in the user's words. */
import { describe, expect, test } from "vitest";
import {
  add,
  associativeScan,
  checkpoint,
  cond,
  conv,
  customJvp,
  customVjp,
  evalShape,
  foriLoop,
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  linearTranspose,
  map,
  ones,
  reshape,
  scan,
  sum,
  switchCase,
  type Tensor,
  trace,
  valueAndGrad,
  vjp,
  vmap,
  whileLoop,
  zeros,
} from "../../../src/index.js";

/** What does not type-check is what people write in JavaScript. */
const any = (x: unknown): never => x as never;
const loss = (x: Tensor): Tensor => sum(x);

describe("not a function", () => {
  test.each([
    ["grad", () => grad(any(3)), "a function, got 3"],
    ["valueAndGrad", () => valueAndGrad(any(null)), "a function, got null"],
    ["jacfwd", () => jacfwd(any(ones([2]))), "a function, got float32[2]"],
    ["jacrev", () => jacrev(any(undefined)), "a function, got undefined"],
    ["hessian", () => hessian(any("f")), 'a function, got "f"'],
    ["vmap", () => vmap(any({ f: loss })), "a function, got an object with keys {f}"],
    ["jit", () => jit(any(3)), "a function, got 3"],
    ["jvp", () => jvp(any(3), any([1]), any([1])), "a function, got 3"],
    ["vjp", () => vjp(any(3), any(1)), "a function, got 3"],
    ["linearize", () => linearize(any(3), any(1)), "a function, got 3"],
    ["linearTranspose", () => linearTranspose(any(3), any(1)), "a function, got 3"],
    ["checkpoint", () => checkpoint(any(3)), "a function, got 3"],
    ["trace", () => trace(any(3)), "a function, got 3"],
    ["evalShape", () => evalShape(any(3), any(1)), "a function, got 3"],
    ["customJvp", () => customJvp(loss, any(1)), "a rule (primals, tangents) => [value, tangent], got 1"],
    [
      "customVjp",
      () => customVjp(loss, (x: Tensor) => [sum(x), x] as const, any(undefined)),
      "backward (residuals, cotangent) => cotangents, got undefined",
    ],
  ])("%s", (name, call, message) => {
    expect(call).toThrow(`${name}: expected ${message}`);
  });
});

describe("loops and branches", () => {
  const one = ones([]);
  const keep = (c: Tensor): Tensor => c;
  test.each([
    ["scan", () => scan(any(3), one, ones([3])), "a step (carry, x) => [carry, y], got 3"],
    ["map", () => map(any(null), ones([3])), "a function, got null"],
    ["whileLoop", () => whileLoop(any(true), keep, one), "a test (carry) => bool scalar, got true"],
    ["whileLoop", () => whileLoop(keep, any(1), one), "a body (carry) => carry, got 1"],
    ["foriLoop", () => foriLoop(0, 3, any(one), one), "a body (i, carry) => carry, got float32[]"],
    ["cond", () => cond(true, keep, any(one), one), "a function for each branch, got float32[]"],
    ["switchCase", () => switchCase(0, [keep, any("f")], one), 'a function for each branch, got "f"'],
    ["switchCase", () => switchCase(NaN, [keep], one), "an integer scalar index, got NaN"],
    ["associativeScan", () => associativeScan(any(1), ones([3])), "a function (a, b) => combined, got 1"],
    [
      "scan",
      () => scan((c: Tensor) => [c, null], one, ones([3]), any({ reversed: true })),
      "options { length, reverse, unroll, checkpoint }, got reversed",
    ],
    [
      "associativeScan",
      () => associativeScan((a: Tensor) => a, ones([3]), any({ axes: 0 })),
      "options { axis, reverse }, got axes",
    ],
  ])("%s", (name, call, message) => {
    expect(call).toThrow(`${name}: expected ${message}`);
  });
});

describe("misspelt options", () => {
  test.each([
    ["grad", () => grad(loss, any({ argnum: 1 })), "options { argnums, hasAux }, got argnum"],
    ["valueAndGrad", () => valueAndGrad(loss, any({ aux: true })), "options { argnums, hasAux }, got aux"],
    ["jacfwd", () => jacfwd(loss, any({ argnum: 1 })), "options { argnums }, got argnum"],
    ["jacrev", () => jacrev(loss, any({ has_aux: 1 })), "options { argnums }, got has_aux"],
    ["hessian", () => hessian(loss, any(1)), "options { argnums }, got 1"],
    ["vmap", () => vmap(loss, any({ inAxes: 0 })), "options { in, out }, got inAxes"],
    ["jit", () => jit(loss, any({ statics: [0] })), "options { static, donate, checked }, got statics"],
  ])("%s", (name, call, message) => {
    expect(call).toThrow(`${name}: expected ${message}`);
  });
});

describe("positions", () => {
  test("of differentiated arguments", () => {
    expect(() => grad(loss, { argnums: 2 })(ones([2]))).toThrow(
      "grad: expected argnums below the 1 arguments, got 2",
    );
    expect(() => grad(loss, any({ argnums: "0" }))(any(ones([2])))).toThrow(
      'grad: expected argnums to be a number or a list of them, got "0"',
    );
  });

  test("of static and donated arguments", () => {
    expect(() => jit(loss, { static: any(0) })).toThrow("jit: expected a list of positions as static, got 0");
    expect(() => jit(loss, { donate: [-1] })).toThrow(
      "jit: expected a list of positions as donate, got [-1]",
    );
    expect(() => jit(loss, { static: [1], donate: [0, 1] })).toThrow(
      "jit: expected an argument to be static or donated, got both for argument 1",
    );
    expect(() => jit(loss, { static: [4] })(ones([2]))).toThrow(
      "jit: expected static positions below the 1 arguments, got 4",
    );
    expect(() => jit(loss, { donate: [1] })(ones([2]))).toThrow(
      "jit: expected donate positions below the 1 arguments, got 1",
    );
  });

  test("a static argument may be left out", () => {
    const scaled = jit((x: Tensor, by?: number) => add(x, by ?? 1), { static: [1] });
    expect(scaled(ones([1]), 2).item()).toBe(3);
    expect(scaled(ones([1])).item()).toBe(2);
  });
});

describe("vmap with null", () => {
  test("in: null maps nothing, and says so", () => {
    expect(() => vmap((x: Tensor) => x, { in: any(null) })(ones([2]))).toThrow(
      "vmap: expected at least one mapped argument, got none (every axis is null)",
    );
  });

  test("out: null gives results that are the same for every element as they are", () => {
    expect(vmap((_x: Tensor) => zeros([3]), { out: null })(ones([2])).shape).toEqual([3]);
    expect(() => vmap((x: Tensor) => add(x, 1), { out: null })(ones([2]))).toThrow(
      "vmap: expected an unmapped result for out: null, got float32[2] mapped along axis 0",
    );
  });
});

test("shapes in errors are what was passed", () => {
  expect(() => zeros([NaN])).toThrow("zeros: expected a shape of non-negative integers, got [NaN]");
  expect(() => zeros(any("2"))).toThrow('zeros: expected a shape of non-negative integers, got "2"');
  expect(() => reshape(ones([4]), [-1, -1])).toThrow(
    "reshape: expected at most one -1 in the shape, got [-1,-1] for float32[4]",
  );
  expect(() => conv(ones([1, 3, 8, 8]), ones([4, 3, 3, 3]), { groups: 2 })).toThrow(
    "conv: expected groups that divide the 3 channels, not 2, got float32[1,3,8,8] and float32[4,3,3,3]",
  );
});
