/**
 * Fluxion: function transformations over lazy tensor expressions.
 *
 * @packageDocumentation
 */
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
export type { Argnums, GradOptions, Jacobian } from "./ops/transformations/types.js";
export { type AxisTree, vmap, type VmapOptions } from "./ops/transformations/vmap.js";
export { printProgram } from "./ir/print.js";
export type { Program } from "./ir/program.js";
