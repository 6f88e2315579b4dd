/** Reading a tensor: the moment at which it is computed. Reading never consumes. */
import { showAval } from "../ir/aval.js";
import type { DType, TypedArray } from "../ir/dtype.js";
import { expected, FluxionError } from "../ir/errors.js";
import { type Expr, storedOf, valueOf } from "../ir/expr.js";
import { DeviceArray } from "../ir/stored.js";
import { realize } from "../jit/realize.js";
import { formatArray } from "./format.js";
import { type Tensor, toExpr } from "./tensor.js";

/** A tensor's elements as nested JavaScript arrays; a number (or boolean) for a scalar. */
export type NestedArray = number | boolean | readonly NestedArray[];

/** The methods that read. */
export interface ReadMethods {
  /** The elements in row-major order, in a new typed array (bool as bytes 0 and 1). Works on every backend. */
  data(): Promise<TypedArray>;
  /** The elements in row-major order, in a new typed array, computed before it returns. */
  dataSync(): TypedArray;
  /** The elements as nested arrays; a plain number or boolean for a scalar. */
  toArray(): NestedArray;
  /** The only element of a tensor of size 1. Throws for any other size. */
  item(): number;
  /** dtype, shape and elements, elided where there are many. */
  toString(): string;
  /** Logs `toString()`. */
  print(): void;
}

const stored = (e: Expr, operation: string): TypedArray => {
  if (e.literal !== null) {
    const one = new Float64Array(1);
    one[0] = e.literal;
    return one;
  }
  realize([e], operation);
  return valueOf(e, operation);
};

const element = (dtype: DType, x: number): number | boolean => (dtype === "bool" ? x !== 0 : x);

const nest = (e: Expr, data: TypedArray): NestedArray => {
  const build = (axis: number, offset: number, size: number): NestedArray => {
    if (axis === e.ndim) return element(e.dtype, data[offset]!);
    const n = e.shape[axis]!;
    const step = n === 0 ? 0 : size / n;
    return Array.from({ length: n }, (_, i) => build(axis + 1, offset + i * step, step));
  };
  return build(0, 0, e.size);
};

/** The value of an open expression cannot be shown; its type can. */
const isReadable = (e: Expr): boolean => {
  try {
    stored(e, "toString");
    return true;
  } catch (error) {
    if (error instanceof FluxionError) return false;
    throw error;
  }
};

export const show = (e: Expr): string => {
  const head = `Tensor ${showAval(e.aval)}`;
  return isReadable(e)
    ? `${head} ${formatArray(e.shape, e.dtype, stored(e, "toString"))}`
    : `${head} (traced)`;
};

const refuse = (what: string, e: Expr): never => {
  throw expected(
    what,
    "a tensor with one known element",
    e.open
      ? `a traced ${showAval(e.aval)}, whose value is not known: use tensor functions (greater, where, exp, …) instead of JavaScript's operators and Math`
      : `${showAval(e.aval)}: use tensor functions, or read it with .toArray()`,
  );
};

/** The bodies of `ReadMethods`, for `install.ts`. */
export const readMethods: { readonly [K in keyof ReadMethods]: (this: Expr, ...args: never[]) => unknown } = {
  async data(this: Expr) {
    // At once: what is donated or written from now on comes after it.
    if (this.literal === null) {
      realize([this], "data");
      const value = storedOf(this, "data");
      if (value instanceof DeviceArray) return (await value.read()).slice(); // also where it is donated meanwhile
    }
    return stored(this, "data").slice();
  },
  dataSync(this: Expr) {
    return stored(this, "dataSync").slice();
  },
  toArray(this: Expr) {
    return nest(this, stored(this, "toArray"));
  },
  item(this: Expr) {
    if (this.size !== 1) throw expected("item", "a tensor with one element", showAval(this.aval));
    return stored(this, "item")[0]!;
  },
  toString(this: Expr) {
    return show(this);
  },
  print(this: Expr) {
    console.log(show(this));
  },
};

/** `x > 0`, `Math.exp(x)` and `` `${x}` `` reach JavaScript's coercion: abstract values refuse it, loudly. */
export const toPrimitive = function (this: Expr, hint: string): number | string {
  if (hint === "string" && !this.open) return show(this);
  if (this.open || this.size !== 1)
    return refuse(hint === "string" ? "string conversion" : "number conversion", this);
  return stored(this, "number conversion")[0]!;
};

/**
 * Computes several tensors in one program: cheaper than reading them one by one when they share work.
 *
 * @example
 * ```ts
 * const x = tensor([1, 2, 3]);
 * const [s, m] = realizeAll([sum(x), max(x)]);
 * s.item() // 6
 * m.item() // 3
 * ```
 */
export const realizeAll = <T extends readonly Tensor[]>(tensors: T): T => {
  realize(
    tensors.map((t) => toExpr("realizeAll", t)).filter((e) => e.literal === null),
    "realizeAll",
  );
  return tensors;
};
