/** Vectorisation over an extra axis of the arguments. */
import { aval, showAval } from "../../ir/aval.js";
import { expected, FluxionError } from "../../ir/errors.js";
import { type Expr, param } from "../../ir/expr.js";
import type { Batched } from "../../ir/primitive.js";
import { front, moveAxis } from "../../ir/primitives/layout.js";
import { isLeaf } from "../../ir/tree.js";
import { batchFold } from "../../transforms/batch.js";
import { checkOptions } from "../options.js";
import { checkAxis, type Tensor } from "../tensor.js";
import { argumentsOf, exprsOf, type FlatExprs, requireFunction, treeOf } from "./bind.js";

/** An axis for a whole subtree, null for "not mapped", or a tree of them. */
export type AxisTree<T> =
  | number
  | null
  | (T extends Tensor | number | boolean ? never : { readonly [K in keyof T]?: AxisTree<T[K]> });

/** Options of `vmap`. */
export interface VmapOptions<A extends readonly unknown[], R> {
  /** The mapped axis of every argument (one for all, or one for each). Default 0. */
  readonly in?: number | { readonly [K in keyof A]?: AxisTree<A[K]> };
  /** Where the mapped axis goes in the results. Default 0. */
  readonly out?: AxisTree<R>;
}

/** Spreads a prefix tree of axes over the leaves of `tree`. */
const axesFor = (operation: string, axes: unknown, tree: unknown, path: string): (number | null)[] => {
  if (isLeaf(tree)) {
    if (axes === null || typeof axes === "number") return [axes];
    throw expected(operation, `an axis or null for ${path}`, JSON.stringify(axes));
  }
  if (tree === null || tree === undefined || typeof tree !== "object") return [];
  if (axes !== null && typeof axes === "object") checkKeys(operation, axes, tree, path);
  const keys = Array.isArray(tree) ? tree.map((_, i) => i) : Object.keys(tree).sort();
  return keys.flatMap((k) => {
    const inner =
      typeof axes === "object" && axes !== null
        ? ((axes as Record<string, unknown>)[String(k)] ?? null)
        : axes;
    return axesFor(operation, inner, (tree as Record<string, unknown>)[String(k)], `${path}.${k}`);
  });
};

const checkKeys = (operation: string, axes: object, tree: object, path: string): void => {
  const unknown = Object.keys(axes).find((k) => !(k in tree));
  if (unknown !== undefined)
    throw new FluxionError(
      operation,
      `expected axes for the parts of ${path} (${Object.keys(tree).join(", ")}), got one for ${unknown}`,
    );
};

const mappedSize = (flat: FlatExprs, axes: readonly (number | null)[]): number => {
  let n: number | null = null;
  flat.exprs.forEach((e, i) => {
    if (axes[i] == null) return;
    if (e.ndim === 0)
      throw expected("vmap", "a tensor with an axis to map", `a scalar ${e.dtype} (map it with in: null)`);
    const size = e.shape[checkAxis("vmap", axes[i], e.ndim)]!;
    if (n !== null && n !== size)
      throw expected("vmap", `mapped axes of equal size ${n}`, `${showAval(e.aval)} along axis ${axes[i]}`);
    n = size;
  });
  if (n === null)
    throw new FluxionError("vmap", "expected at least one mapped argument, got none (every axis is null)");
  return n;
};

/**
 * Maps `f` over an axis of its arguments: one program on whole batches instead of a loop.
 *
 * `in` gives the axis of each argument (null: the same value for every element), `out` where the axis goes in the
 * results. Nests, and composes with every other transformation. Throws when mapped sizes differ.
 *
 * @example
 * ```ts
 * const dot1 = (a: Tensor, b: Tensor) => sum(mul(a, b));
 * vmap(dot1)(tensor([[1, 2], [3, 4]]), tensor([[1, 1], [2, 2]])).toArray() // [3, 14]
 * vmap(dot1, { in: [0, null] })(tensor([[1, 2], [3, 4]]), tensor([1, 10])).toArray() // [21, 43]
 * ```
 */
export function vmap<A extends unknown[] = Tensor[], R = Tensor>(
  f: (...args: A) => R,
  options: VmapOptions<A, R> = {},
): (...args: A) => R {
  requireFunction("vmap", f);
  checkOptions("vmap", options, ["in", "out"]);
  const { in: from = 0, out: to = 0 } = options; // null is an answer: not mapped
  return (...args) => {
    const flat = argumentsOf("vmap", args);
    const inAxes = axesFor("vmap", from, args, "in").map((a, i) =>
      a === null ? null : flat.exprs[i]!.ndim === 0 ? a : checkAxis("vmap", a, flat.exprs[i]!.ndim),
    );
    const n = mappedSize(flat, inAxes);
    const params = flat.exprs.map((e, i) => (inAxes[i] == null ? e : element(e, inAxes[i])));
    const result = f(...(treeOf(flat, params) as A));
    const outs = exprsOf("vmap", result);
    const mapped = new Map<Expr, Batched>(
      params.flatMap((p, i) => (inAxes[i] == null ? [] : [[p, [flat.exprs[i]!, inAxes[i]]] as const])),
    );
    const outAxes = axesFor("vmap", to, result, "out");
    const batched = batchFold(outs.exprs, mapped, n).map(([e, axis], i) =>
      place(e, axis, outAxes[i] ?? null, n),
    );
    return treeOf(outs, batched) as R;
  };
}

/** The param that stands for one element along `axis`. */
const element = (e: Expr, axis: number): Expr =>
  param(
    aval(
      e.shape.filter((_, k) => k !== axis),
      e.dtype,
    ),
  );

const place = (e: Expr, axis: number | null, want: number | null, n: number): Expr => {
  if (want === null) {
    if (axis === null) return e;
    throw new FluxionError(
      "vmap",
      `expected an unmapped result for out: null, got ${showAval(e.aval)} mapped along axis ${axis}`,
    );
  }
  const x = front(e, axis, n);
  return moveAxis(x, 0, checkAxis("vmap", want, x.ndim));
};
