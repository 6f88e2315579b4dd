/** Recurrent layers with Keras's weights against Keras's own: values and gradients, backwards, padded sequences. */
import { describe, expect, it } from "vitest";
import * as nn from "fluxion/nn";
import { agreesWith, casesOf, expectClose, load, type Peer, run, weightsOf } from "./peer.js";

const keras: Peer<nn.KerasWeights> = {
  name: "Keras",
  file: "keras/recurrent.json",
  order: ["kernel", "recurrentKernel", "bias"],
  lstm: nn.lstmFromKeras,
  gru: nn.gruFromKeras,
  // Keras computed in float32.
  tolerance: (want) => 4e-6 * Math.max(1, Math.abs(want)),
};

agreesWith(keras);

describe.each(casesOf(keras))("$kind, reverse $reverse, lengths $lengths", (c) => {
  it("goes back to weights with the same outputs", () => {
    const weights = weightsOf(keras, c);
    const back =
      c.kind === "gru" ? nn.gruToKeras(nn.gruFromKeras(weights)) : nn.lstmToKeras(nn.lstmFromKeras(weights));
    expect(back.kernel.toArray()).toEqual(weights.kernel.toArray());
    expect(back.recurrentKernel.toArray()).toEqual(weights.recurrentKernel.toArray());
    expect(back.bias.shape).toEqual(weights.bias.shape);
    expectClose(keras, run(keras, c, back, load(c.x)).ys, c.ys);
  });
});
