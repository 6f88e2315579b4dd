/** Signs as bits. */
import type { Machine } from "../machine.js";
import { words } from "./words.js";

const signBit = -0x8000_0000;

/** x, which is not negative (or has the sign of y already), with the sign of y: ±0 included. */
export const withSignOf = <V>(m: Machine<V>, x: V, y: V): V => {
  const { i, and, or, bits, fromBits } = words(m);
  return fromBits(or(bits(x), and(bits(y), i(signBit))));
};

/** x, negated where y is negative. */
export const flippedBy = <V>(m: Machine<V>, x: V, y: V): V => {
  const { i, and, xor, bits, fromBits } = words(m);
  return fromBits(xor(bits(x), and(bits(y), i(signBit))));
};
