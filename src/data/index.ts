/** Data sets: file formats, batches, preprocessing, and the scores of classifiers. Runs in browsers too. */
export type { NdArray } from "../ir/ndarray.js";
export {
  addConfusion,
  confusionMatrix,
  precisionRecallF1,
  type ClassificationScores,
  type ClassScores,
  type ConfusionMatrix,
} from "./classification.js";
export { labelColumn, numberColumns, parseCsv, type CsvOptions, type Labels, type Rows } from "./csv.js";
export { gunzip, gzip, isGzip, type GunzipOptions } from "./gzip.js";
export { decodeIdx, encodeIdx, IDX_IMAGES, IDX_LABELS } from "./idx.js";
export {
  batchCount,
  batches,
  indexBatches,
  split,
  takeExamples,
  type BatchOptions,
  type Examples,
} from "./loader.js";
export { moments, oneHotLabels, scaleBytes, standardize, type Moments } from "./preprocessing.js";
