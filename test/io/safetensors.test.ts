import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type Safetensors } from "../../src/io/safetensors.js";
import { FluxionError } from "../../src/ir/errors.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import { corrupted, misaligned, ndarrays } from "./arrays.js";

fc.configureGlobal({ seed: 20240607 });

/** A file with this header text, whatever it says, and data. */
const file = (header: string, data: Uint8Array = new Uint8Array(), length?: bigint): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
};

const decoded = (bytes: Uint8Array): Safetensors =>
  E.getOrElse<FluxionError, Safetensors>((error) => {
    throw error;
  })(decodeSafetensors(bytes));

const message = (bytes: Uint8Array): string => {
  const result = decodeSafetensors(bytes);
  return E.isLeft(result) ? result.left.message : "decoded";
};

const entry = (dtype: string, shape: string, begin: number, end: number): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

const name = fc.string().filter((s) => s !== "__metadata__" && s !== "__proto__");
const tensors = fc.dictionary(name, ndarrays, { maxKeys: 4, noNullPrototype: true });
const metadata = fc.dictionary(
  fc.string().filter((s) => s !== "__proto__"),
  fc.string(),
  { maxKeys: 3, noNullPrototype: true },
);

describe("safetensors", () => {
  it("decodes what it encodes, at any alignment", () => {
    fc.assert(
      fc.property(tensors, metadata, (arrays, about) => {
        const bytes = encodeSafetensors(arrays, about);
        expect(decoded(bytes)).toEqual({ tensors: arrays, metadata: about });
        expect(decoded(misaligned(bytes))).toEqual({ tensors: arrays, metadata: about });
      }),
    );
  });

  it("is deterministic and aligned, wider elements first", () => {
    const a: NdArray = { shape: [3], dtype: "uint8", data: new Uint8Array([1, 2, 3]) };
    const b: NdArray = { shape: [], dtype: "float64", data: new Float64Array([0.5]) };
    const bytes = encodeSafetensors({ a, b });
    expect(bytes).toEqual(encodeSafetensors({ b, a }));
    const header = new TextDecoder().decode(bytes.subarray(8, bytes.length - 11));
    expect(header.trimEnd()).toBe(
      '{"b":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}',
    );
    expect(header.length % 8).toBe(0);
  });

  it("reads and writes the bytes of Python's safetensors 0.8", () => {
    // save({"x": np.array([[1.5, -2]], np.float32), "i": np.array([3], np.int8)}, {"k": "v"})
    const header =
      '{"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
      '"i":{"dtype":"I8","shape":[1],"data_offsets":[8,9]}}   ';
    const bytes = file(header, new Uint8Array([0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 3]));
    const x: NdArray = { shape: [1, 2], dtype: "float32", data: new Float32Array([1.5, -2]) };
    const i: NdArray = { shape: [1], dtype: "int8", data: new Int8Array([3]) };
    expect(decoded(bytes)).toEqual({ tensors: { x, i }, metadata: { k: "v" } });
    expect(encodeSafetensors({ i, x }, { k: "v" })).toEqual(bytes);
  });

  it("holds F16 in a Float32Array, widens BF16 and narrows I64", () => {
    const half = new Uint8Array(
      new Uint16Array([0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0xfc00, 0x7e00]).buffer,
    );
    const x = decoded(file(`{"x":${entry("F16", "[7]", 0, 14)}}`, half)).tensors["x"];
    expect(x).toEqual({
      shape: [7],
      dtype: "float16",
      data: new Float32Array([1, -2, 65504, 2 ** -24, -0, -Infinity, NaN]),
    });
    expect(encodeSafetensors({ x: x! })).toEqual(
      file(`{"x":${entry("F16", "[7]", 0, 14)}}`.padEnd(56), half),
    );
    const brain = new Uint8Array(new Uint16Array([0x3f80, 0xc049, 0x7f80, 0x8000]).buffer);
    const y = decoded(file(`{"y":${entry("BF16", "[4]", 0, 8)}}`, brain)).tensors["y"];
    expect(y?.data).toEqual(new Float32Array([1, -3.140625, Infinity, -0]));
    const long = new Uint8Array(new BigInt64Array([-2147483648n, 2147483647n]).buffer);
    const z = decoded(file(`{"z":${entry("I64", "[2]", 0, 16)}}`, long)).tensors["z"];
    expect(z).toEqual({ shape: [2], dtype: "int32", data: new Int32Array([-2147483648, 2147483647]) });
    const wide = new Uint8Array(new BigInt64Array([1n, 2147483648n]).buffer);
    expect(message(file(`{"z":${entry("I64", "[2]", 0, 16)}}`, wide))).toBe(
      'safetensors: expected "z" to hold integers that fit in int32, got 2147483648 at element 1',
    );
  });

  it("reads any byte but 0 as true", () => {
    expect(
      decoded(file(`{"x":${entry("BOOL", "[3]", 0, 3)}}`, new Uint8Array([0, 1, 255]))).tensors["x"]?.data,
    ).toEqual(new Uint8Array([0, 1, 1]));
  });

  it.each([
    ["an empty file", new Uint8Array(), "safetensors: expected at least 8 bytes, got 0"],
    [
      "a huge header",
      file("{}", undefined, 1n << 60n),
      /expected a header of at most 100000000 bytes, got 1152921504606846976$/,
    ],
    ["a short file", file("{}", undefined, 3n), "safetensors: expected a header of 3 bytes, got 2 bytes"],
    ["no header", file(""), /begins with "{", got nothing$/],
    ["another header", file("[]"), 'safetensors: expected a header that begins with "{", got "["'],
    [
      "bad UTF-8",
      new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 0xff]),
      "safetensors: expected a header in UTF-8, got other bytes",
    ],
    ["bad JSON", file("{nope}"), /^safetensors: expected JSON with distinct names as header, got .*JSON/],
    ["deep JSON", file(`{"a":${"[".repeat(200_000)}`), /^safetensors: expected/],
    [
      "deep JSON that is complete",
      file(`{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`),
      'safetensors: expected "a" to be an object, got what is nested too deeply to be shown',
    ],
    [
      "a repeated name",
      file('{"a":1,"a":2}'),
      'safetensors: expected JSON with distinct names as header, got "a" twice',
    ],
    ["a repeated escaped name", file('{"a":1,"\\u0061":2}'), /got "a" twice$/],
    ["a repeated field", file('{"a":{"dtype":"F32","dtype":"F64"}}'), /got "dtype" twice$/],
    ["__proto__", file('{"__proto__":{}}'), 'safetensors: expected names of tensors, got "__proto__"'],
    [
      "__proto__ in the metadata",
      file('{"__metadata__":{"__proto__":"x"}}'),
      /^safetensors: expected metadata to be an object/,
    ],
    [
      "metadata of numbers",
      file('{"__metadata__":{"k":1}}'),
      'safetensors: expected metadata "k" to be a string, got 1',
    ],
    ["a number as entry", file('{"a":1}'), 'safetensors: expected "a" to be an object, got 1'],
    [
      "an unknown dtype",
      file(`{"a":${entry("F8_E4M3", "[]", 0, 1)}}`),
      /dtype of F64 F32 .* BOOL, got "F8_E4M3"$/,
    ],
    ["an inherited dtype", file(`{"a":${entry("toString", "[]", 0, 1)}}`), /got "toString"$/],
    [
      "a negative size",
      file(`{"a":${entry("F32", "[-1]", 0, 4)}}`),
      'safetensors: expected "a" to have a shape of sizes ≥ 0, got [-1]',
    ],
    ["a fractional size", file(`{"a":${entry("F32", "[1.5]", 0, 4)}}`), /got \[1.5\]$/],
    ["a shape that is no list", file(`{"a":${entry("F32", "4", 0, 4)}}`), /sizes ≥ 0, got 4$/],
    [
      "a product over 2^53",
      file(`{"a":${entry("F32", "[1e10,1e10]", 0, 4)}}`),
      'safetensors: expected "a" to have at most 2^53 elements, got [10000000000,10000000000]',
    ],
    [
      "wrong bytes",
      file(`{"a":${entry("F32", "[2]", 0, 4)}}`),
      'safetensors: expected "a", F32[2], to have 8 bytes, got data_offsets [0,4]',
    ],
    [
      "negative offsets",
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}'),
      /two integers ≥ 0, got \[-4,0\]$/,
    ],
    [
      "NaN offsets",
      file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[null,4]}}'),
      /two integers ≥ 0, got \[null,4\]$/,
    ],
    ["missing offsets", file('{"a":{"dtype":"F32","shape":[1]}}'), /two integers ≥ 0, got nothing$/],
    [
      "overlap",
      file(`{"a":${entry("U8", "[4]", 0, 4)},"b":${entry("U8", "[4]", 2, 6)}}`, new Uint8Array(6)),
      'safetensors: expected "b" to begin at byte 4, where the one before ends, got 2',
    ],
    [
      "a hole",
      file(`{"a":${entry("U8", "[1]", 1, 2)}}`, new Uint8Array(2)),
      /"a" to begin at byte 0, .* got 1$/,
    ],
    [
      "too few data",
      file(`{"a":${entry("U8", "[4]", 0, 4)}}`, new Uint8Array(3)),
      "safetensors: expected 4 bytes of data, got 3",
    ],
    ["too many data", file("{}", new Uint8Array(1)), "safetensors: expected 0 bytes of data, got 1"],
  ])("rejects %s", (_, bytes, want) => {
    if (typeof want === "string") expect(message(bytes)).toBe(want);
    else expect(message(bytes)).toMatch(want);
    expect(({} as Record<string, unknown>)["dtype"]).toBeUndefined();
  });

  it("never throws and never gives inconsistent arrays, whatever is broken", () => {
    const files = fc.tuple(tensors, metadata).map(([arrays, about]) => encodeSafetensors(arrays, about));
    fc.assert(
      fc.property(files.chain(corrupted), (bytes) => {
        const result = decodeSafetensors(bytes);
        if (E.isLeft(result)) {
          expect(result.left).toBeInstanceOf(FluxionError);
          expect(result.left.message).toMatch(/^safetensors: expected .*, got /s);
        } else {
          for (const { shape, data } of Object.values(result.right.tensors))
            expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("throws on arrays that contradict themselves", () => {
    const data = new Float32Array(3);
    expect(() => encodeSafetensors({ w: { shape: [2], dtype: "float32", data } })).toThrow(
      'safetensors: expected "w", a float32[2], to hold a Float32Array of 2 elements, got a Float32Array of 3',
    );
    expect(() => encodeSafetensors({ w: { shape: [3], dtype: "int32", data } })).toThrow(
      'safetensors: expected "w", a int32[3], to hold a Int32Array of 3 elements, got a Float32Array of 3',
    );
    expect(() => encodeSafetensors({ w: { shape: [-3], dtype: "float32", data } })).toThrow(
      'safetensors: expected "w" to have sizes ≥ 0, got [-3]',
    );
    expect(() => encodeSafetensors({ __metadata__: { shape: [3], dtype: "float32", data } })).toThrow(
      'safetensors: expected names of tensors, got "__metadata__"',
    );
  });
});
