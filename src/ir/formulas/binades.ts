/** Polynomials of their own for [½, 1), [1, 2), [2, 4) … in the mantissa. */
import type { Machine } from "../machine.js";
import { estrinOf } from "./polynomial.js";
import { words } from "./words.js";

const mantissaBits = 0x007f_ffff;
const oneBits = 0x3f80_0000;

/**
 * p(w) for z = 2ᵉ (3/2 + w): the coefficients are the first ones below `first`, the second ones below twice that, and so
 * on; the last ones from there on.
 */
export const byBinade = <V>(m: Machine<V>, z: V, first: number, rows: readonly (readonly number[])[]): V => {
  const { f, i, share, sub, and, or, lt, select, bits, fromBits } = words(m);
  const below = rows.slice(0, -1).map((_, k) => share(lt(z, f(first * 2 ** k))));
  const w = share(sub(fromBits(or(and(bits(z), i(mantissaBits)), i(oneBits))), f(1.5)));
  const last = rows[rows.length - 1]!;
  const [constant, ...others] = last.map((c, k) =>
    below.reduceRight((rest, isBelow, row) => select(isBelow, f(rows[row]![k]!), rest), f(c)),
  );
  return m.fma(estrinOf(m, w, others), w, constant!); // what is largest is added once
};
