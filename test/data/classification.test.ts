import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addConfusion, confusionMatrix, precisionRecallF1 } from "../../src/data/classification.js";

fc.configureGlobal({ seed: 20240607 });

const pairs = fc.array(fc.tuple(fc.nat(3), fc.nat(3)));
const matrixOf = (xs: readonly (readonly [number, number])[]): ReturnType<typeof confusionMatrix> =>
  confusionMatrix(
    xs.map(([t]) => t),
    xs.map(([, p]) => p),
    4,
  );

describe("confusionMatrix", () => {
  it("of parts adds up to that of the whole", () => {
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        expect(addConfusion(matrixOf(a), matrixOf(b))).toEqual(matrixOf([...a, ...b]));
      }),
    );
  });

  it("says what is wrong", () => {
    expect(() => confusionMatrix([0], [], 2)).toThrow("confusionMatrix: expected 1 predictions, got 0");
    expect(() => confusionMatrix([2], [0], 2)).toThrow(
      "confusionMatrix: expected true labels from 0 to 1, got 2",
    );
    expect(() => confusionMatrix([0], [-1], 2)).toThrow(
      "confusionMatrix: expected predicted labels from 0 to 1, got -1",
    );
    expect(() => addConfusion([[1]], [])).toThrow("addConfusion: expected a matrix of 1 classes, got 0");
  });
});

describe("precisionRecallF1", () => {
  it("agrees with scikit-learn's classification_report", () => {
    // y_true = [0,0,0,1,1,2,2,2,2], y_pred = [0,0,1,1,2,2,2,2,0], labels [0,1,2,3]
    const matrix = confusionMatrix([0, 0, 0, 1, 1, 2, 2, 2, 2], [0, 0, 1, 1, 2, 2, 2, 2, 0], 4);
    const { classes, accuracy, macro, weighted } = precisionRecallF1(matrix);
    expect(classes[0]).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 4 / 6, support: 3 });
    expect(classes[1]).toEqual({ precision: 1 / 2, recall: 1 / 2, f1: 1 / 2, support: 2 });
    expect(classes[2]).toEqual({ precision: 3 / 4, recall: 3 / 4, f1: 3 / 4, support: 4 });
    expect(classes[3]).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
    expect(accuracy).toBe(6 / 9);
    expect(macro.precision).toBeCloseTo((2 / 3 + 1 / 2 + 3 / 4) / 4, 12);
    expect(weighted.recall).toBeCloseTo(6 / 9, 12);
    expect(weighted.support).toBe(9);
  });

  it("stays between 0 and 1, and weighted recall is the accuracy", () => {
    fc.assert(
      fc.property(pairs, (xs) => {
        const { classes, accuracy, macro, weighted } = precisionRecallF1(matrixOf(xs));
        for (const { precision, recall, f1 } of [...classes, macro, weighted]) {
          for (const x of [precision, recall, f1]) {
            expect(x).toBeGreaterThanOrEqual(0);
            expect(x).toBeLessThanOrEqual(1 + 1e-12);
          }
        }
        expect(weighted.recall).toBeCloseTo(accuracy, 12);
      }),
    );
  });
});
