/** log |Γ(x)| in float64 (DLMF 5.5.1, 5.5.3, 5.11.1). */
import type { Doubles } from "./doubles.js";
import { log64, logOf } from "./log.js";
import { type Piece, pieceAt } from "./pieces.js";
import { turn64 } from "./turn.js";

/**
 * log Γ(y) / ((y - 1) (y - 2)) from ½ to 1 in y - ½, good to 2⁻⁶⁶ (test/ir/formulas/fit_rational.py, lgammaHalf); from 1 to 2
 * in y - 1 and from 2 to 3 in y - 2, as in src/ir/scalar/lgamma.ts.
 */
const pieces: readonly Piece[] = [
  {
    over: [
      0.7631532572329335, 4.508462262747869, 10.201162048869067, 11.072650489568698, 5.89410088272053,
      1.3934924342709312, 0.1085068955496925, 0.0006875169150996631,
    ],
    under: [
      1, 6.671530560736708, 17.522590153378705, 22.99208789344773, 15.794060723664863, 5.432098628547611,
      0.8073306487210425, 0.03528352331121571,
    ],
  },
  {
    over: [
      0.5772156649015329, 1.5266184730966004, 1.4930605983586913, 0.6620976499212197, 0.13010128282514377,
      0.009060657389383225, 7.137711555893187e-5, -7.978941098521763e-7,
    ],
    under: [
      1, 3.0696842607718264, 3.621645643899702, 2.0587168639115454, 0.5774290623672858, 0.0725453126933089,
      0.002977597285715616, 0,
    ],
  },
  {
    over: [
      0.42278433509846713, 0.5440100792360197, 0.2553510000648727, 0.053104061827214825,
      0.0046911918684081596, 0.00013366738499181725, 2.772339077568626e-7, 0,
    ],
    under: [
      1, 1.5240095893342613, 0.8876169195913308, 0.24668040558112234, 0.03323727383962931,
      0.001936433097616148, 3.397001639637202e-5, 0,
    ],
  },
];

/** Stirling's series from 8 on: B₂ₖ / (2k (2k - 1)). */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/** log(2π)/2 - ½. */
const constant = 0.4189385332046727;

/** x less a whole number that makes it 3 at most, for x up to 8, and the product of what is between them. */
const descended = <V>(d: Doubles<V>, x: V): readonly [V, V] => {
  const { f, share, sub, mul, lesser, lt, select } = d;
  let y = share(lesser(x, f(8)));
  let product = f(1);
  for (let k = 0; k < 5; k++) {
    const above = share(lt(f(3), y));
    y = share(select(above, sub(y, f(1)), y));
    product = share(select(above, mul(product, y), product));
  }
  return [y, product];
};

/** For finite x > 0. One logarithm serves all: below ½ that of x, up to 8 that of a product, beyond of x again. */
export const lgammaOfPositive64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, div, xor, lt, select, polynomial } = d;
  const v = share(x);
  const small = share(lt(v, f(0.5)));
  const large = share(lt(f(8), v));
  const [y, product] = descended(d, v);
  const whole = share(add(y, select(small, f(1), f(0))));
  const belowOne = share(lt(whole, f(1)));
  const belowTwo = share(lt(whole, f(2)));
  const above = share(select(small, v, sub(y, f(1)))); // y - 1, of y = 1 + x below ½
  const t = select(belowTwo, select(belowOne, sub(y, f(0.5)), above), sub(above, f(1)));
  const near = mul(pieceAt(d, share(t), [belowOne, belowTwo], pieces), mul(sub(above, f(1)), above));
  const argument = select(small, v, select(large, v, product));
  const l = share(logOf(d, share(argument), null, select(large, f(1), f(0))));
  const i = share(div(f(1), v));
  const far = add(add(mul(polynomial(share(mul(i, i)), stirling), i), f(constant)), mul(sub(v, f(0.5)), l));
  const sum = add(near, xor(l, select(small, f(-0), f(0)))); // 0, not -0, at 1
  return select(large, far, sum);
};

/** For x ≥ 0: Infinity at 0. */
export const lgamma64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, abs, eq, select } = d;
  const v = share(abs(x));
  const inside = select(eq(v, f(Infinity)), v, lgammaOfPositive64(d, v));
  return select(eq(v, f(0)), f(Infinity), inside);
};

/** Down to -½ by recurrence: log Γ(1 + x) - log |x|. Below, log(π / |x sin(πx)|) - log Γ(|x|). Infinity at poles. */
export const lgammaOfNegative64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, sub, div, mul, abs, lt, eq, select } = d;
  const v = share(x);
  const a = share(abs(v));
  const near = share(lt(a, f(0.5)));
  const { whole, sine } = turn64(d, v);
  const l = share(log64(d, share(select(near, a, div(f(1), mul(a, sine))))));
  const mirrored = share(lgammaOfPositive64(d, share(select(near, sub(f(1), a), a))));
  const result = select(near, sub(mirrored, l), sub(l, mirrored));
  return select(whole, f(Infinity), select(eq(a, f(Infinity)), f(Infinity), result));
};
