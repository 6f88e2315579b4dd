/** Special functions: error function and its inverse, gamma and its logarithmic derivatives. */
import type { DType } from "../dtype.js";
import type { Expr } from "../expr.js";
import { apply } from "../expr.js";
import * as formulas from "../formulas/index.js";
import type { Machine } from "../machine.js";
import type { Primitive } from "../primitive.js";
import { erfInv as erfInvScalar, erfInvF32 } from "../scalar/erf-inv.js";
import { erf as erfScalar, erfc as erfcScalar } from "../scalar/erf.js";
import {
  digamma as digammaScalar,
  lgamma as lgammaScalar,
  polygamma as polygammaScalar,
} from "../scalar/gamma.js";
import { mul, neg } from "./arithmetic.js";
import { elementwise, type None, type Unary, unary, type UnarySpec } from "./elementwise.js";
import { fullLike } from "./layout.js";
import { exp } from "./transcendental.js";

const special = (
  name: string,
  f: (x: number) => number,
  cost: number,
  jvp: (t: Expr, x: Expr, out: () => Expr) => Expr,
  formula: UnarySpec["formula"],
  beyond?: UnarySpec["beyond"],
  otherwise?: UnarySpec["otherwise"],
): Unary =>
  unary({
    name,
    scalar: f,
    js: (x) => `${name}(${x})`,
    ...(formula === undefined ? {} : { formula }),
    ...(beyond === undefined ? {} : { beyond }),
    ...(otherwise === undefined ? {} : { otherwise }),
    functions: { [name]: f },
    cost,
    jvp,
  });

/** 2/√π · exp(-x²), the derivative of erf. */
const gaussian = (x: Expr): Expr => mul(fullLike(x, 2 / Math.sqrt(Math.PI)), exp(neg(mul(x, x))));

export const erf: Unary = special(
  "erf",
  erfScalar,
  25,
  (t, x) => mul(t, gaussian(x)),
  formulas.floats(formulas.erf, formulas.erf64),
);
export const erfc: Unary = special(
  "erfc",
  erfcScalar,
  25,
  (t, x) => neg(mul(t, gaussian(x))),
  formulas.floats(formulas.erfc, formulas.erfc64),
);
export const lgamma: Unary = special(
  "lgamma",
  lgammaScalar,
  60,
  (t, x) => mul(t, digamma(x)),
  formulas.floats(formulas.lgamma, formulas.lgamma64),
  formulas.isNegative,
  formulas.floatsWidened(formulas.lgammaOfNegative, formulas.lgammaOfNegative64),
);
export const digamma: Unary = special(
  "digamma",
  digammaScalar,
  60,
  (t, x) => mul(t, polygamma(x, 1)),
  formulas.floats(formulas.digamma, formulas.digamma64),
  formulas.isNegative,
  formulas.floatsWidened(formulas.digammaOfNegative, formulas.digammaOfNegative64),
);

/** In float32 XLA's own polynomial, on which the bits of `random.normal` depend. */
const erfInvPrimitive: Primitive<None> = elementwise<None>({
  name: "erfInv",
  arity: 1,
  accepts: "float",
  scalar: (dtype) => (dtype === "float32" ? erfInvF32 : erfInvScalar),
  js: ([x], dtype) => (dtype === "float32" ? `erfInvF32(${x})` : `erfInv(${x})`),
  formula: (m, [x], dtype) => formulas.floats(formulas.erfInv, formulas.erfInv64)(m, x!, dtype),
  functions: { erfInv: erfInvScalar, erfInvF32: erfInvF32 },
  cost: 40,
  jvp: [(t, [x], out) => mul(t, mul(fullLike(x!, Math.sqrt(Math.PI) / 2), exp(mul(out(), out()))))],
});

export const erfInv: Unary = Object.assign((x: Expr): Expr => apply(erfInvPrimitive, [x], {}), {
  primitive: erfInvPrimitive,
});

export interface Polygamma {
  /** Order of the derivative of digamma, at least 1. */
  readonly n: number;
}

/** Of low orders in float32 as they are there, else in float64 where a machine has it. */
const polygammaFormula = <V>(m: Machine<V>, x: V, n: number, dtype: DType): V | null => {
  const isSingle = n <= formulas.ordersWithin4 || m.inFloat64 === undefined;
  if (dtype === "float32" && isSingle) return formulas.polygammaOfPositive(m, x, n);
  if (n > formulas.highestOrder64) return null;
  return formulas.widened(m, (d, y) => formulas.polygammaOfPositive64(d, y, n), x, dtype);
};

/** In float64 where a machine can, which is more exact near zeros. */
const polygammaBelow = <V>(m: Machine<V>, x: V, n: number, dtype: DType): V | null => {
  if (n > formulas.highestOrder64) return null;
  const double = formulas.widened(m, (d, y) => formulas.polygammaOfNegative64(d, y, n), x, dtype);
  return double ?? (dtype === "float32" ? formulas.polygammaOfNegative(m, x, n) : null);
};

export const polygammaPrimitive: Primitive<Polygamma> = elementwise<Polygamma>({
  name: "polygamma",
  arity: 1,
  accepts: "float",
  scalar:
    (_dtype, { n }) =>
    (x) =>
      polygammaScalar(n, x),
  js: ([x], _dtype, { n }) => `polygamma(${n}, ${x})`,
  formula: (m, [x], dtype, { n }) => polygammaFormula(m, x!, n, dtype),
  beyond: (m, [x], dtype) => formulas.isNotPositive(m, x!, dtype),
  otherwise: (m, [x], dtype, { n }) => polygammaBelow(m, x!, n, dtype),
  functions: { polygamma: polygammaScalar },
  cost: 100,
  jvp: [(t, [x], _out, { n }) => mul(t, polygamma(x!, n + 1))],
});

/** The n-th derivative of digamma. */
export const polygamma = (x: Expr, n: number): Expr => apply(polygammaPrimitive, [x], { n });

export const specialFunctions: Record<
  "erf" | "erfc" | "erfInv" | "lgamma" | "digamma" | "polygamma",
  Primitive
> = {
  erf: erf.primitive,
  erfc: erfc.primitive,
  erfInv: erfInv.primitive,
  lgamma: lgamma.primitive,
  digamma: digamma.primitive,
  polygamma: polygammaPrimitive,
};
