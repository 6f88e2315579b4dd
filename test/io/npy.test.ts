import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, it } from "vitest";
import { decodeNpy, encodeNpy } from "../../src/io/npy.js";
import { FluxionError } from "../../src/ir/errors.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import { corrupted, misaligned, ndarrays } from "./arrays.js";

fc.configureGlobal({ seed: 20240607 });

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));

/** A file of `version` with this header text, whatever it says, and data. */
const file = (header: string, data: Uint8Array = new Uint8Array(), version = 1): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const start = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(start + text.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, text.length & 255, text.length >> 8]);
  bytes.set(text, start);
  bytes.set(data, start + text.length);
  return bytes;
};

const dict = (descr: string, fortran: string, shape: string): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

const decoded = (bytes: Uint8Array): NdArray =>
  E.getOrElse<FluxionError, NdArray>((error) => {
    throw error;
  })(decodeNpy(bytes));

const message = (bytes: Uint8Array): string => {
  const result = decodeNpy(bytes);
  return E.isLeft(result) ? result.left.message : "decoded";
};

describe("npy", () => {
  it("decodes what it encodes, at any alignment", () => {
    fc.assert(
      fc.property(ndarrays, (array) => {
        const bytes = encodeNpy(array);
        expect(decoded(bytes)).toEqual(array);
        expect(decoded(misaligned(bytes))).toEqual(array);
      }),
    );
  });

  it("writes the bytes of numpy.save", () => {
    const bytes = encodeNpy({ shape: [2], dtype: "int8", data: new Int8Array([1, -1]) });
    const head = "\x93NUMPY\x01\x00v\x00{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }";
    const text = `${head.padEnd(127)}\n\x01\xff`;
    expect(String.fromCharCode(...bytes)).toBe(text);
  });

  it.each([
    ["big-endian", ">i4", "(2,)", "00000001fffffffe", [1, -2]],
    ["big-endian float64", ">f8", "()", "3ff8000000000000", [1.5]],
    ["native", "=f4", "(1,)", "0000c03f", [1.5]],
    ["float16", "<f2", "(2,)", "003c00c0", [1, -2]],
    ["big-endian float16", ">f2", "(2,)", "3c00c000", [1, -2]],
    ["int64", "<i8", "(1,)", "feffffffffffffff", [-2]],
    ["bool", "|b1", "(3,)", "000102", [0, 1, 1]],
    ["Python 2's sizes", "|u1", "(1L, 2L)", "0506", [5, 6]],
    ["no elements", "<f8", "(0, 3)", "", []],
  ])("reads %s", (_, descr, shape, data, values) => {
    expect(Array.from(decoded(file(dict(descr, "False", shape), hex(data))).data)).toEqual(values);
  });

  it("reads versions 2 and 3", () => {
    for (const version of [2, 3]) {
      const bytes = file(dict("|u1", "False", "(1,)"), new Uint8Array([9]), version);
      expect(decoded(bytes)).toEqual({ shape: [1], dtype: "uint8", data: new Uint8Array([9]) });
    }
  });

  it("reads Fortran order", () => {
    const data = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    // np.arange(12, dtype=np.uint8).reshape(2, 3, 2, order="F").ravel()
    const want = [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11];
    expect(Array.from(decoded(file(dict("|u1", "True", "(2, 3, 2)"), data)).data)).toEqual(want);
    expect(Array.from(decoded(file(dict("|u1", "True", "(12,)"), data)).data)).toEqual(Array.from(data));
    expect(Array.from(decoded(file(dict("|u1", "True", "()"), data.subarray(1, 2))).data)).toEqual([1]);
  });

  it.each([
    ["an empty file", new Uint8Array(), 'npy: expected the magic string \\x93NUMPY, got ""'],
    ["version 4", file("{}", undefined, 4), "npy: expected version 1, 2 or 3, got 4"],
    ["a file cut in the version", hex("934e554d5059"), "npy: expected version 1, 2 or 3, got undefined"],
    ["a file cut in the length", hex("934e554d50590100"), "npy: expected at least 10 bytes, got 8"],
    [
      "a long header",
      hex("934e554d50590200ffffffff"),
      "npy: expected a header of at most 65536 bytes, got 4294967295",
    ],
    [
      "a file cut in the header",
      file("{}").subarray(0, 11),
      "npy: expected a header of 2 bytes, got 1 bytes",
    ],
    ["a header that is no dict", file("[]"), 'npy: expected a dict as header, got "[]"'],
    ["an empty dict", file("{}"), "npy: expected a descr of f8 f4 f2 i8 i4 u4 i1 u1 b1, got none"],
    [
      "code in the header",
      file("{'descr': eval('1')}"),
      /^npy: expected a header of descr, fortran_order and shape, got/,
    ],
    [
      "a repeated key",
      file("{'descr': '<f4', 'descr': '<f8'}"),
      "npy: expected distinct keys in the header, got 'descr' twice",
    ],
    [
      "objects",
      file(dict("|O", "False", "()")),
      "npy: expected a descr of f8 f4 f2 i8 i4 u4 i1 u1 b1, got '|O'",
    ],
    ["an inherited descr", file(dict("|toString", "False", "()")), /got '\|toString'$/],
    [
      "a wrong order",
      file(dict("<f4", "'C'", "()")),
      "npy: expected fortran_order to be True or False, got 'C'",
    ],
    [
      "no shape",
      file("{'descr': '<f4', 'fortran_order': False}"),
      "npy: expected shape to be a tuple, got none",
    ],
    ["an empty size", file(dict("<f4", "False", "(1,,2)")), "npy: expected a shape of sizes ≥ 0, got (1,,2)"],
    [
      "a huge size",
      file(dict("<f4", "False", "(99999999999999999999,)")),
      /^npy: expected a shape of sizes ≥ 0/,
    ],
    [
      "a huge product",
      file(dict("<f4", "False", "(9999999999, 9999999999)")),
      "npy: expected at most 2^53 elements, got shape [9999999999,9999999999]",
    ],
    [
      "missing data",
      file(dict("<f4", "False", "(2,)"), hex("00000000")),
      "npy: expected 8 bytes of data for shape [2], got 4",
    ],
    [
      "int64 beyond int32",
      file(dict("<i8", "False", "()"), hex("0000000001000000")),
      /got 4294967296 at element 0$/,
    ],
  ])("rejects %s", (_, bytes, want) => {
    if (typeof want === "string") expect(message(bytes)).toBe(want);
    else expect(message(bytes)).toMatch(want);
  });

  it("never throws, whatever is broken", () => {
    fc.assert(
      fc.property(ndarrays.map(encodeNpy).chain(corrupted), (bytes) => {
        const result = decodeNpy(bytes);
        if (E.isLeft(result)) {
          expect(result.left).toBeInstanceOf(FluxionError);
          expect(result.left.message).toMatch(/^npy: expected .*, got /s);
        } else {
          expect(result.right.data.length).toBe(result.right.shape.reduce((a, b) => a * b, 1));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("throws on arrays that contradict themselves", () => {
    expect(() => encodeNpy({ shape: [2], dtype: "bool", data: new Uint8Array(3) })).toThrow(
      "npy: expected the array, a bool[2], to hold a Uint8Array of 2 elements, got a Uint8Array of 3",
    );
    const ones = new Array<number>(65).fill(1);
    expect(() => encodeNpy({ shape: ones, dtype: "int8", data: new Int8Array(1) })).toThrow(
      "npy: expected at most 64 axes, as NumPy, got 65",
    );
  });
});
