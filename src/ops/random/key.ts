/**
 * Keys: the state of every generator is an argument. A key is a uint32[2] tensor; the same key always gives the same
 * sample, and `split` or `foldIn` make new keys of it. Threefry-2x32 with 64-bit counters, laid out as JAX does with
 * `jax_threefry_partitionable` (its default), bit for bit.
 */
import { type Shape, sizeOf } from "../../ir/aval.js";
import { isInteger } from "../../ir/dtype.js";
import { expected } from "../../ir/errors.js";
import { constant, Expr } from "../../ir/expr.js";
import { cast } from "../../ir/primitives/arithmetic.js";
import { threefry2x32 } from "../../ir/primitives/bits.js";
import { broadcast, full } from "../../ir/primitives/layout.js";
import { concat, iota, reshape, sliceAxis } from "../../ir/primitives/views.js";
import type { Word } from "../../ir/scalar/threefry.js";
import { checkOptions } from "../options.js";
import { asTensor, checkShape, describe, scalarTensor, type Tensor, toExpr } from "../tensor.js";

/** The two words of a key, as scalars. */
export interface Words {
  readonly first: Expr;
  readonly second: Expr;
}

/** Checks that an argument is one key. */
export const toKey = (operation: string, key: unknown): Expr => {
  if (key instanceof Expr && key.dtype === "uint32" && key.ndim === 1 && key.size === 2) return key;
  const hint = Array.isArray(key)
    ? `an array of ${key.length} (pass one of them)`
    : key instanceof Expr && key.dtype === "uint32" && key.shape[key.ndim - 1] === 2
      ? `${describe(key)} (use vmap over several keys)`
      : describe(key);
  throw expected(operation, "a key (uint32[2], from random.key or random.split)", hint);
};

export const wordsOf = (key: Expr): Words => ({
  first: reshape(sliceAxis(key, 0, 0, 1), []),
  second: reshape(sliceAxis(key, 0, 1, 1), []),
});

/** The row-major index of every element. */
export const counter = (operation: string, shape: Shape): Expr => {
  const n = sizeOf(shape);
  if (n > 2 ** 32) throw expected(operation, "at most 2^32 elements", `shape [${shape.join(", ")}]`);
  return reshape(iota([n], "uint32", 0), shape);
};

const spread = (word: Expr, shape: Shape): Expr => broadcast(word, shape, []);

/** One word of the hash of every element's counter. */
export const hash = (operation: string, key: Expr, shape: Shape, word: Word): Expr => {
  const { first, second } = wordsOf(key);
  const high = full(shape, "uint32", 0);
  return threefry2x32(spread(first, shape), spread(second, shape), high, counter(operation, shape), word);
};

/** Keys for every element of `shape`, `[...shape, 2]`. */
export const splitKey = (operation: string, key: Expr, shape: Shape): Expr => {
  const column = [...shape, 1];
  const words = (["first", "second"] as const).map((w) => reshape(hash(operation, key, shape, w), column));
  return concat(words, shape.length);
};

/** The first `n` keys that `key` splits into. */
export const subkeys = (operation: string, key: Expr, n: number): Expr[] => {
  const keys = splitKey(operation, key, [n]);
  return Array.from({ length: n }, (_, i) => reshape(sliceAxis(keys, 0, i, 1), [2]));
};

const checkSeed = (operation: string, seed: unknown): number => {
  if (typeof seed === "number" && Number.isSafeInteger(seed)) return seed;
  throw expected(operation, "an integer (number or integer scalar tensor)", describe(seed));
};

const word32 = (n: number): number => ((n % 2 ** 32) + 2 ** 32) % 2 ** 32;

/** The integer scalar behind a tensor as uint32, wrapping. */
const wrapped = (operation: string, x: unknown): Expr => {
  if (!(x instanceof Expr)) return scalarTensor(word32(checkSeed(operation, x)), "uint32");
  const e = toExpr(operation, x);
  if (!isInteger(e.dtype) || e.ndim !== 0)
    throw expected(operation, "an integer (number or integer scalar tensor)", describe(e));
  return cast(e, "uint32");
};

/** How a seed becomes a key. */
export interface KeyOptions {
  /** Let the high 32 bits of the seed count, as JAX does with `jax_enable_x64`. Default: false. */
  readonly x64?: boolean;
}

/**
 * The key that a seed stands for: uint32[2]. As in JAX, the seed is taken modulo 2³², so -1 and 2³² - 1 give the
 * same key; `x64` keeps 64 bits of a number (its sign too). An integer scalar tensor may be traced.
 *
 * Throws unless the seed is a safe integer or an integer scalar tensor.
 *
 * @example
 * ```ts
 * random.key(42).toArray() // [0, 42]
 * random.key(-1).toArray() // [0, 4294967295]
 * random.key(2 ** 32 + 5, { x64: true }).toArray() // [1, 5]
 * ```
 */
export const key = (seed: number | Tensor, options?: KeyOptions): Tensor => {
  checkOptions("random.key", options, ["x64"]);
  if (typeof seed === "number") {
    const n = checkSeed("random.key", seed);
    const high = options?.x64 === true ? word32(Math.floor(n / 2 ** 32)) : 0;
    return asTensor(constant({ shape: [2], dtype: "uint32" }, Uint32Array.of(high, word32(n))));
  }
  const low = wrapped("random.key", seed);
  return asTensor(concat([full([1], "uint32", 0), reshape(low, [1])], 0));
};

/** `n` tensors, as a tuple where `n` is a small literal. */
export type Keys<N extends number, T extends readonly Tensor[] = readonly []> = number extends N
  ? readonly Tensor[]
  : T["length"] extends N
    ? T
    : T["length"] extends 16
      ? readonly Tensor[]
      : Keys<N, readonly [...T, Tensor]>;

/**
 * New, independent keys from one; the old one should not be used again.
 *
 * With a number `n` (default 2) an array of `n` keys, to be destructured; with a shape one uint32 tensor
 * `[...shape, 2]`, to be mapped over with `vmap`. Both hold the same keys.
 *
 * Throws unless `n` is a non-negative integer or a shape.
 *
 * @example
 * ```ts
 * const [k1, k2] = random.split(random.key(0));
 * k1.toArray() // [1797259609, 2579123966]
 * k2.shape // [2]
 * random.split(random.key(0), [3]).shape // [3, 2]
 * ```
 */
export const split: {
  (key: Tensor): readonly [Tensor, Tensor];
  <const N extends number>(key: Tensor, n: N): Keys<N>;
  (key: Tensor, shape: Shape): Tensor;
} = ((key: Tensor, n: number | Shape = 2) => {
  const k = toKey("random.split", key);
  const shape = checkShape("random.split", n);
  return Array.isArray(n)
    ? asTensor(splitKey("random.split", k, shape))
    : subkeys("random.split", k, shape[0]!).map(asTensor);
}) as typeof split; // one body, three overloads

/**
 * A new key from a key and an integer, as a step number or a layer's index: uint32[2]. The integer is taken modulo
 * 2³² and may be a traced integer scalar.
 *
 * Throws unless `data` is a safe integer or an integer scalar tensor.
 *
 * @example
 * ```ts
 * random.foldIn(random.key(0), 1).toArray() // [928981903, 3453687069]
 * ```
 */
export const foldIn = (key: Tensor, data: number | Tensor): Tensor => {
  const { first, second } = wordsOf(toKey("random.foldIn", key));
  const count = wrapped("random.foldIn", data);
  const word = (w: Word): Expr => reshape(threefry2x32(first, second, full([], "uint32", 0), count, w), [1]);
  return asTensor(concat([word("first"), word("second")], 0));
};
