/**
 * How a shader sees memory: word by word, or four words at a time. Where it is seen as vectors, an element can still be
 * read, but not written: WGSL lets a write of one component write its neighbours as well, which others may be writing.
 */
import type { DType } from "../../../ir/dtype.js";
import { fromWord, toWord } from "./types.js";

export interface View {
  /** The types that the memory's variables are arrays of. */
  readonly words: string;
  readonly halves: string;
  /** An element, by its place. */
  readonly load: (dtype: DType, at: string) => string;
}

const element = (dtype: DType, place: string): string =>
  dtype === "float16" ? `f32(halves[${place}])` : fromWord(dtype, `heap[${place}]`);

export const words: View = { words: "u32", halves: "f16", load: element };

export const vectors: View = {
  words: "vec4<u32>",
  halves: "vec4<f16>",
  load: (dtype, at) => element(dtype, `(${at}) >> 2u][(${at}) & 3`),
};

/** The statement that puts an element at its place, word by word. */
export const stored = (dtype: DType, at: string, value: string): string =>
  dtype === "float16" ? `halves[${at}] = f16(${value});` : `heap[${at}] = ${toWord(dtype, value)};`;

/** Four elements from a place on, which is a multiple of 4, where memory is vectors. */
export const loadedFour = (dtype: DType, at: string): string =>
  dtype === "float16" ? `vec4<f32>(halves[(${at}) >> 2u])` : fromWord(dtype, `heap[(${at}) >> 2u]`, true);

/** The statement that puts four elements there. */
export const storedFour = (dtype: DType, at: string, value: string): string =>
  dtype === "float16"
    ? `halves[(${at}) >> 2u] = vec4<f16>(${value});`
    : `heap[(${at}) >> 2u] = ${toWord(dtype, value, true)};`;
