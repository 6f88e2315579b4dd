/** lgamma in float32, to the bit as src/ir/scalar/lgamma-f32.ts has it. */
import type { Machine } from "../machine.js";
import { lanczos } from "../scalar/lgamma-f32.js";
import { log1pF32, logF32 } from "./log-f32.js";
import { hornerOnce } from "./polynomial.js";
import { words } from "./words.js";

/** log Γ(x) for x ≥ 1/2. */
export const lgammaF32 = <V>(m: Machine<V>, x: V): V => {
  const { f, share, add, sub, mul, div } = words(m);
  const { base, coefficients, g, logG, reciprocalG, halfLogTwoPi } = lanczos;
  const z = share(sub(x, f(1)));
  const sum = coefficients.reduce((s, c, i) => add(s, div(f(c), add(z, f(i + 1)))), f(base));
  const logT = share(add(f(logG), log1pF32(m, mul(z, f(reciprocalG)))));
  const power = sub(add(z, f(0.5)), div(add(f(g + 0.5), z), logT));
  return add(hornerOnce(m, power, [f(halfLogTwoPi), logT]), logF32(m, sum));
};
