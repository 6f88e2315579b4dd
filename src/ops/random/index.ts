/**
 * Random numbers as pure functions of a key, equal to `jax.random` with its default generator (threefry2x32,
 * partitionable): the same key gives the same bits, integers, permutations and uniform and normal numbers; other
 * distributions agree to a few units in the last place.
 */
export { foldIn, key, type KeyOptions, type Keys, split } from "./key.js";
export { bits, type BitsOptions, normal, uniform, type UniformOptions } from "./uniform.js";
export { bernoulli, geometric, type ModeOptions, rademacher, randint } from "./discrete.js";
export { type IntegerOptions, type SampleOptions } from "./parameters.js";
export {
  cauchy,
  exponential,
  laplace,
  logistic,
  pareto,
  rayleigh,
  type Sampler,
  triangular,
  weibullMin,
} from "./continuous.js";
export { doubleSidedMaxwell, lognormal, maxwell, truncatedNormal, wald } from "./normal.js";
export { gumbel, type GumbelMode, type GumbelOptions } from "./gumbel.js";
export { categorical, type CategoricalOptions } from "./categorical.js";
export { choice, type ChoiceOptions, permutation, type PermutationOptions } from "./order.js";
export {
  ball,
  type BallOptions,
  beta,
  chisquare,
  dirichlet,
  f,
  gamma,
  generalizedNormal,
  loggamma,
  t,
} from "./gamma.js";
export { binomial, multinomial, poisson } from "./counts.js";
export { multivariateNormal, orthogonal, type OrthogonalOptions } from "./matrices.js";
