/**
 * The price of a European call option (F. Black and M. Scholes, "The pricing of options and corporate liabilities",
 * 1973), written for one option; all Greeks are its derivatives.
 */
import { grad, lift, liftable, sum, type Tensor } from "fluxion";

/** Φ, by its series (G. Marsaglia, "Evaluating the normal distribution", 2004): exact to rounding for |x| < 7. */
export const normalCdf = lift((x: number) => {
  let term = x;
  let total = x;
  for (let k = 3; k < 160; k += 2) {
    term *= (x * x) / k;
    total += term;
  }
  const p = 0.5 + total * Math.exp(-0.5 * x * x) * 0.3989422804014327;
  return x < -7 ? 0 : x > 7 ? 1 : p;
});

const cdf = liftable(normalCdf);

/** The price for a spot price, a strike, volatility, rate and years to go. At expiry, what the option pays. */
export const call = lift(
  (spot: number, strike: number, volatility: number, rate: number, years: number) => {
    if (years <= 0) return Math.max(spot - strike, 0);
    const spread = volatility * Math.sqrt(years);
    const d1 = (Math.log(spot / strike) + (rate + 0.5 * volatility ** 2) * years) / spread;
    return spot * cdf(d1) - strike * Math.exp(-rate * years) * cdf(d1 - spread);
  },
  { cdf },
);

type Options = [spot: Tensor, strike: Tensor, volatility: Tensor, rate: Tensor, years: Tensor];

export interface Greeks {
  readonly delta: Tensor;
  readonly gamma: Tensor;
  readonly vega: Tensor;
  readonly rho: Tensor;
  readonly theta: Tensor;
}

const total = (...option: Options): Tensor => sum(call(...option));

/** The derivatives of many prices at once, each by its own option. */
export const greeks = (...option: Options): Greeks => {
  const [delta, vega, rho, byYears] = grad(total, { argnums: [0, 2, 3, 4] })(...option);
  const [, ...rest] = option;
  const gamma = grad((spot: Tensor) => sum(grad((s: Tensor) => total(s, ...rest))(spot)))(option[0]);
  return { delta, gamma, vega, rho, theta: byYears.neg() };
};
