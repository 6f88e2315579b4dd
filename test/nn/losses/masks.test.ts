/** What does not count has no effect: neither on the value nor on the gradient, not even where it is NaN. */
import { describe, expect, it } from "vitest";
import { grad, logSoftmax, random, softmax, type Tensor, tensor } from "fluxion";
import * as nn from "fluxion/nn";

const [x, y] = [4, 5].map((seed) => random.normal(random.key(seed), [3, 4], { dtype: "float64" })) as [
  Tensor,
  Tensor,
];
const classes = tensor([2, 0, 3], { dtype: "int32" });

/** [a loss, predictions, targets, whether a row is one value]. */
const losses: Readonly<Record<string, readonly [nn.Loss, Tensor, Tensor, boolean]>> = {
  mse: [nn.mse, x, y, false],
  mae: [nn.mae, x, y, false],
  huber: [nn.huber, x, y, false],
  logCosh: [nn.logCosh, x, y, false],
  hinge: [nn.hinge, x, y, false],
  binaryCrossEntropy: [nn.binaryCrossEntropy, x, softmax(y), false],
  cosineDistance: [nn.cosineDistance, x, y, true],
  klDivergence: [nn.klDivergence, logSoftmax(x), softmax(y), true],
  crossEntropy: [nn.crossEntropy, x, softmax(y), true],
  "crossEntropy of classes": [nn.crossEntropy, x, classes, true],
  nll: [nn.nll, logSoftmax(x), classes, true],
};

/** The same with row 1 spoilt. */
const spoilt = (t: Tensor, by: number): Tensor => {
  const width = t.size / 3;
  const data = Array.from(t.dataSync(), (v, i) => (Math.floor(i / width) === 1 ? by : v));
  return tensor(data, { shape: [...t.shape], dtype: t.dtype });
};

const rowsOf = (t: Tensor): Tensor =>
  tensor([(t.toArray() as number[][])[0]!, (t.toArray() as number[][])[2]!]);

const row1 = <A>(rows: readonly A[]): A => rows[1]!;

describe.each(Object.entries(losses))("%s", (_name, [loss, predictions, targets, rowwise]) => {
  const row = tensor([true, false, true]);
  const where = rowwise ? row : row.expandDims(1);

  it.each([NaN, Infinity, -Infinity, -7])("is not touched by %d where the mask is false", (by) => {
    const wrong = spoilt(targets, targets.dtype === "int32" && !Number.isFinite(by) ? 99 : by);
    for (const reduction of ["mean", "sum", "none"] as const) {
      const got: Tensor = loss(spoilt(predictions, by), wrong, { where, reduction });
      expect(got.toArray()).toEqual(loss(predictions, targets, { where, reduction }).toArray());
    }
    const g = grad((p: Tensor) => loss(p, wrong, { where }))(spoilt(predictions, by));
    expect(g.toArray()).toEqual(grad((p: Tensor) => loss(p, targets, { where }))(predictions).toArray());
    expect(row1(g.toArray() as number[][]).map((v) => v + 0)).toEqual([0, 0, 0, 0]);
  });

  it("is the loss of the rest", () => {
    const rest = targets.ndim === 2 ? rowsOf(targets) : tensor([2, 3], { dtype: "int32" });
    for (const reduction of ["mean", "sum"] as const)
      expect(loss(predictions, targets, { where, reduction }).item()).toBeCloseTo(
        loss(rowsOf(predictions), rest, { reduction }).item() as number,
        5,
      );
    const values = loss(predictions, targets, { where, reduction: "none" }).toArray() as unknown[];
    expect([values[1]].flat().every((v) => v === 0)).toBe(true);
  });
});

describe("ctc", () => {
  const logits = random.normal(random.key(6), [2, 4, 3]);
  const labels = tensor([[1, 2], [2, 1]], { dtype: "int32" }); // prettier-ignore

  it("is not touched by padding that is NaN", () => {
    const inputLengths = tensor([2, 4], { dtype: "int32" });
    const bad = tensor(
      Array.from(logits.dataSync(), (v, i) => (i >= 6 && i < 12 ? NaN : v)),
      { shape: [2, 4, 3] },
    );
    const loss = (v: Tensor): Tensor => nn.ctc(v, labels, { inputLengths });
    expect(loss(bad).item()).toBe(loss(logits).item());
    expect(grad(loss)(bad).toArray()).toEqual(grad(loss)(logits).toArray());
  });

  it("is not touched by examples that do not count", () => {
    const bad = tensor(
      Array.from(logits.dataSync(), (v, i) => (i < 12 ? NaN : v)),
      { shape: [2, 4, 3] },
    );
    const loss = (v: Tensor): Tensor => nn.ctc(v, labels, { where: tensor([false, true]) });
    expect(loss(bad).item()).toBe(nn.ctc(logits, labels, { reduction: "none" }).at(1).item());
    const g = grad(loss)(bad).toArray() as number[][][];
    expect(g[0]!.flat().map((v) => v + 0)).toEqual(new Array(12).fill(0));
    expect(g[1]!.flat().every((v) => Number.isFinite(v) && v !== 0)).toBe(true);
  });
});
