/** Which operands of a loop its kernel reads from memory; the others are computed where it copies them. */
import { FluxionError } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { partsOf, type Scan } from "../transforms/loops/scan-attrs.js";
import type { While } from "../transforms/loops/while.js";

/** All but the carry's first values and a branch's index. */
export const storedOperands = (node: Expr): readonly Expr[] => {
  const lower = node.primitive!.lower;
  if (lower._tag !== "Loop") throw new FluxionError("jit", `expected a loop, got ${node.primitive!.name}`);
  switch (lower.kind) {
    case "Scan": {
      const { consts, xs } = partsOf(node.args, node.attrs as unknown as Scan);
      return [...consts, ...xs];
    }
    case "While": {
      const { testConsts, bodyConsts } = node.attrs as unknown as While;
      return node.args.slice(0, testConsts + bodyConsts);
    }
    case "Cond":
      return node.args.slice(1);
  }
};
