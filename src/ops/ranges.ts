/** Evenly spaced values, computed where they are used. */
import { type DType, isFloat } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { broadcast, fullLike, moveAxis } from "../ir/primitives/layout.js";
import { pow } from "../ir/primitives/transcendental.js";
import { iota } from "../ir/primitives/views.js";
import type { DTypeOptions } from "./fill.js";
import { checkOptions } from "./options.js";
import { floating, unify } from "./promotion.js";
import {
  asTensor,
  checkAxis,
  checkDType,
  describe,
  isTensor,
  type Tensor,
  type TensorLike,
} from "./tensor.js";

/** Options of `linspace` and its kin. */
export interface SpaceOptions extends DTypeOptions {
  /** Whether `stop` is the last value; true by default. */
  readonly endpoint?: boolean | undefined;
  /** Where the new axis goes when start and stop have axes; 0 by default. */
  readonly axis?: number | undefined;
}

/** Options of `logspace`. */
export interface LogSpaceOptions extends SpaceOptions {
  /** 10 by default. */
  readonly base?: number | undefined;
}

type Range = (dtype: DType | undefined, start: number, stop: number, step: number) => Tensor;

const range: Range = (dtype, start, stop, step) => {
  if (![start, stop, step].every((n) => Number.isFinite(n)) || step === 0)
    throw expected(
      "arange",
      "finite numbers and a step other than 0",
      `start ${start}, stop ${stop}, step ${step}`,
    );
  const n = Math.max(0, Math.ceil((stop - start) / step));
  const whole = Number.isInteger(start) && Number.isInteger(stop) && Number.isInteger(step);
  const type = dtype ?? (whole ? "int32" : "float32");
  // float16 has no whole numbers beyond 2048: positions are counted in float32.
  const work = type === "float16" || (!isFloat(type) && !whole) ? "float32" : type;
  const steps = iota([n], work, 0);
  const scaled = step === 1 ? steps : prim.mul(steps, fullLike(steps, step));
  return asTensor(prim.cast(start === 0 ? scaled : prim.add(scaled, fullLike(scaled, start)), type));
};

const isOptions = (x: unknown): x is DTypeOptions => typeof x === "object" && x !== null && !isTensor(x);

/**
 * The numbers from `start` (default 0) up to and without `stop`, `step` (default 1) apart: int32 when all are whole,
 * else float32, unless `dtype` says otherwise. Throws when a number is not finite or the step is 0.
 *
 * @example
 * ```ts
 * arange(4).toArray() // [0, 1, 2, 3]
 * arange(1, 2, 0.25).toArray() // [1, 1.25, 1.5, 1.75]
 * arange(3, { dtype: "float32" }).dtype // "float32"
 * ```
 */
export const arange: {
  (stop: number, options?: DTypeOptions): Tensor;
  (start: number, stop: number, options?: DTypeOptions): Tensor;
  (start: number, stop: number, step: number, options?: DTypeOptions): Tensor;
} = (...args: readonly (number | DTypeOptions | undefined)[]): Tensor => {
  const given = args.filter((a) => a !== undefined);
  const last = given[given.length - 1];
  const options = isOptions(last) ? last : undefined;
  const numbers = options === undefined ? given : given.slice(0, -1);
  if (numbers.length < 1 || numbers.length > 3 || !numbers.every((n) => typeof n === "number"))
    throw expected("arange", "one to three numbers", numbers.map(describe).join(", "));
  checkOptions("arange", options, ["dtype"]);
  const dtype = options?.dtype === undefined ? undefined : checkDType("arange", options.dtype);
  const [a, b, step = 1] = numbers as readonly number[];
  return b === undefined ? range(dtype, 0, a!, 1) : range(dtype, a!, b, step);
};

const spaceNames = ["dtype", "endpoint", "axis"];

/** `f` of steps t from 0 to 1 beside start and stop, all of the shape [num, …start], in floats. */
const spaced = (
  start: Expr,
  stop: Expr,
  num: number,
  endpoint: boolean,
  f: (a: Expr, b: Expr, t: Expr) => Expr,
): Expr => {
  const shape = [num, ...start.shape];
  const steps = iota(shape, start.dtype, 0);
  const t = prim.div(steps, fullLike(steps, Math.max(1, endpoint ? num - 1 : num)));
  const repeated = (e: Expr): Expr =>
    broadcast(
      e,
      shape,
      e.shape.map((_, i) => i + 1),
    );
  return f(repeated(start), repeated(stop), t);
};

