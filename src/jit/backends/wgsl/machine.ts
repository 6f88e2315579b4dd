/** Formulas as WGSL text. Sharing a value declares a name for it; loops are statements. */
import { type DType, highest, isFloat, lowest } from "../../../ir/dtype.js";
import type { Machine, MachineBinary, MachineComparison, MachineUnary, Shift } from "../../../ir/machine.js";
import { type Loop, loopIn } from "./loop.js";
import { alike, type Text } from "./text.js";
import { literalText, typeOf, widened, wrapped } from "./types.js";
import type { Writer } from "./writer.js";

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
const fixed = ({ text, sum, wide }: Text): string => {
  if (sum !== true) return text;
  return wide === true
    ? `bitcast<vec4<f32>>(bitcast<vec4<u32>>(${text}) | vec4<u32>(zero))`
    : `bitcast<f32>(bitcast<u32>(${text}) | zero)`;
};

const isName = (text: string): boolean => /^[a-z]\w*$/.test(text);

/** The function of the preamble for an element, or for four. */
const functionOf = (name: string, wide: boolean): string => (wide ? `${name}_4` : name);

export class WgslMachine implements Machine<Text> {
  /** Whether loops are of four neighbours at once. */
  inLanes = false;

  /** Statements go to `writer`. */
  constructor(private readonly writer: Writer) {}

  readonly loop: Loop = (...parts) => loopIn(this.writer, this.inLanes)(...parts);

  readonly dtypeOf = (x: Text): DType => x.dtype;

  readonly constant = (dtype: DType, x: number): Text => ({ dtype, text: literalText(dtype, x), known: x });

  readonly known = (x: Text): number | null => x.known ?? null;

  readonly share = (x: Text): Text =>
    x.known !== undefined || isName(x.text) ? x : { ...x, text: this.writer.declare(fixed(x)), sum: false };

  readonly unary = (name: MachineUnary, x: Text): Text => {
    const { dtype, text } = x;
    const wide = x.wide === true;
    if (name === "not")
      return { dtype, wide, text: dtype === "bool" ? `(!${text})` : wrapped(dtype, `~${text}`, wide) };
    if (name === "neg") {
      // 0 - x is not -x at zero.
      const negative = isFloat(dtype)
        ? `(-${text})`
        : typeOf(dtype) === "u32"
          ? `(0u - ${text})`
          : `(0i - ${text})`;
      return { dtype, wide, text: wrapped(dtype, negative, wide) };
    }
    if (isFloat(dtype)) return { dtype, wide, text: `${unaryNames[name]!}(${text})` };
    return name === "abs" && typeOf(dtype) === "i32"
      ? { dtype, wide, text: wrapped(dtype, `abs(${text})`, wide) }
      : x;
  };

  readonly binary = (name: MachineBinary, x: Text, y: Text): Text => {
    const { dtype } = x;
    if (name === "lesser" || name === "greater") {
      const [a, b] = [this.share(x), this.share(y)];
      return this.select(name === "lesser" ? this.compare("lt", b, a) : this.compare("lt", a, b), b, a);
    }
    const { texts, wide } = alike(x, y);
    const [a, b] = texts as [string, string];
    const of = (text: string): Text => ({ dtype, wide, text });
    switch (name) {
      case "min":
      case "max":
        if (dtype === "bool") return of(this.logical(name === "min" ? "and" : "or", a, b));
        return of(`${isFloat(dtype) ? functionOf(`${name}_f32`, wide) : name}(${a}, ${b})`);
      case "div": {
        if (isFloat(dtype)) return of(`(${a} / ${b})`);
        return of(wrapped(dtype, `${functionOf(`div_${typeOf(dtype)}`, wide)}(${a}, ${b})`, wide));
      }
      case "shl":
      case "shr": {
        const u32 = widened("u32", wide);
        const distance = typeOf(dtype) === "u32" ? b : `${u32}(${b})`;
        const shifted = `(${a} ${name === "shl" ? "<<" : ">>"} (${distance} & ${u32}(31u)))`;
        return of(wrapped(dtype, shifted, wide));
      }
      default:
        if (dtype === "bool") return of(this.logical(name, a, b));
        return {
          ...of(wrapped(dtype, `(${a} ${operators[name]!} ${b})`, wide)),
          sum: isFloat(dtype) && name !== "mul",
        };
    }
  };

  private logical(name: MachineBinary, x: string, y: string): string {
    return name === "xor" ? `(${x} != ${y})` : `(${x} ${name === "and" ? "&" : "|"} ${y})`;
  }

  readonly shift = (name: Shift, x: Text, distance: number): Text =>
    this.binary(name, x, this.constant(x.dtype, distance));

  readonly compare = (name: MachineComparison, x: Text, y: Text): Text => {
    const { texts, wide } = alike(x, y);
    const [a, b] = texts as [string, string];
    const of = (text: string): Text => ({ dtype: "bool", wide, text });
    if (x.dtype === "bool" && name !== "eq" && name !== "ne") {
      const u32 = widened("u32", wide);
      return of(`(${u32}(${a}) ${comparisons[name]} ${u32}(${b}))`);
    }
    if (!isFloat(x.dtype)) return of(`(${a} ${comparisons[name]} ${b})`);
    // x != x is how a formula asks for NaN; compilers that know no NaN answer it themselves. Their != is false for NaN.
    if (x.text === y.text && (name === "eq" || name === "ne"))
      return of(`(${name === "eq" ? "!" : ""}${functionOf("is_nan", wide)}(${a}))`);
    if (name === "ne") return of(`(!(${a} == ${b}))`);
    return of(`(${a} ${comparisons[name]} ${b})`);
  };

  readonly fma = (x: Text, y: Text, z: Text): Text => {
    const { dtype } = x;
    const { texts, wide } = alike(x, y, z);
    const [a, b, c] = texts as [string, string, string];
    const text = isFloat(dtype) ? `fma(${a}, ${b}, ${c})` : wrapped(dtype, `(${a} * ${b} + ${c})`, wide);
    return { dtype, wide, text, sum: isFloat(dtype) };
  };

  readonly select = (c: Text, x: Text, y: Text): Text => {
    const { texts, wide } = alike(c, x, y);
    return { dtype: x.dtype, wide, text: `select(${texts[2]!}, ${texts[1]!}, ${texts[0]!})` };
  };

  readonly cast = (x: Text, to: DType): Text => {
    const from = x.dtype;
    const wide = x.wide === true;
    if (from === to) return x;
    if (typeOf(from) === "f32" && typeOf(to) === "f32") return { dtype: to, wide, text: x.text };
    if (to === "bool") return this.compare("ne", x, this.constant(from, 0));
    const type = typeOf(to);
    const of = (text: string): Text => ({ dtype: to, wide, text });
    if (isFloat(to) || !isFloat(from)) return of(wrapped(to, `${widened(type, wide)}(${x.text})`, wide));
    const whole = of(`${functionOf(`to_${type}`, wide)}(${x.text})`);
    if (to === "int32" || to === "uint32") return whole;
    const { texts } = alike(whole, this.constant(to, lowest(to)), this.constant(to, highest(to)));
    return of(`clamp(${texts.join(", ")})`);
  };

  readonly bits = (x: Text, to: DType): Text => {
    if (x.dtype === to) return x;
    const wide = x.wide === true;
    return { dtype: to, wide, text: wrapped(to, `bitcast<${widened(typeOf(to), wide)}>(${x.text})`, wide) };
  };
}
