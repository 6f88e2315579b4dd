/** The methods of a tensor, derived from the argument tables of the functions. Each table is in its functions' file. */
import type { ReshapeArgs } from "./reshape.js";
import type { MatmulArgs } from "./matmul.js";
import type { ConvArgs } from "./conv.js";
import type { PoolArgs } from "./pool.js";
import type { SoftmaxArgs } from "./softmax.js";
import type { ActivationArgs } from "./activation.js";
import type { ArithmeticArgs } from "./arithmetic.js";
import type { PowerArgs } from "./power.js";
import type { ExponentialArgs } from "./exponential.js";
import type { ComparisonArgs } from "./comparison.js";
import type { ConversionArgs } from "./conversion.js";
import type { SelectionArgs } from "./selection.js";
import type { ReductionArgs } from "./reductions.js";
import type { FillArgs } from "./fill.js";
import type { TrigonometricArgs } from "./trigonometric.js";
import type { HyperbolicArgs } from "./hyperbolic.js";
import type { RoundingArgs } from "./rounding.js";
import type { SpecialArgs } from "./special.js";
import type { LogicArgs } from "./logic.js";
import type { BitwiseArgs } from "./bitwise.js";
import type { FloatingArgs } from "./floating.js";
import type { AtMethods } from "./at.js";
import type { UpdateArgs } from "./update.js";
import type { TakeArgs } from "./take.js";
import type { OneHotArgs } from "./one-hot.js";
import type { SplitMethods } from "./split.js";
import type { RearrangeArgs } from "./rearrange.js";
import type { PadArgs } from "./pad.js";
import type { ArgumentArgs } from "./arguments.js";
import type { StatisticsArgs } from "./statistics.js";
import type { LogSumExpArgs } from "./logsumexp.js";
import type { NormArgs } from "./norm.js";
import type { CumulativeArgs } from "./cumulative.js";
import type { NaNArgs } from "./nan.js";
import type { QuantileArgs } from "./quantile.js";
import type { HistogramArgs } from "./histogram.js";
import type { DiagonalArgs } from "./diagonals.js";
import type { GridArgs } from "./grids.js";
import type { SortArgs } from "./sort.js";
import type { TopKMethods } from "./sort.js";
import type { SearchArgs } from "./search.js";
import type { PlacesArgs } from "./places.js";
import type { PlacesMethods } from "./places.js";
import type { SegmentArgs } from "./segments.js";
import type { DynamicArgs } from "./dynamic.js";
import type { ProductArgs } from "./products.js";
import type { SliceArgs } from "./slice.js";
import type { PixelArgs } from "./pixels.js";
import type { ResizeArgs } from "./resize.js";
import type { AdaptivePoolArgs } from "./adaptive-pool.js";
import type { SlidingArgs } from "./sliding.js";
import type { StandardizeArgs } from "./standardize.js";
import type { PolynomialArgs } from "./polynomials.js";
import type { SignalArgs } from "./signal.js";
import type { MembershipArgs } from "./membership.js";
import type { LogDomainArgs } from "./log-domain.js";
import type { SparseActivationArgs } from "./sparse-activation.js";
import type { NaNCumulativeArgs } from "./nan-cumulative.js";
import type { AxesArgs } from "./axes.js";
import type { RectifierArgs } from "./rectifier.js";
import type { ReadMethods } from "./read.js";
import type { Tensor } from "./tensor.js";

/** Labelled argument tuples to methods. */
export type MethodsOf<T> = {
  readonly [K in keyof T]: T[K] extends readonly unknown[] ? (...args: T[K]) => Tensor : never;
};

export interface TensorMethods
  extends
    ReadMethods,
    MethodsOf<PolynomialArgs>,
    MethodsOf<LogDomainArgs>,
    MethodsOf<SparseActivationArgs>,
    MethodsOf<NaNCumulativeArgs>,
    MethodsOf<GridArgs>,
    MethodsOf<DiagonalArgs>,
    MethodsOf<HistogramArgs>,
    MethodsOf<QuantileArgs>,
    MethodsOf<NaNArgs>,
    MethodsOf<CumulativeArgs>,
    MethodsOf<NormArgs>,
    MethodsOf<LogSumExpArgs>,
    MethodsOf<StatisticsArgs>,
    MethodsOf<ArgumentArgs>,
    MethodsOf<FloatingArgs>,
    MethodsOf<BitwiseArgs>,
    MethodsOf<LogicArgs>,
    MethodsOf<SpecialArgs>,
    MethodsOf<RoundingArgs>,
    MethodsOf<HyperbolicArgs>,
    MethodsOf<TrigonometricArgs>,
    MethodsOf<FillArgs>,
    MethodsOf<ReductionArgs>,
    MethodsOf<SelectionArgs>,
    MethodsOf<ConversionArgs>,
    MethodsOf<ComparisonArgs>,
    MethodsOf<ExponentialArgs>,
    MethodsOf<PowerArgs>,
    MethodsOf<ArithmeticArgs>,
    MethodsOf<ReshapeArgs>,
    MethodsOf<AxesArgs>,
    MethodsOf<MatmulArgs>,
    MethodsOf<ConvArgs>,
    MethodsOf<PoolArgs>,
    MethodsOf<SoftmaxArgs>,
    MethodsOf<ActivationArgs>,
    MethodsOf<RectifierArgs>,
    AtMethods,
    MethodsOf<UpdateArgs>,
    MethodsOf<TakeArgs>,
    MethodsOf<OneHotArgs>,
    SplitMethods,
    MethodsOf<RearrangeArgs>,
    MethodsOf<PadArgs>,
    MethodsOf<SortArgs>,
    TopKMethods,
    MethodsOf<SearchArgs>,
    MethodsOf<PlacesArgs>,
    PlacesMethods,
    MethodsOf<SegmentArgs>,
    MethodsOf<DynamicArgs>,
    MethodsOf<ProductArgs>,
    MethodsOf<SliceArgs>,
    MethodsOf<PixelArgs>,
    MethodsOf<ResizeArgs>,
    MethodsOf<AdaptivePoolArgs>,
    MethodsOf<SlidingArgs>,
    MethodsOf<StandardizeArgs>,
    MethodsOf<SignalArgs>,
    MethodsOf<MembershipArgs> {
  /** Coercion: a concrete scalar gives its number, anything else throws and says what to use. */
  [Symbol.toPrimitive](hint: string): number | string;
}
