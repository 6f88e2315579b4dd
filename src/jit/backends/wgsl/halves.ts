/**
 * float16s on devices that store them. WGSL has no second view of one buffer, so they have a buffer of their own, whose
 * words follow the other's: an address from `halvesFrom` on is in it, two elements a word.
 */
import type { TypedArray } from "../../../ir/dtype.js";
import { float16FromBits, float16ToBits } from "../../../ir/scalar/float16.js";

export const halvesFrom: number = 2 ** 30;

/** Shaders number elements by int32. */
export const mostHalves: number = 2 ** 30;

/** The buffer that a word is in, and where. */
export const placed = (at: number): readonly [buffer: 0 | 1, word: number] =>
  at >= halvesFrom ? [1, at - halvesFrom] : [0, at];

/** Elements as words, two in each. */
export const encodeHalves = (array: TypedArray): Uint32Array => {
  const bits = new Uint16Array(2 * Math.ceil(array.length / 2));
  array.forEach((x, i) => (bits[i] = float16ToBits(x)));
  return new Uint32Array(bits.buffer);
};

export const decodeHalves = (words: Uint32Array, length: number): Float32Array =>
  Float32Array.from(new Uint16Array(words.buffer, words.byteOffset, length), float16FromBits);
