/** One operand or another: by a condition, or the larger or smaller one. */
import { apply, type Expr } from "../../expr.js";
import type { Primitive } from "../../primitive.js";
import { type Binary, binary, elementwise, type None, type Ternary } from "../elementwise.js";
import { fullLike, zerosOf } from "../layout.js";
import { eq, ge, le } from "./comparison.js";
import { mul } from "./operators.js";

const selectPrimitive: Primitive<None> = elementwise<None>({
  name: "select",
  arity: 3,
  accepts: "any",
  operands: ([c, x, y]) => c === "bool" && x === y,
  wants: () => "a bool condition and operands of equal dtype",
  scalar: () => (c, x, y) => (c !== 0 ? x : y),
  js: ([c, x, y]) => `${c} ? ${x} : ${y}`,
  formula: (m, [c, x, y]) => m.select(c!, x!, y!),
  cost: 1,
  jvp: [null, (t, [c]) => select(c!, t, zerosOf(t.aval)), (t, [c]) => select(c!, zerosOf(t.aval), t)],
  transpose: (ct, [c], [, lx, ly]) => [
    null,
    lx ? select(c!, ct, zerosOf(ct.aval)) : null,
    ly ? select(c!, zerosOf(ct.aval), ct) : null,
  ],
});

/** x where c, else y. */
export const select: Ternary = Object.assign(
  (c: Expr, x: Expr, y: Expr): Expr => apply(selectPrimitive, [c, x, y], {}),
  { primitive: selectPrimitive },
);

/** Share of the tangent that each of two tied operands takes: 1, 1/2 or 0. */
const shareOf = (t: Expr, x: Expr, y: Expr, wins: Binary): Expr => {
  const share = select(eq(x, y), fullLike(x, 0.5), fullLike(x, 1));
  return select(wins(x, y), mul(t, share), zerosOf(t.aval));
};

/** NaN if either operand is. */
export const max: Binary = binary({
  name: "max",
  accepts: "any",
  scalar: (x, y) => Math.max(x, y),
  js: (x, y, dtype) => (dtype === "bool" ? `${x} || ${y}` : `Math.max(${x}, ${y})`),
  formula: (m, x, y) => m.binary("max", x, y),
  cost: 1,
  jvp: [(t, x, y) => shareOf(t, x, y, ge), (t, x, y) => shareOf(t, y, x, ge)],
});

export const min: Binary = binary({
  name: "min",
  accepts: "any",
  scalar: (x, y) => Math.min(x, y),
  js: (x, y, dtype) => (dtype === "bool" ? `${x} && ${y}` : `Math.min(${x}, ${y})`),
  formula: (m, x, y) => m.binary("min", x, y),
  cost: 1,
  jvp: [(t, x, y) => shareOf(t, x, y, le), (t, x, y) => shareOf(t, y, x, le)],
});
