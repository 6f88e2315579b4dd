/** What elementwise primitives are in operations of a machine, in float32. */
export { acos, asin } from "./asin.js";
export { acosh, asinh, atanh } from "./asinh.js";
export { atan, atan2 } from "./atan.js";
export { cbrt } from "./cbrt.js";
export { erf } from "./erf.js";
export { erfc } from "./erfc.js";
export { exp } from "./exp.js";
export { expm1 } from "./expm1.js";
export { float32, float32Binary } from "./float32.js";
export { log } from "./log.js";
export { log1p } from "./log1p.js";
export { logistic } from "./logistic.js";
export { pow } from "./pow.js";
export { cos, hugeAngle, sin } from "./sin.js";
export { cosh, sinh } from "./sinh.js";
export { tan } from "./tan.js";
export { tanh } from "./tanh.js";
export { threefry } from "./threefry.js";
