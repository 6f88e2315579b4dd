/** Losses of padded sequences, against a plain loop over the steps. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { grad, jit, random, type Tensor, tensor, vmap, zeros } from "fluxion";
import * as nn from "fluxion/nn";
import { pipe } from "fp-ts/lib/function.js";

type Rows = readonly (readonly (readonly number[])[])[];

/** -log softmax(z)[k], and its gradient softmax(z) - [k]. */
const plain = (z: readonly number[], k: number): { value: number; gradient: number[] } => {
  const top = Math.max(...z);
  const total = z.reduce((t, v) => t + Math.exp(v - top), 0);
  return {
    value: top + Math.log(total) - z[k]!,
    gradient: z.map((v, i) => Math.exp(v - top) / total - (i === k ? 1 : 0)),
  };
};

const float64 = (values: Rows): Tensor =>
  tensor(Float64Array.from(values.flat(2)), {
    shape: [values.length, values[0]!.length, values[0]![0]!.length],
  });

const int32 = (values: readonly (readonly number[])[] | readonly number[]): Tensor =>
  tensor(values, { dtype: "int32" });

const flat = (x: Tensor): number[] => Array.from(x.dataSync(), (v) => v + 0); // -0 is 0

const near = (got: readonly number[], want: readonly number[]): void => {
  expect(got.length).toBe(want.length);
  got.forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 10));
};

const [batch, time, classes] = [3, 4, 3];
const step = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), {
  minLength: classes,
  maxLength: classes,
});
const grid = <A>(of: fc.Arbitrary<A>): fc.Arbitrary<A[][]> =>
  fc.array(fc.array(of, { minLength: time, maxLength: time }), { minLength: batch, maxLength: batch });
const samples = fc.record({
  logits: grid(step),
  labels: grid(fc.integer({ min: 0, max: classes - 1 })),
  mask: grid(fc.boolean()),
  lengths: fc.array(fc.integer({ min: 0, max: time }), { minLength: batch, maxLength: batch }),
  junk: fc.constantFrom(NaN, Infinity, -Infinity, 1e300),
});

describe("sequenceCrossEntropy", () => {
  test.prop([samples], { seed: 11, numRuns: 40 })(
    "is the plain loop over the steps that count, and so is its gradient; what stands elsewhere has no effect",
    ({ logits, labels, mask, lengths, junk }) => {
      const counts = (b: number, t: number): boolean => t < lengths[b]! && mask[b]![t]!;
      const each = logits.map((rows, b) =>
        rows.map((z, t) =>
          counts(b, t) ? plain(z, labels[b]![t]!) : { value: 0, gradient: z.map(() => 0) },
        ),
      );
      const x = float64(logits.map((rows, b) => rows.map((z, t) => (counts(b, t) ? z : z.map(() => junk)))));
      const y = int32(labels.map((row, b) => row.map((k, t) => (counts(b, t) ? k : -1))));
      const options = { lengths: int32(lengths), where: tensor(mask) };
      const values = each.flat().map((e) => e.value);
      const n = logits.flatMap((rows, b) => rows.filter((_, t) => counts(b, t))).length;
      const total = values.reduce((a, b) => a + b, 0);
      const loss = (reduction: "mean" | "sum" | "none" | "sequences", v: Tensor = x): Tensor =>
        nn.sequenceCrossEntropy(v, y, { ...options, reduction });
      near(flat(loss("none")), values);
      near(flat(loss("sum")), [total]);
      near(
        flat(loss("sequences")),
        each.map((row) => row.reduce((a, e) => a + e.value, 0)),
      );
      if (n > 0) near(flat(loss("mean")), [total / n]);
      else expect(loss("mean").item()).toBeNaN();
      const gradients = each.flat().flatMap((e) => e.gradient);
      const g = flat(grad((v: Tensor) => loss("sum", v))(x));
      near(g, gradients);
      gradients.forEach((w, i) => {
        if (w === 0) expect(g[i]).toBe(0);
      });
    },
  );

  const x = random.normal(random.key(0), [2, 5, 4]);
  const y = random.randint(random.key(1), [2, 5], 0, 4);

  it("without lengths and mask is crossEntropy, also data-last, jitted and batched", () => {
    const want = nn.crossEntropy(x, y).item();
    expect(nn.sequenceCrossEntropy(x, y).item()).toBe(want);
    expect(pipe(x, nn.sequenceCrossEntropy(y)).item()).toBe(want);
    expect(jit((a: Tensor, b: Tensor) => nn.sequenceCrossEntropy(a, b))(x, y).item()).toBeCloseTo(
      want as number,
      6,
    );
    const lengths = int32([2, 4]);
    const loss = (a: Tensor, b: Tensor): Tensor =>
      nn.sequenceCrossEntropy(a, b, { lengths, reduction: "sum" });
    const stacked = vmap(loss)(x.reshape([1, 2, 5, 4]), y.reshape([1, 2, 5]));
    expect(stacked.at(0).item()).toBeCloseTo(loss(x, y).item() as number, 5);
  });

  it("smooths labels as crossEntropy does", () => {
    const lengths = int32([2, 4]);
    const where = nn.sequenceMask(lengths, 5);
    expect(nn.sequenceCrossEntropy(x, y, { lengths, labelSmoothing: 0.1 }).item()).toBe(
      nn.crossEntropy(x, y, { where, labelSmoothing: 0.1 }).item(),
    );
  });

  it("a mask of one axis broadcasts", () => {
    const where = tensor([true, false, true, true, false]);
    const mask = tensor([
      [true, false, true, true, false],
      [true, false, true, true, false],
    ]);
    expect(nn.sequenceCrossEntropy(x, y, { where }).item()).toBe(
      nn.sequenceCrossEntropy(x, y, { where: mask }).item(),
    );
  });

  it.each<[() => unknown, string]>([
    [
      () => nn.sequenceCrossEntropy(zeros([2, 3]), y),
      "sequenceCrossEntropy: expected logits [batch, time, classes], got float32[2,3]",
    ],
    [
      () => nn.sequenceCrossEntropy(x, zeros([2, 4])),
      "sequenceCrossEntropy: expected classes of shape [2,5], got float32[2,4]",
    ],
    [
      () => nn.sequenceCrossEntropy(x, y, { lengths: int32([1]) }),
      "sequenceCrossEntropy: expected integer lengths [2], got int32[1]",
    ],
    [
      () => nn.sequenceCrossEntropy(x, y, { reduction: "average" } as never),
      'sequenceCrossEntropy: expected reduction "mean", "sum", "none" or "sequences", got "average"',
    ],
    [
      () => nn.sequenceCrossEntropy(x, y, { mask: y } as never),
      "sequenceCrossEntropy: expected options { reduction, where, labelSmoothing, lengths }, got mask",
    ],
  ])("%#: says what it expects", (f, message) => {
    expect(f).toThrow(message);
  });
});

describe("sequenceMask", () => {
  it("is true at the first steps", () => {
    expect(nn.sequenceMask(int32([0, 2, 5]), 3).toArray()).toEqual([
      [false, false, false],
      [true, true, false],
      [true, true, true],
    ]);
    expect(nn.sequenceMask(int32([]).reshape([0]), 3).shape).toEqual([0, 3]);
  });

  it("says what it expects", () => {
    expect(() => nn.sequenceMask(tensor([1]), 3)).toThrow(
      "sequenceMask: expected integer lengths [batch], got float32[1]",
    );
    expect(() => nn.sequenceMask(int32([1]), -1)).toThrow(
      "sequenceMask: expected a time of at least 0, got -1",
    );
  });
});
