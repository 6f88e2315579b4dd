/** How elements of tensors lie in files, and their conversion to and from the library's dtypes. */

import * as E from "fp-ts/lib/Either.js";
import { float16FromBits, float16ToBits, roundToFloat16 } from "../ir/scalar/float16.js";
import { arrayConstructor, bytesPerElement, type DType, type TypedArray } from "../ir/dtype.js";

/** An element encoding that can be read: a dtype, or one that widens or narrows into a dtype. */
export type Encoding = DType | "bfloat16" | "int64";

/** The dtype as which elements of `encoding` are read. */
export const dtypeRead = (encoding: Encoding): DType => {
  if (encoding === "bfloat16") return "float32";
  return encoding === "int64" ? "int32" : encoding;
};

/** Bytes of one element of `encoding` in a file. */
export const bytesPerEncoded = (encoding: Encoding): number => {
  if (encoding === "float16" || encoding === "bfloat16") return 2;
  return encoding === "int64" ? 8 : bytesPerElement(encoding);
};

const hostIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

const reverseElements = (bytes: Uint8Array, size: number): void => {
  for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
};

/** A copy in a buffer of its own, hence aligned, and in the byte order of this machine. */
const toHost = (bytes: Uint8Array, size: number, littleEndian: boolean): ArrayBuffer => {
  const copy = new Uint8Array(bytes.length); // `slice` of a Node Buffer would not copy
  copy.set(bytes);
  if (littleEndian !== hostIsLittleEndian && size > 1) reverseElements(copy, size);
  return copy.buffer;
};

/** bfloat16 is the upper half of a float32. */
const widenBfloat16 = (bits: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(bits, (x) => (x << 16) >>> 0).buffer);

const narrowInt64 = (values: BigInt64Array): E.Either<string, Int32Array> => {
  const narrow = Int32Array.from(values, Number);
  const wrong = values.findIndex((value, i) => value !== BigInt(narrow[i]!));
  if (wrong < 0) return E.right(narrow);
  return E.left(`${String(values[wrong])} at element ${wrong}`);
};

/** The elements in `bytes`, whose length is a multiple of the element's; the Left names an int64 that is no int32. */
export const decodeElements = (
  encoding: Encoding,
  bytes: Uint8Array,
  littleEndian: boolean,
): E.Either<string, TypedArray> => {
  const buffer = toHost(bytes, bytesPerEncoded(encoding), littleEndian);
  switch (encoding) {
    case "float16":
      return E.right(Float32Array.from(new Uint16Array(buffer), float16FromBits));
    case "bfloat16":
      return E.right(widenBfloat16(new Uint16Array(buffer)));
    case "int64":
      return narrowInt64(new BigInt64Array(buffer));
    case "bool":
      return E.right(new Uint8Array(buffer).map((x) => (x === 0 ? 0 : 1)));
    default:
      return E.right(new (arrayConstructor(encoding))(buffer));
  }
};

/** The little-endian bytes of elements; a view of them where that is how they are stored. */
export const encodeElements = (dtype: DType, data: TypedArray): Uint8Array =>
  littleEndian(dtype === "float16" ? Uint16Array.from(data, (x) => float16ToBits(roundToFloat16(x))) : data);

const littleEndian = (data: TypedArray | Uint16Array): Uint8Array => {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (hostIsLittleEndian) return bytes;
  const copy = new Uint8Array(bytes);
  reverseElements(copy, data.BYTES_PER_ELEMENT);
  return copy;
};
