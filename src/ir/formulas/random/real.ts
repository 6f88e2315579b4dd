/**
 * The arithmetic and the draws of src/ir/scalar/random/real.ts on machines that can repeat: in float32 the bits are the same on
 * those that have float64 (they round products with sums once).
 */
import type { DType } from "../../dtype.js";
import type { Machine, MachineComparison } from "../../machine.js";
import { type Arithmetic, arithmetic } from "../arithmetic.js";
import { erfInv } from "../erf-inv.js";
import { ofDoubles } from "../float64/doubles.js";
import { erfInv64 } from "../float64/erf-inv.js";
import { log1p64, log64 } from "../float64/log.js";
import { pow64 } from "../float64/pow.js";
import { log1pF32, logF32 } from "../log-f32.js";
import { hornerOnce } from "../polynomial.js";
import { pow } from "../pow.js";
import { threefry, threefryWords } from "../threefry.js";

export type Key<V> = readonly [V, V];

export interface Real<V> extends Arithmetic<V> {
  readonly f: (x: number) => V;
  /** A uint32. */
  readonly u: (n: number) => V;
  /** Of uint32. */
  readonly addWords: (x: V, y: V) => V;
  /** x · y + z: in float32 rounded once where there is float64. */
  readonly once: (x: V, y: V, z: V) => V;
  /** 1 / √x, in float32 rounded once where there is float64. */
  readonly inverseRoot: (x: V) => V;
  readonly ceil: (x: V) => V;
  readonly log: (x: V) => V;
  readonly log1p: (x: V) => V;
  readonly pow: (x: V, y: V) => V;
  readonly compare: (op: MachineComparison, x: V, y: V) => V;
  /**
   * Whether a shared value is not NaN. Other comparisons with NaN have no certain answer on graphics cards: what loops compare
   * must be a number.
   */
  readonly isNumber: (x: V) => V;
  /** A shared value, or another where it is NaN. */
  readonly numberOr: (x: V, other: V) => V;
  readonly loop: NonNullable<Machine<V>["loop"]>;
  /** The key that `split` gives at `count`. */
  readonly split: (key: Key<V>, count: number) => Key<V>;
  /** Element `index` of `uniform(key, shape)`, in [0, 1). */
  readonly uniform: (key: Key<V>, index: V) => V;
  /** Element `index` of `normal(key, shape)`. */
  readonly normal: (key: Key<V>, index: V) => V;
}

type Functions<V> = Pick<Real<V>, "once" | "inverseRoot" | "log" | "log1p" | "pow" | "uniform" | "normal">;

const singles = <V>(m: Machine<V>): Functions<V> => {
  const widen = m.inFloat64;
  const f = (x: number): V => m.constant("float32", Math.fround(x));
  const uniform = ([k0, k1]: Key<V>, index: V): V => {
    const word = m.shift("shr", threefry(m, [k0, k1, m.constant("uint32", 0), index], "xor"), 9);
    return m.binary("mul", m.cast(word, "float32"), f(2 ** -23));
  };
  return {
    once: (x, y, z) => hornerOnce(m, x, [z, y]),
    inverseRoot: (x) =>
      widen === undefined
        ? m.binary("div", f(1), m.unary("sqrt", x))
        : widen([x], (w, [y]) => w.binary("div", w.constant("float64", 1), w.unary("sqrt", y!))),
    log: (x) => logF32(m, x),
    log1p: (x) => log1pF32(m, m.share(x)),
    pow: (x, y) =>
      widen === undefined ? pow(m, x, y) : widen([x, y], (w, [a, b]) => ofDoubles(w, pow64, a!, b!)!),
    uniform,
    normal: (key, index) => {
      const twice = m.binary("mul", uniform(key, index), f(2));
      return m.binary("mul", f(Math.SQRT2), erfInv(m, m.binary("sub", twice, f(1 - 2 ** -24))));
    },
  };
};

const doubles = <V>(m: Machine<V>): Functions<V> => {
  const f = (x: number): V => m.constant("float64", x);
  const mul = (x: V, y: V): V => m.binary("mul", x, y);
  const uniform = ([k0, k1]: Key<V>, index: V): V => {
    const [first, second] = threefryWords(m, [k0, k1, m.constant("uint32", 0), index]);
    const high = mul(m.cast(first, "float64"), f(2 ** 20));
    return mul(m.binary("add", high, m.cast(m.shift("shr", second, 12), "float64")), f(2 ** -52));
  };
  return {
    once: (x, y, z) => m.binary("add", mul(x, y), z),
    inverseRoot: (x) => m.binary("div", f(1), m.unary("sqrt", x)),
    log: (x) => ofDoubles(m, log64, x)!,
    log1p: (x) => ofDoubles(m, log1p64, x)!,
    pow: (x, y) => ofDoubles(m, pow64, x, y)!,
    uniform,
    normal: (key, index) => {
      const within = m.binary("sub", mul(uniform(key, index), f(2)), f(1 - 2 ** -53));
      return mul(f(Math.SQRT2), ofDoubles(m, erfInv64, within)!);
    },
  };
};

/** Of float32 or float64; null on machines that cannot repeat, or do not have float64 and would need it. */
export const realOf = <V>(m: Machine<V>, dtype: DType): Real<V> | null => {
  const { loop } = m;
  if (loop === undefined || (dtype === "float64" && m.bits64 === undefined)) return null;
  const u = (n: number): V => m.constant("uint32", n);
  const isNumber = (x: V): V => m.compare("eq", x, x);
  return {
    ...arithmetic(m),
    f: (x) => m.constant(dtype, dtype === "float32" ? Math.fround(x) : x),
    u,
    addWords: (x, y) => m.binary("add", x, y),
    ceil: (x) => m.unary("ceil", x),
    compare: m.compare,
    isNumber,
    numberOr: (x, other) => m.share(m.select(isNumber(x), x, other)),
    loop,
    split: ([k0, k1], count) => threefryWords(m, [k0, k1, u(0), u(count)]),
    ...(dtype === "float32" ? singles(m) : doubles(m)),
  };
};
