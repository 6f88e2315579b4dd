import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import {
  exp,
  grad,
  jit,
  log,
  logSoftmax,
  mul,
  oneHot,
  random,
  softmax,
  sub,
  sum,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from "fluxion";
import { pipe } from "fp-ts/lib/function.js";
import * as nn from "fluxion/nn";

const logits = random.normal(random.key(0), [6, 4]);
const labels = tensor([0, 3, 1, 1, 2, 0], { dtype: "int32" });
const soft = softmax(random.normal(random.key(1), [6, 4]));

const close = (a: Tensor, b: Tensor, tolerance = 1e-6): void => {
  expect(a.shape).toEqual(b.shape);
  const y = b.dataSync();
  a.dataSync().forEach((v, i) => expect(Math.abs(v - y[i]!)).toBeLessThanOrEqual(tolerance));
};

describe("crossEntropy", () => {
  it("takes classes of any integer dtype, of floats, and one-hot", () => {
    const want = nn.crossEntropy(logits, oneHot(labels, 4));
    for (const dtype of ["int32", "uint8", "uint32", "int8", "float32"] as const)
      close(nn.crossEntropy(logits, labels.cast(dtype)), want);
    close(nn.crossEntropy(logits, oneHot(labels, 4, { dtype: "int32" })), want);
  });

  it("its gradient is softmax less the label", () => {
    const g = grad((x: Tensor) => nn.crossEntropy(x, labels, { reduction: "sum" }))(logits);
    close(g, sub(softmax(logits), oneHot(labels, 4)));
  });

  it("label smoothing is a mixture of labels", () => {
    const mixed = oneHot(labels, 4).mul(0.8).add(0.05);
    close(nn.crossEntropy(logits, labels, { labelSmoothing: 0.2 }), nn.crossEntropy(logits, mixed));
    close(
      nn.crossEntropy(logits, soft, { labelSmoothing: 0.2 }),
      nn.crossEntropy(logits, soft.mul(0.8).add(0.05)),
    );
  });

  it("along another axis", () => {
    close(nn.crossEntropy(logits.transpose(), labels, { axis: 0 }), nn.crossEntropy(logits, labels));
    close(nn.crossEntropy(logits.transpose(), soft.transpose(), { axis: 0 }), nn.crossEntropy(logits, soft));
    const images = random.normal(random.key(4), [2, 3, 5, 5]);
    const classes = random.randint(random.key(5), [2, 5, 5], 0, 3);
    expect(nn.crossEntropy(images, classes, { axis: 1, reduction: "none" }).shape).toEqual([2, 5, 5]);
  });

  it("a label that is no class is seen", () => {
    for (const wrong of [-1, 4, 1.5])
      expect(nn.crossEntropy(logits, tensor([0, 3, 1, 1, 2, wrong])).item()).toBeNaN();
  });

  it("classes that are ruled out cost nothing, and have no gradient", () => {
    const masked = tensor([[0, -Infinity, 0]]);
    const loss = (x: Tensor): Tensor => nn.crossEntropy(x, tensor([[0.5, 0, 0.5]]));
    expect(loss(masked).item()).toBeCloseTo(Math.LN2);
    expect(grad(loss)(masked).toArray()).toEqual([[0, 0, 0]]);
    expect(grad((x: Tensor) => nn.crossEntropy(x, tensor([0])))(masked).toArray()).toEqual([[-0.5, 0, 0.5]]);
  });

  it("is nll after logSoftmax, and klDivergence up to the entropy of the targets", () => {
    close(nn.nll(logSoftmax(logits), labels), nn.crossEntropy(logits, labels));
    const entropy = sum(mul(soft, log(soft)), { axis: -1 })
      .neg()
      .mean();
    close(nn.klDivergence(logSoftmax(logits), soft), sub(nn.crossEntropy(logits, soft), entropy));
  });

  it("refuses other shapes", () => {
    expect(() => nn.crossEntropy(logits, tensor([1, 2]))).toThrow(
      "crossEntropy: expected classes of shape [6] or one probability for each class, [6,4], for float32[6,4], got float32[2]",
    );
    expect(() => nn.crossEntropy(logits, labels, { labelSmoothing: 2 })).toThrow(
      "crossEntropy: expected labelSmoothing from 0 to 1, got 2",
    );
    expect(() => nn.crossEntropy(logits, labels, { reduce: "sum" } as never)).toThrow("got reduce");
    expect(() => nn.crossEntropy(logits, labels, { reduction: "avg" } as never)).toThrow(
      'crossEntropy: expected reduction "mean", "sum" or "none", got "avg"',
    );
  });
});

describe("binaryCrossEntropy", () => {
  it("is crossEntropy of two classes", () => {
    const x = random.normal(random.key(2), [5]);
    const y = tensor([0, 1, 1, 0, 1]);
    const two = nn.crossEntropy(x.expandDims(1).mul(tensor([[0, 1]])), y.cast("int32"));
    close(nn.binaryCrossEntropy(x, y), two);
  });

  it("is finite with finite gradients for any logits", () => {
    const x = tensor([1e4, -1e4, 1e4, -1e4]);
    const y = tensor([1, 1, 0, 0]);
    const loss = (v: Tensor): Tensor => nn.binaryCrossEntropy(v, y, { reduction: "sum" });
    expect(loss(x).item()).toBe(2e4);
    expect(grad(loss)(x).toArray()).toEqual([0, -1, 1, 0]);
  });
});

describe("all losses", () => {
  const [x, y] = [random.normal(random.key(6), [4, 3]), random.normal(random.key(7), [4, 3])];
  const all: Readonly<Record<string, nn.Loss>> = {
    mse: nn.mse,
    mae: nn.mae,
    huber: nn.huber,
    logCosh: nn.logCosh,
    cosineDistance: nn.cosineDistance,
    binaryCrossEntropy: nn.binaryCrossEntropy,
    hinge: nn.hinge,
    klDivergence: nn.klDivergence,
  };
  const pairOf = (name: string): [Tensor, Tensor] =>
    name === "klDivergence"
      ? [logSoftmax(x), softmax(y)]
      : name === "binaryCrossEntropy"
        ? [x, softmax(y)]
        : [x, y];

  it.each(Object.entries(all))("%s: reductions, orders, masks, jit and vmap agree", (name, loss) => {
    const [a, b] = pairOf(name);
    const values: Tensor = loss(a, b, { reduction: "none" });
    close(loss(a, b), values.mean(), 1e-5);
    close(loss(a, b, { reduction: "sum" }), values.sum(), 1e-5);
    close(pipe(a, loss(b)), loss(a, b));
    const mask = tensor([true, false, true, true]);
    const where = values.ndim === 1 ? mask : mask.expandDims(1);
    const kept = Array.from(values.dataSync()).filter((_, i) =>
      values.ndim === 1 ? i !== 1 : Math.floor(i / 3) !== 1,
    );
    expect(loss(a, b, { where }).item()).toBeCloseTo(kept.reduce((s, v) => s + v, 0) / kept.length, 5);
    close(jit((p, q) => loss(p, q))(a, b), loss(a, b));
    const each = vmap((p: Tensor, q: Tensor) => loss(p, q, { reduction: "sum" }))(a, b);
    close(each.sum(), loss(a, b, { reduction: "sum" }), 1e-5);
    const g = grad((p: Tensor) => loss(p, b))(a);
    expect(Array.from(g.dataSync()).every(Number.isFinite)).toBe(true);
  });

  it.each(Object.entries(all))("%s: does not broadcast", (name, loss) => {
    expect(() => loss(zeros([3, 1]), zeros([3]))).toThrow(
      `${name}: expected targets of the predictions' shape float32[3,1], got float32[3]`,
    );
  });

  it("a number is a target for all", () => {
    expect(nn.mse(tensor([1, 3]), 1).item()).toBe(2);
  });

  test.prop(
    [
      fc.array(
        fc.tuple(fc.float({ noNaN: true, min: -50, max: 50 }), fc.float({ noNaN: true, min: -50, max: 50 })),
        { minLength: 1, maxLength: 8 },
      ),
    ],
    { seed: 3, numRuns: 40 },
  )("distances are 0 at the target and positive elsewhere; huber is between mae and mse / 2", (pairs) => {
    const [p, q] = [tensor(pairs.map(([a]) => a)), tensor(pairs.map(([, b]) => b))];
    for (const loss of [nn.mse, nn.mae, nn.huber, nn.logCosh]) {
      expect(loss(p, p).item()).toBeCloseTo(0, 5);
      expect(loss(p, q).item()).toBeGreaterThanOrEqual(-1e-6);
      close(loss(p, q), loss(q, p), 1e-4);
    }
    expect(nn.huber(p, q).item()).toBeLessThanOrEqual(nn.mae(p, q).item() + 1e-4);
    expect(nn.huber(p, q).item()).toBeLessThanOrEqual(nn.mse(p, q).item() / 2 + 1e-4);
  });

  it("exp of nll is a probability", () => {
    const p = exp(nn.nll(logSoftmax(logits), labels, { reduction: "none" }).neg());
    expect(Array.from(p.dataSync()).every((v) => v > 0 && v < 1)).toBe(true);
  });
});
