/** Puts the methods on tensors. Imported for its effect by every entry point. */
import { Expr } from "../ir/expr.js";
import { reshapeFunctions } from "./reshape.js";
import { matmulFunctions } from "./matmul.js";
import { convFunctions } from "./conv.js";
import { poolFunctions } from "./pool.js";
import { softmaxFunctions } from "./softmax.js";
import { activationFunctions } from "./activation.js";
import { arithmeticFunctions } from "./arithmetic.js";
import { powerFunctions } from "./power.js";
import { exponentialFunctions } from "./exponential.js";
import { comparisonFunctions } from "./comparison.js";
import { conversionFunctions } from "./conversion.js";
import { selectionFunctions } from "./selection.js";
import { reductionFunctions } from "./reductions.js";
import { fillFunctions } from "./fill.js";
import { trigonometricFunctions } from "./trigonometric.js";
import { hyperbolicFunctions } from "./hyperbolic.js";
import { roundingFunctions } from "./rounding.js";
import { specialFunctions } from "./special.js";
import { logicFunctions } from "./logic.js";
import { bitwiseFunctions } from "./bitwise.js";
import { floatingFunctions } from "./floating.js";
import { atFunctions } from "./at.js";
import { updateFunctions } from "./update.js";
import { takeFunctions } from "./take.js";
import { oneHotFunctions } from "./one-hot.js";
import { splitFunctions } from "./split.js";
import { rearrangeFunctions } from "./rearrange.js";
import { padFunctions } from "./pad.js";
import { argumentFunctions } from "./arguments.js";
import { statisticsFunctions } from "./statistics.js";
import { logSumExpFunctions } from "./logsumexp.js";
import { normFunctions } from "./norm.js";
import { cumulativeFunctions } from "./cumulative.js";
import { nanFunctions } from "./nan.js";
import { quantileFunctions } from "./quantile.js";
import { histogramFunctions } from "./histogram.js";
import { diagonalFunctions } from "./diagonals.js";
import { gridFunctions } from "./grids.js";
import { sortFunctions } from "./sort.js";
import { topKFunctions } from "./sort.js";
import { searchFunctions } from "./search.js";
import { placesFunctions } from "./places.js";
import { placesMethods } from "./places.js";
import { segmentFunctions } from "./segments.js";
import { dynamicFunctions } from "./dynamic.js";
import { productFunctions } from "./products.js";
import { sliceFunctions } from "./slice.js";
import { pixelFunctions } from "./pixels.js";
import { resizeFunctions } from "./resize.js";
import { adaptivePoolFunctions } from "./adaptive-pool.js";
import { slidingFunctions } from "./sliding.js";
import { standardizeFunctions } from "./standardize.js";
import { polynomialFunctions } from "./polynomials.js";
import { signalFunctions } from "./signal.js";
import { membershipFunctions } from "./membership.js";
import { logDomainFunctions } from "./log-domain.js";
import { sparseActivationFunctions } from "./sparse-activation.js";
import { nanCumulativeFunctions } from "./nan-cumulative.js";
import { axesFunctions } from "./axes.js";
import { rectifierFunctions } from "./rectifier.js";
import { readMethods, show, toPrimitive } from "./read.js";

type Bodies = Readonly<Record<string, (...args: never[]) => unknown>>;

const define = (name: string | symbol, value: unknown): void => {
  Object.defineProperty(Expr.prototype, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
};

/** `x.f(…args)` is `f(x, …args)`. */
const installFunctions = (functions: Bodies): void => {
  for (const [name, f] of Object.entries(functions))
    define(name, function (this: Expr, ...args: never[]): unknown {
      return f(this as never, ...args);
    });
};

for (const [name, body] of Object.entries(readMethods)) define(name, body);
define(Symbol.toPrimitive, toPrimitive);
define(Symbol.for("nodejs.util.inspect.custom"), function (this: Expr): string {
  return show(this);
});

// Each family of functions adds its method table here.
installFunctions(reshapeFunctions);
installFunctions(matmulFunctions);
installFunctions(convFunctions);
installFunctions(poolFunctions);
installFunctions(softmaxFunctions);
installFunctions(activationFunctions);
installFunctions(arithmeticFunctions);
installFunctions(powerFunctions);
installFunctions(exponentialFunctions);
installFunctions(comparisonFunctions);
installFunctions(conversionFunctions);
installFunctions(selectionFunctions);
installFunctions(reductionFunctions);
installFunctions(fillFunctions);
installFunctions(trigonometricFunctions);
installFunctions(hyperbolicFunctions);
installFunctions(roundingFunctions);
installFunctions(specialFunctions);
installFunctions(logicFunctions);
installFunctions(bitwiseFunctions);
installFunctions(floatingFunctions);
installFunctions(atFunctions);
installFunctions(updateFunctions);
installFunctions(takeFunctions);
installFunctions(oneHotFunctions);
installFunctions(splitFunctions);
installFunctions(rearrangeFunctions);
installFunctions(padFunctions);
installFunctions(argumentFunctions);
installFunctions(statisticsFunctions);
installFunctions(logSumExpFunctions);
installFunctions(normFunctions);
installFunctions(cumulativeFunctions);
installFunctions(nanFunctions);
installFunctions(quantileFunctions);
installFunctions(histogramFunctions);
installFunctions(diagonalFunctions);
installFunctions(gridFunctions);
installFunctions(sortFunctions);
installFunctions(topKFunctions);
installFunctions(searchFunctions);
installFunctions(placesFunctions);
installFunctions(placesMethods);
installFunctions(segmentFunctions);
installFunctions(dynamicFunctions);
installFunctions(productFunctions);
installFunctions(sliceFunctions);
installFunctions(pixelFunctions);
installFunctions(resizeFunctions);
installFunctions(adaptivePoolFunctions);
installFunctions(slidingFunctions);
installFunctions(standardizeFunctions);
installFunctions(polynomialFunctions);
installFunctions(signalFunctions);
installFunctions(membershipFunctions);
installFunctions(logDomainFunctions);
installFunctions(sparseActivationFunctions);
installFunctions(nanCumulativeFunctions);
installFunctions(axesFunctions);
installFunctions(rectifierFunctions);
