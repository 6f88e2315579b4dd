/** Square blocks of vectors, turned over their diagonal. */
import type { Bytes } from "./bytes.js";
import { shuffle } from "./opcodes.js";
import type { Share } from "./scalar.js";
import type { Lanes } from "./vector.js";

/** Bytes of the words (of 4 bytes) that a shuffle picks from two vectors. */
const words = (...picked: readonly number[]): Bytes =>
  shuffle(picked.flatMap((p) => [0, 1, 2, 3].map((b) => 4 * p + b)));

/** Vector j of the result holds lane j of every vector. */
export const transposed = (lanes: Lanes, v: readonly Bytes[], keep: Share): Bytes[] => {
  const pick = (a: Bytes, b: Bytes, how: Bytes): Bytes => keep("v128", a + b + how);
  if (lanes === 2) return [pick(v[0]!, v[1]!, words(0, 1, 4, 5)), pick(v[0]!, v[1]!, words(2, 3, 6, 7))];
  const [low, high] = [words(0, 4, 1, 5), words(2, 6, 3, 7)];
  const [a, b] = [pick(v[0]!, v[1]!, low), pick(v[0]!, v[1]!, high)];
  const [c, d] = [pick(v[2]!, v[3]!, low), pick(v[2]!, v[3]!, high)];
  const [first, second] = [words(0, 1, 4, 5), words(2, 3, 6, 7)];
  return [pick(a, c, first), pick(a, c, second), pick(b, d, first), pick(b, d, second)];
};
