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
