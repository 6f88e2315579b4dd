/** Random bits: the Threefry hash of a key and a counter, elementwise. Pure: the same key gives the same bits. */
import { apply, type Expr } from "../expr.js";
import { threefry } from "../formulas/index.js";
import type { ScalarFunction } from "../lowering.js";
import type { Primitive } from "../primitive.js";
import { threefryFirst, threefrySecond, threefryXor, type Word } from "../scalar/threefry.js";
import { elementwise } from "./elementwise.js";

export interface Threefry {
  readonly word: Word;
}

const words: Record<Word, ScalarFunction> = {
  first: threefryFirst,
  second: threefrySecond,
  xor: threefryXor,
};
const names: Record<Word, string> = { first: "threefryFirst", second: "threefrySecond", xor: "threefryXor" };

export const threefryPrimitive: Primitive<Threefry> = elementwise<Threefry>({
  name: "threefry2x32",
  arity: 4,
  accepts: "integer",
  operands: (dtypes) => dtypes.every((d) => d === "uint32"),
  wants: () => "uint32 operands",
  scalar: (_dtype, { word }) => words[word],
  js: (args, _dtype, { word }) => `${names[word]}(${args.join(", ")})`,
  formula: (m, args, _dtype, { word }) => threefry(m, args, word),
  functions: Object.fromEntries((["first", "second", "xor"] as const).map((w) => [names[w], words[w]])),
  cost: 100,
  jvp: [null, null, null, null],
});

/** One word of threefry2x32(key, counter); operands uint32 of one shape. */
export const threefry2x32 = (key0: Expr, key1: Expr, count0: Expr, count1: Expr, word: Word): Expr =>
  apply(threefryPrimitive, [key0, key1, count0, count1], { word });
