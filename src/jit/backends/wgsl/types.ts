/** How elements are written in WGSL. Memory is words of 32 bits: a float32, an integer, or a bool as 0 or 1. */
import { coerce, type DType } from "../../../ir/dtype.js";

export type WgslType = "f32" | "i32" | "u32" | "bool";

/** The type that holds a dtype; float64 appears only as the exact product inside a contraction, summed in f32 here. */
export const typeOf = (dtype: DType): WgslType => {
  switch (dtype) {
    case "float16":
    case "float32":
    case "float64":
      return "f32";
    case "int32":
    case "int8":
      return "i32";
    case "uint32":
    case "uint8":
      return "u32";
    case "bool":
      return "bool";
  }
};

const words = new Int32Array(1);
const floats = new Float32Array(words.buffer);

/** A number as text. WGSL refuses constants that are not finite: they come from bits that the compiler cannot see. */
export const literalText = (dtype: DType, x: number): string => {
  const type = typeOf(dtype);
  if (type === "bool") return String(x !== 0);
  if (type === "u32") return `${coerce(dtype, x)}u`;
  if (type === "i32") {
    const n = coerce(dtype, x);
    return n === -2147483648 ? "i32(-2147483647 - 1)" : n < 0 ? `(${n}i)` : `${n}i`;
  }
  floats[0] = x;
  if (Number.isNaN(x)) return "bitcast<f32>(special.x)";
  if (floats[0] === Infinity) return "bitcast<f32>(special.y)";
  if (floats[0] === -Infinity) return "bitcast<f32>(special.z)";
  if (Object.is(floats[0], -0)) return "bitcast<f32>(special.w)";
  // Subnormal constants are refused by some compilers, and flushed by others.
  if (floats[0] !== 0 && Math.abs(floats[0]) < 1.1754943508222875e-38)
    return `bitcast<f32>(special.w ^ ${(words[0]! ^ -2147483648) >>> 0}u)`;
  const text = floats[0].toString();
  const number = /[.e]/.test(text) ? text : `${text}.0`;
  return x < 0 ? `(${number}f)` : `${number}f`;
};

/** The type of an element, or of four. */
export const widened = (type: string, wide: boolean): string => (wide ? `vec4<${type}>` : type);

/** One element as four. */
export const splat = (dtype: DType, text: string): string => `${widened(typeOf(dtype), true)}(${text})`;

/** An element read from a word of memory, or four from as many. */
export const fromWord = (dtype: DType, word: string, wide = false): string => {
  const type = typeOf(dtype);
  if (type === "u32") return word;
  return type === "bool"
    ? `(${word} != ${widened("u32", wide)}(0u))`
    : `bitcast<${widened(type, wide)}>(${word})`;
};

/** An element as a word, or four as four. */
export const toWord = (dtype: DType, value: string, wide = false): string => {
  const type = typeOf(dtype);
  if (type === "u32") return value;
  return type === "bool" ? `${widened("u32", wide)}(${value})` : `bitcast<${widened("u32", wide)}>(${value})`;
};

/** A 32-bit integer made to hold an int8 or uint8 again. */
export const wrapped = (dtype: DType, text: string, wide = false): string => {
  const word = (n: number): string => (wide ? `vec4<u32>(${n}u)` : `${n}u`);
  if (dtype === "int8") return `(((${text}) << ${word(24)}) >> ${word(24)})`;
  if (dtype === "uint8") return `((${text}) & ${word(255)})`;
  return text;
};
