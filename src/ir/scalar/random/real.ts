/**
 * What a sampler that runs a loop for each element needs, in float32 as XLA rounds it on a CPU and in float64:
 * arithmetic, and the draws that `uniform` and `normal` make from a key and the linear index of an element.
 */
import type { DType } from "../../dtype.js";
import { erfInv, erfInvF32 } from "../erf-inv.js";
import { log1pF32, logF32 } from "../log-f32.js";
import { pow } from "../pow.js";
import { threefryFirst, threefrySecond, threefryXor } from "../threefry.js";

const f = Math.fround;

export interface Real {
  readonly round: (x: number) => number;
  readonly log: (x: number) => number;
  readonly log1p: (x: number) => number;
  readonly pow: (x: number, y: number) => number;
  /** Element `index` of `uniform(key, shape)`, in [0, 1). */
  readonly uniform: (key0: number, key1: number, index: number) => number;
  /** Element `index` of `normal(key, shape)`. */
  readonly normal: (key0: number, key1: number, index: number) => number;
}

const uniformF32 = (key0: number, key1: number, index: number): number =>
  (threefryXor(key0, key1, 0, index) >>> 9) * 2 ** -23;

const float32: Real = {
  round: f,
  log: logF32,
  log1p: log1pF32,
  pow: (x, y) => f(pow(x, y)),
  uniform: uniformF32,
  normal: (key0, key1, index) =>
    f(f(Math.SQRT2) * erfInvF32(f(uniformF32(key0, key1, index) * 2 - (1 - 2 ** -24)))),
};

/** The first word gives the 32 high bits, the second the 20 low ones. */
const uniformF64 = (key0: number, key1: number, index: number): number => {
  const high = threefryFirst(key0, key1, 0, index);
  return (high * 2 ** 20 + (threefrySecond(key0, key1, 0, index) >>> 12)) * 2 ** -52;
};

const float64: Real = {
  round: (x) => x,
  log: Math.log,
  log1p: Math.log1p,
  pow,
  uniform: uniformF64,
  normal: (key0, key1, index) => Math.SQRT2 * erfInv(uniformF64(key0, key1, index) * 2 - (1 - 2 ** -53)),
};

/** The arithmetic of a float dtype. */
export const realOf = (dtype: DType): Real => (dtype === "float64" ? float64 : float32);
