/** One element at a time: bools and integers are i32, floats what they are. */
import { coerce, type DType, highest, isFloat, isUnsigned, lowest } from "../../../ir/dtype.js";
import type {
  Bits64,
  Machine,
  MachineBinary,
  MachineComparison,
  MachineUnary,
  Shift,
} from "../../../ir/machine.js";
import type { Bytes } from "./bytes.js";
import { type Loop, scalarLoop } from "./loop.js";
import { code, type FunctionBuilder } from "./module.js";
import { isOp, op, type ValueType } from "./opcodes.js";

/** Code that pushes one value. */
export interface Coded {
  readonly dtype: DType;
  readonly code: Bytes;
  /** The number that it is, where that is known. */
  readonly known?: number;
}

/** Puts a value into a local and gives the code that reads it. */
export type Share = (type: ValueType, value: Bytes) => Bytes;

export const scalarType = (dtype: DType): ValueType =>
  dtype === "float32" ? "f32" : dtype === "float64" ? "f64" : "i32";

/** Whether code is one instruction, a constant or a local: it may be repeated. */
export const isCheap = ({ code: c }: { readonly code: Bytes }): boolean => {
  const { length } = c;
  if (length > 9) return false;
  switch (c.charCodeAt(0)) {
    case 0x20: // local.get
    case 0x41: // i32.const
      for (let i = 1; i < length; i++) if (c.charCodeAt(i) < 128) return i === length - 1;
      return false;
    case 0x43:
      return length === 5;
    case 0x44:
      return length === 9;
    default:
      return false;
  }
};

export const named = (name: string): Bytes => {
  if (!isOp(name)) throw new Error(`expected an instruction, got ${name}`);
  return op(name);
};

/** An i32 made to hold an int8 or uint8 again. */
export const wrapped = (dtype: DType, x: Bytes): Bytes => {
  if (dtype === "int8") return x + code.i32(24) + op("i32.shl") + code.i32(24) + op("i32.shr_s");
  if (dtype === "uint8") return x + code.i32(255) + op("i32.and");
  return x;
};

const integerOps: Partial<Record<MachineBinary, (u: string) => string>> = {
  add: () => "i32.add",
  sub: () => "i32.sub",
  mul: () => "i32.mul",
  and: () => "i32.and",
  or: () => "i32.or",
  xor: () => "i32.xor",
  shl: () => "i32.shl",
  shr: (u) => `i32.shr_${u}`,
};

export class ScalarMachine implements Machine<Coded> {
  readonly loop?: Loop;

  constructor(
    private readonly keep: Share,
    /** The function that holds nothing else, where there is one. */
    flow: FunctionBuilder | null = null,
  ) {
    if (flow !== null) this.loop = scalarLoop(flow, (x) => scalarType(x.dtype));
  }

  readonly dtypeOf = (x: Coded): DType => x.dtype;

  readonly constant = (dtype: DType, x: number): Coded => ({
    dtype,
    code: dtype === "float32" ? code.f32(x) : dtype === "float64" ? code.f64(x) : code.i32(coerce(dtype, x)),
    known: x,
  });

  readonly known = (x: Coded): number | null => x.known ?? null;

  readonly share = (x: Coded): Coded =>
    isCheap(x) ? x : { dtype: x.dtype, code: this.keep(scalarType(x.dtype), x.code) };

  private make(dtype: DType, ...parts: readonly Bytes[]): Coded {
    return { dtype, code: parts.join("") };
  }

  readonly unary = (name: MachineUnary, x: Coded): Coded => {
    const { dtype } = x;
    if (isFloat(dtype)) return this.make(dtype, x.code, named(`${scalarType(dtype)}.${name}`));
    if (dtype === "bool") return this.make(dtype, x.code, op("i32.eqz"));
    if (name === "not") return this.make(dtype, wrapped(dtype, x.code + code.i32(-1) + op("i32.xor")));
    const s = this.share(x);
    const negative: Bytes = wrapped(dtype, code.i32(0) + s.code + op("i32.sub"));
    if (name === "neg") return this.make(dtype, negative);
    if (name === "abs" && isUnsigned(dtype)) return x;
    if (name === "abs")
      return this.make(dtype, negative, s.code, s.code, code.i32(0), op("i32.lt_s"), op("select"));
    return x; // integers are whole
  };

  readonly binary = (name: MachineBinary, x: Coded, y: Coded): Coded => {
    const { dtype } = x;
    if (name === "lesser") return this.pick("lt", y, x);
    if (name === "greater") {
      const [a, b] = [this.share(x), this.share(y)];
      return this.select(this.compare("lt", a, b), b, a);
    }
    if (isFloat(dtype)) return this.make(dtype, x.code, y.code, named(`${scalarType(dtype)}.${name}`));
    if (dtype === "bool") {
      const logical = {
        and: "i32.and",
        or: "i32.or",
        xor: "i32.xor",
        min: "i32.and",
        max: "i32.or",
      } as const;
      return this.make(dtype, x.code, y.code, named((logical as Record<string, string>)[name]!));
    }
    const u = isUnsigned(dtype) ? "u" : "s";
    const plain = integerOps[name]?.(u);
    if (plain !== undefined) return this.make(dtype, wrapped(dtype, x.code + y.code + named(plain)));
    if (name === "min") return this.pick("lt", x, y);
    if (name === "max") return this.pick("gt", x, y);
    return this.quotient(x, y);
  };

