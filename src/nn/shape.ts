/** A tensor's type leaves its shape open; here it is a list of sizes. */
import type { Aval, Shape } from "../ir/aval.js";

export const shapeOf = (x: Aval): Shape => x.shape;
