/** Every primitive by name: the leaves of the IR and the nodes that carry sub-programs. */
import type { Primitive } from "../ir/primitive.js";
import { type LeafName, leaves } from "../ir/primitives/index.js";
import { checkpointPrimitive } from "./checkpoint.js";
import { customJvpPrimitive, customVjpPrimitive, customVjpTangentPrimitive } from "./custom.js";
import { condPrimitive } from "./loops/cond.js";
import { scanPrimitive } from "./loops/scan.js";
import { whilePrimitive } from "./loops/while.js";

export type PrimitiveName =
  LeafName | "checkpoint" | "customJvp" | "customVjp" | "customVjpTangent" | "scan" | "cond" | "while";

export const primitives: Record<PrimitiveName, Primitive> = {
  ...leaves,
  checkpoint: checkpointPrimitive,
  customJvp: customJvpPrimitive,
  customVjp: customVjpPrimitive,
  customVjpTangent: customVjpTangentPrimitive,
  scan: scanPrimitive,
  cond: condPrimitive,
  while: whilePrimitive,
};
