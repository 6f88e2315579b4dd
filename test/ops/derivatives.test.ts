/** Every differentiable function of the public API: first and second derivatives against central differences, and vmap against a loop. */
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { grad, stack, sum, tensor, type Tensor, vmap } from "../../src/index.js";

type Function = (x: Tensor) => Tensor;

/** Points in (0, 1), which all domains below are made of, with no ties. */
const unit = tensor([0.31, 0.82, 0.17, 0.55, 0.68, 0.43], { dtype: "float64", shape: [2, 3] });
const other = tensor([0.7, 0.2, 0.9, 0.35, 0.5, 0.6], { dtype: "float64", shape: [2, 3] });
const signed: Function = (x) => fx.sub(fx.mul(x, 4), 2);
const above: Function = (x) => fx.add(x, 1.5);
const some = fx.greater(other, 0.4);

const table: Readonly<Record<string, Function>> = {
  ...Object.fromEntries(
    [
      fx.neg,
      fx.abs,
      fx.square,
      fx.exp,
      fx.exp2,
      fx.expm1,
      fx.sin,
      fx.cos,
      fx.atan,
      fx.sinh,
      fx.cosh,
      fx.tanh,
      fx.asinh,
      fx.sigmoid,
      fx.erf,
      fx.erfc,
      fx.cbrt,
      fx.sinc,
      fx.degrees,
      fx.radians,
      fx.reciprocal,
    ].map((f, i) => [`signed ${i}`, (x: Tensor) => f(signed(x))]),
  ),
  ...Object.fromEntries(
    [
      fx.sqrt,
      fx.rsqrt,
      fx.log,
      fx.log2,
      fx.log10,
      fx.log1p,
      fx.tan,
      fx.asin,
      fx.acos,
      fx.atanh,
      fx.logit,
      fx.erfInv,
      fx.lgamma,
      fx.digamma,
      fx.entr,
    ].map((f, i) => [`unit ${i}`, f]),
  ),
  acosh: (x) => fx.acosh(above(x)),
  polygamma: (x) => fx.polygamma(above(x), 2),
  mod: (x) => fx.mod(fx.mul(x, 7.1), other),
  modBy: (x) => fx.mod(5.3, x),
  rem: (x) => fx.rem(signed(x), other),
  pow: (x) => fx.pow(x, other),
  powBy: (x) => fx.pow(other, x),
  pow4: (x) => fx.pow(signed(x), 4),
  pow7: (x) => fx.pow(signed(x), 7),
  hypot: (x) => fx.hypot(signed(x), other),
  logaddexp: (x) => fx.logaddexp(signed(x), other),
  logaddexp2: (x) => fx.logaddexp2(other, signed(x)),
  atan2: (x) => fx.atan2(signed(x), other),
  xlogy: (x) => fx.xlogy(x, above(x)),
  xlog1py: (x) => fx.xlog1py(other, x),
  betaln: (x) => fx.betaln(above(x), other),
  betalnMixed: (x) => fx.betaln(x, fx.mul(above(x), 20)),
  betalnLarge: (x) => fx.betaln(fx.mul(above(x), 9), fx.mul(above(x), 20)),
  lerp: (x) => fx.lerp(other, x, x),
  where: (x) => fx.where(some, fx.exp(x), fx.sin(x)),
  clip: (x) => fx.mul(x, fx.clip(x, 0.3, 0.6)),
  maximum: (x) => fx.mul(fx.maximum(x, other), fx.minimum(x, 0.5)),
  copysign: (x) => fx.copysign(fx.square(signed(x)), signed(other)),
  nanToNum: (x) => fx.nanToNum(fx.square(x)),
  cast: (x) => fx.mul(fx.square(x), fx.cast(fx.floor(fx.mul(other, 3)), "float64")),
  sum: (x) => fx.sum(fx.square(x), { axis: 0 }),
  prod: (x) => fx.prod(x, { axis: 1 }),
  mean: (x) => fx.mean(fx.square(x), { where: some }),
  max: (x) => fx.max(fx.square(x), { axis: 1 }),
  min: (x) => fx.min(fx.square(x)),
  ptp: (x) => fx.ptp(fx.square(x), { axis: 0 }),
  var: (x) => fx.variance(x, { axis: 1, ddof: 1 }),
  varWhere: (x) => fx.variance(x, { where: some }),
  std: (x) => fx.std(x, { axis: 0 }),
  average: (x) => fx.average(x, { axis: 1, weights: fx.square(x) }),
  cov: fx.cov,
  corrcoef: (x) => fx.slice(fx.corrcoef(x), [0, 1], [1, 1]),
  logsumexp: (x) => fx.logsumexp(signed(x), { axis: 1 }),
  logsumexpWhere: (x) => fx.logsumexp(signed(x), { where: some }),
  norm: (x) => fx.norm(x, { axis: 1 }),
  norm3: (x) => fx.norm(signed(x), { ord: 3, axis: 0 }),
  normHalf: (x) => fx.norm(signed(x), { ord: 0.5, axis: 0 }),
  normFro: (x) => fx.norm(x, { ord: "fro" }),
  normOne: (x) => fx.square(fx.norm(signed(x), { ord: 1 })),
  normInf: (x) => fx.square(fx.norm(signed(x), { ord: Infinity, axis: 1 })),
  cumsum: (x) => fx.square(fx.cumsum(x)),
  cumprod: (x) => fx.cumprod(x, { axis: 1 }),
  cummax: (x) => fx.cummax(fx.square(x), { axis: 1, reverse: true }),
  cumlogsumexp: (x) => fx.cumlogsumexp(signed(x), { axis: 1 }),
  diff: (x) => fx.diff(fx.square(x), { n: 2, prepend: 0 }),
  quantile: (x) => fx.square(fx.quantile(x, 0.3, { axis: 0 })),
  quantiles: (x) => fx.square(fx.quantile(x, tensor([0.1, 0.8], { dtype: "float64" }))),
  median: (x) => fx.square(fx.median(x)),
  nanmean: (x) => fx.nanmean(fx.where(some, fx.square(x), NaN)),
  nanvar: (x) => fx.nanvar(fx.where(some, x, NaN)),
  nanquantile: (x) => fx.square(fx.nanquantile(fx.where(some, x, NaN), 0.4)),
  nanprod: (x) => fx.nanprod(fx.where(some, x, NaN)),
  tril: (x) => fx.tril(fx.square(x)),
  diagonal: (x) => fx.diagonal(fx.square(x), { offset: 1 }),
  diag: (x) => fx.diag(fx.square(fx.ravel(x)), { k: -1 }),
  matrixTrace: (x) => fx.matrixTrace(fx.square(x)),
  linspace: (x) => fx.square(fx.linspace(x, other, 4)),
  logspace: (x) => fx.logspace(x, other, 3),
  geomspace: (x) => fx.geomspace(x, other, 3),
  vander: (x) => fx.vander(fx.ravel(x)),
  meshgrid: (x) => fx.square(fx.meshgrid(fx.ravel(x), tensor([1, 2], { dtype: "float64" }))[0]!),
  polyval: (x) => fx.polyval(fx.ravel(x), x),
  interp: (x) => fx.square(fx.interp(x, tensor([0, 0.4, 1]), tensor([0, 1, 5]))),
  trapezoid: (x) => fx.trapezoid(fx.square(x), { x: fx.cumsum(x, { axis: 1 }) }),
  bincount: (x) =>
    fx.square(
      fx.bincount(
        tensor(
          [
            [0, 1, 1],
            [2, 0, 1],
          ],
          { dtype: "int32" },
        ),
        { length: 3, weights: x },
      ),
    ),
};

