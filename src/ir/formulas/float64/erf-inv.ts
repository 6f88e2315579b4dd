/** The inverse error function in float64. */
import type { Doubles } from "./doubles.js";
import { logOf } from "./log.js";
import { type Piece, pieceAt } from "./pieces.js";

/** √π / 2, and what it is more than that. */
const slope = 0.886226925452758;
const slopeRest = -3.8332932499128993e-17;

/** (erfInv(x) / x - √π/2) / x² in x², up to x = ½: good to 2⁻⁶⁸ (test/ir/formulas/fit_rational.py, erfInvNear). */
const near: Piece = {
  over: [
    0.2320136665346545, -0.5406089335684021, 0.4354619934914962, -0.1395346399774264, 0.014394345954597024,
    -6.754607583537657e-5,
  ],
  under: [
    1, -2.8798523761711246, 3.087114778611819, -1.5042969742466645, 0.32077069354026816,
    -0.022325339012894168,
  ],
};

/** s - erfInv(1 - exp(-s²)), for s up to 2.2 and up to 6.06: good to 2⁻⁶⁴ of s (erfInvMiddle, erfInvFar). */
const pieces: readonly Piece[] = [
  {
    over: [
      8.8477825785208e-6, 0.9998208840274265, 1.8962349533867309, 3.94156783522359, 3.7322693118537256,
      3.282732456498276, 1.1898334248563474, 0.08228314099480964, 0.00023449450398349775,
    ],
    under: [
      1, 2.7807782305775754, 6.4157336290213625, 8.935915546681727, 10.083097083287218, 7.418797278041333,
      4.1387985882542875, 0.8268400531969679, 0.03410842451994622,
    ],
  },
  {
    over: [
      0.0008795210722158008, 0.9908184275042097, 1.266889768118694, 1.9789257439448678, 1.1697386949738688,
      0.16895440233394823, 0.005633430916855004, 1.1057151454630968e-5, -4.269262221006194e-8,
    ],
    under: [
      1, 2.1057203205449064, 3.999664776178018, 3.929286509996706, 3.2305525043910395, 1.0032683845847963,
      0.0943718112896401, 0.0021201697612176712, 0,
    ],
  },
];

/** Of x² up to ½; beyond of s = √(-log(1 - |x|)), whose argument is exact. ±Infinity at ±1, NaN beyond. */
export const erfInv64 = <V>(d: Doubles<V>, x: V): V => {
  const { f, share, add, sub, mul, sqrt, abs, lt, eq, select, withSignOf } = d;
  const v = share(x);
  const a = share(abs(v));
  const z = share(mul(a, a));
  const curve = add(mul(pieceAt(d, z, [], [near]), z), f(slopeRest));
  const small = add(mul(a, curve), mul(a, f(slope)));
  const s = share(sqrt(sub(f(0), logOf(d, share(sub(f(1), a)), null))));
  const large = sub(s, pieceAt(d, s, [share(lt(s, f(2.2)))], pieces));
  const end = select(eq(a, f(1)), f(Infinity), f(NaN));
  const inside = select(lt(a, f(0.5)), small, large);
  return withSignOf(select(lt(a, f(1)), inside, end), v);
};
