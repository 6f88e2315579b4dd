/**
 * Where cotangents are zero because nothing was chosen there.
 *
 * The cotangent of a branch of `select` is 0 where the other branch was taken. Multiplied on the way back by a
 * derivative that does not exist there — 1/(2√x) at 0 — that zero would become NaN. So the condition travels with
 * the cotangent: a product with a factor that may be infinite is taken first and the zeros are chosen after it,
 *
 *     select(c, a, 0) · d   becomes   select(c, a · d, 0),
 *
 * which is as much work (the select moves below the product) and again a select, so derivatives of every order keep
 * their conditions. Zeros that are zero by chance stay numbers: 0 · ∞ in a branch that was taken is NaN.
 *
 * Conditions follow elementwise functions and views, sums over axes along which they are constant, and contractions
 * of whole rows (`Primitive.support`), and go into checkpoints. They end where cotangents mix, and at loops.
 */
import { isFloat } from "../ir/dtype.js";
import type { Expr } from "../ir/expr.js";
import type { Linear } from "../ir/primitive.js";
import { and, castPrimitive, mul, not, or, select } from "../ir/primitives/arithmetic.js";
import { addLinear } from "../ir/primitives/elementwise.js";
import { isZeros, splatOf, zerosOf } from "../ir/primitives/layout.js";

const isNode = (e: Expr, of: { readonly primitive: Expr["primitive"] }): boolean =>
  e.tag === "Apply" && e.primitive === of.primitive;

/** A bool of one shape that is false where a cotangent is known to be 0. */
type Mask = Expr;

const same = (a: Mask, b: Mask): boolean =>
  a === b || (isNode(a, not) && isNode(b, not) && a.args[0] === b.args[0]);

const opposite = (a: Mask, b: Mask): boolean =>
  (isNode(a, not) && a.args[0] === b) || (isNode(b, not) && b.args[0] === a);

const negation = (a: Mask): Mask => (isNode(a, not) ? a.args[0]! : not(a));

/** `b` is among the conditions that `a` is the conjunction of: the last ones, so that long chains stay linear. */
const implies = (a: Mask, b: Mask): boolean => {
  let x = a;
  for (let k = 0; k < 16 && isNode(x, and) && !same(x, b); k++) {
    if (same(x.args[1]!, b)) return true;
    x = x.args[0]!;
  }
  return same(x, b);
};

const both = (a: Mask, b: Mask): Mask => (implies(a, b) ? a : implies(b, a) ? b : and(a, b));

const all = (a: Mask | null, b: Mask | null): Mask | null => (a === null ? b : b === null ? a : both(a, b));

/** null when one of them always holds. */
const either = (a: Mask, b: Mask): Mask | null => {
  if (implies(a, b)) return b;
  if (implies(b, a)) return a;
  if (opposite(a, b)) return null;
  const shared = isNode(a, and) && isNode(b, and) && same(a.args[0]!, b.args[0]!);
  return shared && opposite(a.args[1]!, b.args[1]!) ? a.args[0]! : or(a, b);
};

/** A cotangent that is `value` where its mask holds, else 0. */
export interface Chosen {
  readonly mask: Mask;
  readonly value: Expr;
}

export const chosen = (e: Expr): Chosen | null => {
  if (!isNode(e, select)) return null;
  const [mask, x, y] = e.args as [Expr, Expr, Expr];
  if (isZeros(y)) return { mask, value: x };
  return isZeros(x) ? { mask: negation(mask), value: y } : null;
};

export const choose = ({ mask, value }: Chosen): Expr =>
  isNode(mask, not)
    ? select(mask.args[0]!, zerosOf(value.aval), value)
    : select(mask, value, zerosOf(value.aval));

/** `ct` without a select by its own mask: equal to it where the mask holds. */
const bare = (ct: Expr, mask: Mask): Expr => {
  const c = chosen(ct);
  return c !== null && same(c.mask, mask) ? c.value : ct;
};

/** No element can be infinite or NaN. */
const isSurelyFinite = (e: Expr): boolean => {
  if (!isFloat(e.dtype)) return true;
  if (isNode(e, { primitive: castPrimitive })) return !isFloat(e.args[0]!.dtype);
  const branches = isNode(e, select) ? e.args.slice(1) : [e];
  return branches.every((b) => Number.isFinite(splatOf(b) ?? NaN));
};

/** Of a product with a bool as a number, that bool: who multiplies by one chooses. */
const maskOfFactor = (e: Expr, linear: readonly boolean[]): Mask | null => {
  const factor = isNode(e, mul) ? e.args[linear[0] ? 1 : 0]! : null;
  const from = factor !== null && isNode(factor, { primitive: castPrimitive }) ? factor.args[0]! : null;
  return from?.dtype === "bool" ? from : null;
};

/** What one backward walk knows of its cotangents. */
export class Masks {
  /** Masks of cotangents that are no selects themselves. */
  private readonly known = new Map<Expr, Mask>();

  private of(ct: Expr): Mask | null {
    return this.known.get(ct) ?? chosen(ct)?.mask ?? null;
  }

  private remember(ct: Expr, mask: Mask | null): Expr {
    if (mask !== null) this.known.set(ct, mask);
    return ct;
  }

  /** The sum of two cotangents. */
  add(a: Linear, b: Linear): Linear {
    if (a === null || b === null) return addLinear(a, b);
    const [m, n] = [this.of(a), this.of(b)];
    if (m === null || n === null) return addLinear(a, b);
    const [x, y] = [bare(a, m), bare(b, n)];
    const isBare = x !== a && y !== b;
    if (isBare && opposite(m, n)) return isNode(m, not) ? select(n, y, x) : select(m, x, y);
    if (isBare && same(m, n)) return choose({ mask: m, value: addLinear(x, y)! });
    return this.remember(addLinear(a, b)!, either(m, n));
  }

  /** Cotangents of the operands of `e`, given its result's: `transpose`, with zeros that stay zero. */
  pull(e: Expr, cts: readonly Linear[], linear: readonly boolean[]): readonly Linear[] {
    const { transpose, support, lower } = e.primitive!;
    if (lower._tag === "Inline") return transpose!(cts.map(this.told), e.args, linear, e.attrs);
    const ct = cts[0] ?? null;
    const mask = ct === null || cts.length > 1 ? null : all(this.of(ct), maskOfFactor(e, linear));
    if (ct === null || mask === null || support === undefined)
      return transpose!(cts, e.args, linear, e.attrs);
    const masks = support(mask, e.args, e.attrs);
    const scales = lower._tag === "Elementwise" && !e.args.every((a, i) => linear[i] || isSurelyFinite(a));
    const pulled = transpose!([scales ? bare(ct, mask) : ct], e.args, linear, e.attrs);
    return pulled.map((p, i) => {
      const m = masks[i] ?? null;
      if (p === null || m === null) return p;
      return scales ? choose({ mask: m, value: p }) : this.within(p, m);
    });
  }

  /** The cotangent as a select by its mask, which goes with it into a sub-program. */
  private readonly told = (ct: Linear): Linear => {
    const mask = ct === null ? null : this.of(ct);
    return mask === null ? ct : choose({ mask, value: bare(ct!, mask) });
  };

  /** A cotangent that is known to be 0 where `mask` does not hold; of two selects around a value, one is left. */
  private within(ct: Expr, mask: Mask): Expr {
    const c = chosen(ct);
    if (c === null) return this.remember(ct, mask);
    return choose({ mask: both(mask, c.mask), value: bare(c.value, mask) });
  }
}
