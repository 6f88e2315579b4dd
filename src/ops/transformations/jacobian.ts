/** Whole matrices of derivatives: a basis of tangents (or cotangents) pushed through in one batch. */
import { sizeOf } from "../../ir/aval.js";
import { type Expr, param } from "../../ir/expr.js";
import type { Batched } from "../../ir/primitive.js";
import { cast, eq } from "../../ir/primitives/arithmetic.js";
import { front, moveAxis, zerosOf } from "../../ir/primitives/layout.js";
import { iota, reshape } from "../../ir/primitives/views.js";
import { unflatten } from "../../ir/tree.js";
import { batchFold } from "../../transforms/batch.js";
import { jvpFold } from "../../transforms/jvp.js";
import { vjpFold } from "../../transforms/transpose.js";
import { checkOptions } from "../options.js";
import type { Tensor } from "../tensor.js";
import {
  argumentsOf,
  bind,
  exprsOf,
  positions,
  requireFloat,
  requireFunction,
  treeOf,
  witnessed,
} from "./bind.js";
import type { Jacobian } from "./types.js";

/** Options of `jacfwd`, `jacrev` and `hessian`. */
export interface JacobianOptions {
  /** Which argument to differentiate. Default 0. */
  readonly argnums?: number;
}

/** One unit tangent for each element of `e`: shape [size, ...shape]. */
const basis = (e: Expr): Expr => {
  const n = e.size;
  const identity = eq(iota([n, n], "int32", 0), iota([n, n], "int32", 1));
  return reshape(cast(identity, e.dtype), [n, ...e.shape]);
};

const checkJacobian = (operation: string, f: unknown, options: JacobianOptions): void => {
  requireFunction(operation, f);
  checkOptions(operation, options, ["argnums"]);
};

interface Setting {
  readonly params: readonly Expr[];
  readonly given: readonly Expr[];
  readonly outs: ReturnType<typeof exprsOf>;
  readonly ins: ReturnType<typeof exprsOf>;
}

const setUp = (
  operation: string,
  f: (...args: never[]) => unknown,
  argnum: number,
  args: readonly unknown[],
): Setting => {
  const at = positions(operation, argnum, args.length)[0]!;
  const ins = argumentsOf(operation, args[at], `argument ${at}`);
  requireFloat(operation, ins.exprs);
  const params = witnessed(ins.exprs);
  const traced = args.map((a, i) => (i === at ? treeOf(ins, params) : a));
  return { params, given: ins.exprs, ins, outs: exprsOf(operation, f(...(traced as never[]))) };
};

/** entries[o][i] is the derivative of result o by argument leaf i, shaped output ++ input. */
const assemble = ({ outs, ins, params, given }: Setting, entries: readonly (readonly Expr[])[]): unknown =>
  unflatten(
    outs.structure,
    entries.map((row) => treeOf(ins, bind(row, params, given))),
  );

/**
 * The Jacobian by forward mode: one tangent for each input element, in one batch. Best when inputs are few.
 * Each leaf of the result has shape output ++ input.
 *
 * @example
 * ```ts
 * jacfwd((x) => mul(x, x))(tensor([1, 2])).toArray() // [[2, 0], [0, 4]]
 * ```
 */
export function jacfwd<P = Tensor, R extends unknown[] = [], O = Tensor>(
  f: (params: P, ...rest: R) => O,
  options: JacobianOptions = {},
): (params: P, ...rest: R) => Jacobian<O, P> {
  checkJacobian("jacfwd", f, options);
  return (...args) => {
    const s = setUp("jacfwd", f, options.argnums ?? 0, args);
    const columns = s.params.map((p) => {
      const t = param(p.aval);
      const { tangents } = jvpFold(s.outs.exprs, new Map([[p, t]]));
      const n = p.size;
      const flowing = tangents.map((x, o) => x ?? zerosOf(s.outs.exprs[o]!.aval));
      return batchFold(flowing, new Map([[t, [basis(p), 0] as Batched]]), n).map(([x, axis], o) => {
        const out = s.outs.exprs[o]!.shape;
        return reshape(moveAxis(front(x, axis, n), 0, out.length), [...out, ...p.shape]);
      });
    });
    return assemble(
      s,
      s.outs.exprs.map((_, o) => columns.map((c) => c[o]!)),
    ) as Jacobian<O, P>;
  };
}

/**
 * The Jacobian by reverse mode: one cotangent for each output element, in one batch. Best when outputs are few.
 * Each leaf of the result has shape output ++ input.
 *
 * @example
 * ```ts
 * jacrev((x) => sum(mul(x, x)))(tensor([1, 2])).toArray() // [2, 4]
 * ```
 */
export function jacrev<P = Tensor, R extends unknown[] = [], O = Tensor>(
  f: (params: P, ...rest: R) => O,
  options: JacobianOptions = {},
): (params: P, ...rest: R) => Jacobian<O, P> {
  checkJacobian("jacrev", f, options);
  return (...args) => {
    const s = setUp("jacrev", f, options.argnums ?? 0, args);
    const { pull } = vjpFold(s.outs.exprs, s.params);
    const rows = s.outs.exprs.map((y, o) => {
      const ct = param(y.aval);
      const pulled = pull(s.outs.exprs.map((_, k) => (k === o ? ct : null)));
      const known = pulled.map((x, i) => x ?? zerosOf(s.params[i]!.aval));
      const n = sizeOf(y.shape);
      return batchFold(known, new Map([[ct, [basis(y), 0] as Batched]]), n).map(([x, axis], i) =>
        reshape(front(x, axis, n), [...y.shape, ...s.params[i]!.shape]),
      );
    });
    return assemble(s, rows) as Jacobian<O, P>;
  };
}

/**
 * Second derivatives of a function with a scalar result: forward over reverse. Each leaf is shaped input ++ input.
 *
 * @example
 * ```ts
 * hessian((x) => sum(mul(x, mul(x, x))))(tensor([1, 2])).toArray() // [[6, 0], [0, 12]]
 * ```
 */
export function hessian<P = Tensor, R extends unknown[] = []>(
  f: (params: P, ...rest: R) => Tensor,
  options: JacobianOptions = {},
): (params: P, ...rest: R) => Jacobian<P, P> {
  checkJacobian("hessian", f, options);
  return jacfwd<P, R, P>(jacrev<P, R, Tensor>(f, options), options);
}
