/**
 * The IDX format of MNIST and its kin: a magic number (two zeros, element type, number of axes), the sizes,
 * the elements, all big-endian.
 *
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database", the section on file formats.
 */

import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { showAval } from "../ir/aval.js";
import { allocate, type DType } from "../ir/dtype.js";
import { expected, type FluxionError } from "../ir/errors.js";
import type { NdArray } from "../ir/ndarray.js";

/** How one element type is stored. */
interface Element {
  readonly dtype: DType;
  readonly bytes: number;
  readonly get: (view: DataView, at: number) => number;
  readonly set: (view: DataView, at: number, value: number) => void;
}

const elements: ReadonlyMap<number, Element> = new Map<number, Element>([
  [0x08, { dtype: "uint8", bytes: 1, get: (v, i) => v.getUint8(i), set: (v, i, x) => v.setUint8(i, x) }],
  [0x09, { dtype: "int8", bytes: 1, get: (v, i) => v.getInt8(i), set: (v, i, x) => v.setInt8(i, x) }],
  // Written never: nothing here has 16 bits.
  [0x0b, { dtype: "int32", bytes: 2, get: (v, i) => v.getInt16(i), set: (v, i, x) => v.setInt16(i, x) }],
  [0x0c, { dtype: "int32", bytes: 4, get: (v, i) => v.getInt32(i), set: (v, i, x) => v.setInt32(i, x) }],
  [
    0x0d,
    { dtype: "float32", bytes: 4, get: (v, i) => v.getFloat32(i), set: (v, i, x) => v.setFloat32(i, x) },
  ],
  [
    0x0e,
    { dtype: "float64", bytes: 8, get: (v, i) => v.getFloat64(i), set: (v, i, x) => v.setFloat64(i, x) },
  ],
]);

const codes: Readonly<Partial<Record<DType, number>>> = {
  uint8: 0x08,
  int8: 0x09,
  int32: 0x0c,
  float32: 0x0d,
  float64: 0x0e,
};

/**
 * The magic number of an IDX file of unsigned bytes with three axes: images.
 *
 * @example
 * ```ts
 * import { IDX_IMAGES } from "fluxion/data";
 *
 * IDX_IMAGES // 0x0803
 * ```
 */
export const IDX_IMAGES: number = 0x00000803;

/**
 * The magic number of an IDX file of unsigned bytes with one axis: labels.
 *
 * @example
 * ```ts
 * import { IDX_LABELS } from "fluxion/data";
 *
 * IDX_LABELS // 0x0801
 * ```
 */
export const IDX_LABELS: number = 0x00000801;

type Result<A> = E.Either<FluxionError, A>;

const fail = (want: string, got: string | number): Result<never> =>
  E.left(expected("idx", want, String(got)));

const hex = (magic: number): string => `0x${magic.toString(16).padStart(8, "0")}`;

const readMagic = (view: DataView, magic: number | undefined): Result<readonly [Element, number]> => {
  if (view.byteLength < 4) return fail("at least 4 bytes", view.byteLength);
  const found = view.getUint32(0);
  if (magic !== undefined && found !== magic) return fail(`magic ${hex(magic)}`, hex(found));
  const element = found >>> 16 === 0 ? elements.get(found >>> 8) : undefined;
  if (element === undefined)
    return fail("a magic number 0x0000 and element type 08, 09, 0b, 0c, 0d or 0e", hex(found));
  return E.right([element, found & 255]);
};

const readShape = (view: DataView, rank: number): Result<readonly number[]> => {
  const start = 4 + 4 * rank;
  if (view.byteLength < start) return fail(`${start} bytes of header for ${rank} axes`, view.byteLength);
  return E.right(Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis)));
};

const readData = (view: DataView, element: Element, shape: readonly number[]): Result<NdArray> => {
  const { dtype, bytes } = element;
  const start = 4 + 4 * shape.length;
  // The product may round or overflow, but then it is far from any length of a file.
  const length = shape.includes(0) ? 0 : shape.reduce((a, b) => a * b, 1);
  const have = view.byteLength - start;
  if (length * bytes !== have)
    return fail(`${length * bytes} bytes of data for shape [${shape.join(",")}]`, have);
  const data = allocate(dtype, length);
  if (dtype === "uint8") data.set(new Uint8Array(view.buffer, view.byteOffset + start, length));
  else for (let i = 0; i < length; i++) data[i] = element.get(view, start + i * bytes);
  return E.right({ shape, dtype, data });
};

/**
 * The array in the bytes of an IDX file: uint8, int8, int32 (16-bit integers too), float32 or float64.
 *
 * With `magic`, files of another element type or number of axes are refused. A Left says what is wrong with
 * the file; nothing is thrown, and nothing larger than the file is allocated.
 *
 * @example
 * ```ts
 * import { decodeIdx, encodeIdx, IDX_IMAGES } from "fluxion/data";
 * import * as E from "fp-ts/lib/Either.js";
 *
 * const file = encodeIdx({ shape: [2], dtype: "uint8", data: new Uint8Array([7, 9]) });
 * const labels = decodeIdx(file);
 * E.isRight(labels) ? Array.from(labels.right.data) : [] // [7, 9]
 *
 * const images = decodeIdx(file, IDX_IMAGES);
 * E.isLeft(images) ? images.left.message : "" // "idx: expected magic 0x00000803, got 0x00000801"
 * ```
 */
export const decodeIdx = (bytes: Uint8Array, magic?: number): E.Either<FluxionError, NdArray> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return pipe(
    readMagic(view, magic),
    E.chain(([element, rank]) =>
      pipe(
        readShape(view, rank),
        E.chain((shape) => readData(view, element, shape)),
      ),
    ),
  );
};

/**
 * The bytes of an IDX file with this array.
 *
 * Throws a `FluxionError` for uint32 and bool, which the format lacks, for more than 255 axes, and
 * if the data do not have the shape's size.
 *
 * @example
 * ```ts
 * import { encodeIdx } from "fluxion/data";
 *
 * Array.from(encodeIdx({ shape: [1], dtype: "uint8", data: new Uint8Array([5]) })) // [0, 0, 8, 1, 0, 0, 0, 1, 5]
 * ```
 */
export const encodeIdx = (array: NdArray): Uint8Array => {
  const { shape, dtype, data } = array;
  const code = codes[dtype];
  const element = code === undefined ? undefined : elements.get(code);
  if (code === undefined || element === undefined) {
    throw expected("idx", `a dtype of ${Object.keys(codes).join(", ")}`, dtype);
  }
  const fits = shape.length < 256 && data.length === shape.reduce((a, b) => a * b, 1);
  if (!fits) throw expected("idx", `the data of a ${showAval(array)}`, `${data.length} elements`);
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + data.length * element.bytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (code << 8) | shape.length);
  shape.forEach((size, axis) => view.setUint32(4 + 4 * axis, size));
  for (let i = 0; i < data.length; i++) element.set(view, start + i * element.bytes, data[i]!);
  return bytes;
};
