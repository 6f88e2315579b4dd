/** Sines and cosines in float32. */
import type { Machine } from "../machine.js";
import { magic } from "./exp.js";
import { type Angle, hugeAngleParts } from "./huge-angle.js";
import { inParts } from "./parts.js";
import { horner } from "./polynomial.js";
import { flippedBy } from "./sign.js";
import { words } from "./words.js";

/** (sin(r) / r - 1) / r² in r², for |r| ≤ π/4. Fitted by test/ir/formulas/fit.py (sin). */
const [cubic, ...odd] = [-0.16666655, 0.008332187, -0.00019517895] as const;

/** (cos(r) - 1 + r²/2) / r⁴ in r² (cos). */
const even = [0.041666646, -0.001388731, 2.4432327e-5];

/** π/2 - Math.PI / 2. */
const rest = 6.123233995736766e-17;

/**
 * π/2 in four parts (W. J. Cody and W. Waite). A difference is rounded where it is large beside what is left to be
 * subtracted, or not at all: x - n π/2 is within 2⁻⁴⁸, and that however close to 0 it is.
 */
const quarter = inParts(Math.PI / 2, rest, 12, 4);

/** Up to here that is exact enough: at most 2 ulp were measured for all float32 numbers. */
export const largestAngle = 6000;

/** Where x is beyond: too little would be left of it. */
export const hugeAngle = <V>(m: Machine<V>, x: V): V => {
  const { f, abs } = words(m);
  return m.compare("gt", abs(x), f(largestAngle));
};

/**
 * x - n π/2 as a sum. The second is small, or needed to the last bit where the first is; what the first lost in
 * rounding is part of it only where that is asked for.
 */
export const lessQuarters = <V>(m: Machine<V>, x: V, n: V, withLost = false): readonly [V, V] => {
  const { f, fma, mul, sub, share } = words(m);
  const [p0, p1, p2, p3] = quarter.map((part) => f(-part)) as [V, V, V, V];
  const before = share(fma(n, p1, fma(n, p0, x)));
  const most = share(fma(n, p2, before));
  return [most, withLost ? fma(n, p3, fma(n, p2, sub(before, most))) : mul(n, p3)];
};

/** ± sin r or cos r, by the number of quarters; the cosine's part of `more` only where that is `bent` by it. The powers are added so that -0 gives -0. */
const sinOf = <V>(m: Machine<V>, { quarters, r, more }: Angle<V>, bent = false): V => {
  const { f, i, share, add, mul, fma, and, shl, xor, eq, select, bits, fromBits } = words(m);
  const z = share(mul(r, r));
  const z2 = share(mul(z, z));
  const sine = add(fma(fma(z2, horner(m, z, odd), mul(z, f(cubic))), r, more), r);
  const line = fma(z, f(-0.5), f(1));
  const curve = horner(m, z, even);
  const cosine = bent ? add(fma(z2, curve, mul(r, m.unary("neg", more))), line) : fma(z2, curve, line);
  const value = select(eq(and(quarters, i(1)), i(0)), sine, cosine);
  return fromBits(xor(bits(value), shl(and(quarters, i(2)), 30)));
};

/** sin(x + ahead · π/2), where r = x - n π/2 is small. */
const sinAhead = <V>(m: Machine<V>, x: V, ahead: 0 | 1): V => {
  const { f, share, sub, fma, bits } = words(m);
  const sum = share(fma(x, f(2 / Math.PI), f(magic + ahead)));
  const [r, more] = lessQuarters(m, x, share(sub(sum, f(magic + ahead))));
  return sinOf(m, { quarters: share(bits(sum)), r, more });
};

export const sin = <V>(m: Machine<V>, x: V): V => sinAhead(m, m.share(x), 0);
export const cos = <V>(m: Machine<V>, x: V): V => sinAhead(m, m.share(m.unary("abs", x)), 1);

/** The angle of |x| where x is beyond `largestAngle`, and what is to be made of it: NaN at infinities. */
export const ofHugeAngle = <V>(m: Machine<V>, x: V, of: (angle: Angle<V>) => V): V => {
  const { f, share, abs, lt, select } = words(m);
  const a = share(abs(x));
  return select(lt(a, f(Infinity)), of(hugeAngleParts(m, a)), f(NaN));
};

export const hugeSin = <V>(m: Machine<V>, x: V): V => {
  const v = m.share(x);
  return flippedBy(
    m,
    ofHugeAngle(m, v, (angle) => sinOf(m, angle, true)),
    v,
  );
};

export const hugeCos = <V>(m: Machine<V>, x: V): V => {
  const { i, add } = words(m);
  return ofHugeAngle(m, x, (angle) =>
    sinOf(m, { ...angle, quarters: m.share(add(angle.quarters, i(1))) }, true),
  );
};
