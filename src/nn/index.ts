/**
 * Neural networks: layers, losses, metrics, optimizers and training, all as functions of trees of tensors.
 *
 * @packageDocumentation
 */
import "../ops/install.js";

export {
  type Context,
  identity,
  type Initialized,
  lambda,
  layer,
  type Layer,
  LayerError,
  type LayerLike,
  type LayerParts,
  type LayerStateOf,
  type None,
  type ParamsOf,
} from "./layer.js";
export {
  type LayerRecord,
  named,
  parallel,
  type ParamsOfAll,
  type Residual,
  residual,
  sequential,
  type StatesOfAll,
} from "./combinators.js";
export * as init from "./init.js";
export type { Initializer } from "./init.js";
export { dense } from "./layers/dense.js";
export { conv, type ConvLayerOptions, convTranspose, type ConvTransposeLayerOptions } from "./layers/conv.js";
export type { Kernel, KernelAndBias, KernelInit, WeightOptions, WeightsOf } from "./layers/weights.js";
export { avgPool, globalAvgPool, globalMaxPool, maxPool } from "./layers/pool.js";
export { flatten, type FlattenLayerOptions } from "./layers/flatten.js";
export { dropout, type DropoutOptions } from "./layers/dropout.js";
export type { ScaleAndOffset, Statistics } from "./layers/affine.js";
export { batchNorm, type BatchNormOptions } from "./layers/batch-norm.js";
export {
  groupNorm,
  type GroupNormOptions,
  layerNorm,
  type NormLayerOptions,
  rmsNorm,
  type Scale,
} from "./layers/layer-norm.js";
export { embedding, type EmbeddingOptions, type Table } from "./layers/embedding.js";
export {
  gelu,
  glu,
  logSigmoid,
  mish,
  silu,
  softplus,
  softSign,
  squareplus,
  swish,
  tanhShrink,
} from "../ops/activation.js";
export {
  celu,
  elu,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu,
  relu,
  relu6,
  selu,
  softShrink,
} from "../ops/rectifier.js";
export { logSoftmax, softmax } from "../ops/softmax.js";
export { sigmoid } from "../ops/exponential.js";
export { tanh } from "../ops/hyperbolic.js";
export type { LossOptions } from "./losses/reduction.js";
export {
  cosineDistance,
  type CosineOptions,
  cosineSimilarity,
  huber,
  type HuberOptions,
  logCosh,
  type Loss,
  mae,
  mse,
} from "./losses/regression.js";
export {
  binaryCrossEntropy,
  type ClassLossOptions,
  crossEntropy,
  type CrossEntropyOptions,
  hinge,
  klDivergence,
  nll,
} from "./losses/classification.js";
export {
  accuracy,
  average,
  correct,
  type ScoreOptions,
  tallies,
  type Tally,
  topKAccuracy,
  topKCorrect,
} from "./metrics.js";
export {
  applyUpdates,
  chain,
  type ChainFn,
  chainMonoid,
  type GradientTransformation,
  type NoneFn,
  type StateFn,
  type StateOf,
  stateless,
} from "./optimizers/transformation.js";
export {
  addDecayedWeights,
  clip,
  clipByGlobalNorm,
  type CountFn,
  type DecayOptions,
  globalNorm,
  type LearningRate,
  scale,
  scaleByLearningRate,
  scaleBySchedule,
  trace,
  type TraceFn,
  type TraceOptions,
  type TraceState,
} from "./optimizers/simple.js";
export { leafwise, type Moments, type MomentsFn, type Rule } from "./optimizers/leafwise.js";
export {
  type AdamOptions,
  scaleByAdam,
  scaleByAdamax,
  scaleByAmsgrad,
  scaleByBelief,
  scaleByRadam,
  scaleByYogi,
} from "./optimizers/moments.js";
export {
  type AdadeltaOptions,
  type AdagradOptions,
  type RmsOptions,
  scaleByAdadelta,
  scaleByRms,
  scaleByRss,
  scaleByStddev,
} from "./optimizers/squares.js";
export {
  adabelief,
  adam,
  adamax,
  adamW,
  type AdamWOptions,
  amsgrad,
  nadam,
  radam,
  yogi,
} from "./optimizers/adam.js";
export {
  adadelta,
  adagrad,
  rmsProp,
  type RmsPropOptions,
  sgd,
  type SgdOptions,
} from "./optimizers/classic.js";
export { lamb, scaleByTrustRatio } from "./optimizers/lamb.js";
export { lion, type LionOptions, type LionRuleOptions, scaleByLion } from "./optimizers/lion.js";
export * as schedule from "./schedules.js";
export type { Schedule } from "./schedules.js";
export { leNet, type LeNetOptions, type LeNetParams, type LeNetState } from "./models/lenet.js";
export {
  type Batch,
  initTraining,
  type InitTraining,
  type Learning,
  type Metric,
  type StepResult,
  type TrainingState,
  trainStep,
  type TrainStep,
} from "./train-step.js";
export { type EpochEvent, type StepEvent, train, type TrainingEvent, type TrainingOptions } from "./train.js";
export {
  type Cell,
  cell,
  type CellParts,
  type ContributionScales,
  type RecurrentParams,
  type RecurrentWeightOptions,
} from "./recurrent/cell.js";
export { overTime, type OverTimeOptions, type Sequence } from "./recurrent/over-time.js";
export {
  type CarryOf,
  recurrent,
  type RecurrentLayer,
  type RecurrentOptions,
} from "./recurrent/recurrent.js";
export { rnn, rnnCell, type RnnCellOptions, type RnnOptions } from "./recurrent/rnn.js";
export {
  lstm,
  type LstmCarry,
  lstmCell,
  type LstmCellOptions,
  type LstmOptions,
  type LstmParams,
} from "./recurrent/lstm.js";
export { gru, gruCell, type GruCellOptions, type GruOptions, type GruParams } from "./recurrent/gru.js";
export { bidirectional, type BothWays, type LevelOptions, stacked } from "./recurrent/bidirectional.js";
export {
  gruFromKeras,
  gruFromTorch,
  gruToKeras,
  gruToTorch,
  type KerasWeights,
  lstmFromKeras,
  lstmFromTorch,
  lstmToKeras,
  lstmToTorch,
  type TorchWeights,
} from "./recurrent/convert.js";
export { ctc, type CtcOptions } from "./losses/ctc.js";
export { sequenceCrossEntropy, type SequenceLossOptions, sequenceMask } from "./losses/sequence.js";
export { additiveAttention, type AdditiveParams, type Attended, dotAttention } from "./attention.js";
export { beamSearch, type BeamSearchOptions } from "./decode/beam-search.js";
export { type Decoded, greedyDecode } from "./decode/greedy.js";
export type { DecodeOptions, DecodeStep } from "./decode/step.js";
