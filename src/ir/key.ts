/**
 * Structural identity: programs that differ only in names and in the values of their constants have equal keys.
 * The kernel cache lives by it.
 */
import { showAval } from "./aval.js";
import type { Expr } from "./expr.js";
import { isProgram } from "./print.js";
import { type Program, topological } from "./program.js";

const keyOfValue = (x: unknown): string => {
  if (isProgram(x)) return `(${programKey(x)})`;
  if (Array.isArray(x)) return `[${x.map(keyOfValue).join(",")}]`;
  if (typeof x === "number") return Object.is(x, -0) ? "-0" : String(x);
  if (typeof x === "object" && x !== null)
    return `{${Object.entries(x)
      .map(([k, v]) => `${k}:${keyOfValue(v)}`)
      .join(",")}}`;
  return JSON.stringify(x) ?? "undefined";
};

export const attrsKey = (attrs: object): string => keyOfValue(attrs);

/** The key, with params and non-literal constants numbered in order of appearance. */
export const programKey = (program: Program): string => {
  const number = new Map<Expr, number>();
  const parts: string[] = [];
  for (const p of program.params) {
    number.set(p, number.size);
    parts.push(showAval(p.aval));
  }
  for (const e of topological(program.results)) {
    if (number.has(e)) continue;
    number.set(e, number.size);
    parts.push(nodeKey(e, (a) => number.get(a)!));
  }
  return `${parts.join(";")}>${program.results.map((r) => number.get(r)).join(",")}`;
};

/** One node's key, its operands given as numbers. */
export const nodeKey = (e: Expr, numberOf: (a: Expr) => number): string => {
  switch (e.tag) {
    case "Param":
      return `p${e.id}`;
    case "Const":
      return e.literal === null ? `c${showAval(e.aval)}` : `${keyOfValue(e.literal)}${e.dtype}`;
    case "Project":
      return `.${e.index} ${numberOf(e.args[0]!)}`;
    case "Apply":
      return `${e.primitive!.name}${attrsKey(e.attrs)} ${e.args.map(numberOf).join(" ")}`;
  }
};

/** Equal up to the names of params and the values of constants. */
export const samePrograms = (a: Program, b: Program): boolean => programKey(a) === programKey(b);

/** 32-bit FNV-1a of the key. */
export const programHash = (program: Program): number => {
  const key = programKey(program);
  let h = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) h = Math.imul(h ^ key.charCodeAt(i), 0x01000193);
  return h >>> 0;
};
