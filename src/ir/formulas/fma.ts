/** x · y + z rounded once. */
import type { DType } from "../dtype.js";
import type { Machine } from "../machine.js";
import { ofDoubles } from "./float64/doubles.js";
import { fma64, fmaAnywhere64, fmaFar64 } from "./float64/fma.js";
import { hornerOnce } from "./polynomial.js";

const isPowerOfTwo = (x: number | null): boolean =>
  x !== null && x >= 1 && x < 2 ** 64 && Number.isInteger(Math.log2(x)) && 2 ** Math.log2(x) === x;

/**
 * Where y is known to be a power of two, 1 or more, the product is exact. (`random.normal` scales by 2.) In float32
 * machines that cannot round once may round twice.
 */
export const fma = <V>(m: Machine<V>, [x, y, z]: readonly V[], dtype: DType): V | null => {
  if (isPowerOfTwo(m.known(y!))) return m.binary("add", m.binary("mul", x!, y!), z!);
  return dtype === "float32" ? hornerOnce(m, x!, [z!, y!]) : ofDoubles(m, fma64<V>, x!, y!, z!);
};

/** Where parts of that overflow and the sum need not, or where they underflow. */
export const fmaFar = <V>(m: Machine<V>, [x, y, z]: readonly V[], dtype: DType): V | null => {
  if (isPowerOfTwo(m.known(y!)))
    return m.compare("eq", m.unary("abs", m.binary("mul", x!, y!)), m.constant(dtype, Infinity));
  return dtype === "float32" ? null : ofDoubles(m, fmaFar64<V>, x!, y!, z!);
};

/** What it is there; by a power of two (x + z / y) y, as exact, since what z / y loses then is nothing beside x. */
export const fmaThere = <V>(m: Machine<V>, [x, y, z]: readonly V[], dtype: DType): V | null => {
  if (isPowerOfTwo(m.known(y!))) return m.binary("mul", m.binary("add", x!, m.binary("div", z!, y!)), y!);
  return dtype === "float32" ? null : ofDoubles(m, fmaAnywhere64<V>, x!, y!, z!);
};
