/** Which operands of a loop its kernel reads from memory; the others are computed where it copies them. */
import { FluxionError } from "../ir/errors.js";
import { attrsOf, type Expr } from "../ir/expr.js";
import { scanPrimitive } from "../transforms/loops/scan.js";
import { partsOf } from "../transforms/loops/scan-attrs.js";
import { whilePrimitive } from "../transforms/loops/while.js";

/** All but the carry's first values and a branch's index. */
export const storedOperands = (node: Expr): readonly Expr[] => {
  const lower = node.primitive!.lower;
  if (lower._tag !== "Loop") throw new FluxionError("jit", `expected a loop, got ${node.primitive!.name}`);
  switch (lower.kind) {
    case "Scan": {
      const { consts, xs } = partsOf(node.args, attrsOf(scanPrimitive, node));
      return [...consts, ...xs];
    }
    case "While": {
      const { testConsts, bodyConsts } = attrsOf(whilePrimitive, node);
      return node.args.slice(0, testConsts + bodyConsts);
    }
    case "Cond":
      return node.args.slice(1);
  }
};
