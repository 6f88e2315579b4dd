/** Loops whose number of steps is known only when they run. */
import { showAval } from "../../ir/aval.js";
import { expected } from "../../ir/errors.js";
import { applyAll, param, watermark } from "../../ir/expr.js";
import { add, lt } from "../../ir/primitives/arithmetic.js";
import { fullLike } from "../../ir/primitives/layout.js";
import { lift } from "../../ir/program.js";
import { expectStructure } from "../../ir/tree.js";
import { whilePrimitive } from "../../transforms/loops/while.js";
import { asTensor, type Tensor, type TensorLike, toExpr } from "../tensor.js";
import { cast } from "../../ir/primitives/arithmetic.js";
import { argumentsOf, exprsOf, requireFunction, treeOf } from "../transformations/bind.js";
import { foriSteps } from "./scan.js";

/**
 * `carry = body(carry)` while `test(carry)`, a bool scalar, holds. The carry is a tree that keeps its types.
 * Differentiates in forward mode only, since nothing says how many steps to keep: for reverse mode use `scan`, or
 * `foriLoop` with plain numbers as bounds. Under `vmap` it runs until every element is done.
 *
 * @example
 * ```ts
 * whileLoop((x) => less(x, 100), (x) => mul(x, 3), tensor(1)).item() // 243
 * ```
 */
export function whileLoop<C>(test: (carry: C) => Tensor, body: (carry: C) => C, init: C): C {
  requireFunction("whileLoop", test, "a test (carry) => bool scalar");
  requireFunction("whileLoop", body, "a body (carry) => carry");
  const carry = argumentsOf("whileLoop", init, "carry");
  if (carry.exprs.length === 0) throw expected("whileLoop", "a carry with at least one tensor", "none");
  const mark = watermark();
  const testParams = carry.exprs.map((e) => param(e.aval));
  const holds = toExpr("whileLoop", test(treeOf(carry, testParams) as C));
  if (holds.ndim !== 0 || holds.dtype !== "bool")
    throw expected("whileLoop", "a test that returns a bool scalar", showAval(holds.aval));
  const bodyParams = carry.exprs.map((e) => param(e.aval));
  const after = exprsOf("whileLoop", body(treeOf(carry, bodyParams) as C), "carry");
  expectStructure("whileLoop", carry.structure, after.structure, "carry");
  after.exprs.forEach((e, i) => {
    const want = showAval(carry.exprs[i]!.aval);
    if (showAval(e.aval) !== want)
      throw expected(
        "whileLoop",
        `a body that keeps the carry's type ${want}`,
        `${showAval(e.aval)} (cast or reshape it)`,
      );
  });
  const t = lift({ params: testParams, results: [holds] }, mark);
  const b = lift({ params: bodyParams, results: after.exprs }, mark);
  const outs = applyAll(whilePrimitive, [...t.captured, ...b.captured, ...carry.exprs], {
    test: t.program,
    body: b.program,
    testConsts: t.captured.length,
    bodyConsts: b.captured.length,
  });
  return treeOf(carry, outs) as C;
}

/**
 * `carry = f(i, carry)` for i from `lower` up to, not including, `upper`; i is an int32 scalar.
 * With plain numbers as bounds it is a `scan`, which differentiates in reverse; with tensors a `whileLoop`.
 *
 * @example
 * ```ts
 * foriLoop(0, 5, (i, c) => add(c, i), tensor(0, { dtype: "int32" })).item() // 10
 * grad((x) => foriLoop(0, 3, (i, c) => mul(c, x), tensor(1)))(tensor(2)).item() // 12
 * ```
 */
export function foriLoop<C>(lower: TensorLike, upper: TensorLike, f: (i: Tensor, carry: C) => C, init: C): C {
  requireFunction("foriLoop", f, "a body (i, carry) => carry");
  if (typeof lower === "number" && typeof upper === "number") {
    if (!Number.isInteger(lower) || !Number.isInteger(upper))
      throw expected("foriLoop", "integer bounds", `${lower} and ${upper}`);
    return foriSteps(lower, upper, f, init);
  }
  const bound = (x: TensorLike): ReturnType<typeof toExpr> => cast(toExpr("foriLoop", x), "int32");
  const end = bound(upper);
  const [, last] = whileLoop<readonly [Tensor, C]>(
    ([i]) => asTensor(lt(toExpr("foriLoop", i), end)),
    ([i, c]) => {
      const e = toExpr("foriLoop", i);
      return [asTensor(add(e, fullLike(e, 1))), f(i, c)];
    },
    [asTensor(bound(lower)), init],
  );
  return last;
}
