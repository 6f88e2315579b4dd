/**
 * Trees: nested arrays, tuples and records of tensors, as parameters, optimizer states and batches are. Numbers and
 * booleans are leaves too; strings, functions, null and undefined are part of the structure.
 *
 *     map(identity, t) = t        map(f ∘ g, t) = map(f, map(g, t))
 */
import { expected } from "../ir/errors.js";
import { expectStructure, flatten, pathsOf, unflatten } from "../ir/tree.js";
import { asTensor, type Tensor, toExpr } from "./tensor.js";

/** Every tensor, number and boolean of `T` replaced by `U`. */
export type MapTree<T, U> = T extends Tensor | number | boolean
  ? U
  : T extends string | null | undefined
    ? T
    : { [K in keyof T]: MapTree<T[K], U> };

const tensorsOf = (operation: string, leaves: readonly unknown[]): Tensor[] =>
  leaves.map((l) => asTensor(toExpr(operation, l)));

/** The leaves of several trees of one structure, leaf by leaf, and how to put results in their place. */
const together = (
  operation: string,
  trees: readonly unknown[],
): { rows: Tensor[][]; paths: string[]; rebuild: (leaves: readonly unknown[]) => unknown } => {
  if (trees.length === 0) throw expected(operation, "at least one tree", "none");
  const flats = trees.map((t) => flatten(operation, t));
  const { structure } = flats[0]!;
  flats.slice(1).forEach((f, i) => expectStructure(operation, structure, f.structure, `tree ${i + 1}`));
  const columns = flats.map((f) => tensorsOf(operation, f.leaves));
  return {
    rows: columns[0]!.map((_, i) => columns.map((c) => c[i]!)),
    paths: pathsOf(structure),
    rebuild: (leaves) => unflatten(structure, leaves),
  };
};

/**
 * Applies `f` to every leaf of a tree, or to the corresponding leaves of several trees of one structure. The result
 * has that structure.
 *
 * Throws, naming the path, where the trees differ.
 *
 * @example
 * ```ts
 * const params = { w: tensor([1, 2]), b: tensor(3) };
 * tree.map((x) => mul(x, 2), params).w.toArray() // [2, 4]
 * tree.map((x, y) => add(x, y), params, params).b.item() // 6
 * tree.map((x) => x.ndim, params) // { w: 1, b: 0 }
 * // @ts-expect-error: the types differ too
 * tree.map((x, y) => add(x, y), { w: tensor(1) }, { v: tensor(1) }) // throws map: expected {w: *} at tree 1, got {v: *}
 * ```
 */
export function map<T>(f: (leaf: Tensor) => Tensor, t: T): T;
export function map<T>(f: (a: Tensor, b: Tensor) => Tensor, t: T, u: NoInfer<T>): T;
export function map<T>(f: (a: Tensor, b: Tensor, c: Tensor) => Tensor, t: T, u: NoInfer<T>, v: NoInfer<T>): T;
export function map<T>(f: (...leaves: Tensor[]) => Tensor, t: T, ...rest: NoInfer<T>[]): T;
export function map<T, U>(f: (...leaves: Tensor[]) => U, t: T, ...rest: NoInfer<T>[]): MapTree<T, U>;
export function map(f: (...leaves: Tensor[]) => unknown, ...trees: unknown[]): unknown {
  const { rows, rebuild } = together("map", trees);
  return rebuild(rows.map((row) => f(...row)));
}

/**
 * `map` for functions that want to know where a leaf is, as one would write it: `layers[0].kernel`.
 *
 * Throws, naming the path, where the trees differ.
 *
 * @example
 * ```ts
 * const params = [{ kernel: tensor([1]), bias: tensor([2]) }];
 * tree.mapWithPath((path) => path, params) // [{ kernel: "[0].kernel", bias: "[0].bias" }]
 * ```
 */
export function mapWithPath<T>(
  f: (path: string, ...leaves: Tensor[]) => Tensor,
  t: T,
  ...rest: NoInfer<T>[]
): T;
export function mapWithPath<T, U>(
  f: (path: string, ...leaves: Tensor[]) => U,
  t: T,
  ...rest: NoInfer<T>[]
): MapTree<T, U>;
export function mapWithPath(f: (path: string, ...leaves: Tensor[]) => unknown, ...trees: unknown[]): unknown {
  const { rows, paths, rebuild } = together("mapWithPath", trees);
  return rebuild(rows.map((row, i) => f(paths[i]!, ...row)));
}

/**
 * The leaves of a tree, the keys of records in alphabetical order.
 *
 * @example
 * ```ts
 * tree.leaves({ b: tensor(2), a: [tensor(1)] }).map((x) => x.item()) // [1, 2]
 * ```
 */
export const leaves = (t: unknown): readonly Tensor[] => tensorsOf("leaves", flatten("leaves", t).leaves);

/**
 * The leaves of a tree with their paths, in the order of `leaves`.
 *
 * @example
 * ```ts
 * tree.entries({ b: tensor(2), a: [tensor(1)] }).map(([path]) => path) // ["a[0]", "b"]
 * ```
 */
export const entries = (t: unknown): readonly (readonly [path: string, leaf: Tensor])[] => {
  const flat = flatten("entries", t);
  const paths = pathsOf(flat.structure);
  return tensorsOf("entries", flat.leaves).map((leaf, i) => [paths[i]!, leaf]);
};

/**
 * A tree with the structure of `like` and other leaves, in the order of `leaves`.
 *
 * Throws when there are more or fewer than `like` has.
 *
 * @example
 * ```ts
 * tree.fromLeaves({ b: tensor(0), a: [tensor(0)] }, [tensor(1), tensor(2)]).b.item() // 2
 * ```
 */
export const fromLeaves = <T>(like: T, leaves: readonly Tensor[]): T => {
  const flat = flatten("fromLeaves", like);
  if (flat.leaves.length !== leaves.length)
    throw expected("fromLeaves", `${flat.leaves.length} leaves`, String(leaves.length));
  return unflatten(flat.structure, leaves) as T;
};

/**
 * Folds the leaves of a tree from the left.
 *
 * @example
 * ```ts
 * tree.reduce((n, leaf) => n + leaf.size, 0, { w: tensor([1, 2]), b: tensor(3) }) // 3
 * ```
 */
export const reduce = <A>(f: (accumulated: A, leaf: Tensor) => A, initial: A, t: unknown): A =>
  leaves(t).reduce(f, initial);
