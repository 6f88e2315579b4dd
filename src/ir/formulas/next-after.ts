/** Neighbouring float32 numbers: their bits, as integers, are neighbours. */
import type { Machine } from "../machine.js";
import { words } from "./words.js";

const signBit = -0x8000_0000;

/** The number after x in the direction of y; y where they are equal; NaN where either is. */
export const nextAfter = <V>(m: Machine<V>, x: V, y: V): V => {
  const { f, i, share, add, and, or, lt, eq, select, bits, fromBits } = words(m);
  const [a, b] = [share(x), share(y)];
  const up = share(lt(a, b));
  const step = select(lt(f(0), a), select(up, i(1), i(-1)), select(up, i(-1), i(1)));
  const least = or(and(bits(b), i(signBit)), i(1)); // from 0 on
  const next = fromBits(select(eq(a, f(0)), least, add(bits(a), step)));
  return select(and(eq(a, a), eq(b, b)), select(eq(a, b), b, next), add(a, b));
};
