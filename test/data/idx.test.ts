import type { DType } from "../../src/ir/dtype.js";
import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, it } from "vitest";
import { decodeIdx, encodeIdx, IDX_IMAGES, IDX_LABELS } from "../../src/data/idx.js";
import { FluxionError } from "../../src/ir/errors.js";
import { corrupted, misaligned, ndarrays } from "../io/arrays.js";

fc.configureGlobal({ seed: 20240607 });

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const message = (file: Uint8Array, magic?: number): string => {
  const result = decodeIdx(file, magic);
  return E.isLeft(result) ? result.left.message : "decoded";
};

const absent: readonly DType[] = ["bool", "uint32", "float16"];
const writable = ndarrays.filter(({ dtype }) => !absent.includes(dtype));

describe("idx", () => {
  it("decodes what it encodes, at any alignment", () => {
    fc.assert(
      fc.property(writable, (array) => {
        const file = encodeIdx(array);
        expect(decodeIdx(file)).toEqual(E.right(array));
        expect(decodeIdx(misaligned(file))).toEqual(E.right(array));
      }),
    );
  });

  it("has the magic numbers of MNIST", () => {
    const images = encodeIdx({ shape: [1, 2, 2], dtype: "uint8", data: bytes(1, 2, 3, 4) });
    expect(Array.from(images)).toEqual([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]);
    expect(E.isRight(decodeIdx(images, IDX_IMAGES))).toBe(true);
    const labels = encodeIdx({ shape: [2], dtype: "uint8", data: bytes(8, 9) });
    expect(E.isRight(decodeIdx(labels, IDX_LABELS))).toBe(true);
  });

  it("reads 16-bit integers, big-endian, as int32", () => {
    expect(decodeIdx(bytes(0, 0, 0x0b, 1, 0, 0, 0, 2, 1, 2, 0xff, 0xfe))).toEqual(
      E.right({ shape: [2], dtype: "int32", data: new Int32Array([258, -2]) }),
    );
  });

  it.each([
    ["an empty file", bytes(), undefined, "idx: expected at least 4 bytes, got 0"],
    [
      "labels for images",
      bytes(0, 0, 8, 1, 0, 0, 0, 0),
      IDX_IMAGES,
      "idx: expected magic 0x00000803, got 0x00000801",
    ],
    ["a gzip file", bytes(0x1f, 0x8b, 8, 0, 0), IDX_LABELS, "idx: expected magic 0x00000801, got 0x1f8b0800"],
    [
      "another file",
      bytes(0x89, 0x50, 0x4e, 0x47),
      undefined,
      "idx: expected a magic number 0x0000 and element type 08, 09, 0b, 0c, 0d or 0e, got 0x89504e47",
    ],
    ["an unknown type", bytes(0, 0, 10, 1), undefined, /got 0x00000a01$/],
    [
      "a cut header",
      bytes(0, 0, 8, 3, 0, 0),
      undefined,
      "idx: expected 16 bytes of header for 3 axes, got 6",
    ],
    [
      "too few data",
      bytes(0, 0, 8, 1, 0, 0, 0, 3, 1, 2),
      undefined,
      "idx: expected 3 bytes of data for shape [3], got 2",
    ],
    [
      "too many data",
      bytes(0, 0, 8, 1, 0, 0, 0, 0, 1),
      undefined,
      "idx: expected 0 bytes of data for shape [0], got 1",
    ],
    [
      "huge sizes",
      bytes(0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255),
      undefined,
      "idx: expected 18446744065119617000 bytes of data for shape [4294967295,4294967295], got 0",
    ],
  ])("rejects %s", (_, file, magic, want) => {
    if (typeof want === "string") expect(message(file, magic)).toBe(want);
    else expect(message(file, magic)).toMatch(want);
  });

  it("never throws, whatever is broken", () => {
    fc.assert(
      fc.property(writable.map(encodeIdx).chain(corrupted), (file) => {
        const result = decodeIdx(file);
        if (E.isLeft(result)) {
          expect(result.left).toBeInstanceOf(FluxionError);
          expect(result.left.message).toMatch(/^idx: expected .*, got /);
        } else {
          expect(result.right.data.length).toBe(result.right.shape.reduce((a, b) => a * b, 1));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("throws on arrays that it cannot write", () => {
    expect(() => encodeIdx({ shape: [1], dtype: "bool", data: bytes(1) })).toThrow(
      "idx: expected a dtype of uint8, int8, int32, float32, float64, got bool",
    );
    expect(() => encodeIdx({ shape: [2], dtype: "uint8", data: bytes(1) })).toThrow(
      "idx: expected the data of a uint8[2], got 1 elements",
    );
  });
});
