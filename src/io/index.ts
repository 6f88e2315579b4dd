/** Reading and writing arrays in files of other tools. */
export type { NdArray } from "../ir/ndarray.js";
export { decodeNpy, encodeNpy } from "./npy.js";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./safetensors.js";
export { type Arrays, arraysOfTree, treeOfArrays } from "./tree.js";
export { loadTree, readSafetensors, type SavedTree, saveTree, writeSafetensors } from "./file.js";
