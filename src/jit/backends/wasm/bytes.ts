/**
 * The smallest pieces of WebAssembly's binary format (https://webassembly.github.io/spec/core/binary/).
 *
 * Code under construction is a string with a character for each byte: engines concatenate strings without copying them,
 * where arrays are copied element by element, again at every step. A character above 255 stands for a function of the
 * module, whose number is known when all imports are.
 */
import { expected } from "../../../ir/errors.js";

/** Code that is being written. */
export type Bytes = string;

const characters: readonly string[] = Array.from({ length: 256 }, (_, i) => String.fromCharCode(i));

/** Some bytes. */
export const byte = (...values: readonly number[]): Bytes => {
  let out = "";
  for (let i = 0; i < values.length; i++) out += characters[values[i]!]!;
  return out;
};

/** Unsigned LEB128. */
export const unsigned = (n: number): Bytes => {
  let rest = n >>> 0;
  if (rest < 128) return characters[rest]!;
  let out = "";
  while (rest > 127) {
    out += characters[(rest & 127) | 128]!;
    rest >>>= 7;
  }
  return out + characters[rest]!;
};

/** Signed LEB128 of a 32-bit integer. */
export const signed = (n: number): Bytes => {
  let rest = n | 0;
  let out = "";
  while (rest < -64 || rest > 63) {
    out += characters[(rest & 127) | 128]!;
    rest >>= 7;
  }
  return out + characters[rest & 127]!;
};

const cell = new DataView(new ArrayBuffer(8));

const cellBytes = (length: number): Bytes => {
  let out = "";
  for (let i = 0; i < length; i++) out += characters[cell.getUint8(i)]!;
  return out;
};

export const float32Bytes = (x: number): Bytes => {
  cell.setFloat32(0, x, true);
  return cellBytes(4);
};

export const float64Bytes = (x: number): Bytes => {
  cell.setFloat64(0, x, true);
  return cellBytes(8);
};

export const int32Bytes = (x: number): Bytes => {
  cell.setInt32(0, x, true);
  return cellBytes(4);
};

/** Length in bytes, then the bytes. */
export const sized = (bytes: Bytes): Bytes => unsigned(bytes.length) + bytes;

/** Number of elements, then their bytes. */
export const vector = (elements: readonly Bytes[]): Bytes => unsigned(elements.length) + elements.join("");

/** A name: UTF-8 behind its length. */
export const text = (s: string): Bytes => sized(byte(...new TextEncoder().encode(s)));

/** The bytes themselves. */
export const encoded = (bytes: Bytes): Uint8Array => {
  const n = bytes.length;
  const out = new Uint8Array(n);
  for (let i = 0; i < n; i++) out[i] = bytes.charCodeAt(i);
  return out;
};

/** Characters that stand for functions of the module begin here. */
const firstFunction = 256;
const mostFunctions = 65536 - firstFunction;

/** Stands for a function of the module by its place among them. */
export const functionMark = (place: number): Bytes => {
  if (place >= mostFunctions)
    throw expected(
      "jit",
      `a program of at most ${mostFunctions} functions`,
      "more: make several programs of it",
    );
  return String.fromCharCode(firstFunction + place);
};

/** Code with the numbers of the functions that it calls: they follow `imports` others. */
export const relocated = (bytes: Bytes, imports: number): Bytes =>
  bytes.replace(/[\u0100-\uffff]/g, (c) => unsigned(imports + c.charCodeAt(0) - firstFunction));
