/**
 * Angles in quarter turns where little of their fraction is left (M. H. Payne and R. N. Hanek, 1983): a float32 number
 * n 2ᵍ times those bits of 2/π that are neither whole turns nor too small to matter, in integers.
 */
import type { Machine } from "../machine.js";
import { words } from "./words.js";

/** 13 zeros and the first 211 bits of 2/π, the highest first. */
const twoOverPi = [
  0x0005_17cc, 0x1b72_7220, 0xa94f_e13a, 0xbe8f_a9a6, 0xee06_db14, 0xacc9_e21c, 0x820f_f28b,
] as const;

/** Numbers from 2¹² on start with the first of them. */
const leastExponent = 139;

/** π/2 as a head of 12 bits and a rest. */
const head = 1.5703125;
const rest = Math.PI / 2 - head;

export interface Angle<V> {
  /** Whole quarter turns modulo 4, an int32. */
  readonly quarters: V;
  /** What is left, at most π/4 on either side of them: a number and, beside it, a small one. */
  readonly r: V;
  readonly more: V;
}

const limbBits = 12;
const limbMask = 0xfff;

/** Three words of 2/π from a bit on, as limbs of 12 bits, the lowest first. */
const windowOf = <V>(m: Machine<V>, from: V): readonly V[] => {
  const u = (n: number): V => m.constant("uint32", n);
  const or = (x: V, y: V): V => m.binary("or", x, y);
  const index = m.share(m.shift("shr", from, 5));
  const isIndex = [0, 1, 2].map((k) => m.share(m.compare("eq", index, u(k))));
  const wordAt = (k: number): V =>
    m.share(
      isIndex.reduceRight((later, is, j) => m.select(is, u(twoOverPi[j + k]!), later), u(twoOverPi[3 + k]!)),
    );
  const left = m.share(m.binary("and", from, u(31)));
  const right = m.share(m.binary("sub", u(31), left));
  const [w0, w1, w2, w3] = [0, 1, 2, 3].map(wordAt) as [V, V, V, V];
  const joined = (high: V, low: V): V =>
    m.share(or(m.binary("shl", high, left), m.binary("shr", m.shift("shr", low, 1), right)));
  const [a, b, c] = [joined(w0, w1), joined(w1, w2), joined(w2, w3)];
  const limb = (x: V): V => m.share(m.binary("and", x, u(limbMask)));
  const across = (high: V, by: number, low: V, down: number): V =>
    limb(or(m.shift("shl", high, by), m.shift("shr", low, down)));
  return [
    limb(c),
    limb(m.shift("shr", c, 12)),
    across(b, 8, c, 24),
    limb(m.shift("shr", b, 4)),
    limb(m.shift("shr", b, 16)),
    across(a, 4, b, 28),
    limb(m.shift("shr", a, 8)),
    limb(m.shift("shr", a, 20)),
  ];
};

/** The limbs of their product with a number of 24 bits, as many as there are. */
const productOf = <V>(m: Machine<V>, n: V, limbs: readonly V[]): readonly V[] => {
  const u = (x: number): V => m.constant("uint32", x);
  const low = m.share(m.binary("and", n, u(limbMask)));
  const high = m.share(m.shift("shr", n, limbBits));
  const out: V[] = [];
  limbs.reduce<V>((carry, limb, k) => {
    const upper = k === 0 ? carry : m.binary("add", m.binary("mul", high, limbs[k - 1]!), carry);
    const sum = m.share(m.binary("add", m.binary("mul", low, limb), upper));
    out.push(m.share(m.binary("and", sum, u(limbMask))));
    return m.share(m.shift("shr", sum, limbBits));
  }, u(0));
  return out;
};

/** An angle from 4096 on. */
export const hugeAngleParts = <V>(m: Machine<V>, a: V): Angle<V> => {
  const { f, i, share, add, sub, mul, fma, and, shl, shr, bits, fromBits, toFloat } = words(m);
  const u = (n: number): V => m.constant("uint32", n);
  const word = share(m.bits(a, "uint32"));
  const n = share(m.binary("or", m.binary("and", word, u(0x007f_ffff)), u(0x0080_0000)));
  const from = share(m.binary("sub", m.shift("shr", word, 23), u(leastExponent)));
  const limbs = productOf(m, n, windowOf(m, from)).map((limb) => share(m.bits(limb, "int32")));
  const top = limbs[7]!;
  // The highest limb has two bits of whole quarters; the rest is rounded to the nearest of them.
  const quarters = share(shr(add(top, i(0x200)), 10));
  const pair = (high: V, low: V, scale: number): V => share(mul(toFloat(add(shl(high, 12), low)), f(scale)));
  const first = pair(sub(top, shl(quarters, 10)), limbs[6]!, 2 ** -22);
  const second = pair(limbs[5]!, limbs[4]!, 2 ** -46);
  const third = pair(limbs[3]!, limbs[2]!, 2 ** -70);
  const sum = share(add(first, second));
  const small = share(add(sub(second, sub(sum, first)), third));
  const s = share(add(sum, small));
  const lost = sub(small, sub(s, sum));
  // s π/2: the product of heads is exact.
  const sHead = share(fromBits(and(bits(s), i(-0x1000))));
  const r = share(mul(s, f(Math.PI / 2)));
  const others = fma(share(add(sub(s, sHead), lost)), f(Math.PI / 2), mul(sHead, f(rest)));
  return { quarters, r, more: share(add(sub(mul(sHead, f(head)), r), others)) };
};
