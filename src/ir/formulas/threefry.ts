/** Threefry-2x32 with 20 rounds on uint32, as src/ir/scalar/threefry.ts. */
import type { Machine } from "../machine.js";
import type { Word } from "../scalar/threefry.js";

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** Both words of the hash of a counter. */
export const threefryWords = <V>(m: Machine<V>, args: readonly V[]): readonly [V, V] => {
  const [key0, key1, count0, count1] = args as readonly [V, V, V, V];
  const u = (n: number): V => m.constant("uint32", n);
  const add = (x: V, y: V): V => m.binary("add", x, y);
  const xor = (x: V, y: V): V => m.binary("xor", x, y);
  const rotated = (x: V, by: number): V => m.binary("or", m.shift("shl", x, by), m.shift("shr", x, 32 - by));
  const [k0, k1] = [m.share(key0), m.share(key1)];
  const keys = [k0, k1, m.share(xor(xor(k0, k1), u(0x1bd1_1bda)))];
  let a = m.share(add(count0, k0));
  let b = m.share(add(count1, k1));
  for (let group = 1; group <= 5; group++) {
    for (const by of rotations[(group - 1) % 2]!) {
      a = m.share(add(a, b));
      b = m.share(xor(rotated(b, by), a));
    }
    a = m.share(add(a, keys[group % 3]!));
    b = m.share(add(b, m.share(add(keys[(group + 1) % 3]!, u(group)))));
  }
  return [a, b];
};

/** One of them, or both in one. */
export const threefry = <V>(m: Machine<V>, args: readonly V[], word: Word): V => {
  const [a, b] = threefryWords(m, args);
  return word === "first" ? a : word === "second" ? b : m.binary("xor", a, b);
};
