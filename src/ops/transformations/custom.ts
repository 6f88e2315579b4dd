/** Functions whose derivative is given by hand, and rematerialisation. */
import { isFloat } from "../../ir/dtype.js";
import { FluxionError } from "../../ir/errors.js";
import { applyAll, type Expr, param, watermark } from "../../ir/expr.js";
import { expectAvals, lift, type Program } from "../../ir/program.js";
import { expectStructure } from "../../ir/tree.js";
import { checkpointed } from "../../transforms/checkpoint.js";
import { customJvpPrimitive, customVjpPrimitive } from "../../transforms/custom.js";
import type { Tensor } from "../tensor.js";
import { exprsOf, type FlatExprs, requireFunction, treeOf } from "./bind.js";

/**
 * `f`, with its intermediate values recomputed in the backward pass instead of kept: less memory, more work.
 * (T. Chen et al., "Training deep nets with sublinear memory cost", 2016.)
 *
 * @example
 * ```ts
 * const f = checkpoint((x) => sin(sin(x)));
 * grad((x) => f(x))(tensor(0)).item() // 1
 * ```
 */
export function checkpoint<A extends unknown[] = Tensor[], R = Tensor>(
  f: (...args: A) => R,
): (...args: A) => R {
  requireFunction("checkpoint", f);
  return (...args) => {
    const flat = exprsOf("checkpoint", args);
    let result: FlatExprs | null = null;
    const outs = checkpointed((params) => {
      result = exprsOf("checkpoint", f(...(treeOf(flat, params) as A)));
      return result.exprs;
    }, flat.exprs);
    return treeOf(result!, outs) as R;
  };
}

/** Programs traced on the same arguments, with what any of them captured as common leading operands. */
const liftTogether = (
  programs: readonly Program[],
  mark: number,
): { programs: Program[]; captured: Expr[] } => {
  const lifted = programs.map((p) => lift(p, mark));
  const captured = [...new Set(lifted.flatMap((l) => l.captured))];
  return {
    captured,
    programs: lifted.map(({ program, captured: own }) => {
      const params = captured.map((c) => (own.includes(c) ? program.params[own.indexOf(c)]! : param(c.aval)));
      return { params: [...params, ...program.params.slice(own.length)], results: program.results };
    }),
  };
};

/**
 * `f` with a forward derivative given by hand: `rule(primals, tangents)` returns `[value, tangent]`.
 *
 * The rule must be linear in the tangents, so that reverse mode can transpose it. `f` must take every value that is
 * differentiated as an argument. Integer arguments have zero tangents.
 *
 * @example
 * ```ts
 * const softAbs = customJvp((x) => abs(x), ([x], [t]) => [abs(x), mul(t, tanh(x))]);
 * grad((x) => softAbs(x))(tensor(0)).item() // 0
 * ```
 */
export function customJvp<A extends unknown[] = Tensor[], R = Tensor>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => readonly [value: R, tangent: R],
): (...args: A) => R {
  requireFunction("customJvp", f);
  requireFunction("customJvp", rule, "a rule (primals, tangents) => [value, tangent]");
  return (...args) => {
    const flat = exprsOf("customJvp", args);
    const mark = watermark();
    const params = flat.exprs.map((e) => param(e.aval));
    const result = exprsOf("customJvp", f(...(treeOf(flat, params) as A)));

    const primals = flat.exprs.map((e) => param(e.aval));
    const tangents = flat.exprs.map((e) => param(e.aval));
    const ruled = rule(treeOf(flat, primals) as A, treeOf(flat, tangents) as A);
    const value = exprsOf("customJvp", ruled[0]);
    const tangent = exprsOf("customJvp", ruled[1]);
    expectStructure("customJvp", result.structure, value.structure, "rule's value");
    expectStructure("customJvp", result.structure, tangent.structure, "rule's tangent");
    const avals = result.exprs.map((e) => e.aval);
    expectAvals(
      "customJvp",
      "rule value",
      avals,
      value.exprs.map((e) => e.aval),
    );
    expectAvals(
      "customJvp",
      "rule tangent",
      avals,
      tangent.exprs.map((e) => e.aval),
    );

    const { programs, captured } = liftTogether(
      [
        { params, results: result.exprs },
        { params: [...primals, ...tangents], results: [...value.exprs, ...tangent.exprs] },
      ],
      mark,
    );
    const outs = applyAll(customJvpPrimitive, [...captured, ...flat.exprs], {
      program: programs[0]!,
      rule: programs[1]!,
      consts: captured.length,
    });
    return treeOf(result, outs) as R;
  };
}

