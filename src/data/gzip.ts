/**
 * Compression with what browsers, Deno, Bun and Node ≥ 18 all have: the Compression Streams standard.
 *
 * Source: https://compression.spec.whatwg.org/
 */

import * as E from "fp-ts/lib/Either.js";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { expected, type FluxionError } from "../ir/errors.js";

/** Bounds of a decompression. */
export interface GunzipOptions {
  /** The most bytes that may come out, against files that expand without end. Default 2³⁰. */
  readonly limit?: number;
}

/**
 * Whether `bytes` begin as a gzip file does (RFC 1952).
 *
 * @example
 * ```ts
 * import { isGzip } from "fluxion/data";
 *
 * isGzip(new Uint8Array([0x1f, 0x8b, 8])) // true
 * ```
 */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const concatenate = (chunks: readonly Uint8Array[], length: number): Uint8Array => {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
};

/** Small enough that what one piece expands to (1032-fold at most) stays small beside the limit. */
const PIECE = 65_536;

/** Writes `bytes` as fast as they are taken. A failure shows in the reader too and is reported there. */
const feed = async (writer: WritableStreamDefaultWriter<BufferSource>, bytes: Uint8Array): Promise<void> => {
  try {
    for (let i = 0; i < bytes.length; i += PIECE) {
      await writer.ready;
      await writer.write(new Uint8Array(bytes.subarray(i, i + PIECE)));
    }
    await writer.close();
  } catch {
    // see above
  }
};

/** What comes out of `stream` when `bytes` go in; undefined if it is more than `limit` bytes. */
const through = async (
  stream: CompressionStream | DecompressionStream,
  bytes: Uint8Array,
  limit: number,
): Promise<Uint8Array | undefined> => {
  const fed = feed(stream.writable.getWriter(), bytes);
  const reader = stream.readable.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    chunks.push(value);
  }
  await fed;
  return concatenate(chunks, length);
};

/**
 * The task of decompressing a gzip file; a Left if the bytes are none, or expand beyond the limit.
 *
 * @example
 * ```ts
 * import { gunzip, gzip } from "fluxion/data";
 * import * as E from "fp-ts/lib/Either.js";
 *
 * const result = await gunzip(await gzip(new Uint8Array([1, 2, 3])))();
 * E.isRight(result) ? Array.from(result.right) : [] // [1, 2, 3]
 * ```
 */
export const gunzip =
  (bytes: Uint8Array, options: GunzipOptions = {}): TaskEither<FluxionError, Uint8Array> =>
  async () => {
    if (!isGzip(bytes)) return E.left(expected("gunzip", "bytes that begin with 1f 8b", "others"));
    const { limit = 2 ** 30 } = options;
    try {
      const out = await through(new DecompressionStream("gzip"), bytes, limit);
      return out === undefined ? E.left(expected("gunzip", `at most ${limit} bytes`, "more")) : E.right(out);
    } catch (error) {
      return E.left(
        expected("gunzip", "an intact gzip file", error instanceof Error ? error.message : String(error)),
      );
    }
  };

/**
 * `bytes` compressed as a gzip file.
 *
 * @example
 * ```ts
 * import { gzip, isGzip } from "fluxion/data";
 *
 * isGzip(await gzip(new Uint8Array(1000))) // true
 * ```
 */
export const gzip = async (bytes: Uint8Array): Promise<Uint8Array> =>
  (await through(new CompressionStream("gzip"), bytes, Infinity)) ?? new Uint8Array();
