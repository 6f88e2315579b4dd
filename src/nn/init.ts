/** Initial values of parameters: functions of a key, a shape and a dtype, equal to `jax.nn.initializers`. */
export type { Initializer } from "./init/initializer.js";
export { type Bounds, constant, normal, ones, truncatedNormal, uniform, zeros } from "./init/simple.js";
export {
  type Distribution,
  type FanMode,
  type FanOptions,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  varianceScaling,
} from "./init/scaling.js";
export { type ColumnOptions, deltaOrthogonal, identity, orthogonal } from "./init/orthogonal.js";
