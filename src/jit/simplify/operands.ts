/** Operands that are the same at every step of a loop, or in every branch: what a sub-program may know of them. */
import { attrsOf, type Expr, param } from "../../ir/expr.js";
import { broadcast, broadcastPrimitive, full, splatOf } from "../../ir/primitives/layout.js";

/** A node's operands and, for each of its sub-programs, the params that stand for them. */
export interface Operands {
  readonly operands: readonly Expr[];
  readonly params: readonly (readonly Expr[])[];
}

export interface Known extends Operands {
  /** What takes the place of the params that are gone. */
  readonly replaced: ReadonlyMap<Expr, Expr>;
}

const isBroadcast = (e: Expr): boolean =>
  e.tag === "Apply" && e.primitive!.name === "broadcast" && e.size > e.args[0]!.size;

/** Numbers become part of the sub-programs, broadcasts happen inside of them, equal operands are passed once. */
export const knownOperands = ({ operands, params }: Operands): Known => {
  const replaced = new Map<Expr, Expr>();
  const kept: Expr[] = [];
  const keptParams: Expr[][] = params.map(() => []);
  /** The params of an operand that is passed, new ones unless some are given. */
  const pass = (o: Expr, own: readonly Expr[] | null): readonly Expr[] => {
    const at = kept.indexOf(o);
    if (at >= 0) return keptParams.map((ps) => ps[at]!);
    kept.push(o);
    const ps = own ?? params.map(() => param(o.aval));
    ps.forEach((p, k) => keptParams[k]!.push(p));
    return ps;
  };
  const replace = (own: readonly Expr[], by: (k: number) => Expr): void => {
    own.forEach((p, k) => {
      if (by(k) !== p) replaced.set(p, by(k));
    });
  };
  operands.forEach((o, i) => {
    const own = params.map((ps) => ps[i]!);
    const n = splatOf(o);
    if (n !== null) replace(own, () => full(o.shape, o.dtype, n));
    else if (isBroadcast(o)) {
      const narrow = pass(o.args[0]!, null);
      const { shape, axes } = attrsOf(broadcastPrimitive, o);
      replace(own, (k) => broadcast(narrow[k]!, shape, axes));
    } else {
      const passed = pass(o, own);
      replace(own, (k) => passed[k]!);
    }
  });
  return { operands: kept, params: keptParams, replaced };
};
