/** Arbitrary arrays of every dtype, and ways to break files. */
import fc from "fast-check";
import { sizeOf } from "../../src/ir/aval.js";
import { allocate, coerce, dtypes, type DType } from "../../src/ir/dtype.js";
import { float16FromBits } from "../../src/ir/scalar/float16.js";
import type { NdArray } from "../../src/ir/ndarray.js";

const element: Record<DType, fc.Arbitrary<number>> = {
  float16: fc.nat(0xffff).map(float16FromBits),
  float32: fc.float(),
  float64: fc.double(),
  int32: fc.integer(),
  uint32: fc.nat({ max: 2 ** 32 - 1 }).map((x) => coerce("uint32", x)),
  int8: fc.integer({ min: -128, max: 127 }),
  uint8: fc.nat(255),
  bool: fc.nat(1),
};

export const shapes: fc.Arbitrary<number[]> = fc.array(fc.nat(4), { maxLength: 4 });

/** An array of any dtype with up to four axes. */
export const ndarrays: fc.Arbitrary<NdArray> = fc
  .tuple(fc.constantFrom(...dtypes), shapes)
  .chain(([dtype, shape]) => {
    const size = sizeOf(shape);
    return fc.array(element[dtype], { minLength: size, maxLength: size }).map((values) => {
      const data = allocate(dtype, size);
      data.set(values);
      return { shape, dtype, data };
    });
  });

/** A copy of `bytes` with some bytes replaced, and cut or extended. */
export const corrupted = (bytes: Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      edits: fc.array(fc.tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255)), { maxLength: 6 }),
      length: fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length + 9)),
    })
    .map(({ edits, length }) => {
      const copy = new Uint8Array(length);
      copy.set(bytes.subarray(0, length));
      for (const [at, value] of edits) if (at < length) copy[at] = value;
      return copy;
    });

/** `bytes` at an odd offset of a larger buffer. */
export const misaligned = (bytes: Uint8Array): Uint8Array => {
  const larger = new Uint8Array(bytes.length + 3);
  larger.set(bytes, 3);
  return larger.subarray(3);
};
