/** Every primitive by name: the leaves of the IR and the nodes that carry sub-programs. */
import type { Primitive } from "../ir/primitive.js";
import { type LeafName, leaves } from "../ir/primitives/index.js";
import { checkpointPrimitive } from "./checkpoint.js";
import { customJvpPrimitive, customVjpPrimitive, customVjpTangentPrimitive } from "./custom.js";

export type PrimitiveName = LeafName | "checkpoint" | "customJvp" | "customVjp" | "customVjpTangent";

export const primitives: Record<PrimitiveName, Primitive> = {
  ...leaves,
  checkpoint: checkpointPrimitive,
  customJvp: customJvpPrimitive,
  customVjp: customVjpPrimitive,
  customVjpTangent: customVjpTangentPrimitive,
};
