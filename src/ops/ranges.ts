/** Evenly spaced values, computed where they are used. */
import { type DType, isFloat } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { iota } from "../ir/primitives/views.js";
import type { DTypeOptions } from "./fill.js";
import { checkOptions } from "./options.js";
import { asTensor, checkDType, describe, type Tensor } from "./tensor.js";

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
    throw expected("arange", "finite numbers and a step other than 0", `start ${start}, stop ${stop}, step ${step}`);
  const n = Math.max(0, Math.ceil((stop - start) / step));
  const whole = Number.isInteger(start) && Number.isInteger(stop) && Number.isInteger(step);
  const type = dtype ?? (whole ? "int32" : "float32");
  const work = isFloat(type) || whole ? type : "float32";
  const steps = iota([n], work, 0);
  const scaled = step === 1 ? steps : prim.mul(steps, fullLike(steps, step));
  return asTensor(prim.cast(start === 0 ? scaled : prim.add(scaled, fullLike(scaled, start)), type));
};

const isOptions = (x: unknown): x is DTypeOptions => typeof x === "object" && x !== null;

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
