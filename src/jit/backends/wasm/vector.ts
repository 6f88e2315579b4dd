/**
 * Four elements of 32 bits, or two float64, at once. Bools are masks: all ones or zero in every lane. int8 and uint8
 * are computed in lanes of 32 bits.
 */
import { coerce, type DType, highest, isUnsigned, lowest } from "../../../ir/dtype.js";
import type {
  Bits64,
  Machine,
  MachineBinary,
  MachineComparison,
  MachineUnary,
  Shift,
} from "../../../ir/machine.js";
import type { Bytes } from "./bytes.js";
import { type Loop, vectorLoop } from "./loop.js";
import { code, type FunctionBuilder } from "./module.js";
import { laneOp, op, shuffle } from "./opcodes.js";
import { type Coded, isCheap, named, ScalarMachine, type Share } from "./scalar.js";

export type Lanes = 2 | 4;

/** Whether vectors of so many lanes hold the dtype. */
export const holds = (lanes: Lanes, dtype: DType): boolean =>
  dtype === "bool" || (dtype === "float64") === (lanes === 2);

const shape = (dtype: DType): "f32x4" | "f64x2" | "i32x4" =>
  dtype === "float32" ? "f32x4" : dtype === "float64" ? "f64x2" : "i32x4";

/** The mask of a bool that is 0 or 1, in every lane. */
const mask = (scalar: Bytes): Bytes => code.i32(0) + scalar + op("i32.sub") + op("i32x4.splat");

/** One scalar in all lanes. */
export const splat = (x: Coded): Coded =>
  x.dtype === "bool"
    ? { dtype: "bool", code: mask(x.code) }
    : { dtype: x.dtype, code: x.code + op(`${shape(x.dtype)}.splat`) };

/** One lane as a scalar. */
export const lane = (lanes: Lanes, x: Coded, i: number): Coded => {
  if (x.dtype === "float32" || x.dtype === "float64")
    return {
      dtype: x.dtype,
      code: x.code + laneOp(x.dtype === "float32" ? "f32x4.extract_lane" : "f64x2.extract_lane", i),
    };
  const word = x.code + laneOp("i32x4.extract_lane", (i * 4) / lanes);
  return { dtype: x.dtype, code: x.dtype === "bool" ? word + code.i32(1) + op("i32.and") : word };
};

/** A vector from scalars. */
export const fromLanes = (lanes: Lanes, xs: readonly Coded[]): Coded => {
  const { dtype } = xs[0]!;
  if (dtype === "bool" && lanes === 2)
    return {
      dtype,
      code:
        mask(xs[0]!.code) +
        [2, 3]
          .map((i) => code.i32(0) + xs[1]!.code + op("i32.sub") + laneOp("i32x4.replace_lane", i))
          .join(""),
    };
  let out = splat(xs[0]!).code;
  xs.slice(1).forEach((x, i) => {
    const scalar = dtype === "bool" ? code.i32(0) + x.code + op("i32.sub") : x.code;
    out += scalar + laneOp(`${shape(dtype)}.replace_lane`, i + 1);
  });
  return { dtype, code: out };
};

export class VectorMachine implements Machine<Coded> {
  readonly scalar: ScalarMachine;
  readonly loop?: Loop;

  constructor(
    private readonly keep: Share,
    readonly lanes: Lanes,
    /** Whether the engine has relaxed SIMD. */
    private readonly relaxed: boolean,
    /** Where a constant comes from: engines make constants inside a loop again in every iteration. */
    private readonly pool: (key: string, bytes: () => Bytes) => Bytes,
    /** The function that holds nothing else, where there is one. */
    flow: FunctionBuilder | null = null,
  ) {
    this.scalar = new ScalarMachine(keep);
    if (flow !== null) this.loop = vectorLoop(flow);
  }

  readonly dtypeOf = (x: Coded): DType => x.dtype;

  readonly constant = (dtype: DType, x: number): Coded => ({
    dtype,
    code: this.pool(`${dtype} ${Object.is(x, -0) ? "-0" : x}`, () => constantOf(dtype, x)),
    known: x,
  });

  readonly known = (x: Coded): number | null => x.known ?? null;

  readonly share = (x: Coded): Coded =>
    isCheap(x) ? x : { dtype: x.dtype, code: this.keep("v128", x.code) };

  private make(dtype: DType, ...parts: readonly Bytes[]): Coded {
    return { dtype, code: parts.join("") };
  }

