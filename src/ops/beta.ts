/**
 * The logarithm of the beta function, log Γ(a) + log Γ(b) − log Γ(a + b).
 *
 * Those terms are large and nearly cancel where an argument is. Above 8 each log Γ is (x − ½) log x − x + ½ log 2π + Δ(x);
 * the large parts are then combined by hand (A. DiDonato and A. Morris, "Algorithm 708", TOMS 1992), and Δ is tiny.
 */
import type { Expr } from "../ir/expr.js";
import * as prim from "../ir/primitives/arithmetic.js";
import { fullLike } from "../ir/primitives/layout.js";
import { lgamma } from "../ir/primitives/special.js";
import { log, log1p } from "../ir/primitives/transcendental.js";

const { add, div, mul, select, sub } = prim;

/** B₂ₖ / (2k (2k − 1)), the coefficients of Stirling's series. */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];

/** Δ(x) for x ≥ 8, to the last bits of a float64. */
const remainder = (x: Expr): Expr => {
  const inverse = div(fullLike(x, 1), x);
  const z = mul(inverse, inverse);
  return mul(
    inverse,
    stirling.reduceRight<Expr>((s, c) => add(mul(s, z), fullLike(x, c)), fullLike(x, 0)),
  );
};

/** b ≥ 8: log Γ(b) − log Γ(a + b) = Δ(b) − Δ(a + b) − (a + b − ½) log(1 + a/b) − a (log b − 1). */
const oneLarge = (a: Expr, b: Expr): Expr => {
  const exponent = add(b, sub(a, fullLike(a, 0.5)));
  const bulk = add(mul(exponent, log1p(div(a, b))), mul(a, sub(log(b), fullLike(b, 1))));
  return add(lgamma(a), sub(sub(remainder(b), remainder(add(a, b))), bulk));
};

/** 8 ≤ a ≤ b: Δ(a) + Δ(b) − Δ(a + b) + ½ log(2π / b) − (a − ½) log(1 + b/a) − b log(1 + a/b). */
const bothLarge = (a: Expr, b: Expr): Expr => {
  const tiny = sub(add(remainder(a), remainder(b)), remainder(add(a, b)));
  const root = mul(fullLike(b, 0.5), log(div(fullLike(b, 2 * Math.PI), b)));
  const bulk = add(mul(sub(a, fullLike(a, 0.5)), log1p(div(b, a))), mul(b, log1p(div(a, b))));
  return add(tiny, sub(root, bulk));
};

/** x where it is at least 8, else 8: a branch that is not taken stays finite, and so do its derivatives. */
const atLeast8 = (x: Expr): Expr => select(isLarge(x), x, fullLike(x, 8));
const isLarge = (x: Expr): Expr => prim.and(prim.ge(x, fullLike(x, 8)), prim.isFinite(x));

/** log B(x, y). */
export const logBeta = (x: Expr, y: Expr): Expr => {
  const ordered = prim.le(x, y);
  const [a, b] = [select(ordered, x, y), select(ordered, y, x)];
  const one = fullLike(a, 1);
  const [aSmall, bSmall] = [select(isLarge(b), one, a), select(isLarge(b), one, b)];
  const small = add(lgamma(aSmall), sub(lgamma(bSmall), lgamma(add(aSmall, bSmall))));
  const mixed = prim.and(isLarge(b), prim.not(isLarge(a)));
  const large = bothLarge(atLeast8(a), atLeast8(b));
  const one8 = oneLarge(select(mixed, a, one), atLeast8(b));
  return select(isLarge(a), large, select(mixed, one8, small));
};