/**
 * `f` with a reverse derivative given by hand: `forward(...args)` returns `[value, residuals]` and
 * `backward(residuals, cotangent)` the cotangents of the arguments, as a list. There is no forward mode.
 *
 * @example
 * ```ts
 * const clipped = customVjp((x) => mul(x, 1), (x) => [mul(x, 1), []], (_residuals, ct) => [clip(ct, -1, 1)]);
 * grad((x) => mul(clipped(x), 5))(tensor(2)).item() // 1
 * ```
 */
export function customVjp<A extends unknown[] = Tensor[], R = Tensor, S = unknown>(
  f: (...args: A) => R,
  forward: (...args: A) => readonly [value: R, residuals: S],
  backward: (residuals: S, cotangent: R) => { readonly [K in keyof A]: A[K] },
): (...args: A) => R {
  requireFunction("customVjp", f);
  requireFunction("customVjp", forward, "forward (...args) => [value, residuals]");
  requireFunction("customVjp", backward, "backward (residuals, cotangent) => cotangents");
  return (...args) => {
    const flat = exprsOf("customVjp", args);
    const mark = watermark();
    const params = flat.exprs.map((e) => param(e.aval));
    const result = exprsOf("customVjp", f(...(treeOf(flat, params) as A)));
    const avals = result.exprs.map((e) => e.aval);

    const forwardParams = flat.exprs.map((e) => param(e.aval));
    const [valueTree, residualTree] = forward(...(treeOf(flat, forwardParams) as A));
    const value = exprsOf("customVjp", valueTree);
    const residuals = exprsOf("customVjp", residualTree);
    expectStructure("customVjp", result.structure, value.structure, "forward's value");
    expectAvals(
      "customVjp",
      "forward value",
      avals,
      value.exprs.map((e) => e.aval),
    );

    const residualParams = residuals.exprs.map((e) => param(e.aval));
    const ctParams = avals.map((a) => param(a));
    const back = backward(treeOf(residuals, residualParams) as S, treeOf(result, ctParams) as R);
    const cts = exprsOf("customVjp", back);
    expectStructure("customVjp", flat.structure, cts.structure, "backward's result");
    expectAvals(
      "customVjp",
      "cotangents",
      flat.exprs.map((e) => e.aval),
      cts.exprs.map((e) => e.aval),
    );

    const { programs, captured } = liftTogether(
      [
        { params, results: result.exprs },
        { params: forwardParams, results: [...value.exprs, ...residuals.exprs] },
      ],
      mark,
    );
    const outs = applyAll(customVjpPrimitive, [...captured, ...flat.exprs], {
      program: programs[0]!,
      forward: programs[1]!,
      backward: closed({ params: [...residualParams, ...ctParams], results: cts.exprs }, mark),
      consts: captured.length,
    });
    return treeOf(result, outs) as R;
  };
}

/** A backward pass may use its residuals, its cotangent and literals; anything else belongs in the residuals. */
const closed = (program: Program, mark: number): Program => {
  const { captured } = lift(program, mark);
  if (captured.some((c) => c.open && isFloat(c.dtype)))
    throw new FluxionError(
      "customVjp",
      "expected backward to use only its residuals and cotangent, got a value that it closes over: return it from forward as a residual",
    );
  return program;
};
