import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { moments, oneHotLabels, scaleBytes, standardize } from "../../src/data/preprocessing.js";
import type { NdArray } from "../../src/ir/ndarray.js";

fc.configureGlobal({ seed: 20240607 });

const matrix = (rows: readonly (readonly number[])[]): NdArray => ({
  shape: [rows.length, rows[0]?.length ?? 0],
  dtype: "float64",
  data: Float64Array.from(rows.flat()),
});

describe("moments", () => {
  it("are accurate beside a large mean", () => {
    const { mean, deviation } = moments(matrix([[1e9 + 1], [1e9 + 2], [1e9 + 3]]));
    expect(mean[0]).toBe(1e9 + 2);
    expect(deviation[0]).toBeCloseTo(Math.sqrt(2 / 3), 12);
  });

  it("of no examples are 0", () => {
    expect(moments({ shape: [0, 2], dtype: "float32", data: new Float32Array() })).toEqual({
      mean: new Float64Array(2),
      deviation: new Float64Array(2),
    });
  });

  it("refuse a scalar", () => {
    const scalar: NdArray = { shape: [], dtype: "float32", data: new Float32Array(1) };
    expect(() => moments(scalar)).toThrow(
      "moments: expected an array with an axis of examples, got a scalar",
    );
  });
});

describe("standardize", () => {
  it("gives every feature mean 0 and deviation 1, constant ones 0", () => {
    const row = fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -9, max: 9 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 20 }), (rows) => {
        const x = matrix(rows.map(([a, b]) => [a, b / 1000, 7]));
        const { mean, deviation } = moments(standardize(x, moments(x)));
        for (let j = 0; j < 3; j++) {
          expect(mean[j]).toBeCloseTo(0, 5);
          if (deviation[j] !== 0) expect(deviation[j]).toBeCloseTo(1, 5);
        }
        expect(deviation[2]).toBe(0);
      }),
    );
  });

  it("refuses the moments of other features", () => {
    expect(() => standardize(matrix([[1, 2]]), moments(matrix([[1]])))).toThrow(
      "standardize: expected moments of 2 features, got 1",
    );
  });
});

describe("scaleBytes", () => {
  it("keeps the shape", () => {
    const bytes: NdArray = { shape: [1, 2], dtype: "uint8", data: new Uint8Array([51, 255]) };
    expect(scaleBytes(bytes)).toEqual({ shape: [1, 2], dtype: "float32", data: new Float32Array([0.2, 1]) });
    expect(() => scaleBytes(matrix([[1]]))).toThrow("scaleBytes: expected uint8, got float64");
  });
});

describe("oneHotLabels", () => {
  it("has one 1 in every row", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(6)), (labels) => {
        const { shape, data } = oneHotLabels(labels, 7);
        expect(shape).toEqual([labels.length, 7]);
        expect(Array.from(data).reduce((a, b) => a + b, 0)).toBe(labels.length);
        labels.forEach((label, i) => expect(data[i * 7 + label]).toBe(1));
      }),
    );
  });

  it.each([3, -1, 0.5, NaN])("rejects the label %d of 3", (label) => {
    expect(() => oneHotLabels([label], 3)).toThrow(`oneHotLabels: expected labels from 0 to 2, got ${label}`);
  });
});
