/** Forward and reverse derivatives of functions from trees to trees. */
import { showAval } from "../../ir/aval.js";
import { isFloat } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import { type Expr, param } from "../../ir/expr.js";
import type { Linear } from "../../ir/primitive.js";
import { zerosOf } from "../../ir/primitives/layout.js";
import { expectStructure } from "../../ir/tree.js";
import { sameAval } from "../../ir/aval.js";
import { jvpFold } from "../../transforms/jvp.js";
import { transposeFold, vjpFold } from "../../transforms/transpose.js";
import { splitFold } from "../../transforms/split.js";
import { argumentsOf, bind, exprsOf, type FlatExprs, requireFunction, treeOf, witnessed } from "./bind.js";

/** Tangents or cotangents that a caller gives must match their primals leaf by leaf. */
const matching = (operation: string, what: string, like: FlatExprs, given: unknown): readonly Expr[] => {
  const flat = exprsOf(operation, given, what);
  expectStructure(operation, like.structure, flat.structure, what);
  return flat.exprs.map((e, i) => {
    const want = like.exprs[i]!.aval;
    if (sameAval(want, e.aval)) return e;
    // A plain number stands for a scalar of whatever dtype is wanted.
    throw expected(operation, `${what} ${showAval(want)}`, showAval(e.aval));
  });
};

const instantiated = (ts: readonly Linear[], like: readonly Expr[]): Expr[] =>
  ts.map((t, i) => t ?? zerosOf(like[i]!.aval));

interface Traced {
  readonly primals: FlatExprs;
  readonly params: readonly Expr[];
  readonly result: FlatExprs;
}

const traceOn = (operation: string, f: (...args: never[]) => unknown, args: readonly unknown[]): Traced => {
  requireFunction(operation, f);
  const primals = argumentsOf(operation, args);
  const params = witnessed(primals.exprs);
  const result = exprsOf(operation, f(...(treeOf(primals, params) as never[])));
  return { primals, params, result };
};

/**
 * Forward mode: the value of `f` at `primals` and its directional derivative along `tangents`.
 *
 * Tangents have the structure, shapes and dtypes of the primals; those of integer primals are ignored.
 *
 * @example
 * ```ts
 * const [y, dy] = jvp((x) => mul(x, x), [tensor([1, 2, 3])], [tensor([1, 0, 1])]);
 * y.toArray() // [1, 4, 9]
 * dy.toArray() // [2, 0, 6]
 * ```
 */
export function jvp<A extends unknown[], R>(
  f: (...args: A) => R,
  primals: readonly [...A],
  tangents: { readonly [K in keyof A]: A[K] },
): [value: R, tangent: R] {
  const t = traceOn("jvp", f, primals);
  const given = matching("jvp", "tangents", t.primals, tangents);
  const seeds = new Map(t.params.flatMap((p, i) => (isFloat(p.dtype) ? [[p, given[i]!] as const] : [])));
  const dual = jvpFold(t.result.exprs, seeds);
  const roots = [...dual.primals, ...instantiated(dual.tangents, t.result.exprs)];
  const bound = bind(roots, t.params, t.primals.exprs);
  const k = dual.primals.length;
  return [treeOf(t.result, bound.slice(0, k)) as R, treeOf(t.result, bound.slice(k)) as R];
}

/**
 * Reverse mode: the value of `f` at `primals` and the function that pulls cotangents of the result back to them.
 *
 * @example
 * ```ts
 * const [y, pullback] = vjp((a, b) => mul(a, b), tensor([1, 2]), tensor([3, 4]));
 * const [da, db] = pullback(tensor([1, 10]));
 * da.toArray() // [3, 40]
 * db.toArray() // [1, 20]
 * ```
 */
export function vjp<A extends unknown[], R>(
  f: (...args: A) => R,
  ...primals: A
): [value: R, pullback: (cotangent: R) => { [K in keyof A]: A[K] }] {
  const t = traceOn("vjp", f, primals);
  const floats = t.params.filter((p) => isFloat(p.dtype));
  const { primals: values, pull } = vjpFold(t.result.exprs, floats);
  const pullback = (cotangent: R): { [K in keyof A]: A[K] } => {
    const cts = pull(matching("vjp", "cotangent", t.result, cotangent));
    const all = t.params.map((p) => cts[floats.indexOf(p)] ?? null);
    return treeOf(t.primals, bind(instantiated(all, t.primals.exprs), t.params, t.primals.exprs)) as {
      [K in keyof A]: A[K];
    };
  };
  return [treeOf(t.result, bind(values, t.params, t.primals.exprs)) as R, pullback];
}

/**
 * The value of `f` at `primals` and its derivative there as a linear function of tangents, traced once.
 *
 * @example
 * ```ts
 * const [y, along] = linearize((x) => sin(x), tensor(0));
 * y.item() // 0
 * along(tensor(2)).item() // 2
 * ```
 */
export function linearize<A extends unknown[], R>(
  f: (...args: A) => R,
  ...primals: A
): [value: R, derivative: (...tangents: A) => R] {
  const t = traceOn("linearize", f, primals);
  const tangentParams = t.params.map((p) => param(p.aval));
  const seeds = new Map(
    t.params.flatMap((p, i) => (isFloat(p.dtype) ? [[p, tangentParams[i]!] as const] : [])),
  );
  const dual = jvpFold(t.result.exprs, seeds);
  const k = dual.primals.length;
  const roots = [...dual.primals, ...instantiated(dual.tangents, t.result.exprs)];
  const bound = bind(roots, t.params, t.primals.exprs);
  const derivative = (...tangents: A): R => {
    const given = matching("linearize", "tangents", t.primals, tangents);
    return treeOf(t.result, bind(bound.slice(k), tangentParams, given)) as R;
  };
  return [treeOf(t.result, bound.slice(0, k)) as R, derivative];
}

/**
 * The transpose of a linear function, from cotangents of its result to cotangents of its arguments.
 * `examples` give structure, shapes and dtypes only. Throws where `f` is not linear.
 *
 * @example
 * ```ts
 * const double = linearTranspose((x) => mul(x, 2), tensor([0, 0]));
 * const [back] = double(tensor([1, 5]));
 * back.toArray() // [2, 10]
 * ```
 */
export function linearTranspose<A extends unknown[], R>(
  f: (...args: A) => R,
  ...examples: A
): (cotangent: R) => { [K in keyof A]: A[K] } {
  requireFunction("linearTranspose", f);
  const primals = exprsOf("linearTranspose", examples);
  const params = primals.exprs.map((e) => param(e.aval));
  const result = exprsOf("linearTranspose", f(...(treeOf(primals, params) as A)));
  const split = splitFold(result.exprs, new Set(params));
  return (cotangent) => {
    const cts = matching("linearTranspose", "cotangent", result, cotangent);
    const pulled = transposeFold(split.roots, params, cts);
    return treeOf(primals, instantiated(pulled, primals.exprs)) as { [K in keyof A]: A[K] };
  };
}
