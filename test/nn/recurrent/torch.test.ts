/** Recurrent layers against PyTorch's, in float64: values and gradients, both directions, padded sequences. */
import { expect, it } from "vitest";
import { tensor } from "fluxion";
import * as nn from "fluxion/nn";
import { agreesWith } from "./peer.js";

agreesWith<nn.TorchWeights>({
  name: "PyTorch",
  file: "torch/recurrent.json",
  order: ["weightIh", "weightHh", "biasIh", "biasHh"],
  lstm: nn.lstmFromTorch,
  gru: nn.gruFromTorch,
  tolerance: () => 1e-11,
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
