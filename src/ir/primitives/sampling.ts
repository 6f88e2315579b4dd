/**
 * Samplers that run a loop for each element. Keys are uint32 operands; an element's place in the whole sample is
 * a uint32 operand too, so that a sample is a function of its operands alone and vmap needs nothing of its own.
 */
import type { DType } from "../dtype.js";
import { FluxionError } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import * as formulas from "../formulas/index.js";
import type { ScalarFunction } from "../lowering.js";
import type { Primitive } from "../primitive.js";
import { logGammaCurvature, logGammaGrad, randomGammaCurvature, randomGammaGrad } from "../scalar/igamma.js";
import {
  binomialRounds as binomialRoundsOf,
  binomialSample as binomialSampleOf,
} from "../scalar/random/binomial.js";
import { gammaSample as gammaSampleOf, logGammaSample as logGammaSampleOf } from "../scalar/random/gamma.js";
import {
  poissonRounds as poissonRoundsOf,
  poissonSample as poissonSampleOf,
} from "../scalar/random/poisson.js";
import { type Real, realOf } from "../scalar/random/real.js";
import { add, div, mul, neg, select, sub, gt } from "./arithmetic.js";
import { elementwise, type None } from "./elementwise.js";
import { fullLike } from "./layout.js";
import { digamma } from "./special.js";
import { exp, log } from "./transcendental.js";

const suffix = (dtype: DType): string => (dtype === "float64" ? "F64" : "F32");

/** `name` of both float dtypes, for the generated code. */
const both = (
  name: string,
  f: (real: Real, ...args: number[]) => number,
): Record<string, ScalarFunction> => ({
  [`${name}F32`]: (...args) => f(realOf("float32"), ...args),
  [`${name}F64`]: (...args) => f(realOf("float64"), ...args),
});

/** All operands but the last `floats` are uint32; those are floats of one dtype. */
const keysThen =
  (floats: number) =>
  (dtypes: readonly DType[]): boolean =>
    dtypes.every((d, i) => d === (i < dtypes.length - floats ? "uint32" : dtypes[dtypes.length - 1]));

// ---- gamma

export interface Gamma {
  /** Whether the sample is the logarithm of a gamma variable. */
  readonly log: boolean;
}

const gammaFunctions = {
  ...both("gammaSample", gammaSampleOf),
  ...both("logGammaSample", logGammaSampleOf),
};
const gammaName = (dtype: DType, { log }: Gamma): string =>
  `${log ? "logGammaSample" : "gammaSample"}${suffix(dtype)}`;

export const gammaSamplePrimitive: Primitive<Gamma> = elementwise<Gamma>({
  name: "gammaSample",
  arity: 3,
  accepts: "float",
  operands: keysThen(1),
  scalar: (dtype, attrs) => gammaFunctions[gammaName(dtype, attrs)]!,
  js: (args, dtype, attrs) => `${gammaName(dtype, attrs)}(${args.join(", ")})`,
  formula: (m, args, dtype, { log }) => formulas.gammaSample(m, args, dtype, log),
  apart: true,
  functions: gammaFunctions,
  cost: 1500,
  jvp: [null, null, (t, [, , a], out, { log }) => mul(t, gammaSlope(a!, out(), log, 1))],
});

/** A gamma sample of shape `a`, or its logarithm, from a key of its own. */
export const gammaSample = (key0: Expr, key1: Expr, a: Expr, log: boolean): Expr =>
  apply(gammaSamplePrimitive, [key0, key1, a], { log });

export interface GammaSlope extends Gamma {
  readonly order: 1 | 2;
}

const slopes: Record<string, ScalarFunction> = {
  randomGammaGrad: randomGammaGrad,
  logGammaGrad: logGammaGrad,
  randomGammaCurvature: randomGammaCurvature,
  logGammaCurvature: logGammaCurvature,
};
const slopeName = ({ log, order }: GammaSlope): string =>
  order === 1
    ? log
      ? "logGammaGrad"
      : "randomGammaGrad"
    : log
      ? "logGammaCurvature"
      : "randomGammaCurvature";

const noThird = (): never => {
  throw new FluxionError(
    "gamma",
    "expected at most two derivatives of a sample by its shape parameter, got a third",
  );
};

/** log x at the sample x, of which `sample` may be the logarithm; 0 where x is 0 (there the slope is 0 too). */
const logOf = (sample: Expr, isLog: boolean): Expr =>
  isLog ? sample : log(select(gt(sample, fullLike(sample, 0)), sample, fullLike(sample, 1)));

/**
 * With P the distribution function and p the density: order 1 is -(∂P/∂a)/p, the derivative of a sample by its shape
 * (M. Figurnov, S. Mohamed, A. Mnih, "Implicit reparameterization gradients", 2018), order 2 is -(∂²P/∂a²)/p; both
 * divided by the sample when that is given as its logarithm. The rules follow from ∂p/∂a = (log x - ψ(a)) p.
 */