  /** int8 and uint8 again. */
  readonly narrow = (x: Coded): Coded => {
    if (x.dtype === "int8")
      return this.make(x.dtype, x.code, code.i32(24), op("i32x4.shl"), code.i32(24), op("i32x4.shr_s"));
    if (x.dtype === "uint8")
      return this.make(x.dtype, x.code, this.constant("int32", 255).code, op("v128.and"));
    return x;
  };

  readonly unary = (name: MachineUnary, x: Coded): Coded => {
    const { dtype } = x;
    if (name === "not") return this.narrow(this.make(dtype, x.code, op("v128.not")));
    if (dtype === "float32" || dtype === "float64")
      return this.make(dtype, x.code, named(`${shape(dtype)}.${name}`));
    if (name === "neg") return this.narrow(this.make(dtype, x.code, op("i32x4.neg")));
    if (name === "abs" && !isUnsigned(dtype)) return this.narrow(this.make(dtype, x.code, op("i32x4.abs")));
    return x; // integers are whole
  };

  readonly binary = (name: MachineBinary, x: Coded, y: Coded): Coded => {
    const { dtype } = x;
    if (name === "and" || name === "or" || name === "xor")
      return this.make(dtype, x.code, y.code, op(`v128.${name}`));
    if (dtype === "bool")
      return this.make(dtype, x.code, y.code, op(name === "min" ? "v128.and" : "v128.or"));
    const t = shape(dtype);
    if (t !== "i32x4") {
      if (name === "lesser") return this.make(dtype, x.code, y.code, op(`${t}.pmin`));
      if (name === "greater") return this.make(dtype, x.code, y.code, op(`${t}.pmax`));
      return this.make(dtype, x.code, y.code, named(`${t}.${name}`));
    }
    const sign = isUnsigned(dtype) ? "u" : "s";
    switch (name) {
      case "min":
      case "lesser":
        return this.make(dtype, x.code, y.code, op(`i32x4.min_${sign}`));
      case "max":
      case "greater":
        return this.make(dtype, x.code, y.code, op(`i32x4.max_${sign}`));
      case "shl":
      case "shr":
      case "div":
        return this.laneByLane(dtype, [x, y], ([a, b]) => this.scalar.binary(name, a!, b!));
      default:
        return this.narrow(this.make(dtype, x.code, y.code, named(`i32x4.${name}`)));
    }
  };

  /** Shifts by one distance for all lanes. */
  readonly shift = (name: Shift, x: Coded, distance: number): Coded =>
    this.narrow(
      this.make(
        x.dtype,
        x.code,
        code.i32(distance),
        op(name === "shl" ? "i32x4.shl" : isUnsigned(x.dtype) ? "i32x4.shr_u" : "i32x4.shr_s"),
      ),
    );

  /** A vector from a function of scalars: what has no instruction of its own. */
  laneByLane(dtype: DType, args: readonly Coded[], f: (lane: readonly Coded[]) => Coded): Coded {
    const shared = args.map((a) => this.share(a));
    const out = Array.from({ length: this.lanes }, (_, i) =>
      this.scalar.share({ ...f(shared.map((a) => lane(this.lanes, a, i))), dtype }),
    );
    return fromLanes(this.lanes, out);
  }

  readonly compare = (name: MachineComparison, x: Coded, y: Coded): Coded => {
    const t = shape(x.dtype);
    if (x.dtype === "bool") return this.compareMasks(name, x, y);
    const sign = t !== "i32x4" || name === "eq" || name === "ne" ? "" : isUnsigned(x.dtype) ? "_u" : "_s";
    return this.make("bool", x.code, y.code, named(`${t}.${name}${sign}`));
  };

  /** true > false, but a mask is less than zero. */
  private compareMasks(name: MachineComparison, x: Coded, y: Coded): Coded {
    const [a, b] = name === "gt" || name === "ge" || name === "eq" || name === "ne" ? [y, x] : [x, y];
    const order = { eq: "eq", ne: "ne", lt: "gt_s", gt: "gt_s", le: "ge_s", ge: "ge_s" } as const;
    return this.make("bool", a.code, b.code, op(`i32x4.${order[name]}`));
  }

  readonly fma = (x: Coded, y: Coded, z: Coded): Coded =>
    this.relaxed
      ? this.make(x.dtype, x.code, y.code, z.code, named(`${shape(x.dtype)}.relaxed_madd`))
      : this.binary("add", this.binary("mul", x, y), z);

