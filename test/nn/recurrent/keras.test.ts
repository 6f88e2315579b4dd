/** Recurrent layers with Keras's weights against Keras's own: values and gradients, backwards, padded sequences. */
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
  readonly weights: readonly [kernel: Stored, recurrentKernel: Stored, bias: Stored];
  readonly x: Stored;
  readonly ys: Stored;
  readonly last: readonly Stored[];
  readonly cotangent: Stored;
  readonly gradients: readonly [kernel: Stored, recurrentKernel: Stored, bias: Stored];
  readonly xGradient: Stored;
}

const file = new URL("../../golden/keras/recurrent.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { readonly cases: readonly Case[] };

/** Keras computed in float32; here its numbers are taken as float64. */
const load = ({ data, shape }: Stored): Tensor => tensor(Float64Array.from(data), { shape });

const expectClose = (got: Tensor, want: Stored): void => {
  expect(got.shape).toEqual(want.shape);
  const data = got.dataSync();
  want.data.forEach((w, i) => expect(Math.abs(data[i]! - w)).toBeLessThan(4e-6 * Math.max(1, Math.abs(w))));
};

/** Outputs of all steps, and the parts of the last carry. */
const run = (c: Case, weights: nn.KerasWeights, x: Tensor): { ys: Tensor; last: readonly Tensor[] } => {
  const options = {
    reverse: c.reverse,
    ...(c.lengths === null ? {} : { lengths: tensor([...c.lengths], { dtype: "int32" }) }),
  };
  if (c.kind === "lstm") {
    const { ys, carry } = nn.overTime(nn.lstmCell(4), nn.lstmFromKeras(weights), x, options);
    return { ys, last: [carry.h, carry.c] };
  }
  const { ys, carry } =
    c.kind === "gru"
      ? nn.overTime(nn.gruCell(4), nn.gruFromKeras(weights), x, options)
      : nn.overTime(nn.rnnCell(4), nn.lstmFromKeras(weights), x, options);
  return { ys, last: [carry] };
};

describe.each(cases)("$kind, reverse $reverse, lengths $lengths", (c) => {
  const [kernel, recurrentKernel, bias] = c.weights.map(load) as [Tensor, Tensor, Tensor];
  const weights = { kernel, recurrentKernel, bias };

  it("gives Keras's outputs and last carry", () => {
    const { ys, last } = run(c, weights, load(c.x));
    expectClose(ys, c.ys);
    expect(last.length).toBe(c.last.length);
    c.last.forEach((want, i) => expectClose(last[i]!, want));
  });

  it("gives Keras's gradients, through the conversion", () => {
    const loss = (w: nn.KerasWeights, x: Tensor): Tensor => {
      const { ys, last } = run(c, w, x);
      return last.reduce((total, part) => add(total, sum(part)), sum(mul(ys, load(c.cotangent))));
    };
    const [w, x] = grad(loss, { argnums: [0, 1] })(weights, load(c.x));
    [w.kernel, w.recurrentKernel, w.bias].forEach((g, i) => expectClose(g, c.gradients[i]!));
    expectClose(x, c.xGradient);
  });

  it("goes back to weights with the same outputs", () => {
    const back =
      c.kind === "gru" ? nn.gruToKeras(nn.gruFromKeras(weights)) : nn.lstmToKeras(nn.lstmFromKeras(weights));
    expect(back.kernel.toArray()).toEqual(weights.kernel.toArray());
    expect(back.recurrentKernel.toArray()).toEqual(weights.recurrentKernel.toArray());
    expect(back.bias.shape).toEqual(weights.bias.shape);
    expectClose(run(c, back, load(c.x)).ys, c.ys);
  });
});
