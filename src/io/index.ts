/** Reading and writing arrays in files of other tools. */
export type { NdArray } from "../ir/ndarray.js";
export { decodeNpy, encodeNpy } from "./npy.js";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./safetensors.js";