export const gammaSlopePrimitive: Primitive<GammaSlope> = elementwise<GammaSlope>({
  name: "gammaSlope",
  arity: 2,
  accepts: "float",
  scalar: (_dtype, attrs) => slopes[slopeName(attrs)]!,
  js: (args, _dtype, attrs) => `${slopeName(attrs)}(${args.join(", ")})`,
  formula: (m, [a, x], dtype, { log, order }) =>
    dtype === "float32" && order === 1 ? formulas.gammaSlope(m, a!, x!, log) : null,
  functions: slopes,
  cost: 500,
  jvp: [
    (t, [a, x], out, attrs) =>
      attrs.order === 2
        ? noThird()
        : mul(t, sub(gammaSlope(a!, x!, attrs.log, 2), mul(out(), sub(logOf(x!, attrs.log), digamma(a!))))),
    (t, [a, x], out, attrs) =>
      attrs.order === 2 ? noThird() : neg(mul(t, slopeBySample(a!, x!, out(), attrs.log))),
  ],
});

/** Minus the derivative of the slope g by the sample: log x - ψ(a) + g·((a - 1)/x - 1), or its form for log x. */
const slopeBySample = (a: Expr, x: Expr, g: Expr, isLog: boolean): Expr => {
  const change = sub(logOf(x, isLog), digamma(a));
  if (isLog) return add(change, mul(g, sub(a, exp(x))));
  const one = fullLike(a, 1);
  const safe = select(gt(x, fullLike(x, 0)), x, one);
  return add(change, mul(g, sub(div(sub(a, one), safe), one)));
};

const gammaSlope = (a: Expr, sample: Expr, log: boolean, order: 1 | 2): Expr =>
  apply(gammaSlopePrimitive, [a, sample], { log, order });

// ---- Poisson and binomial: integers, so without derivatives

const poissonOf: Record<string, ScalarFunction> = {
  poissonRounds: poissonRoundsOf,
  poissonSample: poissonSampleOf,
};

export const poissonRoundsPrimitive: Primitive<None> = elementwise<None>({
  name: "poissonRounds",
  arity: 4,
  accepts: "float",
  operands: (d) => keysThen(1)(d) && d[3] === "float32",
  result: () => "uint32",
  scalar: () => poissonOf["poissonRounds"]!,
  js: (args) => `poissonRounds(${args.join(", ")})`,
  formula: (m, args) => formulas.poissonRounds(m, args),
  apart: true,
  functions: poissonOf,
  cost: 1500,
  jvp: [null, null, null, null],
});

/** Rounds until the element `index` of a sample with the given mean accepts; the shape needs the largest of them. */
export const poissonRounds = (key0: Expr, key1: Expr, index: Expr, mean: Expr): Expr =>
  apply(poissonRoundsPrimitive, [key0, key1, index, mean], {});

export const poissonSamplePrimitive: Primitive<None> = elementwise<None>({
  name: "poissonSample",
  arity: 5,
  accepts: "float",
  operands: (d) => keysThen(1)(d) && d[4] === "float32",
  scalar: () => poissonOf["poissonSample"]!,
  js: (args) => `poissonSample(${args.join(", ")})`,
  formula: (m, args) => formulas.poissonSample(m, args),
  apart: true,
  functions: poissonOf,
  cost: 2000,
  jvp: [null, null, null, null, null],
});

/** The element `index` of a Poisson sample that takes `rounds` rounds; a float32 integer. */
export const poissonSample = (key0: Expr, key1: Expr, index: Expr, rounds: Expr, mean: Expr): Expr =>
  apply(poissonSamplePrimitive, [key0, key1, index, rounds, mean], {});

const binomialOf = {
  ...both("binomialRounds", binomialRoundsOf),
  ...both("binomialSample", binomialSampleOf),
};

export const binomialRoundsPrimitive: Primitive<None> = elementwise<None>({
  name: "binomialRounds",
  arity: 5,
  accepts: "float",
  operands: keysThen(2),
  result: () => "uint32",
  scalar: (dtype) => binomialOf[`binomialRounds${suffix(dtype)}`]!,
  js: (args, dtype) => `binomialRounds${suffix(dtype)}(${args.join(", ")})`,
  formula: (m, args, dtype) => formulas.binomialRounds(m, args, dtype),
  apart: true,
  functions: binomialOf,
  cost: 1500,
  jvp: [null, null, null, null, null],
});

export const binomialRounds = (key0: Expr, key1: Expr, index: Expr, count: Expr, p: Expr): Expr =>
  apply(binomialRoundsPrimitive, [key0, key1, index, count, p], {});

export const binomialSamplePrimitive: Primitive<None> = elementwise<None>({
  name: "binomialSample",
  arity: 6,
  accepts: "float",
  operands: keysThen(2),
  scalar: (dtype) => binomialOf[`binomialSample${suffix(dtype)}`]!,
  js: (args, dtype) => `binomialSample${suffix(dtype)}(${args.join(", ")})`,
  formula: (m, args, dtype) => formulas.binomialSample(m, args, dtype),
  apart: true,
  functions: binomialOf,
  cost: 2500,
  jvp: [null, null, null, null, null, null],
});

export const binomialSample = (
  key0: Expr,
  key1: Expr,
  index: Expr,
  rounds: Expr,
  count: Expr,
  p: Expr,
): Expr => apply(binomialSamplePrimitive, [key0, key1, index, rounds, count, p], {});

export const samplers: Record<
  "gammaSample" | "gammaSlope" | "poissonRounds" | "poissonSample" | "binomialRounds" | "binomialSample",
  Primitive
> = {
  gammaSample: gammaSamplePrimitive,
  gammaSlope: gammaSlopePrimitive,
  poissonRounds: poissonRoundsPrimitive,
  poissonSample: poissonSamplePrimitive,
  binomialRounds: binomialRoundsPrimitive,
  binomialSample: binomialSamplePrimitive,
};
