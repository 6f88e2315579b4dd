/**
 * The safetensors format: a length (8 bytes, little-endian), a JSON header of names to dtype, shape and
 * byte range, and the data without holes.
 *
 * Decoding trusts nothing: every length is checked before it is used, and no allocation exceeds the input.
 * Source: https://github.com/huggingface/safetensors#format
 */

import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { DType } from "../ir/dtype.js";
import { expected, type FluxionError } from "../ir/errors.js";
import type { NdArray } from "../ir/ndarray.js";
import { bytesPerEncoded, decodeElements, dtypeRead, encodeElements, type Encoding } from "./elements.js";
import { isObject, parseJson, show } from "./json.js";
import { isSize, safeSize, wrongArray } from "./shape.js";

/** The contents of a safetensors file. */
export interface Safetensors {
  /** Arrays by name, row-major; bools are bytes 0 and 1. */
  readonly tensors: Readonly<Record<string, NdArray>>;
  /** Free-form strings. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The longest header that is read, as in the reference implementation. */
const MAX_HEADER = 100_000_000;

const METADATA = "__metadata__";

const encodings: Readonly<Record<string, Encoding>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  U32: "uint32",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

const names: Readonly<Record<DType, string>> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  int32: "I32",
  uint32: "U32",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};

interface Entry {
  readonly name: string;
  readonly encoding: Encoding;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

type Result<A> = E.Either<FluxionError, A>;

const fail = (want: string, got: string | number): Result<never> =>
  E.left(expected("safetensors", want, String(got)));

const decodeUtf8 = E.tryCatchK(
  (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
  () => expected("safetensors", "a header in UTF-8", "other bytes"),
);

/** The header's JSON and the data after it. */
const split = (bytes: Uint8Array): Result<readonly [header: string, data: Uint8Array]> => {
  if (bytes.length < 8) return fail("at least 8 bytes", bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const claimed = view.getBigUint64(0, true);
  if (claimed > MAX_HEADER) return fail(`a header of at most ${MAX_HEADER} bytes`, String(claimed));
  const length = Number(claimed);
  if (length > bytes.length - 8) return fail(`a header of ${length} bytes`, `${bytes.length - 8} bytes`);
  return pipe(
    decodeUtf8(bytes.subarray(8, 8 + length)),
    E.chain((text) =>
      text.startsWith("{") ? E.right(text) : fail('a header that begins with "{"', show(text[0])),
    ),
    E.map((text) => [text, bytes.subarray(8 + length)]),
  );
};

const parseHeader = (json: string): Result<Readonly<Record<string, unknown>>> =>
  pipe(
    parseJson(json),
    E.mapLeft((detail) => expected("safetensors", "JSON with distinct names as header", detail)),
    E.chain((header) => (isObject(header) ? E.right(header) : fail("an object as header", show(header)))),
    // Own properties of this name are harmless here, but not to a caller who copies them with `a[name] = …`.
    E.filterOrElse(
      (header) => !Object.hasOwn(header, "__proto__"),
      () => expected("safetensors", "names of tensors", '"__proto__"'),
    ),
  );

const parseMetadata = (value: unknown): Result<Readonly<Record<string, string>>> => {
  if (value === undefined) return E.right({});
  if (!isObject(value) || Object.hasOwn(value, "__proto__"))
    return fail("metadata to be an object", show(value));
  const wrong = Object.entries(value).find(([, text]) => typeof text !== "string");
  if (wrong !== undefined) return fail(`metadata ${show(wrong[0])} to be a string`, show(wrong[1]));
  return E.right(value as Readonly<Record<string, string>>);
};

const parseEntry = ([name, value]: readonly [string, unknown]): Result<Entry> => {
  const label = show(name);
  if (!isObject(value)) return fail(`${label} to be an object`, show(value));
  const { dtype, shape, data_offsets: offsets } = value;
  const encoding =
    typeof dtype === "string" && Object.hasOwn(encodings, dtype) ? encodings[dtype] : undefined;
  if (encoding === undefined)
    return fail(`${label} to have a dtype of ${Object.keys(encodings).join(" ")}`, show(dtype));
  if (!Array.isArray(shape) || !shape.every(isSize))
    return fail(`${label} to have a shape of sizes ≥ 0`, show(shape));
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize))
    return fail(`${label} to have data_offsets of two integers ≥ 0`, show(offsets));
  const [begin, end] = offsets as [number, number];
  const size = safeSize(shape);
  if (size === undefined) return fail(`${label} to have at most 2^53 elements`, show(shape));
  const bytes = size * bytesPerEncoded(encoding);
  if (end - begin !== bytes)
    return fail(
      `${label}, ${String(dtype)}[${shape.join(",")}], to have ${bytes} bytes`,
      `data_offsets ${show(offsets)}`,
    );
  return E.right({ name, encoding, shape, begin, end });
};

/** The ranges must follow each other and fill the data: no overlaps, no holes, nothing outside. */
const checkRanges = (entries: readonly Entry[], length: number): Result<readonly Entry[]> => {
  let end = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== end)
      return fail(`${show(entry.name)} to begin at byte ${end}, where the one before ends`, entry.begin);
    end = entry.end;
  }
  return end === length ? E.right(entries) : fail(`${end} bytes of data`, length);
};

