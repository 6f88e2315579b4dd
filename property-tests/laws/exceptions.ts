/** Which primitives a law does not speak of, and why; how exact backends must be. */
import type { PrimitiveName } from "../../src/transforms/table.js";

/** Nothing to differentiate: results are not floats, or (stopGradient) the derivative is left out on purpose. */
export const withoutDerivative: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>([
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "isNaN",
  "isFinite",
  "and",
  "or",
  "xor",
  "not",
  "shl",
  "shr",
  "bitcast",
  "stopGradient",
  "argmax",
  "argmin",
  "argsort",
  "iota",
  "threefry2x32",
  "poissonRounds",
  "poissonSample",
  "binomialRounds",
  "binomialSample",
  "orthogonalSample",
]);

/** The derivative of a sample by its parameter is that of its distribution function, not of the rejection loop. */
export const implicit: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(["gammaSample"]);

/** Its second derivative is refused. */
export const onceDifferentiable: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(["gammaSlope"]);

/** Reverse mode only: a rule for cotangents says nothing of tangents. */
export const reverseOnly: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(["customVjp"]);

/** Forward mode only: the number of steps is not known, so nothing says how much reverse mode would keep. */
export const forwardOnly: ReadonlySet<PrimitiveName> = new Set<PrimitiveName>(["while"]);

/** A linear map known only by its transpose cannot be evaluated: it has laws of its own, below. */
export const tangentOnly = "customVjpTangent";

/**
 * How far a backend may be from the interpreter, in units in the last place of the largest element; 0 unless given.
 * The order of a reduction is the backend's own, sums in place round at every step and may cancel, and sub-programs
 * may hold either.
 */
const allowedUlps: Partial<Record<PrimitiveName, number>> = {
  sum: 4,
  prod: 4,
  dot: 4,
  cumsum: 4,
  cumprod: 4,
  scatter: 64,
  overlapAdd: 64,
  checkpoint: 64,
  customJvp: 64,
  customVjp: 64,
  scan: 64,
  cond: 64,
  while: 64,
};

/** The same, in addition, where a backend computes by a formula of its own instead of the interpreter's functions. */
const formulaUlps: Partial<Record<PrimitiveName, number>> = {
  rsqrt: 2,
  cbrt: 2,
  exp: 2,
  expm1: 2,
  log: 2,
  log1p: 2,
  sin: 2,
  cos: 2,
  tan: 2,
  asin: 2,
  acos: 2,
  atan: 2,
  atan2: 2,
  sinh: 2,
  cosh: 2,
  tanh: 2,
  asinh: 2,
  acosh: 2,
  atanh: 2,
  logistic: 2,
  erf: 2,
  erfc: 2,
  pow: 4,
  // In float64 the interpreter's functions have errors of that size themselves.
  erfInv: 6,
  lgamma: 8,
  digamma: 8,
  polygamma: 16,
  // In float64 its logarithm is a sum that may cancel; in float32 the bits are the same (test/jit/wasm/samplers.test.ts).
  gammaSample: 256,
};

export const allowedFor = (name: PrimitiveName, backend: string): number =>
  (allowedUlps[name] ?? 0) + (backend === "js" ? 0 : (formulaUlps[name] ?? 0));

/** Gradients are made of several nodes, reductions among them. */
export const gradientUlps = 64;
