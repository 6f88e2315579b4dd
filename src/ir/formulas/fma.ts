/** x · y + z rounded once, where machines need nothing beyond their own operations for it. */
import type { DType } from "../dtype.js";
import type { Machine } from "../machine.js";
import { hornerOnce } from "./polynomial.js";

const isPowerOfTwo = (x: number | null): boolean =>
  x !== null && x >= 1 && x < 2 ** 64 && Number.isInteger(Math.log2(x)) && 2 ** Math.log2(x) === x;

/**
 * Where y is known to be a power of two, 1 or more, the product is exact. (`random.normal` scales by 2.) In float32
 * machines that cannot round once may round twice.
 */
export const fma = <V>(m: Machine<V>, [x, y, z]: readonly V[], dtype: DType): V | null => {
  if (isPowerOfTwo(m.known(y!))) return m.binary("add", m.binary("mul", x!, y!), z!);
  return dtype === "float32" ? hornerOnce(m, x!, [z!, y!]) : null;
};

/** Where that product overflows and the sum need not. */
export const fmaOverflows = <V>(m: Machine<V>, [x, y]: readonly V[], dtype: DType): V | null =>
  isPowerOfTwo(m.known(y!))
    ? m.compare("eq", m.unary("abs", m.binary("mul", x!, y!)), m.constant(dtype, Infinity))
    : null;

/** (x + z / y) y there: as exact, since what z / y loses then is nothing beside x. */
export const fmaOfLarge = <V>(m: Machine<V>, [x, y, z]: readonly V[]): V =>
  m.binary("mul", m.binary("add", x!, m.binary("div", z!, y!)), y!);
