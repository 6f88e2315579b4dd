/** The complementary error function in float32. */
import type { Machine } from "../machine.js";
import { expm1NearZero, ln2High, ln2Low, magic } from "./exp.js";
import { estrin } from "./polynomial.js";
import { words } from "./words.js";

/** erf(x) / x - 1 in x², for |x| ≤ 0.76. Fitted by test/ir/formulas/fit.py (erfcSmall). */
const near = [0.12837915, -0.3761257, 0.1128289, -0.026814971, 0.005079468, -0.0006523919];

/** x exp(x²) erfc(x) in (x - 3/2) / (x + 3/2), for x from 0.74 to 10.1 (erfc). */
const [middle, ...far] = [
  0.48237813, 0.22845313, -0.21611436, 0.06169416, 0.019834537, -0.008780852, -0.0052688904, 0.00055399153,
  0.0018687607, -0.00041600736,
] as const;

/** For x from 0.74 on: exp(-x²) with x² in two exact parts, times a polynomial, over x. */
const tail = <V>(m: Machine<V>, x: V): V => {
  const { f, i, share, add, sub, mul, div, fma, lesser, and, shl, bits, fromBits } = words(m);
  const a = share(lesser(x, f(10.1))); // from there on it is 0
  const head = share(fromBits(and(bits(a), i(-0x1000))));
  const square = share(mul(head, head));
  const rest = mul(sub(a, head), add(a, head));
  const sum = share(fma(mul(a, f(-Math.LOG2E)), a, f(magic + 191)));
  const n = share(sub(sum, f(magic + 191)));
  // -x² - n log 2: an exact difference, and what is small.
  const r = share(sub(fma(n, f(-ln2High), m.unary("neg", square)), fma(n, f(ln2Low), rest)));
  const t = share(expm1NearZero(m, r));
  const q = share(div(sub(a, f(1.5)), add(a, f(1.5))));
  const p = share(mul(q, estrin(m, q, far)));
  // (middle + p) (1 + t) = product + lost, and its quotient by x as a head and a rest: rounded once.
  const more = share(fma(p, t, fma(t, f(middle), p)));
  const product = share(add(more, f(middle)));
  const lost = sub(more, sub(product, f(middle)));
  const inverse = share(div(f(1), a));
  const quotient = share(fromBits(and(bits(mul(product, inverse)), i(-0x1000))));
  const left = fma(quotient, sub(head, a), sub(product, mul(quotient, head)));
  const result = fma(add(left, lost), inverse, quotient);
  return mul(mul(result, fromBits(shl(bits(sum), 23))), f(2 ** -64));
};

/** 1 - erf(x), with full relative accuracy where it underflows. */
export const erfc = <V>(m: Machine<V>, x: V): V => {
  const { f, share, sub, mul, abs, fma, lt, select } = words(m);
  const v = share(x);
  const a = share(abs(v));
  const z = share(mul(v, v));
  const small = fma(estrin(m, z, near), m.unary("neg", v), sub(f(1), v));
  const far = share(tail(m, a));
  return select(lt(a, f(0.75)), small, select(lt(v, f(0)), sub(f(2), far), far));
};
