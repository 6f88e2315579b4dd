/** Conversions between dtypes, and the identity that stops derivatives. */
import { type DType, highest, isFloat, lowest } from "../../dtype.js";
import { apply, type Expr } from "../../expr.js";
import type { ScalarFunction } from "../../lowering.js";
import type { Primitive } from "../../primitive.js";
import { float16Nearest } from "../../formulas/float16.js";
import { ofDoubles } from "../../formulas/float64/doubles.js";
import { float16Nearest64 } from "../../formulas/float64/float16.js";
import { roundToFloat16 } from "../../scalar/float16.js";
import { bitcasts } from "../../scalar/bitcast.js";
import { elementwise, type Unary, unary } from "../elementwise.js";

export interface Cast {
  readonly dtype: DType;
}

/** Floats saturate on their way to integers and NaN becomes 0, as on XLA, WASM and WGSL; integers wrap. */
const castScalar = (from: DType, to: DType): ScalarFunction => {
  if (to === "bool") return (x) => (x !== 0 ? 1 : 0);
  if (to === "float16") return roundToFloat16;
  if (!isFloat(from) || isFloat(to)) return (x) => x;
  return (x) => (Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, lowest(to)), highest(to))));
};

const castJs = (x: string, from: DType, to: DType): string => {
  if (from === to) return x;
  if (from === "bool") return `(${x} ? 1 : 0)`;
  if (to === "bool") return `${x} !== 0`;
  if (to === "float16") return `roundToFloat16(${x})`;
  if (!isFloat(from) || isFloat(to)) return x;
  return `Math.min(Math.max(${x}, ${lowest(to)}), ${highest(to)})`;
};

export const castPrimitive: Primitive<Cast> = elementwise<Cast>({
  name: "cast",
  arity: 1,
  accepts: "any",
  result: (_dtypes, { dtype }) => dtype,
  scalar: (from, { dtype }) => castScalar(from, dtype),
  js: ([x], from, { dtype }) => castJs(x!, from, dtype),
  // A float16 in a machine is a float32 that has been rounded.
  formula: (m, [x], from, { dtype }) => {
    if (dtype !== "float16") return m.cast(x!, dtype);
    if (from !== "float64") return float16Nearest(m, m.cast(x!, "float32"));
    // Not by way of float32, which would round twice; a float16 is one.
    const nearest = ofDoubles(m, float16Nearest64, x!);
    return nearest === null ? null : m.cast(nearest, "float32");
  },
  functions: { roundToFloat16 },
  cost: 1,
  jvp: [(t, _args, _out, { dtype }) => (isFloat(dtype) ? cast(t, dtype) : null)],
  transpose: (ct, [x]) => [cast(ct, x!.dtype)],
});

export const cast = (x: Expr, dtype: DType): Expr =>
  x.dtype === dtype ? x : apply(castPrimitive, [x], { dtype });

/** The same bits read as another dtype of the same width. */
export const bitcastPrimitive: Primitive<Cast> = elementwise<Cast>({
  name: "bitcast",
  arity: 1,
  accepts: "any",
  operands: ([from], { dtype }) => bitcasts[`${from!}_${dtype}`] !== undefined,
  wants: ({ dtype }) => `an operand whose bits can be read as ${dtype}`,
  result: (_dtypes, { dtype }) => dtype,
  scalar: (from, { dtype }) => bitcasts[`${from}_${dtype}`]!,
  js: ([x], from, { dtype }) => `${from}_${dtype}(${x})`,
  formula: (m, [x], _from, { dtype }) => m.bits(x!, dtype),
  functions: bitcasts,
  cost: 2,
  jvp: [null],
});

export const bitcast = (x: Expr, dtype: DType): Expr =>
  x.dtype === dtype ? x : apply(bitcastPrimitive, [x], { dtype });

/** The identity, through which no derivative passes. */
export const stopGradient: Unary = unary({
  name: "stopGradient",
  accepts: "any",
  scalar: (x) => x,
  js: (x) => x,
  formula: (_m, x) => x,
  cost: 0,
  jvp: null,
});
