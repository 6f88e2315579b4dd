/** The logarithmic derivative of Γ in float64 (DLMF 5.5.2, 5.5.4, 5.11.2). */
import type { Doubles } from "./doubles.js";
import { logOf } from "./log.js";
import { type Piece, pieceAt } from "./pieces.js";
import { turn64 } from "./turn.js";

/** The positive zero in three parts; the difference from the first is exact near it. */
const zero = [1.4616321437060833, 1.2622790417082808e-9, 1.8248865969093942e-18] as const;

/**
 * digamma(x) / (x - zero) from 1 to 2 in x - 1, as in src/ir/scalar/digamma.ts; digamma(x) from 2 to 4½ in x - 2 and from
 * there to 10 in x - 4½, good to 2⁻⁶² (test/ir/formulas/fit_rational.py, digamma2 and digamma4).
 */
const pieces: readonly Piece[] = [
  {
    over: [
      1.2503801375034054, 1.8675925104074453, 0.9711327526262392, 0.21631407251432455, 0.01996408274151926,
      0.0005811135063985677, 1.0894678528383955e-6, 0,
    ],
    under: [
      1, 2.1771665986671342, 1.6630736963665909, 0.5710455727133128, 0.09111902253303285,
      0.006100975692434821, 0.00012043151172286901, 0,
    ],
  },
  {
    over: [
      0.42278433509846713, 1.2235996072884654, 0.980659628364873, 0.3381281904090245, 0.05570630880251556,
      0.004270964165086942, 0.00013000669298438591, 9.855074127534997e-7,
    ],
    under: [
      1, 1.3687014688126202, 0.7095682172617244, 0.1767705531329606, 0.0220583808412857,
      0.0012974321141562954, 2.965445639393307e-5, 1.5223119613657965e-7,
    ],
  },
  {
    over: [
      1.388870926359529, 1.2080308767699899, 0.39673139383016054, 0.06277724102667027, 0.0050129541900419345,
      0.00019146050894723124, 2.9339069350803418e-6, 1.1146913304669252e-8,
    ],
    under: [
      1, 0.6907090900415678, 0.18411582390191733, 0.023895806098462345, 0.001565866032816584,
      4.851163177927343e-5, 5.830171977664994e-7, 1.5639876214777154e-9,
    ],
  },
];

/** x² (log x - 1/(2x) - digamma(x)) in 1/x², from 10 on: B₂ₖ / 2k. */
const tail = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160];

/** For finite x > 0: rational functions up to 10, of 1 + x less 1/x below 1, an asymptotic series beyond. */
const digammaOfPositive64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, div, lt, select, polynomial } = d;
  const v = share(x);
  const small = share(lt(v, f(1)));
  const z = share(select(small, add(v, f(1)), v));
  const belowTwo = share(lt(z, f(2)));
  const belowMiddle = share(lt(z, f(4.5)));
  const distance = sub(sub(sub(z, f(zero[0])), f(zero[1])), f(zero[2]));
  const t = share(sub(z, select(belowTwo, f(1), select(belowMiddle, f(2), f(4.5)))));
  const value = mul(pieceAt(d, t, [belowTwo, belowMiddle], pieces), select(belowTwo, distance, f(1)));
  const i = share(div(f(1), v));
  const near = sub(value, select(small, i, f(0)));
  const square = share(mul(i, i));
  const less = add(mul(polynomial(square, tail), square), mul(i, f(0.5)));
  return select(lt(v, f(10)), near, sub(logOf(d, v, null), less));
};

/** For x ≥ 0: NaN at 0. */
export const digamma64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, abs, lt, select } = d;
  const v = share(abs(x));
  const inside = select(lt(v, f(Infinity)), digammaOfPositive64(d, v), v);
  return select(lt(f(0), v), inside, f(NaN));
};

/** ψ(1 - x) - π cot(πx); NaN at poles. */
export const digammaOfNegative64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, sub, select } = d;
  const v = share(x);
  const { whole, cotangent } = turn64(d, v);
  const result = sub(digammaOfPositive64(d, share(sub(f(1), v))), cotangent);
  return select(whole, f(NaN), result);
};
