/** Floats rounded to integers. */
import type { ScalarFunction } from "../../lowering.js";
import type { MachineUnary } from "../../machine.js";
import { roundEven } from "../../scalar/round.js";
import { type Unary, unary } from "../elementwise.js";

const rounding = (
  name: string,
  op: MachineUnary,
  scalar: ScalarFunction,
  js: (x: string) => string,
  functions = {},
): Unary => unary({ name, scalar, js, formula: (m, x) => m.unary(op, x), functions, cost: 2, jvp: null });

export const floor: Unary = rounding("floor", "floor", Math.floor, (x) => `Math.floor(${x})`);
export const ceil: Unary = rounding("ceil", "ceil", Math.ceil, (x) => `Math.ceil(${x})`);
/** To the nearest integer, halves to even. */
export const round: Unary = rounding("round", "nearest", roundEven, (x) => `roundEven(${x})`, { roundEven });
