/**
 * Exact enough answers (14 digits and more) to hold float32 against: JavaScript's own functions where it has them, and
 * elsewhere textbook series that share nothing with the library's.
 */

/** erf by its Taylor series, in |x| ≤ 3. */
const erfSeries = (x: number): number => {
  let [term, total] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-20 * Math.abs(total); n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
};

/** The alternating series loses digits as x grows; this one, e^{-x²} Σ 2ⁿ x^{2n+1} / (2n+1)!!, has no cancellation. */
const erfStable = (x: number): number => {
  let [term, total] = [x, x];
  for (let n = 1; term > 1e-20 * total; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
};

/** erfc by Legendre's continued fraction, for x > 2; e^{-x²} with x² split in two exact parts. */
const erfcFraction = (x: number): number => {
  let tail = 0;
  for (let k = 200; k > 0; k--) tail = k / 2 / (x + tail);
  const head = Math.fround(x);
  return (Math.exp(-head * head) * Math.exp(-(x - head) * (x + head))) / (x + tail) / Math.sqrt(Math.PI);
};

export const erf = (x: number): number => {
  const a = Math.abs(x);
  if (a > 6 || Number.isNaN(x)) return Math.sign(x);
  return (
    Math.sign(x) * (a < 0.5 ? Math.abs(erfSeries(a)) : a < 3 ? erfStable(a) : 1 - erfcFraction(a)) +
    (x === 0 ? x : 0)
  );
};

export const erfc = (x: number): number => (x > 2 ? (x > 30 ? 0 : erfcFraction(x)) : 1 - erf(x));

/** ζ(k) - 1 for k ≥ 2, by summation with an Euler-Maclaurin tail. */
const zetaMinus1 = Array.from({ length: 60 }, (_, i) => {
  const k = i;
  if (k < 2) return NaN;
  const n = 30;
  let s = 0;
  for (let j = n - 1; j >= 2; j--) s += j ** -k;
  return (
    s +
    n ** (1 - k) / (k - 1) +
    n ** -k / 2 +
    (k * n ** (-k - 1)) / 12 -
    (k * (k + 1) * (k + 2) * n ** (-k - 3)) / 720
  );
});

const gammaEuler = 0.577_215_664_901_532_9;

/** log Γ(2 + z) for |z| ≤ 1/2: (1 - γ) z + Σ (-1)^k (ζ(k) - 1) z^k / k. Exact near its zero at z = 0. */
const lgammaAt2 = (z: number): number => {
  let total = 0;
  for (let k = 59; k >= 2; k--) total += (zetaMinus1[k]! * (-z) ** k) / k;
  return (1 - gammaEuler) * z + total;
};

/** log Γ for x > 0: by recurrence to where a series or Stirling's is exact. */
const lgammaPositive = (x: number): number => {
  if (x < 0.5) return lgammaPositive(x + 1) - Math.log(x);
  if (x < 1.5) return lgammaAt2(x - 1) - Math.log1p(x - 1);
  if (x < 2.5) return lgammaAt2(x - 2);
  let [shift, y] = [1, x];
  while (y < 12) shift *= y++;
  const w = 1 / (y * y);
  const tail =
    (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - (w * 691) / 360_360))))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + tail - Math.log(shift);
};

/** sin πx and cos πx with an exact reduction. */
export const sinPi = (x: number): number => {
  const r = x - 2 * Math.round(x / 2);
  return Math.abs(r) <= 0.5 ? Math.sin(Math.PI * r) : Math.sin(Math.PI * (Math.sign(r) - r));
};
const cosPi = (x: number): number => sinPi(0.5 - Math.abs(x - 2 * Math.round(x / 2)));

export const lgamma = (x: number): number => {
  if (x > 0 || Number.isNaN(x)) return x === Infinity ? Infinity : lgammaPositive(x);
  if (Number.isInteger(x) || x === -Infinity) return Infinity;
  return Math.log(Math.PI / Math.abs(sinPi(x) * x)) - lgammaPositive(-x);
};

/** The only positive zero of digamma, in two parts. */
const [digammaZero, digammaZeroLow] = [1.4616321449683622, 9.549995429965697e-17];

const digammaPositive = (x: number): number => {
  let [sum, y] = [0, x];
  while (y < 15) sum -= 1 / y++;
  const w = 1 / (y * y);
  return (
    Math.log(y) - 0.5 / y - w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - (w * 1) / 132)))) + sum
  );
};

/** ψ near its zero, from ψ(x) - ψ(x₀) = Σ (x - x₀) / ((x + n)(x₀ + n)) with an Euler-Maclaurin tail. */
const digammaNearZero = (x: number): number => {
  const d = x - digammaZero - digammaZeroLow;
  const n = 60;
  let s = 0;
  for (let k = n - 1; k >= 0; k--) s += 1 / ((x + k) * (digammaZero + k));
  // Σ_{k≥n} of 1/((k+a)(k+b)) with both within 0.2 of each other: the midpoint's trigamma tail.
  const y = n + (x + digammaZero) / 2;
  const tail = 1 / y + 0.5 / (y * y) + 1 / (6 * y ** 3) + (d * d) / (12 * y ** 3);
  return d * (s + tail);
};

export const digamma = (x: number): number => {
  if (x > 0 || Number.isNaN(x)) {
    if (x === Infinity) return Infinity;
    return Math.abs(x - digammaZero) < 0.1 ? digammaNearZero(x) : digammaPositive(x);
  }
  if (Number.isInteger(x)) return NaN;
  return digammaPositive(1 - x) - (Math.PI * cosPi(x)) / sinPi(x);
};

export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** log(1 + eˣ). */
export const softplus = (x: number): number =>
  x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
