/** Reinterpretation of bits between dtypes of one width, as functions of JavaScript numbers. */
import type { ScalarFunction } from "../lowering.js";

const buffer = new ArrayBuffer(4);
const cells = {
  float32: new Float32Array(buffer),
  int32: new Int32Array(buffer),
  uint32: new Uint32Array(buffer),
  int8: new Int8Array(buffer),
  uint8: new Uint8Array(buffer),
};
type Cell = keyof typeof cells;

const between = (from: Cell, to: Cell): ScalarFunction => {
  const source = cells[from];
  const target = cells[to];
  return (x) => {
    source[0] = x!;
    return target[0]!;
  };
};

const widths: readonly (readonly Cell[])[] = [
  ["float32", "int32", "uint32"],
  ["int8", "uint8"],
];

/** `bitcasts.float32_int32(x)`: the int32 with the bits of the float32 x. */
export const bitcasts: Readonly<Record<string, ScalarFunction>> = Object.fromEntries(
  widths.flatMap((w) =>
    w.flatMap((from) => w.filter((to) => to !== from).map((to) => [`${from}_${to}`, between(from, to)])),
  ),
);