  readonly shift = (name: Shift, x: Coded, distance: number): Coded =>
    this.binary(name, x, this.constant(x.dtype, distance));

  /** x where x OP y, else y. */
  private pick(compare: MachineComparison, x: Coded, y: Coded): Coded {
    const [a, b] = [this.share(x), this.share(y)];
    return this.select(this.compare(compare, a, b), a, b);
  }

  /** Toward zero; x / 0 is all ones, and the one quotient that overflows wraps. */
  private quotient(x: Coded, y: Coded): Coded {
    const { dtype } = x;
    const [a, b] = [this.share(x), this.share(y)];
    const safe = this.share(this.select(this.isZero(b), this.constant(dtype, 1), b));
    const ones = this.constant(dtype, -1);
    if (isUnsigned(dtype))
      return this.select(this.isZero(b), ones, this.make(dtype, a.code, safe.code, op("i32.div_u")));
    const minusOne = this.compare("eq", safe, this.constant(dtype, -1));
    const divisor = this.share(this.select(minusOne, this.constant(dtype, 1), safe));
    const q = this.share(this.make(dtype, a.code, divisor.code, op("i32.div_s")));
    return this.select(this.isZero(b), ones, this.select(minusOne, this.unary("neg", q), q));
  }

  private isZero(x: Coded): Coded {
    return this.make("bool", x.code, op("i32.eqz"));
  }

  /** The remainder of integers, with the sign of x; x where y is 0. */
  readonly remainder = (x: Coded, y: Coded): Coded => {
    const { dtype } = x;
    const [a, b] = [this.share(x), this.share(y)];
    const safe = this.select(this.isZero(b), this.constant(dtype, 1), b);
    const r = this.make(dtype, a.code, safe.code, op(isUnsigned(dtype) ? "i32.rem_u" : "i32.rem_s"));
    return this.select(this.isZero(b), a, r);
  };

  readonly compare = (name: MachineComparison, x: Coded, y: Coded): Coded => {
    const t = scalarType(x.dtype);
    const sign =
      t !== "i32" || name === "eq" || name === "ne"
        ? ""
        : isUnsigned(x.dtype) || x.dtype === "bool"
          ? "_u"
          : "_s";
    return this.make("bool", x.code, y.code, named(`${t}.${name}${sign}`));
  };

  readonly fma = (x: Coded, y: Coded, z: Coded): Coded => this.binary("add", this.binary("mul", x, y), z);

  readonly hornerOnce = (x: Coded, coefficients: readonly Coded[]): Coded => {
    const double = (c: Coded): Coded => this.cast(c, "float64");
    const by = this.share(double(x));
    return coefficients.reduceRight((sum, c) => this.cast(this.fma(double(sum), by, double(c)), "float32"));
  };

  readonly inFloat64: NonNullable<Machine<Coded>["inFloat64"]> = (args, formula) =>
    this.cast(
      formula(
        this,
        args.map((a) => this.share(this.cast(a, "float64"))),
      ),
      "float32",
    );

  readonly select = (c: Coded, x: Coded, y: Coded): Coded =>
    this.make(x.dtype, x.code, y.code, c.code, op("select"));

  readonly cast = (x: Coded, to: DType): Coded => {
    const from = x.dtype;
    if (from === to) return x;
    if (to === "bool") return this.compare("ne", x, this.constant(from, 0));
    if (isFloat(to)) {
      const t = scalarType(to);
      if (from === "float32") return this.make(to, x.code, op("f64.promote_f32"));
      if (from === "float64") return this.make(to, x.code, op("f32.demote_f64"));
      return this.make(to, x.code, named(`${t}.convert_i32_${isUnsigned(from) ? "u" : "s"}`));
    }
    if (!isFloat(from)) return this.make(to, wrapped(to, x.code));
    const t = scalarType(from);
    const whole = named(`i32.trunc_sat_${t}_${isUnsigned(to) ? "u" : "s"}`);
    if (to === "int32" || to === "uint32") return this.make(to, x.code, whole);
    const wide: DType = isUnsigned(to) ? "uint32" : "int32";
    const i = this.make(wide, x.code, whole);
    const least = this.binary("max", i, this.constant(wide, lowest(to)));
    return { ...this.binary("min", least, this.constant(wide, highest(to))), dtype: to };
  };

  private bitwise(name: "and" | "or" | "xor"): (x: Coded, y: Coded) => Coded {
    const word = op("i64.reinterpret_f64");
    return (x, y) =>
      this.make("float64", x.code, word, y.code, word, op(`i64.${name}`), op("f64.reinterpret_i64"));
  }

  private shift64(name: "i64.shl" | "i64.shr_u"): (x: Coded, distance: number) => Coded {
    return (x, distance) =>
      this.make(
        "float64",
        x.code,
        op("i64.reinterpret_f64"),
        code.i64(distance),
        op(name),
        op("f64.reinterpret_i64"),
      );
  }

  readonly bits64: Bits64<Coded> = {
    and: this.bitwise("and"),
    or: this.bitwise("or"),
    xor: this.bitwise("xor"),
    shl: this.shift64("i64.shl"),
    shr: this.shift64("i64.shr_u"),
  };

  readonly bits = (x: Coded, to: DType): Coded => {
    if (x.dtype === to) return x;
    if (x.dtype === "float32") return this.make(to, x.code, op("i32.reinterpret_f32"));
    if (to === "float32") return this.make(to, x.code, op("f32.reinterpret_i32"));
    return this.make(to, wrapped(to, x.code));
  };
}
