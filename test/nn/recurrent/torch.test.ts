/** Recurrent layers against PyTorch's, in float64: values and gradients, both directions, padded sequences. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { add, grad, mul, sum, tensor, type Tensor } from "fluxion";
import * as nn from "fluxion/nn";

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly kind: "rnn" | "lstm" | "gru";
  readonly reverse: boolean;
  readonly lengths: readonly number[] | null;
  readonly weights: readonly [Stored, Stored, Stored, Stored];
  readonly x: Stored;
  readonly ys: Stored;
  readonly last: readonly Stored[];
  readonly cotangent: Stored;
  readonly gradients: readonly Stored[];
  readonly xGradient: Stored;
}

const file = new URL("../../golden/torch/recurrent.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Case[] };

const load = ({ data, shape }: Stored): Tensor => tensor(Float64Array.from(data), { shape });

const expectClose = (got: Tensor, want: Stored): void => {
  expect(got.shape).toEqual(want.shape);
  const data = got.dataSync();
  want.data.forEach((w, i) => expect(Math.abs(data[i]! - w)).toBeLessThan(1e-11));
};

/** Outputs of all steps, and the parts of the last carry. */
const run = (c: Case, weights: nn.TorchWeights, x: Tensor): { ys: Tensor; last: readonly Tensor[] } => {
  const options = {
    reverse: c.reverse,
    ...(c.lengths === null ? {} : { lengths: tensor([...c.lengths], { dtype: "int32" }) }),
  };
  if (c.kind === "lstm") {
    const { ys, carry } = nn.overTime(nn.lstmCell(4), nn.lstmFromTorch(weights), x, options);
    return { ys, last: [carry.h, carry.c] };
  }
  const { ys, carry } =
    c.kind === "gru"
      ? nn.overTime(nn.gruCell(4), nn.gruFromTorch(weights), x, options)
      : nn.overTime(nn.rnnCell(4), nn.lstmFromTorch(weights), x, options);
  return { ys, last: [carry] };
};

describe.each(cases)("$kind, reverse $reverse, lengths $lengths", (c) => {
  const [weightIh, weightHh, biasIh, biasHh] = c.weights.map(load) as [Tensor, Tensor, Tensor, Tensor];
  const weights = { weightIh, weightHh, biasIh, biasHh };

  it("gives PyTorch's outputs and last carry", () => {
    const { ys, last } = run(c, weights, load(c.x));
    expectClose(ys, c.ys);
    c.last.forEach((want, i) => expectClose(last[i]!, want));
  });

  it("gives PyTorch's gradients", () => {
    const loss = (w: nn.TorchWeights, x: Tensor): Tensor => {
      const { ys, last } = run(c, w, x);
      return last.reduce((total, part) => add(total, sum(part)), sum(mul(ys, load(c.cotangent))));
    };
    const [w, x] = grad(loss, { argnums: [0, 1] })(weights, load(c.x));
    [w.weightIh, w.weightHh, w.biasIh, w.biasHh].forEach((g, i) => expectClose(g, c.gradients[i]!));
    expectClose(x, c.xGradient);
  });
});

it("goes to PyTorch's and Keras's weights and back", () => {
  const aval = { shape: [1, 5, 3], dtype: "float64" } as const;
  const key = tensor([1, 2], { dtype: "uint32" });
  const lstm = nn.lstm(4).init(key, aval).params;
  const gru = { ...nn.gru(4).init(key, aval).params, recurrentBias: tensor(Float64Array.of(1, 2, 3, 4)) };
  for (const back of [nn.lstmFromTorch(nn.lstmToTorch(lstm)), nn.lstmFromKeras(nn.lstmToKeras(lstm))])
    for (const name of ["kernel", "recurrent", "bias"] as const)
      expect(back[name].toArray()).toEqual(lstm[name].toArray());
  for (const back of [nn.gruFromTorch(nn.gruToTorch(gru)), nn.gruFromKeras(nn.gruToKeras(gru))])
    for (const name of ["kernel", "recurrent", "bias", "recurrentBias"] as const)
      expect(back[name].toArray()).toEqual(gru[name].toArray());
});
