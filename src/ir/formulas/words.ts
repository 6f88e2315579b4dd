/** float32 and int32 operations of a machine under short names. A result that is used twice must be shared. */
import type { Machine } from "../machine.js";
import { type Arithmetic, arithmetic } from "./arithmetic.js";

export interface Words<V> extends Arithmetic<V> {
  /** A float32. */
  readonly f: (x: number) => V;
  /** An int32. */
  readonly i: (x: number) => V;
  readonly fma: (x: V, y: V, z: V) => V;
  readonly and: (x: V, y: V) => V;
  readonly or: (x: V, y: V) => V;
  readonly xor: (x: V, y: V) => V;
  readonly shl: (x: V, distance: number) => V;
  /** Keeps the sign of int32. */
  readonly shr: (x: V, distance: number) => V;
  /** The bits of a float32 as int32. */
  readonly bits: (x: V) => V;
  /** The float32 with these bits. */
  readonly fromBits: (x: V) => V;
  /** The float32 nearest to an int32. */
  readonly toFloat: (x: V) => V;
}

export const words = <V>(m: Machine<V>): Words<V> => ({
  ...arithmetic(m),
  f: (x) => m.constant("float32", Math.fround(x)),
  i: (x) => m.constant("int32", x),
  fma: m.fma,
  and: (x, y) => m.binary("and", x, y),
  or: (x, y) => m.binary("or", x, y),
  xor: (x, y) => m.binary("xor", x, y),
  shl: (x, distance) => m.shift("shl", x, distance),
  shr: (x, distance) => m.shift("shr", x, distance),
  bits: (x) => m.bits(x, "int32"),
  fromBits: (x) => m.bits(x, "float32"),
  toFloat: (x) => m.cast(x, "float32"),
});