/** Weights that tell the elements of a result apart. */
const weighted = (y: Tensor): Tensor => {
  const w = fx.add(fx.mul(fx.arange(y.size, { dtype: "float64" }), 0.37), 0.5);
  return sum(fx.mul(fx.ravel(y), w));
};

const direction = tensor([0.3, -0.7, 0.2, 0.9, -0.4, 0.6], { dtype: "float64", shape: [2, 3] });

/** The derivative of f along `direction`, by Richardson's extrapolation of central differences. */
const difference = (f: Function, x: Tensor): number => {
  const central = (h: number): number =>
    (f(fx.add(x, fx.mul(direction, h))).item() - f(fx.sub(x, fx.mul(direction, h))).item()) / (2 * h);
  const h = 2e-4;
  return (4 * central(h / 2) - central(h)) / 3;
};

const near = (got: number, want: number): void =>
  expect(Math.abs(got - want) / (1 + Math.abs(want)), `${got} for ${want}`).toBeLessThan(2e-6);

describe.each(Object.entries(table))("%s", (_, f) => {
  const value: Function = (x) => weighted(f(x));
  const slope: Function = (x) => sum(fx.mul(grad(value)(x), direction));
  test("first derivative", () => near(slope(unit).item(), difference(value, unit)));
  test("second derivative", () =>
    near(sum(fx.mul(grad(slope)(unit), direction)).item(), difference(slope, unit)));
  test("vmap is a loop", () => {
    const batch = stack([unit, fx.mul(other, 0.9), fx.add(fx.mul(unit, 0.5), 0.1)]);
    const looped = [0, 1, 2].map((i) => f(fx.take(batch, i, { axis: 0 })).dataSync());
    const mapped = vmap(f)(batch).dataSync();
    const size = mapped.length / 3;
    looped.forEach((row, i) => row.forEach((v, k) => near(mapped[i * size + k]!, v)));
  });
});
