import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  einsum,
  grad,
  matmul,
  matrixPower,
  multiDot,
  ones,
  reshape,
  arange,
  sum,
  tensor,
  tensordot,
  type Tensor,
} from "../../src/index.js";
import { dotShapes, nodesOf } from "./nodes.js";

/** Every product of every combination of label values: the definition. */
const definition = (inputs: readonly string[], output: string, operands: readonly Tensor[]): number[] => {
  const sizes = new Map<string, number>();
  inputs.forEach((ls, i) => [...ls].forEach((l, a) => sizes.set(l, operands[i]!.shape[a]!)));
  const labels = [...output, ...[...sizes.keys()].filter((l) => !output.includes(l))];
  const strides = operands.map((x) =>
    x.shape.map((_: number, a: number) => x.shape.slice(a + 1).reduce((p: number, n: number) => p * n, 1)),
  );
  const data = operands.map((x) => x.dataSync());
  const out = new Array<number>([...output].reduce((n, l) => n * sizes.get(l)!, 1)).fill(0);
  const at = new Map<string, number>();
  const visit = (k: number, offset: number): void => {
    if (k < labels.length) {
      const l = labels[k]!;
      for (let i = 0; i < sizes.get(l)!; i++) {
        at.set(l, i);
        visit(k + 1, k < output.length ? offset * sizes.get(l)! + i : offset);
      }
      return;
    }
    out[offset]! += data.reduce(
      (p, d, i) => p * d[[...inputs[i]!].reduce((o, l, a) => o + at.get(l)! * strides[i]![a]!, 0)]!,
      1,
    );
  };
  visit(0, 0);
  return out;
};

const sizeOf: Record<string, number> = { a: 2, b: 3, c: 1, d: 4, e: 2 };
const counting = (labels: string, from: number): Tensor => {
  const shape = [...labels].map((l) => sizeOf[l]!);
  const n = shape.reduce((p, s) => p * s, 1);
  return tensor(
    Array.from({ length: n }, (_, i) => ((i * 7 + from * 3) % 11) - 5),
    { shape },
  );
};

const spec = fc
  .array(fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 4 }), { minLength: 1, maxLength: 4 })
  .chain((inputs) =>
    fc.record({
      inputs: fc.constant(inputs.map((i) => i.join(""))),
      output: fc.shuffledSubarray([...new Set(inputs.flat())]).map((o) => o.join("")),
    }),
  );

