/**
 * NumPy's .npy format: a magic string, a version, the literal of a Python dict, the elements.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */

import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { sizeOf, stridesOf } from "../ir/aval.js";
import { allocate, type DType, type TypedArray } from "../ir/dtype.js";
import { expected, type FluxionError } from "../ir/errors.js";
import type { NdArray } from "../ir/ndarray.js";
import { bytesPerEncoded, decodeElements, dtypeRead, encodeElements, type Encoding } from "./elements.js";
import { show } from "./json.js";
import { isSize, safeSize, wrongArray } from "./shape.js";

const MAGIC = "\x93NUMPY";

/** More than NumPy itself accepts without being asked to. */
const MAX_HEADER = 65_536;

const encodings: Readonly<Record<string, Encoding>> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  i4: "int32",
  u4: "uint32",
  i1: "int8",
  u1: "uint8",
  b1: "bool",
};

const descriptions: Readonly<Record<DType, string>> = {
  float64: "<f8",
  float32: "<f4",
  float16: "<f2",
  int32: "<i4",
  uint32: "<u4",
  int8: "|i1",
  uint8: "|u1",
  bool: "|b1",
};

interface Header {
  readonly encoding: Encoding;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

type Result<A> = E.Either<FluxionError, A>;

const fail = (want: string, got: string | number): Result<never> =>
  E.left(expected("npy", want, String(got)));

const latin1 = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

/** The text of the header and the bytes after it. */
const split = (bytes: Uint8Array): Result<readonly [header: string, data: Uint8Array]> => {
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== MAGIC) return fail("the magic string \\x93NUMPY", show(magic));
  const version = bytes[6];
  if (version === undefined || version < 1 || version > 3) return fail("version 1, 2 or 3", String(version));
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) return fail(`at least ${start} bytes`, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) return fail(`a header of at most ${MAX_HEADER} bytes`, length);
  if (bytes.length < start + length)
    return fail(`a header of ${length} bytes`, `${bytes.length - start} bytes`);
  return E.right([latin1(bytes.subarray(start, start + length)), bytes.subarray(start + length)]);
};

/** One `'key': value` of the dict and what follows it: the values are a string, a bool or a tuple of integers. */
const item = /^\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d\sL,]*\))\s*(?:,|$)/;

/** The dict's items by key, as text. */
const parseDict = (text: string): Result<ReadonlyMap<string, string>> => {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return fail("a dict as header", show(trimmed));
  const items = new Map<string, string>();
  let rest = trimmed.slice(1, -1);
  while (rest.trim() !== "") {
    const match = item.exec(rest);
    if (match === null) return fail("a header of descr, fortran_order and shape", show(trimmed));
    const [all, key = "", value = ""] = match;
    if (items.has(key)) return fail("distinct keys in the header", `'${key}' twice`);
    items.set(key, value);
    rest = rest.slice(all.length);
  }
  return E.right(items);
};

/** The sizes in a tuple's text, `(2, 3)`, `(2,)` or `()`; Python 2 wrote `(2L,)`. */
const parseShape = (text: string): Result<readonly number[]> => {
  const parts = text
    .slice(1, -1)
    .split(",")
    .map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  const shape = parts.map((part) => (/^\d+L?$/.test(part) ? parseInt(part, 10) : NaN));
  return shape.every(isSize) ? E.right(shape) : fail("a shape of sizes ≥ 0", text);
};

const parseHeader = (text: string): Result<Header> =>
  pipe(
    parseDict(text),
    E.chain((items) => {
      const description = items.get("descr") ?? "";
      const [, order = "", code = ""] = /^'([<>|=]?)(\w+)'$/.exec(description) ?? [];
      const encoding = Object.hasOwn(encodings, code) ? encodings[code] : undefined;
      if (encoding === undefined)
        return fail(`a descr of ${Object.keys(encodings).join(" ")}`, description || "none");
      const fortran = items.get("fortran_order");
      if (fortran !== "True" && fortran !== "False")
        return fail("fortran_order to be True or False", fortran ?? "none");
      const shape = items.get("shape");
      if (!shape?.startsWith("(")) return fail("shape to be a tuple", shape ?? "none");
      return pipe(
        parseShape(shape),
        E.map((sizes) => ({
          encoding,
          littleEndian: order !== ">",
          fortranOrder: fortran === "True",
          shape: sizes,
        })),
      );
    }),
  );

