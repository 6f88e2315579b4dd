/** A sampler for every primitive. Closed: a primitive without one does not compile. */
import type { Arbitrary } from "fast-check";
import type { PrimitiveName } from "../../src/transforms/table.js";
import {
  arithmeticSamplers,
  fmaSampler,
  nextAfterSampler,
  specialSamplers,
  transcendentalSamplers,
} from "./elementwise.js";
import {
  dotSampler,
  dynamicSliceSampler,
  dynamicUpdateSliceSampler,
  gatherSampler,
  overlapAddSampler,
  scatterSampler,
  windowsSampler,
} from "./indexed.js";
import { loopSamplers } from "./loops.js";
import { randomSamplers } from "./random.js";
import type { Sample } from "./sample.js";
import {
  argsortSampler,
  cumulativeSamplers,
  reductionSamplers,
  sumSampler,
  viewSamplers,
} from "./structure.js";
import {
  checkpointSampler,
  customJvpSampler,
  customVjpSampler,
  customVjpTangentSampler,
} from "./wrappers.js";

export type { Sample } from "./sample.js";

export const samplers: Record<PrimitiveName, Arbitrary<Sample>> = {
  ...arithmeticSamplers,
  ...transcendentalSamplers,
  ...specialSamplers,
  ...viewSamplers,
  ...reductionSamplers,
  ...cumulativeSamplers,
  sum: sumSampler,
  dot: dotSampler,
  windows: windowsSampler,
  overlapAdd: overlapAddSampler,
  gather: gatherSampler,
  scatter: scatterSampler,
  dynamicSlice: dynamicSliceSampler,
  dynamicUpdateSlice: dynamicUpdateSliceSampler,
  argsort: argsortSampler,
  fma: fmaSampler,
  nextAfter: nextAfterSampler,
  ...randomSamplers,
  checkpoint: checkpointSampler,
  customJvp: customJvpSampler,
  customVjp: customVjpSampler,
  customVjpTangent: customVjpTangentSampler,
  ...loopSamplers,
};