describe("einsum", () => {
  test("is its definition, whatever the labels", () => {
    fc.assert(
      fc.property(spec, ({ inputs, output }) => {
        const operands = inputs.map((ls, i) => counting(ls, i));
        const got = einsum(`${inputs.join(",")}->${output}`, ...operands);
        expect(Array.from(got.dataSync(), (v) => v + 0)).toEqual(definition(inputs, output, operands));
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test("stretches axes of size 1", () => {
    expect(einsum("...ij,...jk->...ik", ones([1, 5, 2, 3]), ones([4, 1, 3, 2])).shape).toEqual([4, 5, 2, 2]);
    expect(einsum("ij,ij->j", ones([1, 3]), ones([2, 1])).toArray()).toEqual([2, 2, 2]);
  });

  test("lowers to as few nodes as possible", () => {
    const [a, b, c] = [ones([2, 3]), ones([3, 4]), ones([4, 5])];
    const nodes = (s: string, ...xs: Tensor[]): string[] =>
      nodesOf(einsum(s, ...xs)).filter((n) => n !== "broadcast" || s === "i,j->ij");
    expect(nodes("ij,jk->ik", a, b)).toEqual(["dot"]);
    expect(nodes("ij,jk->ki", a, b)).toEqual(["dot"]);
    expect(nodes("bij,bjk->bik", ones([2, 2, 3]), ones([2, 3, 4]))).toEqual(["dot"]);
    expect(nodes("bhqd,bhkd->bhqk", ones([1, 2, 3, 4]), ones([1, 2, 5, 4]))).toEqual(["dot"]);
    expect(nodes("ij,jk,kl->il", a, b, c)).toEqual(["dot", "dot"]);
    expect(nodes("ij->ji", a)).toEqual(["permute"]);
    expect(nodes("ij,ij->ij", a, a)).toEqual(["mul"]);
    expect(nodes("bqhd,bkhd->bhqk", ones([1, 3, 2, 4]), ones([1, 5, 2, 4]))).toEqual(["dot"]);
  });

  test("chooses the order that shrinks most", () => {
    const y = einsum("ij,jk,k->i", ones([50, 60]), ones([60, 70]), ones([70]));
    // First the vector: both products are of a matrix and a vector.
    expect(dotShapes(y)).toEqual([[60], [50]]);
  });

  test("differentiates", () => {
    const a = reshape(arange(6, { dtype: "float32" }), [2, 3]);
    const g = grad((x: Tensor) => sum(einsum("ij,kj->ik", x, x)))(a);
    expect(g.toArray()).toEqual([
      [6, 10, 14],
      [6, 10, 14],
    ]);
  });

  test.each([
    [
      () => einsum("ij,jk->ik", ones([2, 3]), ones([4, 5])),
      'einsum: expected one size for label "j", got 3 and 4 (operand 1, float32[4,5])',
    ],
    [
      () => einsum("ij->ik", ones([2, 3])),
      'einsum: expected label "k" of the result in an operand, got "ij"',
    ],
    [() => einsum("ij->ii", ones([2, 3])), 'einsum: expected each label of the result once, got "ii"'],
    [
      () => einsum("ijk->i", ones([2, 3])),
      'einsum: expected operand 0 "ijk" to have 3 axes, got float32[2,3]',
    ],
    [() => einsum("ij,jk", ones([2, 3])), "einsum: expected 2 operands, as in the specification, got 1"],
    [
      () => einsum("i$", ones([2, 3])),
      'einsum: expected letters and at most one "..." for each operand, as in "...ij,jk->...ik", got "i$"',
    ],
    [
      () => einsum("ii->i", ones([2, 3])),
      'einsum: expected one size for label "i", got 2 and 3 (operand 0, float32[2,3])',
    ],
    [
      () => einsum("...i,...i", ones([2, 3, 4]), ones([5, 3, 4])),
      'einsum: expected one size for the axes of "...", got 2 and 5 (operand 1, float32[5,3,4])',
    ],
  ])("names what is wrong (%#)", (f, message) => {
    expect(f).toThrow(expect.objectContaining({ message }));
  });
});

describe("products", () => {
  test("of stacks are one dot wherever the axes fall in order", () => {
    expect(nodesOf(matmul(ones([2, 3]), ones([3, 4]))).filter((n) => n !== "broadcast")).toEqual(["dot"]);
    expect(nodesOf(matmul(ones([5, 2, 3]), ones([3, 4]))).filter((n) => n !== "broadcast")).toEqual(["dot"]);
    expect(nodesOf(matmul(ones([5, 2, 3]), ones([5, 3, 4]))).filter((n) => n !== "broadcast")).toEqual([
      "dot",
    ]);
    expect(nodesOf(matmul(ones([2, 3]), ones([5, 3, 4]))).filter((n) => n !== "broadcast")).toEqual([
      "dot",
      "permute",
    ]);
    expect(nodesOf(matmul(ones([3]), ones([5, 3, 4]))).filter((n) => n !== "broadcast")).toEqual(["dot"]);
  });

  test("say which sizes do not meet", () => {
    expect(() => matmul(ones([2, 3]), ones([4, 5]))).toThrow(
      "matmul: expected the last axis of x to equal the last but one of y, got float32[2,3] and float32[4,5]",
    );
    expect(() => matmul(ones([2, 2, 3]), ones([4, 3, 5]))).toThrow(
      "matmul: expected shapes that broadcast together, got [2] and [4]",
    );
    expect(() => matmul(2, ones([2]))).toThrow(
      "matmul: expected operands of at least one axis (use mul for scalars), got float32[] and float32[2]",
    );
    expect(() => tensordot(ones([2, 3]), ones([3, 2]))).toThrow(
      "tensordot: expected equal sizes along axes [0,1] of x and [0,1] of y, got float32[2,3] and float32[3,2]",
    );
  });

  test("of bools ask whether any pair is true", () => {
    const y = matmul(
      tensor([[true, false]]),
      tensor([
        [false, true],
        [true, true],
      ]),
    );
    expect(y.dtype).toBe("bool");
    expect(y.toArray()).toEqual([[false, true]]);
  });

  test("in a wider dtype", () => {
    const x = tensor([100], { dtype: "int8" });
    expect(matmul(x, x, { dtype: "int32" }).item()).toBe(10000);
    expect(() => matmul(ones([2]), ones([2]), { dtype: "int32" })).toThrow(
      "matmul: expected a dtype that holds float32, got int32",
    );
  });

  test("of chains in the cheapest order", () => {
    const y = multiDot([ones([10, 100]), ones([100, 5]), ones([5, 50])]);
    expect(y.shape).toEqual([10, 50]);
    expect(y.at(0, 0).item()).toBe(500);
    expect(multiDot([ones([3]), ones([3, 4]), ones([4])]).shape).toEqual([]);
  });

  test("of a matrix with itself", () => {
    expect(
      matrixPower(
        tensor([
          [2, 1],
          [0, 1],
        ]),
        0,
      ).toArray(),
    ).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(
      matrixPower(
        tensor([
          [1, 1],
          [1, 0],
        ]),
        10,
      ).toArray(),
    ).toEqual([
      [89, 55],
      [55, 34],
    ]);
  });
});
