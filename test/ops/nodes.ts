/** What a graph consists of, for tests of how functions lower. */
import { topological } from "../../src/ir/program.js";
import { toExpr } from "../../src/ops/tensor.js";
import type { Tensor } from "../../src/index.js";

/** Names of the primitives that compute `x`, in order of computation. */
export const nodesOf = (...xs: readonly Tensor[]): string[] =>
  topological(xs.map((x) => toExpr("nodesOf", x))).flatMap((e) =>
    e.tag === "Apply" ? [e.primitive!.name] : [],
  );

/** Shapes of the results of its contractions. */
export const dotShapes = (x: Tensor): (readonly number[])[] =>
  topological([toExpr("dotShapes", x)]).flatMap((e) => (e.primitive?.name === "dot" ? [e.shape] : []));
