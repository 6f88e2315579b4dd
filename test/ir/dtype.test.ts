import { describe, expect, test } from "vitest";
import {
  allocate,
  bytesPerElement,
  coerce,
  type DType,
  dtypeOf,
  dtypes,
  elementsOf,
  highest,
  isDType,
  isFloat,
  isInteger,
  isUnsigned,
  lowest,
  promote,
  promoteWeak,
} from "../../src/ir/dtype.js";

describe("promotion", () => {
  /**
   * `jnp.promote_types(a, b)` of JAX with x64 on. Where JAX's answer is a type that we lack, int32 (which holds
   * int16, and is what int64 becomes without x64) stands in for it: marked with *.
   */
  const table: Record<DType, Record<DType, DType>> = {
    bool: {
      bool: "bool",
      uint8: "uint8",
      int8: "int8",
      uint32: "uint32",
      int32: "int32",
      float16: "float16",
      float32: "float32",
      float64: "float64",
    },
    uint8: {
      bool: "uint8",
      uint8: "uint8",
      int8: "int32" /* int16* */,
      uint32: "uint32",
      int32: "int32",
      float16: "float16",
      float32: "float32",
      float64: "float64",
    },
    int8: {
      bool: "int8",
      uint8: "int32" /* int16* */,
      int8: "int8",
      uint32: "int32" /* int64* */,
      int32: "int32",
      float16: "float16",
      float32: "float32",
      float64: "float64",
    },
    uint32: {
      bool: "uint32",
      uint8: "uint32",
      int8: "int32" /* int64* */,
      uint32: "uint32",
      int32: "int32" /* int64* */,
      float16: "float16",
      float32: "float32",
      float64: "float64",
    },
    int32: {
      bool: "int32",
      uint8: "int32",
      int8: "int32",
      uint32: "int32" /* int64* */,
      int32: "int32",
      float16: "float16",
      float32: "float32",
      float64: "float64",
    },
    float16: {
      bool: "float16",
      uint8: "float16",
      int8: "float16",
      uint32: "float16",
      int32: "float16",
      float16: "float16",
      float32: "float32",
      float64: "float64",
    },
    float32: {
      bool: "float32",
      uint8: "float32",
      int8: "float32",
      uint32: "float32",
      int32: "float32",
      float16: "float32",
      float32: "float32",
      float64: "float64",
    },
    float64: {
      bool: "float64",
      uint8: "float64",
      int8: "float64",
      uint32: "float64",
      int32: "float64",
      float16: "float64",
      float32: "float64",
      float64: "float64",
    },
  };
  test.each(dtypes)("of %s with every dtype is JAX's", (a) => {
    for (const b of dtypes) expect([a, b, promote(a, b)]).toEqual([a, b, table[a][b]]);
  });

  test("is commutative, idempotent and, but for the stand-ins, associative", () => {
    for (const a of dtypes)
      for (const b of dtypes) {
        expect(promote(a, b)).toBe(promote(b, a));
        expect(promote(promote(a, b), b)).toBe(promote(a, b));
        for (const c of dtypes) expect(promote(promote(a, b), c)).toBe(promote(a, promote(b, c)));
      }
  });

  test("a JavaScript number takes the other operand's dtype when that can hold it", () => {
    expect(dtypes.map((d) => promoteWeak(d, 2))).toEqual(dtypes.map((d) => (d === "bool" ? "int32" : d)));
    expect(dtypes.map((d) => promoteWeak(d, 2.5))).toEqual(dtypes.map((d) => (isFloat(d) ? d : "float32")));
    expect(dtypes.map((d) => promoteWeak(d, true))).toEqual(dtypes);
    expect(promoteWeak("int32", Infinity)).toBe("float32");
    expect(promoteWeak("int32", NaN)).toBe("float32");
  });
});

describe("storage", () => {
  test("every dtype has its typed array", () => {
    expect(dtypes.map((d) => allocate(d, 3).constructor.name)).toEqual([
      "Float32Array",
      "Float32Array",
      "Float64Array",
      "Int32Array",
      "Uint32Array",
      "Int8Array",
      "Uint8Array",
      "Uint8Array",
    ]);
    expect(dtypes.map(bytesPerElement)).toEqual([4, 4, 8, 4, 4, 1, 1, 1]);
    const others: Partial<Record<DType, DType>> = { bool: "uint8", float16: "float32" };
    for (const d of dtypes) expect(dtypeOf(allocate(d, 0))).toBe(others[d] ?? d);
  });

  test("coerce is what storing and loading gives", () => {
    const numbers = [
      0,
      -0,
      1.5,
      -1.5,
      255,
      256,
      -1,
      -129,
      2147483648,
      4294967297,
      -4294967297,
      1e10,
      1e300,
      NaN,
      Infinity,
      -Infinity,
    ];
    for (const d of dtypes)
      for (const x of numbers) {
        const a = elementsOf(d, [d === "bool" ? Number(x !== 0) : x]);
        expect([d, x, coerce(d, x) + 0]).toEqual([d, x, a[0]! + 0]);
      }
  });

  test("bounds are those of the storage", () => {
    for (const d of dtypes.filter(isInteger)) {
      const a = allocate(d, 2);
      a.set([lowest(d), highest(d)]);
      expect([...a]).toEqual([lowest(d), highest(d)]);
      a.set([lowest(d) - 1, highest(d) + 1]);
      expect([...a]).toEqual([highest(d), lowest(d)]);
      expect(lowest(d) === 0).toBe(isUnsigned(d));
    }
    expect([lowest("bool"), highest("bool"), lowest("float32"), highest("float64")]).toEqual([
      0,
      1,
      -Infinity,
      Infinity,
    ]);
  });

  test("names", () => {
    expect(dtypes.every(isDType)).toBe(true);
    for (const x of ["bfloat16", "int64", "", "constructor", null, 3]) expect(isDType(x)).toBe(false);
  });
});
