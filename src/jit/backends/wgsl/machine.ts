/** Formulas as WGSL text. Sharing a value declares a name for it; loops are statements. */
import { type DType, highest, isFloat, lowest } from "../../../ir/dtype.js";
import type { Machine, MachineBinary, MachineComparison, MachineUnary, Shift } from "../../../ir/machine.js";
import { type Loop, loopIn } from "./loop.js";
import { literalText, typeOf, wrapped } from "./types.js";
import type { Writer } from "./writer.js";

/** An expression in WGSL. */
export interface Text {
  readonly dtype: DType;
  readonly text: string;
  /** The number that it is, where that is known. */
  readonly known?: number;
  /** A sum of floats, whose rounding a formula may rely on. */
  readonly sum?: boolean;
}

const unaryNames: Partial<Record<MachineUnary, string>> = {
  abs: "abs",
  sqrt: "sqrt",
  floor: "floor",
  ceil: "ceil",
  trunc: "trunc",
  nearest: "round",
};

const operators: Partial<Record<MachineBinary, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  and: "&",
  or: "|",
  xor: "^",
};

const comparisons: Record<MachineComparison, string> = {
  eq: "==",
  ne: "!=",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

/**
 * Compilers may simplify (x + c) - c to x, which is how formulas round: bits that they do not know end that. `zero` is
 * 0 in every run.
 */
const fixed = (x: Text): string => (x.sum === true ? `bitcast<f32>(bitcast<u32>(${x.text}) | zero)` : x.text);

const isName = (text: string): boolean => /^[a-z]\w*$/.test(text);

export class WgslMachine implements Machine<Text> {
  readonly loop: Loop;

  /** Statements go to `writer`. */
  constructor(private readonly writer: Writer) {
    this.loop = loopIn(writer);
  }

  readonly dtypeOf = (x: Text): DType => x.dtype;

  readonly constant = (dtype: DType, x: number): Text => ({ dtype, text: literalText(dtype, x), known: x });

  readonly known = (x: Text): number | null => x.known ?? null;

  readonly share = (x: Text): Text =>
    x.known !== undefined || isName(x.text) ? x : { dtype: x.dtype, text: this.writer.declare(fixed(x)) };

  readonly unary = (name: MachineUnary, x: Text): Text => {
    const { dtype, text } = x;
    if (name === "not") return { dtype, text: dtype === "bool" ? `(!${text})` : wrapped(dtype, `~${text}`) };
    if (name === "neg") {
      // 0 - x is not -x at zero.
      const negative = isFloat(dtype)
        ? `(-${text})`
        : typeOf(dtype) === "u32"
          ? `(0u - ${text})`
          : `(0i - ${text})`;
      return { dtype, text: wrapped(dtype, negative) };
    }
    if (isFloat(dtype)) return { dtype, text: `${unaryNames[name]!}(${text})` };
    return name === "abs" && typeOf(dtype) === "i32" ? { dtype, text: wrapped(dtype, `abs(${text})`) } : x;
  };

  readonly binary = (name: MachineBinary, x: Text, y: Text): Text => {
    const { dtype } = x;
    switch (name) {
      case "lesser":
      case "greater": {
        const [a, b] = [this.share(x), this.share(y)];
        return this.select(name === "lesser" ? this.compare("lt", b, a) : this.compare("lt", a, b), b, a);
      }
      case "min":
      case "max":
        return { dtype, text: this.extreme(name, x, y) };
      case "div": {
        if (isFloat(dtype)) return { dtype, text: `(${x.text} / ${y.text})` };
        return { dtype, text: wrapped(dtype, `div_${typeOf(dtype)}(${x.text}, ${y.text})`) };
      }
      case "shl":
      case "shr": {
        const distance = typeOf(dtype) === "u32" ? y.text : `u32(${y.text})`;
        const shifted = `(${x.text} ${name === "shl" ? "<<" : ">>"} (${distance} & 31u))`;
        return { dtype, text: wrapped(dtype, shifted) };
      }
      default:
        if (dtype === "bool") return { dtype, text: this.logical(name, x.text, y.text) };
        return {
          dtype,
          text: wrapped(dtype, `(${x.text} ${operators[name]!} ${y.text})`),
          sum: isFloat(dtype) && name !== "mul",
        };
    }
  };

  private logical(name: MachineBinary, x: string, y: string): string {
    return name === "xor" ? `(${x} != ${y})` : `(${x} ${name === "and" ? "&" : "|"} ${y})`;
  }

  private extreme(name: "min" | "max", x: Text, y: Text): string {
    if (x.dtype === "bool") return this.logical(name === "min" ? "and" : "or", x.text, y.text);
    return isFloat(x.dtype) ? `${name}_f32(${x.text}, ${y.text})` : `${name}(${x.text}, ${y.text})`;
  }

  readonly shift = (name: Shift, x: Text, distance: number): Text =>
    this.binary(name, x, this.constant(x.dtype, distance));

  readonly compare = (name: MachineComparison, x: Text, y: Text): Text => {
    if (x.dtype === "bool" && name !== "eq" && name !== "ne")
      return { dtype: "bool", text: `(u32(${x.text}) ${comparisons[name]} u32(${y.text}))` };
    if (!isFloat(x.dtype)) return { dtype: "bool", text: `(${x.text} ${comparisons[name]} ${y.text})` };
    // x != x is how a formula asks for NaN; compilers that know no NaN answer it themselves. Their != is false for NaN.
    if (x.text === y.text && (name === "eq" || name === "ne"))
      return { dtype: "bool", text: `(${name === "eq" ? "!" : ""}is_nan(${x.text}))` };
    if (name === "ne") return { dtype: "bool", text: `(!(${x.text} == ${y.text}))` };
    return { dtype: "bool", text: `(${x.text} ${comparisons[name]} ${y.text})` };
  };

  readonly fma = (x: Text, y: Text, z: Text): Text => ({
    dtype: x.dtype,
    text: isFloat(x.dtype)
      ? `fma(${x.text}, ${y.text}, ${z.text})`
      : wrapped(x.dtype, `(${x.text} * ${y.text} + ${z.text})`),
    sum: isFloat(x.dtype),
  });

  readonly select = (c: Text, x: Text, y: Text): Text => ({
    dtype: x.dtype,
    text: `select(${y.text}, ${x.text}, ${c.text})`,
  });

  readonly cast = (x: Text, to: DType): Text => {
    const from = x.dtype;
    if (from === to) return x;
    if (typeOf(from) === "f32" && typeOf(to) === "f32") return { dtype: to, text: x.text };
    if (to === "bool") return this.compare("ne", x, this.constant(from, 0));
    const type = typeOf(to);
    if (isFloat(to) || !isFloat(from)) return { dtype: to, text: wrapped(to, `${type}(${x.text})`) };
    const whole = `to_${type}(${x.text})`;
    if (to === "int32" || to === "uint32") return { dtype: to, text: whole };
    return {
      dtype: to,
      text: `clamp(${whole}, ${literalText(to, lowest(to))}, ${literalText(to, highest(to))})`,
    };
  };

  readonly bits = (x: Text, to: DType): Text =>
    x.dtype === to ? x : { dtype: to, text: wrapped(to, `bitcast<${typeOf(to)}>(${x.text})`) };
}
