/**
 * The greatest or least of many floats, in vectors. Engines make eight instructions of IEEE's maximum, which knows NaN
 * and that 0 is more than -0; the one of processors knows neither. It is used, and what it forgets is kept beside it:
 * whether there was a NaN, and the signs that all numbers had in common (or that any had).
 */
import { isFloat } from "../../../ir/dtype.js";
import type { Accumulator } from "../../kernel.js";
import type { Bytes } from "./bytes.js";
import { code } from "./module.js";
import { identity } from "./reductions.js";
import type { Coded } from "./scalar.js";
import type { VectorMachine } from "./vector.js";
import type { Writer } from "./writer.js";

/** Its locals. */
export interface Extreme {
  readonly best: number;
  /** All ones where there was a NaN. */
  readonly nan: number;
  readonly signs: number;
}

type Emitter = Pick<Writer<unknown>, "local" | "emit">;

export const isExtreme = ({ op, dtype }: Accumulator): boolean =>
  (op === "max" || op === "min") && isFloat(dtype);

export const startExtreme = (w: Emitter, { op, dtype }: Accumulator, m: VectorMachine): Extreme => {
  const [best, nan, signs] = [w.local("v128"), w.local("v128"), w.local("v128")];
  w.emit(m.constant(dtype, identity(op, dtype)).code, code.set(best));
  w.emit(code.i32x4(0), code.set(nan), code.i32x4(op === "max" ? -1 : 0), code.set(signs));
  return { best, nan, signs };
};

export const addExtreme = (
  w: Emitter,
  e: Extreme,
  { op, dtype }: Accumulator,
  m: VectorMachine,
  x: Coded,
): void => {
  const now = (local: number): Coded => ({ dtype, code: code.get(local) });
  const put = (local: number, value: Bytes): void => w.emit(value, code.set(local));
  put(e.best, m.binary(op === "max" ? "greater" : "lesser", now(e.best), x).code);
  put(e.nan, m.binary("or", now(e.nan), m.compare("ne", x, x)).code);
  put(e.signs, m.binary(op === "max" ? "and" : "or", now(e.signs), x).code);
};

/** What it is so far. */
export const extremeOf = (e: Extreme, { dtype }: Accumulator, m: VectorMachine): Coded => {
  const now = (local: number): Coded => ({ dtype, code: code.get(local) });
  const zero = m.binary("and", now(e.signs), m.constant(dtype, -0));
  const known = m.select(m.compare("eq", now(e.best), m.constant(dtype, 0)), zero, now(e.best));
  return m.binary("or", known, now(e.nan));
};