const readEntry =
  (data: Uint8Array) =>
  ({ name, encoding, shape, begin, end }: Entry): Result<readonly [string, NdArray]> =>
    pipe(
      decodeElements(encoding, data.subarray(begin, end), true),
      E.bimap(
        (detail) => expected("safetensors", `${show(name)} to hold integers that fit in int32`, detail),
        (elements) => [name, { shape, dtype: dtypeRead(encoding), data: elements }],
      ),
    );

/**
 * The arrays and metadata in the bytes of a safetensors file.
 *
 * F64, F32, F16, I32, U32, I8, U8 and BOOL become the dtype of that name; BF16 becomes float32, I64 int32
 * where every value fits. The data are copies. A Left says what is wrong with the file and never depends on
 * anything but the bytes; nothing is thrown.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from "fluxion/io";
 * import * as E from "fp-ts/lib/Either.js";
 *
 * const file = encodeSafetensors({ w: { shape: [2], dtype: "float32", data: new Float32Array([1, 2]) } });
 * const decoded = decodeSafetensors(file);
 * E.isRight(decoded) ? Array.from(decoded.right.tensors["w"]?.data ?? []) : [] // [1, 2]
 *
 * const broken = decodeSafetensors(file.subarray(0, 6));
 * E.isLeft(broken) ? broken.left.message : "" // "safetensors: expected at least 8 bytes, got 6"
 * ```
 */
export const decodeSafetensors = (bytes: Uint8Array): E.Either<FluxionError, Safetensors> =>
  pipe(
    E.Do,
    E.bind("parts", () => split(bytes)),
    E.bind("header", ({ parts }) => parseHeader(parts[0])),
    E.bind("metadata", ({ header }) => parseMetadata(header[METADATA])),
    E.bind("entries", ({ header }) =>
      E.traverseArray(parseEntry)(Object.entries(header).filter(([name]) => name !== METADATA)),
    ),
    E.chainFirst(({ entries, parts }) => checkRanges(entries, parts[1].length)),
    E.bind("arrays", ({ entries, parts }) => E.traverseArray(readEntry(parts[1]))(entries)),
    E.map(({ arrays, metadata }) => ({ tensors: Object.fromEntries(arrays), metadata })),
  );

const checkWritable = (tensors: Readonly<Record<string, NdArray>>): void => {
  for (const [name, array] of Object.entries(tensors)) {
    if (name === METADATA || name === "__proto__")
      throw expected("safetensors", "names of tensors", show(name));
    const error = wrongArray("safetensors", show(name), array);
    if (error !== undefined) throw error;
  }
};

const headerBytes = (header: unknown): Uint8Array => {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20); // the data begin at a multiple of 8
  padded.set(json);
  return padded;
};

/**
 * The bytes of a safetensors file with these arrays and metadata.
 *
 * Wider elements come first, then names in order, so that all data are aligned and equal contents give equal
 * bytes. Throws a `FluxionError` if an array's data do not match its shape and dtype, or for the
 * names `__metadata__` and `__proto__`.
 *
 * @example
 * ```ts
 * import { encodeSafetensors } from "fluxion/io";
 *
 * const file = encodeSafetensors({ b: { shape: [], dtype: "uint8", data: new Uint8Array([7]) } }, { step: "3" });
 * file.at(-1) // 7
 * ```
 */
export const encodeSafetensors = (
  tensors: Readonly<Record<string, NdArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array => {
  checkWritable(tensors);
  const order = Object.entries(tensors).sort(
    ([a, x], [b, y]) => bytesPerEncoded(y.dtype) - bytesPerEncoded(x.dtype) || (a < b ? -1 : 1),
  );
  let end = 0;
  const infos = order.map(([name, { dtype, shape, data }]) => {
    const begin = end;
    end += data.length * bytesPerEncoded(dtype);
    return [name, { dtype: names[dtype], shape, data_offsets: [begin, end] }] as const;
  });
  const about = Object.keys(metadata).length === 0 ? [] : [[METADATA, metadata] as const];
  const header = headerBytes(Object.fromEntries<unknown>([...about, ...infos]));
  const file = new Uint8Array(8 + header.length + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  order.forEach(([, { dtype, data }], i) =>
    file.set(encodeElements(dtype, data), 8 + header.length + infos[i]![1].data_offsets[0]),
  );
  return file;
};
