/** float64 operations of a machine under short names. A result that is used twice must be shared. */
import type { DType } from "../../dtype.js";
import type { Bits64, Machine } from "../../machine.js";
import { type Arithmetic, arithmetic } from "../arithmetic.js";

export interface Doubles<V> extends Arithmetic<V>, Bits64<V> {
  readonly f: (x: number) => V;
  /** c₀ + c₁x + c₂x² + …, neighbours joined first (G. Estrin). */
  readonly polynomial: (x: V, coefficients: readonly number[]) => V;
  /** The same for coefficients that are values. */
  readonly polynomialOf: (x: V, coefficients: readonly V[]) => V;
  /** x, which is not negative (or has the sign of y already), with the sign of y: ±0 included. */
  readonly withSignOf: (x: V, y: V) => V;
  /** 2ⁿ for a whole n from -1022 to 1023. */
  readonly twoTo: (n: V) => V;
}

/** What is added to a whole number n for its low bits to be those of n + 1023, the exponent of 2ⁿ. */
const exponentMagic = 2 ** 52 + 1023;

const polynomialOf = <V>(m: Machine<V>, x: V, coefficients: readonly V[]): V => {
  let terms = coefficients;
  for (let power = x; terms.length > 1;) {
    const by = power;
    const pairs = terms.filter((_, k) => k % 2 === 0);
    const others = terms.filter((_, k) => k % 2 === 1);
    terms = pairs.map((t, k) =>
      k < others.length ? m.binary("add", m.binary("mul", others[k]!, by), t) : t,
    );
    if (terms.length > 1) power = m.share(m.binary("mul", by, by));
  }
  return terms[0]!;
};

const doublesOf = <V>(m: Machine<V>, bits: Bits64<V>): Doubles<V> => {
  const f = (x: number): V => m.constant("float64", x);
  return {
    ...arithmetic(m),
    ...bits,
    f,
    polynomial: (x, coefficients) => polynomialOf(m, x, coefficients.map(f)),
    polynomialOf: (x, coefficients) => polynomialOf(m, x, coefficients),
    withSignOf: (x, y) => bits.or(x, bits.and(y, f(-0))),
    twoTo: (n) => bits.shl(m.binary("add", n, f(exponentMagic)), 52),
  };
};

/** A formula in float64 of some operands, on machines that have its bits. */
export const ofDoubles = <V, Xs extends readonly V[]>(
  m: Machine<V>,
  formula: (d: Doubles<V>, ...xs: Xs) => V,
  ...xs: Xs
): V | null => (m.bits64 === undefined ? null : formula(doublesOf(m, m.bits64), ...xs));

/** A formula in float32 and one in float64. */
export const floats =
  (single: <V>(m: Machine<V>, x: V) => V, double: <V>(d: Doubles<V>, x: V) => V) =>
  <V>(m: Machine<V>, x: V, dtype: DType): V | null =>
    dtype === "float32" ? single(m, x) : ofDoubles(m, double<V>, x);

export const floatsBinary =
  (single: <V>(m: Machine<V>, x: V, y: V) => V, double: <V>(d: Doubles<V>, x: V, y: V) => V) =>
  <V>(m: Machine<V>, x: V, y: V, dtype: DType): V | null =>
    dtype === "float32" ? single(m, x, y) : ofDoubles(m, double<V>, x, y);

/** A formula in float64 for float64 operands, and for float32 ones on machines that can widen them. */
export const widened = <V>(
  m: Machine<V>,
  formula: (d: Doubles<V>, x: V) => V,
  x: V,
  dtype: DType,
): V | null => {
  if (dtype === "float64") return ofDoubles(m, formula, x);
  return m.inFloat64 === undefined ? null : m.inFloat64([x], (wide, [y]) => ofDoubles(wide, formula, y!)!);
};

/** The same, and for float32 a formula of its own on machines that cannot. */
export const floatsWidened =
  (single: <V>(m: Machine<V>, x: V) => V, double: <V>(d: Doubles<V>, x: V) => V) =>
  <V>(m: Machine<V>, x: V, dtype: DType): V | null =>
    widened(m, double<V>, x, dtype) ?? (dtype === "float32" ? single(m, x) : null);