/** start·(1 − t) + stop·t meets both ends exactly. */
const linear = (a: Expr, b: Expr, t: Expr): Expr =>
  prim.add(prim.mul(a, prim.sub(fullLike(t, 1), t)), prim.mul(b, t));

/** `num` values from `start` to `stop`, on a new axis. */
export const linspaceOf = (start: Expr, stop: Expr, num: number, endpoint: boolean, axis: number): Expr =>
  moveAxis(spaced(start, stop, num, endpoint, linear), 0, axis);

const space = (
  operation: string,
  ends: readonly [TensorLike, TensorLike],
  num: number,
  options: SpaceOptions,
  names: readonly string[],
  f: (a: Expr, b: Expr, t: Expr) => Expr,
): Tensor => {
  checkOptions(operation, options, names);
  const { endpoint = true, axis = 0 } = options;
  if (!Number.isInteger(num) || num < 0)
    throw expected(operation, "a whole number of values from 0", describe(num));
  const dtype = options.dtype === undefined ? undefined : checkDType(operation, options.dtype);
  const [first, last] = unify(
    operation,
    ends,
    dtype !== undefined && isFloat(dtype) ? () => dtype : floating,
  );
  const type = first!.dtype;
  const [start, stop] = [first!, last!].map((e) => prim.cast(e, type === "float16" ? "float32" : type));
  const y = prim.cast(spaced(start!, stop!, num, endpoint, f), type);
  const whole = dtype !== undefined && !isFloat(dtype) ? prim.cast(prim.floor(y), dtype) : y;
  return asTensor(moveAxis(whole, 0, checkAxis(operation, axis, y.ndim)));
};

/**
 * `num` values evenly spaced from `start` to `stop`, both included (not `stop` with `endpoint: false`), in floats unless
 * `dtype` says otherwise. Ends that have axes give a new axis, the first unless `axis` says otherwise.
 * Throws when `num` is not a whole number from 0.
 *
 * @example
 * ```ts
 * linspace(0, 1, 5).toArray() // [0, 0.25, 0.5, 0.75, 1]
 * linspace(0, 1, 2, { endpoint: false }).toArray() // [0, 0.5]
 * ```
 */
export const linspace = (
  start: TensorLike,
  stop: TensorLike,
  num: number = 50,
  options: SpaceOptions = {},
): Tensor => space("linspace", [start, stop], num, options, spaceNames, linear);

/**
 * `num` powers of `base` (10), whose exponents are evenly spaced from `start` to `stop`; see `linspace`.
 *
 * @example
 * ```ts
 * logspace(0, 2, 3).toArray() // [1, 10, 100]
 * ```
 */
export const logspace = (
  start: TensorLike,
  stop: TensorLike,
  num: number = 50,
  options: LogSpaceOptions = {},
): Tensor => {
  const { base = 10 } = options;
  if (typeof base !== "number") throw expected("logspace", "a number as base", describe(base));
  const power = (a: Expr, b: Expr, t: Expr): Expr => pow(fullLike(t, base), linear(a, b, t));
  return space("logspace", [start, stop], num, options, [...spaceNames, "base"], power);
};

/** ±|start|^(1 − t)·|stop|^t meets both ends exactly and cannot overflow between them. */
const geometric = (a: Expr, b: Expr, t: Expr): Expr => {
  const size = prim.mul(pow(prim.abs(a), prim.sub(fullLike(t, 1), t)), pow(prim.abs(b), t));
  const alike = prim.and(prim.eq(prim.sign(a), prim.sign(b)), prim.ne(a, fullLike(a, 0)));
  return prim.select(alike, prim.mul(prim.sign(a), size), fullLike(t, NaN));
};

/**
 * `num` values from `start` to `stop` whose ratios are equal; see `linspace`. The ends have the same sign and are not 0
 * (else NaN).
 *
 * @example
 * ```ts
 * geomspace(1, 1000, 4).toArray() // ≈ [1, 10, 100, 1000]
 * ```
 */
export const geomspace = (
  start: TensorLike,
  stop: TensorLike,
  num: number = 50,
  options: SpaceOptions = {},
): Tensor => space("geomspace", [start, stop], num, options, spaceNames, geometric);