/** Column-major elements in row-major order. */
const fromFortran = (shape: readonly number[], dtype: DType, data: TypedArray): TypedArray => {
  const out = allocate(dtype, data.length);
  const strides = stridesOf([...shape].reverse()).reverse(); // of the column-major input
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
};

const readData = (
  { encoding, littleEndian, fortranOrder, shape }: Header,
  data: Uint8Array,
): Result<NdArray> => {
  const size = safeSize(shape);
  if (size === undefined) return fail("at most 2^53 elements", `shape [${shape.join(",")}]`);
  const bytes = size * bytesPerEncoded(encoding);
  if (bytes !== data.length)
    return fail(`${bytes} bytes of data for shape [${shape.join(",")}]`, data.length);
  const dtype = dtypeRead(encoding);
  return pipe(
    decodeElements(encoding, data, littleEndian),
    E.bimap(
      (detail) => expected("npy", "integers that fit in int32", detail),
      (elements) => ({ shape, dtype, data: fortranOrder ? fromFortran(shape, dtype, elements) : elements }),
    ),
  );
};

/**
 * The array in the bytes of a .npy file, row-major.
 *
 * Reads versions 1 to 3, both byte orders, Fortran order, and the elements f8 f4 i4 u4 i1 u1 b1 f2, and i8 (64-bit integers) int32 where every value fits. A Left says what is wrong; nothing is thrown.
 *
 * @example
 * ```ts
 * import { decodeNpy, encodeNpy } from "fluxion/io";
 * import * as E from "fp-ts/lib/Either.js";
 *
 * const file = encodeNpy({ shape: [2, 1], dtype: "int32", data: new Int32Array([3, -4]) });
 * const decoded = decodeNpy(file);
 * E.isRight(decoded) ? decoded.right.shape : [] // [2, 1]
 * E.isRight(decoded) ? Array.from(decoded.right.data) : [] // [3, -4]
 * ```
 */
export const decodeNpy = (bytes: Uint8Array): E.Either<FluxionError, NdArray> =>
  pipe(
    split(bytes),
    E.chain(([text, data]) =>
      pipe(
        parseHeader(text),
        E.chain((header) => readData(header, data)),
      ),
    ),
  );

const tuple = (shape: readonly number[]): string => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/**
 * The bytes of a .npy file with this array: version 1.0, C order, little-endian.
 *
 * Throws a `FluxionError` if the array's data do not match its shape and dtype, or it has more than 64 axes.
 *
 * @example
 * ```ts
 * import { encodeNpy } from "fluxion/io";
 *
 * encodeNpy({ shape: [2], dtype: "float32", data: new Float32Array(2) }).length // 136
 * ```
 */
export const encodeNpy = (array: NdArray): Uint8Array => {
  const error = wrongArray("npy", "the array", array);
  if (error !== undefined) throw error;
  const { shape, dtype, data } = array;
  if (shape.length > 64) throw expected("npy", "at most 64 axes, as NumPy", String(shape.length));
  const dict = `{'descr': '${descriptions[dtype]}', 'fortran_order': False, 'shape': ${tuple(shape)}, }`;
  const start = Math.ceil((10 + dict.length + 1) / 64) * 64; // the data begin at a multiple of 64
  const file = new Uint8Array(start + sizeOf(shape) * bytesPerEncoded(dtype));
  const head = `${MAGIC}\x01\x00`;
  for (let i = 0; i < head.length; i++) file[i] = head.charCodeAt(i);
  new DataView(file.buffer).setUint16(8, start - 10, true);
  file.set(new TextEncoder().encode(`${dict.padEnd(start - 11)}\n`), 10);
  file.set(encodeElements(dtype, data), start);
  return file;
};
