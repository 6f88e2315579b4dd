/**
 * Threefry-2x32 with 20 rounds: J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 * The counter-based generator of JAX, bit for bit.
 */

/** Which of the two output words is wanted; `xor` is their exclusive or. */
export type Word = "first" | "second" | "xor";

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

let word0 = 0;
let word1 = 0;

const hash = (key0: number, key1: number, count0: number, count1: number): void => {
  const key2 = key0 ^ key1 ^ 0x1bd11bda;
  let a = (count0 + key0) | 0;
  let b = (count1 + key1) | 0;
  a = (a + b) | 0;
  b = rotate(b, 13) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 15) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 26) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 6) ^ a;
  a = (a + key1) | 0;
  b = (b + key2 + 1) | 0;
  a = (a + b) | 0;
  b = rotate(b, 17) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 29) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 16) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 24) ^ a;
  a = (a + key2) | 0;
  b = (b + key0 + 2) | 0;
  a = (a + b) | 0;
  b = rotate(b, 13) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 15) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 26) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 6) ^ a;
  a = (a + key0) | 0;
  b = (b + key1 + 3) | 0;
  a = (a + b) | 0;
  b = rotate(b, 17) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 29) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 16) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 24) ^ a;
  a = (a + key1) | 0;
  b = (b + key2 + 4) | 0;
  a = (a + b) | 0;
  b = rotate(b, 13) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 15) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 26) ^ a;
  a = (a + b) | 0;
  b = rotate(b, 6) ^ a;
  word0 = (a + key2) | 0;
  word1 = (b + key0 + 5) | 0;
};

export const threefryFirst = (key0: number, key1: number, count0: number, count1: number): number => {
  hash(key0, key1, count0, count1);
  return word0 >>> 0;
};

export const threefrySecond = (key0: number, key1: number, count0: number, count1: number): number => {
  hash(key0, key1, count0, count1);
  return word1 >>> 0;
};

export const threefryXor = (key0: number, key1: number, count0: number, count1: number): number => {
  hash(key0, key1, count0, count1);
  return (word0 ^ word1) >>> 0;
};

/** Both words of the hash of the counter (0, count), written to `out`: the key that `split` gives at `count`. */
export const threefryInto = (out: Uint32Array, key0: number, key1: number, count: number): void => {
  hash(key0, key1, 0, count);
  out[0] = word0;
  out[1] = word1;
};
