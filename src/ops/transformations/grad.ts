/** Reverse-mode differentiation of scalar functions. */
import { literal } from "../../ir/expr.js";
import type { Expr } from "../../ir/expr.js";
import { zerosOf } from "../../ir/primitives/layout.js";
import { expected } from "../../ir/errors.js";
import { vjpFold } from "../../transforms/transpose.js";
import { checkOptions } from "../options.js";
import { asTensor, type Tensor } from "../tensor.js";
import {
  argumentsOf,
  bind,
  exprsOf,
  positions,
  requireFloat,
  requireFunction,
  scalarResult,
  treeOf,
  witnessed,
} from "./bind.js";
import type { Derivative, GradOf, GradOptions } from "./types.js";

interface Result {
  readonly value: Tensor;
  readonly aux: unknown;
  readonly gradient: unknown;
}

const checkGrad = (operation: string, f: unknown, options: GradOptions): void => {
  requireFunction(operation, f);
  checkOptions(operation, options, ["argnums", "hasAux"]);
};

const differentiate = (
  operation: string,
  f: (...args: never[]) => unknown,
  { argnums = 0, hasAux = false }: GradOptions,
  args: readonly unknown[],
): Result => {
  const at = positions(operation, argnums, args.length);
  const flats = at.map((i) => argumentsOf(operation, args[i], `argument ${i}`));
  const given = flats.flatMap((f) => f.exprs);
  requireFloat(operation, given);
  const params = witnessed(given);

  const traced = [...args];
  const starts = offsets(flats.map((f) => f.exprs.length));
  const part = (list: readonly Expr[], k: number): Expr[] => list.slice(starts[k], starts[k + 1]);
  at.forEach((i, k) => (traced[i] = treeOf(flats[k]!, part(params, k))));
  const result = f(...(traced as never[]));

  if (hasAux && !(Array.isArray(result) && result.length === 2))
    throw expected(operation, "a function that returns [loss, aux] (hasAux is set)", "something else");
  const [loss, auxTree] = hasAux ? (result as [unknown, unknown]) : [result, null];
  const y = scalarResult(operation, loss);
  const aux = exprsOf(operation, auxTree);
  const { primals, pull } = vjpFold([y, ...aux.exprs], params);
  const cts = pull([literal(y.dtype, 1), ...aux.exprs.map(() => null)]);
  const roots = [...primals, ...cts.map((ct, i) => ct ?? zerosOf(given[i]!.aval))];
  const bound = bind(roots, params, given);
  const gradients = bound.slice(primals.length);
  const trees = flats.map((f, k) => treeOf(f, part(gradients, k)));
  return {
    value: asTensor(bound[0]!),
    aux: treeOf(aux, bound.slice(1, primals.length)),
    gradient: typeof argnums === "number" ? trees[0] : trees,
  };
};

const offsets = (lengths: readonly number[]): number[] => {
  const out = [0];
  for (const n of lengths) out.push(out[out.length - 1]! + n);
  return out;
};

/**
 * The gradient of a function that returns a float scalar, with respect to its first argument (or `argnums`).
 *
 * The gradient has the argument's own structure. Inside `f` the arguments can be read with `item()` unless an outer
 * `jit` or `vmap` hides their values. Throws when the result is not a scalar or an argument is not of a float dtype.
 *
 * @example
 * ```ts
 * grad((x) => sum(mul(x, x)))(tensor([1, 2, 3])).toArray() // [2, 4, 6]
 *
 * const cube = (x: Tensor) => mul(x, mul(x, x));
 * grad(cube)(2).item() // 12
 * grad(grad(cube))(2).item() // 12
 * grad(grad(grad(cube)))(2).item() // 6
 * grad(tanh)(0).item() // 1
 * ```
 */
export function grad<P = Tensor, R extends unknown[] = []>(
  f: (params: P, ...rest: R) => Tensor,
): Derivative<P, R, P>;
export function grad<A extends unknown[], Aux, const O extends GradOptions & { hasAux: true }>(
  f: (...args: A) => readonly [Tensor, Aux],
  options: O,
): (...args: A) => [gradient: GradOf<A, O>, aux: Aux];
export function grad<A extends unknown[], const O extends GradOptions>(
  f: (...args: A) => Tensor,
  options: O,
): (...args: A) => GradOf<A, O>;
export function grad(
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: unknown[]) => unknown {
  checkGrad("grad", f, options);
  return (...args) => {
    const r = differentiate("grad", f, options, args);
    return options.hasAux === true ? [r.gradient, r.aux] : r.gradient;
  };
}

/**
 * The value of a function together with its gradient, sharing all work; see `grad`.
 *
 * @example
 * ```ts
 * const [value, gradient] = valueAndGrad((x) => sum(mul(x, x)))(tensor([3, 4]));
 * value.item() // 25
 * gradient.toArray() // [6, 8]
 * ```
 */
export function valueAndGrad<P = Tensor, R extends unknown[] = []>(
  f: (params: P, ...rest: R) => Tensor,
): Derivative<P, R, [value: Tensor, gradient: P]>;
export function valueAndGrad<A extends unknown[], Aux, const O extends GradOptions & { hasAux: true }>(
  f: (...args: A) => readonly [Tensor, Aux],
  options: O,
): (...args: A) => [value: [Tensor, Aux], gradient: GradOf<A, O>];
export function valueAndGrad<A extends unknown[], const O extends GradOptions>(
  f: (...args: A) => Tensor,
  options: O,
): (...args: A) => [value: Tensor, gradient: GradOf<A, O>];
export function valueAndGrad(
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: unknown[]) => unknown {
  checkGrad("valueAndGrad", f, options);
  return (...args) => {
    const r = differentiate("valueAndGrad", f, options, args);
    return [options.hasAux === true ? [r.value, r.aux] : r.value, r.gradient];
  };
}
