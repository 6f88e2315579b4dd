/** The error function and its complement in float64. */
import type { Doubles } from "./doubles.js";
import { expm1OfSum, ln2High, ln2Low, scaled } from "./exp.js";

/** erf(x) / x - 1 in x², for |x| ≤ ⅞: Chebyshev's approximation, good to 2⁻⁶⁷ (test/ir/formulas/fit_double.py, erf). */
const near = [
  0.1283791670955126, -0.37612638903183754, 0.11283791670955111, -0.026866170645127082, 0.0052239776253798255,
  -0.0008548327017896145, 0.00012055332663917337, -1.4925638153390676e-5, 1.6461792969537698e-6,
  -1.6360014803428394e-7, 1.4735361093692334e-8, -1.1712408593974435e-9, 6.627257021933607e-11,
];

/**
 * (1 + 2x) exp(x²) erfc(x) in (x - 3) / (x + 3) for x from ¾ to 28, a transformation of N. Juffa's: Chebyshev's
 * approximation, good to 2⁻⁶⁰ (erfc).
 */
const [middle, ...bends] = [
  1.2530080582697296, -0.1356211061245812, -0.047562294353451315, 0.1296451587027631, -0.1192736634152635,
  0.06830802734388053, -0.023770514919997182, 0.0025293918181435947, 0.0018886903789065762,
  -0.0007798323001164591, -0.0001051599591458071, 0.00012509960020792843, 4.950234256583556e-6,
  -2.010199523709534e-5, -7.334739216328355e-7, 3.4776467407983757e-6, 3.5882768508637937e-7,
  -6.283096570810666e-7, -1.3867393717255122e-7, 1.1602608266851082e-7, 3.1708505526411185e-8,
  -1.9939340497244726e-8,
] as const;

/** Its first 26 bits: products of two such numbers are exact. */
const headOf = <V>({ shl, shr }: Doubles<V>, x: V): V => shl(shr(x, 27), 27);

/** erfc x for x from ¾ on, within some 2 ulp. */
const tail = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, div, nearest, lesser, polynomial } = d;
  const a = share(lesser(x, f(28))); // from there on it is 0
  // x² in two parts, of which the first is exact, so that exp(-x²) is as good as exp.
  const head = share(headOf(d, a));
  const square = share(mul(head, head));
  const n = share(nearest(mul(square, f(-Math.LOG2E))));
  const high = share(sub(mul(n, f(-ln2High)), square));
  const low = share(add(mul(n, f(ln2Low)), mul(sub(a, head), add(a, head))));
  const r = share(sub(high, low));
  const t = expm1OfSum(d, r, sub(sub(high, r), low));
  const q = share(div(sub(a, f(3)), add(a, f(3))));
  const bent = share(mul(polynomial(q, bends), q));
  const over = share(add(bent, f(middle)));
  const lost = sub(bent, sub(over, f(middle)));
  // The quotient by 1 + 2x as a head and a rest: all of it is rounded once.
  const twice = share(add(a, a));
  const inverse = share(div(f(1), add(twice, f(1))));
  const under = share(headOf(d, add(twice, f(1))));
  const underRest = add(sub(twice, under), f(1));
  const whole = share(mul(over, inverse));
  const y = share(headOf(d, whole));
  const left = sub(sub(over, mul(y, under)), mul(y, underRest));
  const rest = mul(add(left, lost), inverse);
  return scaled(d, add(add(mul(whole, t), rest), y), n);
};

/** exp(x²) erfc(x) in (x - 2) / (x + 2) for x from ⅞ to 6: good to 2⁻⁵⁹ of erf (erfLarge). */
const large = [
  0.2553956763105057, -0.4271858474139605, 0.24165819424248974, -0.07897858101467896, 0.003732892409030782,
  0.006997461664076917, -0.0008471439890360985, -0.0009819776110326795, 4.357435159713579e-5,
  0.00017444935732077214, 2.758168833439131e-5, -2.829460055924799e-5, -1.6653415523519318e-5,
  -3.0780289099832127e-6,
];

/** A polynomial near 0, 1 - erfc x elsewhere, which need not be as good as where it is the result. */
export const erf64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, div, abs, nearest, lesser, lt, select, polynomial, twoTo, withSignOf } = d;
  const v = share(x);
  const a = share(lesser(abs(v), f(6))); // from there on it is 1
  const z = share(mul(a, a));
  const small = add(mul(polynomial(z, near), a), a);
  const n = share(nearest(mul(z, f(-Math.LOG2E))));
  const r = share(sub(mul(n, f(-Math.LN2)), z));
  const e = mul(add(expm1OfSum(d, r, null), f(1)), twoTo(n));
  const q = share(div(sub(a, f(2)), add(a, f(2))));
  return withSignOf(select(lt(a, f(0.875)), small, sub(f(1), mul(polynomial(q, large), e))), v);
};

/** 1 - erf x, or ½ - (erf x - ½), near 0; with full relative accuracy where it underflows. */
export const erfc64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, abs, lt, select, polynomial } = d;
  const v = share(x);
  const a = share(abs(v));
  const z = share(mul(v, v));
  const curve = mul(polynomial(z, near), v);
  const half = share(select(lt(v, f(0.25)), f(0), f(0.5)));
  const small = sub(sub(f(1), half), add(curve, sub(v, half)));
  const far = share(tail(d, a));
  return select(lt(a, f(0.75)), small, select(lt(v, f(0)), sub(f(2), far), far));
};
