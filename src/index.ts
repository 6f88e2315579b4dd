/**
 * Fluxion: function transformations over lazy tensor expressions.
 *
 * @packageDocumentation
 */
// One file, however long: it is nothing but the list of what the package exports.
import "./ops/install.js";

export type { DType, TypedArray } from "./ir/dtype.js";
export type { Shape, Aval } from "./ir/aval.js";
export { AbstractValueError, FluxionError } from "./ir/errors.js";
export { type Nested, tensor, type TensorOptions } from "./ops/creation.js";
export { realizeAll } from "./ops/read.js";
export type { Tensor, TensorLike } from "./ops/tensor.js";
export { checkpoint, customJvp, customVjp } from "./ops/transformations/custom.js";
export { grad, valueAndGrad } from "./ops/transformations/grad.js";
export { hessian, jacfwd, type JacobianOptions, jacrev } from "./ops/transformations/jacobian.js";
export { jvp, linearize, linearTranspose, vjp } from "./ops/transformations/linearize.js";
export { type AvalTree, evalShape, trace, type Traced } from "./ops/transformations/shape.js";
export type { Argnums, Derivative, GradOptions, Jacobian } from "./ops/transformations/types.js";
export { type AxisTree, vmap, type VmapOptions } from "./ops/transformations/vmap.js";
export { lift } from "./lift/lift.js";
export { liftReduce, type LiftReduceOptions, liftScan, type LiftScanOptions } from "./lift/along.js";
export { liftable } from "./lift/liftable.js";
export type { Lifted, LiftedArgument, LiftedResult, LiftEnvironment, LiftTable } from "./lift/types.js";
export { printProgram } from "./ir/print.js";
export type { Program } from "./ir/program.js";
export {
  atLeast1d,
  atLeast2d,
  atLeast3d,
  broadcastArrays,
  broadcastTo,
  expandDims,
  flatten,
  ravel,
  reshape,
  squeeze,
  type SqueezeOptions,
} from "./ops/reshape.js";
export { transpose, matrixTranspose, swapAxes, moveAxis } from "./ops/axes.js";
export {
  append,
  columnStack,
  concat,
  concatenate,
  dstack,
  hstack,
  type JoinOptions,
  type ListOp,
  stack,
  vstack,
} from "./ops/join.js";
export { type ContractOptions, dot, inner, matmul, outer, vdot, vecdot } from "./ops/matmul.js";
export { conv, type ConvOptions, convTranspose, type ConvTransposeOptions } from "./ops/conv.js";
export type { Padding, PerAxis } from "./ops/spatial.js";
export {
  avgPool,
  type AvgPoolOptions,
  lpPool,
  maxPool,
  minPool,
  type PoolOptions,
  sumPool,
} from "./ops/pool.js";
export { logSoftmax, softmax, type SoftmaxOptions } from "./ops/softmax.js";
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
} from "./ops/activation.js";
export {
  celu,
  elu,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu,
  prelu,
  relu,
  relu6,
  selu,
  softShrink,
} from "./ops/rectifier.js";
export {
  add,
  sub,
  mul,
  div,
  floorDivide,
  mod,
  rem,
  divmod,
  neg,
  abs,
  sign,
  square,
  reciprocal,
} from "./ops/arithmetic.js";
export { pow, sqrt, rsqrt, cbrt, hypot } from "./ops/power.js";
export {
  exp,
  exp2,
  expm1,
  log,
  log2,
  log10,
  log1p,
  logaddexp,
  logaddexp2,
  sigmoid,
  logit,
} from "./ops/exponential.js";
export {
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  isClose,
  allClose,
  arrayEqual,
  type CloseOptions,
} from "./ops/comparison.js";
export { cast, bitcast, stopGradient } from "./ops/conversion.js";
export { where, maximum, minimum, fmax, fmin, clip, lerp } from "./ops/selection.js";
export {
  sum,
  prod,
  mean,
  max,
  min,
  all,
  any,
  ptp,
  countNonzero,
  type MeanOptions,
  type ExtremeOptions,
} from "./ops/reductions.js";
export {
  zeros,
  ones,
  full,
  zerosLike,
  onesLike,
  fullLike,
  type DTypeOptions,
  type LikeOptions,
} from "./ops/fill.js";
export {
  arange,
  geomspace,
  linspace,
  logspace,
  type LogSpaceOptions,
  type SpaceOptions,
} from "./ops/ranges.js";
export { type AxisOptions, type ReduceOptions } from "./ops/reduce.js";
export { sin, cos, tan, asin, acos, atan, atan2, sinc, degrees, radians } from "./ops/trigonometric.js";
export { sinh, cosh, tanh, asinh, acosh, atanh } from "./ops/hyperbolic.js";
export { floor, ceil, trunc, round, type RoundOptions } from "./ops/rounding.js";
export {
  erf,
  erfc,
  erfInv,
  lgamma,
  digamma,
  polygamma,
  betaln,
  xlogy,
  xlog1py,
  entr,
} from "./ops/special.js";
export { logicalAnd, logicalOr, logicalXor, logicalNot } from "./ops/logic.js";
export {
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  bitwiseNot,
  shiftLeft,
  shiftRight,
  shiftRightLogical,
  populationCount,
  countLeadingZeros,
} from "./ops/bitwise.js";
export {
  isNaN,
  isFinite,
  isInf,
  isPosInf,
  isNegInf,
  signbit,
  copysign,
  heaviside,
  nanToNum,
  type NanToNumOptions,
} from "./ops/floating.js";
export { at } from "./ops/at.js";
export type { Index, IndexEntry, Places, Range, RangeText } from "./ops/index-spec.js";
export { addAt, maxAt, minAt, mulAt, setAt } from "./ops/update.js";
export {
  type AlongAxisOptions,
  type Indices,
  putAlongAxis,
  type PutOptions,
  take,
  takeAlongAxis,
  type TakeMode,
  type TakeOptions,
} from "./ops/take.js";
export { oneHot, type OneHotOptions } from "./ops/one-hot.js";
export {
  arraySplit,
  type Cuts,
  dsplit,
  hsplit,
  split,
  type SplitOp,
  type SplitOptions,
  unstack,
  vsplit,
} from "./ops/split.js";
export {
  flip,
  fliplr,
  flipud,
  type FlipOptions,
  repeat,
  type RepeatOptions,
  roll,
  type RollOptions,
  rot90,
  type Rot90Options,
  tile,
} from "./ops/rearrange.js";
export { pad, type PadMode, type PadOptions, type PadWidths } from "./ops/pad.js";
export * as random from "./ops/random/index.js";
export * as tree from "./ops/tree.js";
export type { MapTree } from "./ops/tree.js";
export { jit, type Jitted, type JitOptions } from "./ops/transformations/jit.js";
export type { KernelText, Lowered, Profile } from "./jit/explain.js";
export { programCache } from "./jit/compile.js";
export { type MemoryStats, memoryStats } from "./jit/memory.js";
export { getThreads, setThreads } from "./jit/threads.js";
export type { CacheStats } from "./jit/cache.js";
export { argmax, argmin, nanargmax, nanargmin, type ArgumentOptions } from "./ops/arguments.js";
export {
  var,
  variance,
  std,
  average,
  cov,
  corrcoef,
  type VarianceOptions,
  type AverageOptions,
  type CovarianceOptions,
} from "./ops/statistics.js";
export { logsumexp, type LogSumExpOptions } from "./ops/logsumexp.js";
export { norm, type NormOptions } from "./ops/norm.js";
export {
  cumsum,
  cumprod,
  cummax,
  cummin,
  cumlogsumexp,
  diff,
  type CumulativeOptions,
  type CumulativeSumOptions,
  type DiffOptions,
} from "./ops/cumulative.js";
export {
  nansum,
  nanprod,
  nanmean,
  nanmax,
  nanmin,
  nanvar,
  nanstd,
  type NaNVarianceOptions,
} from "./ops/nan.js";
export {
  quantile,
  percentile,
  median,
  nanquantile,
  nanpercentile,
  nanmedian,
  type QuantileMethod,
  type QuantileOptions,
} from "./ops/quantile.js";
export { bincount, histogram, type BincountOptions, type HistogramOptions } from "./ops/histogram.js";
export {
  eye,
  identity,
  tri,
  tril,
  triu,
  diag,
  diagonal,
  matrixTrace,
  type EyeOptions,
  type OffsetOptions,
  type DiagonalOptions,
} from "./ops/diagonals.js";
export {
  meshgrid,
  indices,
  fromFunction,
  vander,
  type MeshgridOptions,
  type VanderOptions,
} from "./ops/grids.js";
export { argsort, lexsort, sort, type SortOptions, topK, type TopK, type TopKOptions } from "./ops/sort.js";
export { digitize, type DigitizeOptions, type SearchOptions, searchsorted } from "./ops/search.js";
export {
  argwhere,
  flatnonzero,
  nonzero,
  type SizeOptions,
  unique,
  uniqueAll,
  type UniqueAll,
} from "./ops/places.js";
export {
  segmentMax,
  segmentMean,
  segmentMin,
  type SegmentOptions,
  segmentProd,
  segmentSum,
} from "./ops/segments.js";
export {
  dynamicIndexInDim,
  dynamicSlice,
  dynamicSliceInDim,
  dynamicUpdateInDim,
  dynamicUpdateSlice,
  type InDimOptions,
  type Starts,
} from "./ops/dynamic.js";
export { einsum } from "./ops/einsum.js";
export {
  cross,
  type CrossOptions,
  dotGeneral,
  type DotGeneralOptions,
  kron,
  matrixPower,
  multiDot,
  tensordot,
  type TensordotOptions,
} from "./ops/products.js";
export { log1mexp, logmeanexp } from "./ops/log-domain.js";
export { sparsePlus, sparseSigmoid } from "./ops/sparse-activation.js";
export { nancumprod, nancumsum } from "./ops/nan-cumulative.js";
export { bartlett, blackman, hamming, hanning } from "./ops/tapers.js";
export { type BackendName, getBackend, initBackend, setBackend } from "./jit/backend.js";
export type { Tuned, Tuning } from "./jit/backends/wgsl/tuning.js";
export { choose, select } from "./ops/choice.js";
export { slice, sliceInDim, type SliceInDimOptions, type SliceOptions } from "./ops/slice.js";
export { depthToSpace, pixelShuffle, pixelUnshuffle, spaceToDepth } from "./ops/pixels.js";
export { resize, type ResizeMethod, type ResizeOptions } from "./ops/resize.js";
export {
  adaptiveAvgPool,
  adaptiveMaxPool,
  globalAvgPool,
  globalMaxPool,
  type GlobalPoolOptions,
} from "./ops/adaptive-pool.js";
export { overlapAdd, slidingWindow, type SlidingOptions } from "./ops/sliding.js";
export { type AttentionOptions, dotProductAttention } from "./ops/attention.js";
export { standardize, type StandardizeOptions } from "./ops/standardize.js";
export { polyval, interp, trapezoid, type InterpOptions, type TrapezoidOptions } from "./ops/polynomials.js";
export { associativeScan, type AssociativeScanOptions } from "./ops/loops/associative-scan.js";
export { cond, switchCase } from "./ops/loops/cond.js";
export { map, scan, type ScanOptions } from "./ops/loops/scan.js";
export { foriLoop, whileLoop } from "./ops/loops/while.js";
export { convolve, type ConvolveOptions, correlate } from "./ops/signal.js";
export { isin, type IsinOptions } from "./ops/membership.js";
export {
  diagIndices,
  openMesh,
  ravelMultiIndex,
  type TriangleOptions,
  trilIndices,
  triuIndices,
  unravelIndex,
} from "./ops/index-grids.js";
