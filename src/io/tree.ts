/** Trees of tensors as named arrays: the names are the paths, such as `params.conv1.kernel` or `layers[0].bias`. */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { showAval } from "../ir/aval.js";
import { elementsOf } from "../ir/dtype.js";
import { expected, type FluxionError } from "../ir/errors.js";
import { constant, Expr } from "../ir/expr.js";
import type { NdArray } from "../ir/ndarray.js";
import { flatten, type Leaf, pathsOf, unflatten } from "../ir/tree.js";
import { realizeAll } from "../ops/read.js";
import { asTensor, type Tensor } from "../ops/tensor.js";

/** Arrays by name. */
export type Arrays = Readonly<Record<string, NdArray>>;

/** The name of a tree that is a single tensor. */
const rootName = "value";

const namesOf = (structure: ReturnType<typeof flatten>["structure"]): string[] =>
  pathsOf(structure).map((path) => (path === "" ? rootName : path));

/** Keys with dots or brackets can make two leaves' paths the same text: one array would take the other's place. */
const sameName = (operation: string, names: readonly string[]): FluxionError | null => {
  const seen = new Set<string>();
  const again = names.find((name) => seen.size === seen.add(name).size);
  return again === undefined
    ? null
    : expected(operation, "a tree whose leaves have different paths", `${again} twice (rename a key)`);
};

/** Plain numbers are float64 scalars, booleans bool ones. */
const arrayOf = (leaf: Leaf): NdArray => {
  if (typeof leaf === "number") return { shape: [], dtype: "float64", data: Float64Array.of(leaf) };
  if (typeof leaf === "boolean") return { shape: [], dtype: "bool", data: Uint8Array.of(Number(leaf)) };
  const x = asTensor(leaf);
  return { shape: x.shape as readonly number[], dtype: x.dtype, data: x.dataSync() };
};

/**
 * The leaves of a tree as arrays under their paths, ready to be written. Plain numbers become float64 scalars.
 *
 * Throws where the tree holds anything but tensors, numbers, booleans, arrays and plain objects, or a traced tensor, and
 * where two leaves have one path, as in `{ "a.b": x, a: { b: y } }`.
 *
 * @example
 * ```ts
 * import { tensor } from "fluxion";
 * import { arraysOfTree } from "fluxion/io";
 *
 * const arrays = arraysOfTree({ layers: [{ bias: tensor([1, 2]) }], step: 3 });
 * Object.keys(arrays) // ["layers[0].bias", "step"]
 * arrays["layers[0].bias"]?.shape // [2]
 * ```
 */
export const arraysOfTree = (tree: unknown): Arrays => {
  const { leaves, structure } = flatten("arraysOfTree", tree);
  const names = namesOf(structure);
  const clash = sameName("arraysOfTree", names);
  if (clash !== null) throw clash;
  realizeAll(leaves.filter((l) => l instanceof Expr).map(asTensor));
  return Object.fromEntries(leaves.map((leaf, i) => [names[i]!, arrayOf(leaf)]));
};

type Result<A> = E.Either<FluxionError, A>;

const restored = (name: string, like: Leaf, array: NdArray): Result<Tensor | number | boolean> => {
  const want = like instanceof Expr ? like.aval : arrayOf(like);
  const got = showAval(array);
  if (showAval(want) !== got) return E.left(expected("treeOfArrays", `${name} ${showAval(want)}`, got));
  const value = array.data[0];
  if (typeof like === "number") return E.right(value!);
  if (typeof like === "boolean") return E.right(value !== 0);
  const data = elementsOf(array.dtype, array.data);
  return E.right(asTensor(constant({ shape: array.shape, dtype: array.dtype }, data)));
};

const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
};

/** Names on one side only. */
const sameNames = (want: readonly string[], arrays: Arrays): Result<void> => {
  const clash = sameName("treeOfArrays", want);
  if (clash !== null) return E.left(clash);
  const missing = want.filter((name) => !Object.hasOwn(arrays, name));
  if (missing.length > 0)
    return E.left(expected("treeOfArrays", `a tensor ${listed(missing)}`, "none of that name"));
  const more = Object.keys(arrays).filter((name) => !want.includes(name));
  if (more.length > 0) return E.left(expected("treeOfArrays", "only tensors of the tree", listed(more)));
  return E.right(undefined);
};

/**
 * A tree with the structure, shapes and dtypes of `like` and its values from arrays under the paths of its leaves.
 * A Left names the first array that is missing, is too many, or has another shape or dtype; nothing is thrown.
 *
 * @example
 * ```ts
 * import { tensor, zeros } from "fluxion";
 * import { arraysOfTree, treeOfArrays } from "fluxion/io";
 * import * as E from "fp-ts/lib/Either.js";
 *
 * const arrays = arraysOfTree({ w: tensor([1, 2]) });
 * const same = treeOfArrays(arrays, { w: zeros([2]) });
 * E.isRight(same) ? same.right.w.toArray() : [] // [1, 2]
 *
 * const other = treeOfArrays(arrays, { w: zeros([3]) });
 * E.isLeft(other) ? other.left.message : "" // "treeOfArrays: expected w float32[3], got float32[2]"
 * ```
 */
export const treeOfArrays = <T>(arrays: Arrays, like: T): E.Either<FluxionError, T> => {
  const { leaves, structure } = flatten("treeOfArrays", like);
  const names = namesOf(structure);
  return pipe(
    sameNames(names, arrays),
    E.chain(() =>
      E.traverseArray(([name, leaf]: readonly [string, Leaf]) => restored(name, leaf, arrays[name]!))(
        leaves.map((leaf, i) => [names[i]!, leaf] as const),
      ),
    ),
    E.map((values) => unflatten(structure, values) as T),
  );
};
