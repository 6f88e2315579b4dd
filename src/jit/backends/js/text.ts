/** The small pieces of JavaScript that kernels are made of: numbers, roundings, initial values, stores. */
import { type DType, highest, isFloat, lowest } from "../../../ir/dtype.js";
import { exact } from "../../exact.js";
import type { ReduceOp, ScatterMode } from "../../../ir/lowering.js";

export const numberText = (x: number): string => {
  if (Number.isNaN(x)) return "(0 / 0)";
  if (x === Infinity) return "(1 / 0)";
  if (x === -Infinity) return "(-1 / 0)";
  if (x < 0 || Object.is(x, -0)) return `(${Object.is(x, -0) ? "-0" : x})`;
  return String(x);
};

export const literalText = (dtype: DType, x: number): string =>
  dtype === "bool" ? String(x !== 0) : numberText(x);

export const wrapText = (dtype: DType, text: string, name = ""): string => {
  switch (dtype) {
    case "float16": // held as a float32
    case "float32":
      return exact.has(name) ? text : `Math.fround(${text})`;
    case "int32":
      return `(${text}) | 0`;
    case "uint32":
      return `(${text}) >>> 0`;
    case "int8":
      return `(${text}) << 24 >> 24`;
    case "uint8":
      return `(${text}) & 255`;
    case "float64":
    case "bool":
      return text;
  }
};

export const initial = (op: ReduceOp, dtype: DType): string => {
  switch (op) {
    case "sum":
      return "0";
    case "prod":
      return "1";
    case "max":
      return dtype === "bool" ? "false" : numberText(lowest(dtype));
    case "min":
      return dtype === "bool" ? "true" : numberText(highest(dtype));
    case "argmax":
      return numberText(isFloat(dtype) ? -Infinity : lowest(dtype));
    case "argmin":
      return numberText(isFloat(dtype) ? Infinity : highest(dtype));
  }
};

export const isArgument = (op: ReduceOp): boolean => op === "argmax" || op === "argmin";

export const sumText = (prefix: string, terms: readonly string[]): string =>
  [...(prefix === "" ? [] : [prefix]), ...terms].join(" + ").replace(/\+ -/g, "- ");

export const storeText = (at: string, v: string, mode: ScatterMode, dtype: DType): string => {
  switch (mode) {
    case "set":
      return `${at} = ${v};`;
    case "add":
      return `${at} += ${v};`;
    case "mul":
      return isFloat(dtype) ? `${at} *= ${v};` : `${at} = Math.imul(${at}, ${v});`;
    case "min":
      return `${at} = Math.min(${at}, ${v});`;
    case "max":
      return `${at} = Math.max(${at}, ${v});`;
  }
};