  /** In float64, half a vector at a time. */
  readonly hornerOnce = (x: Coded, coefficients: readonly Coded[]): Coded => {
    const parts = coefficients.map((c) => this.halves(c));
    const [low, high] = this.halves(x).map((by, half) => {
      const kept = this.keep("v128", by);
      const step = (sum: Bytes, c: readonly Bytes[]): Bytes =>
        sum + kept + op("f64x2.mul") + c[half]! + op("f64x2.add") + rounded;
      return parts.slice(0, -1).reduceRight(step, parts[parts.length - 1]![half]!);
    });
    return this.joined(low!, high!);
  };

  /** Half a vector at a time. */
  readonly inFloat64: NonNullable<Machine<Coded>["inFloat64"]> = (args, formula) => {
    const pairs = args.map((a) => this.halves(a));
    const machine = new VectorMachine(this.keep, 2, this.relaxed, this.pool);
    const [low, high] = [0, 1].map((half) => {
      const own = pairs.map((p): Coded => machine.share({ dtype: "float64", code: p[half]! }));
      return machine.share(formula(machine, own)).code;
    });
    return this.joined(low!, high!);
  };

  /** float32 lanes from those of two vectors of float64. */
  private joined(low: Bytes, high: Bytes): Coded {
    return this.make("float32", low, demote, high, demote, shuffle(lowHalves));
  }

  /** float32 lanes 0 and 1, and 2 and 3, both in front. */
  private lowAndHigh(x: Coded): readonly [Bytes, Bytes] {
    const { code: c } = this.share(x);
    return [c, c + c + shuffle(highFirst)];
  }

  /** The same as float64. */
  private halves(x: Coded): readonly Bytes[] {
    if (x.known !== undefined) {
      const both = this.constant("float64", x.known).code;
      return [both, both];
    }
    return this.lowAndHigh(x).map((half) => half + op("f64x2.promote_low_f32x4"));
  }

  readonly select = (c: Coded, x: Coded, y: Coded): Coded =>
    this.make(x.dtype, x.code, y.code, c.code, op("v128.bitselect"));

  readonly cast = (x: Coded, to: DType): Coded => {
    const from = x.dtype;
    if (from === to) return x;
    if (from === "bool") return this.binary("and", { ...x, dtype: to }, this.constant(to, 1));
    if (to === "bool") return this.compare("ne", x, this.constant(from, 0));
    if (to === "float32")
      return this.make(to, x.code, op(isUnsigned(from) ? "f32x4.convert_i32x4_u" : "f32x4.convert_i32x4_s"));
    if (from !== "float32") return this.narrow({ ...x, dtype: to });
    const whole = this.make(
      to,
      x.code,
      op(isUnsigned(to) ? "i32x4.trunc_sat_f32x4_u" : "i32x4.trunc_sat_f32x4_s"),
    );
    if (to === "int32" || to === "uint32") return whole;
    const wide: DType = isUnsigned(to) ? "uint32" : "int32";
    const least = this.binary("max", { ...whole, dtype: wide }, this.constant(wide, lowest(to)));
    return { ...this.binary("min", least, this.constant(wide, highest(to))), dtype: to };
  };

  private bitwise(name: "and" | "or" | "xor"): (x: Coded, y: Coded) => Coded {
    return (x, y) => this.make("float64", x.code, y.code, op(`v128.${name}`));
  }

  private shift64(name: "i64x2.shl" | "i64x2.shr_u"): (x: Coded, distance: number) => Coded {
    return (x, distance) => this.make("float64", x.code, code.i32(distance), op(name));
  }

  readonly bits64: Bits64<Coded> = {
    and: this.bitwise("and"),
    or: this.bitwise("or"),
    xor: this.bitwise("xor"),
    shl: this.shift64("i64x2.shl"),
    shr: this.shift64("i64x2.shr_u"),
  };

  readonly bits = (x: Coded, to: DType): Coded => ({ ...x, dtype: to });
}

/** The bytes of a vector from the second half of one and the first half of the other. */
const highFirst = Array.from({ length: 16 }, (_, i) => i + 8);

/** Those of the first halves of two vectors. */
const lowHalves = Array.from({ length: 16 }, (_, i) => (i < 8 ? i : i + 8));

const demote = op("f32x4.demote_f64x2_zero");

/** float64 to the precision of float32. */
const rounded: Bytes = demote + op("f64x2.promote_low_f32x4");

const constantOf = (dtype: DType, x: number): Bytes =>
  dtype === "float32"
    ? code.f32x4(x)
    : dtype === "float64"
      ? code.f64x2(x)
      : code.i32x4(dtype === "bool" ? -Number(x !== 0) : coerce(dtype, x));
