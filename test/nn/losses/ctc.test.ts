/** CTC against the sum over all paths, written out. */
import { describe, expect, it } from "vitest";
import { add, grad, jit, mul, random, sum, tensor, type Tensor } from "fluxion";
import * as nn from "fluxion/nn";

/** What a path of classes spells: repetitions merged, then blanks dropped. */
const spelt = (path: readonly number[], blank: number): string =>
  path.filter((c, i) => c !== blank && c !== path[i - 1]).join();

const paths = (time: number, classes: number): number[][] =>
  time === 0
    ? [[]]
    : paths(time - 1, classes).flatMap((p) => Array.from({ length: classes }, (_, c) => [...p, c]));

const bruteForce = (
  frames: readonly (readonly number[])[],
  labels: readonly number[],
  blank: number,
): number => {
  const p = frames.map((z) => {
    const total = z.reduce((t, v) => t + Math.exp(v), 0);
    return z.map((v) => Math.exp(v) / total);
  });
  const all = paths(frames.length, frames[0]!.length).filter((path) => spelt(path, blank) === labels.join());
  return -Math.log(all.reduce((t, path) => t + path.reduce((q, c, i) => q * p[i]![c]!, 1), 0));
};

const logits = (batch: number, time: number, classes: number): Tensor =>
  random.normal(random.key(3), [batch, time, classes], { dtype: "float64" });

describe("ctc", () => {
  it.each([
    [[1], 0],
    [[1, 2], 0],
    [[1, 1], 0],
    [[2, 1, 2], 0],
    [[2, 2, 1], 0],
    [[0, 1], 2],
    [[], 0],
  ])("labels %j, blank %i: the sum over all paths", (labels, blank) => {
    const x = logits(1, 5, 3);
    const y = tensor(Int32Array.from(labels), { shape: [1, labels.length] });
    const want = bruteForce((x.toArray() as number[][][])[0]!, labels, blank);
    expect(nn.ctc(x, y, { blank }).item()).toBeCloseTo(want, 10);
  });

  it("leaves padding out", () => {
    const x = logits(2, 5, 3);
    const y = tensor(
      [
        [1, 2, -1],
        [2, 1, 2],
      ],
      { dtype: "int32" },
    );
    const lengths = {
      inputLengths: tensor([3, 5], { dtype: "int32" }),
      labelLengths: tensor([2, 3], { dtype: "int32" }),
    };
    const [a, b] = x.toArray() as [number[][], number[][]];
    const losses = jit((v: Tensor) => nn.ctc(v, y, { ...lengths, reduction: "none" }))(
      x,
    ).toArray() as number[];
    expect(losses[0]).toBeCloseTo(bruteForce(a.slice(0, 3), [1, 2], 0), 10);
    expect(losses[1]).toBeCloseTo(bruteForce(b, [2, 1, 2], 0), 10);
    const g = grad((v: Tensor) => nn.ctc(v, y, lengths))(x).toArray() as number[][][];
    expect(
      g[0]!
        .slice(3)
        .flat()
        .every((v) => v === 0),
    ).toBe(true);
  });

  it("has the gradient of central differences", () => {
    const x = logits(2, 5, 3);
    const y = tensor(
      [
        [1, 2],
        [2, 2],
      ],
      { dtype: "int32" },
    );
    const direction = random.normal(random.key(4), [2, 5, 3], { dtype: "float64" });
    const at = (e: number): number => nn.ctc(add(x, mul(direction, e)), y).item() as number;
    const slope = sum(mul(grad((v: Tensor) => nn.ctc(v, y))(x), direction)).item() as number;
    expect(slope).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 7);
  });

  it("is infinite with gradient 0 where the labels do not fit", () => {
    const y = tensor([[1, 1, 1]], { dtype: "int32" });
    expect(nn.ctc(logits(1, 4, 3), y).item()).toBe(Infinity);
    const g = grad((v: Tensor) => nn.ctc(v, y))(logits(1, 4, 3)).toArray() as number[][][];
    expect(g.flat(2)).toEqual(new Array(12).fill(0));
  });

  it("names what does not fit", () => {
    expect(() => nn.ctc(tensor([[1]]), tensor([[1]], { dtype: "int32" }))).toThrow(
      "ctc: expected float logits [batch, time, classes], got float32[1,1]",
    );
    expect(() => nn.ctc(logits(1, 4, 3), tensor([[1]]))).toThrow(
      "ctc: expected integer labels [1, labels], got float32[1,1]",
    );
    expect(() => nn.ctc(logits(1, 4, 3), tensor([[1]], { dtype: "int32" }), { blank: 3 })).toThrow(
      "ctc: expected a blank from 0 to 2, got 3",
    );
  });
});
