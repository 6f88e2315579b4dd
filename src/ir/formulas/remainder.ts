/** Remainders with the sign of the dividend. */
import { type DType, isFloat } from "../dtype.js";
import type { Machine } from "../machine.js";
import { floatsBinary, ofDoubles } from "./float64/doubles.js";
import { longQuotient64, remainder64 } from "./float64/remainder.js";
import { withSignOf } from "./sign.js";
import { words } from "./words.js";

/** x - (x / y) y with the sign of x, and x where y is 0, whatever the quotient is there. */
const remainderOfIntegers = <V>(m: Machine<V>, x: V, y: V): V => {
  const [a, b] = [m.share(x), m.share(y)];
  return m.binary("sub", a, m.binary("mul", m.binary("div", a, b), b));
};

/** A step of the division gives so many bits of the quotient, which has 277 at most: 2¹²⁸ / 2⁻¹⁴⁹. */
const bitsPerStep = 16;
const steps = 18;

/** The bits of 2²³: a mantissa with them for its exponent is a whole number in [2²³, 2²⁴). */
const wholeBits = 0x4b00_0000;
const mantissaBits = 0x007f_ffff;

/** A number that is not 0 as n 2ᵉ with a whole n in [2²³, 2²⁴). */
const wholeParts = <V>(m: Machine<V>, x: V): { readonly whole: V; readonly e: V } => {
  const { f, i, share, sub, mul, and, or, shr, lt, select, bits, fromBits } = words(m);
  const subnormal = share(lt(x, f(2 ** -126)));
  const word = share(bits(select(subnormal, mul(x, f(2 ** 24)), x)));
  const whole = share(fromBits(or(and(word, i(mantissaBits)), i(wholeBits))));
  return { whole, e: share(sub(shr(word, 23), select(subnormal, i(24 + 150), i(150)))) };
};

/** 2ⁿ for a whole n from -126 to 127. */
const twoTo = <V>(m: Machine<V>, n: V): V => {
  const { i, add, shl, fromBits } = words(m);
  return fromBits(shl(add(n, i(127)), 23));
};

/** The first bits of a whole number, down to 2^`down`. */
const upperPart = <V>(m: Machine<V>, x: V, down: number): V => {
  const { i, share, and, bits, fromBits } = words(m);
  return share(fromBits(and(bits(x), i(-(2 ** down)))));
};

/**
 * Long division in base 2¹⁶, with quotients rounded to nearest. The divisor is the sum of three numbers of 8 bits, so
 * that products with digits of the quotient are exact, and so is every difference: rounding each once, twice or not at
 * all makes no difference.
 */
const longDivision = <V>(m: Machine<V>, dividend: V, divisor: V, exponent: V): V => {
  const { f, i, share, sub, mul, div, nearest, lesser } = words(m);
  const first = upperPart(m, divisor, 16);
  const second = share(sub(upperPart(m, divisor, 8), first));
  const third = share(sub(sub(divisor, first), second));
  const inverse = share(div(f(1), divisor));
  const reduced = (x: V): V => {
    const q = share(nearest(mul(x, inverse)));
    return share(sub(sub(sub(x, mul(q, first)), mul(q, second)), mul(q, third)));
  };
  let r = reduced(dividend);
  let left = exponent;
  for (let k = 0; k < steps; k++) {
    const by = share(lesser(left, i(bitsPerStep)));
    r = reduced(share(mul(r, twoTo(m, by))));
    left = share(sub(left, by));
  }
  return r;
};

/** x - n y, exact, for the whole n that leaves it the sign of x and less than |y|. */
const remainderOfFloats = <V>(m: Machine<V>, x: V, y: V): V => {
  const { f, i, share, add, sub, mul, abs, greater, and, shr, lt, select } = words(m);
  const [v, w] = [share(x), share(y)];
  const [a, b] = [share(abs(v)), share(abs(w))];
  const [p, q] = [wholeParts(m, a), wholeParts(m, b)];
  const r = longDivision(m, p.whole, q.whole, share(greater(sub(p.e, q.e), i(0))));
  const positive = select(lt(r, f(0)), add(r, q.whole), r);
  const half = share(shr(q.e, 1));
  const result = mul(mul(positive, twoTo(m, half)), twoTo(m, sub(q.e, half)));
  const defined = and(lt(a, f(Infinity)), lt(f(0), b));
  const some = select(lt(a, b), v, withSignOf(m, result, v));
  return select(and(defined, m.compare("eq", b, b)), some, f(NaN));
};

const ofFloats = floatsBinary(remainderOfFloats, remainder64);

export const remainder = <V>(m: Machine<V>, x: V, y: V, dtype: DType): V | null =>
  isFloat(dtype) ? ofFloats(m, x, y, dtype) : remainderOfIntegers(m, x, y);

/** Where that of float64 does not hold. */
export const longQuotient = <V>(m: Machine<V>, x: V, y: V, dtype: DType): V | null =>
  dtype === "float64" ? ofDoubles(m, longQuotient64, x, y) : null;
