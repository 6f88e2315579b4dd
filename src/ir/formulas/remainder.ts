/** The remainder of integers. */
import { type DType, isFloat } from "../dtype.js";
import type { Machine } from "../machine.js";

/** x - (x / y) y with the sign of x, and x where y is 0, whatever the quotient is there. */
export const remainder = <V>(m: Machine<V>, x: V, y: V, dtype: DType): V | null => {
  if (isFloat(dtype)) return null;
  const [a, b] = [m.share(x), m.share(y)];
  return m.binary("sub", a, m.binary("mul", m.binary("div", a, b), b));
};
