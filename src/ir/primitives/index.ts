/** The table of leaf primitives. Closed: a name without a record, or the other way round, does not compile. */
import type { Primitive } from "../primitive.js";
import { arithmetic } from "./arithmetic.js";
import { threefryPrimitive } from "./bits.js";
import { cumulatives } from "./cumulative.js";
import { dotPrimitive } from "./dot.js";
import { fma } from "./fma.js";
import { dynamicSlicePrimitive, dynamicUpdateSlicePrimitive } from "./dynamic.js";
import { gatherPrimitive, scatterPrimitive } from "./indexed.js";
import { broadcastPrimitive, permutePrimitive, sumPrimitive } from "./layout.js";
import { nextAfter } from "./next-after.js";
import { orthogonalPrimitive } from "./orthogonal.js";
import { reductions } from "./reductions.js";
import { samplers } from "./sampling.js";
import { argsortPrimitive } from "./sort.js";
import { specialFunctions } from "./special.js";
import { transcendental } from "./transcendental.js";
import {
  concatPrimitive,
  flipPrimitive,
  iotaPrimitive,
  padPrimitive,
  reshapePrimitive,
  slicePrimitive,
} from "./views.js";
import { overlapAddPrimitive, windowsPrimitive } from "./windows.js";

export type LeafName =
  | keyof typeof arithmetic
  | keyof typeof transcendental
  | keyof typeof specialFunctions
  | keyof typeof reductions
  | keyof typeof cumulatives
  | keyof typeof samplers
  | "permute"
  | "broadcast"
  | "sum"
  | "reshape"
  | "slice"
  | "pad"
  | "flip"
  | "concat"
  | "iota"
  | "windows"
  | "overlapAdd"
  | "dot"
  | "gather"
  | "scatter"
  | "dynamicSlice"
  | "dynamicUpdateSlice"
  | "argsort"
  | "threefry2x32"
  | "fma"
  | "nextAfter"
  | "orthogonalSample";

export const leaves: Record<LeafName, Primitive> = {
  ...arithmetic,
  ...transcendental,
  ...specialFunctions,
  ...reductions,
  ...cumulatives,
  ...samplers,
  permute: permutePrimitive,
  broadcast: broadcastPrimitive,
  sum: sumPrimitive,
  reshape: reshapePrimitive,
  slice: slicePrimitive,
  pad: padPrimitive,
  flip: flipPrimitive,
  concat: concatPrimitive,
  iota: iotaPrimitive,
  windows: windowsPrimitive,
  overlapAdd: overlapAddPrimitive,
  dot: dotPrimitive,
  gather: gatherPrimitive,
  scatter: scatterPrimitive,
  dynamicSlice: dynamicSlicePrimitive,
  dynamicUpdateSlice: dynamicUpdateSlicePrimitive,
  argsort: argsortPrimitive,
  threefry2x32: threefryPrimitive,
  fma: fma.primitive,
  nextAfter: nextAfter.primitive,
  orthogonalSample: orthogonalPrimitive,
};
