import { describe } from "vitest";
import * as fx from "../../src/index.js";
import { testGolden } from "./golden-cases.js";

const names = [
  "relu",
  "relu6",
  "leakyRelu",
  "elu",
  "selu",
  "celu",
  "gelu",
  "silu",
  "softplus",
  "logSigmoid",
  "hardTanh",
  "hardSigmoid",
  "hardSwish",
  "softSign",
  "mish",
  "squareplus",
  "glu",
  "softmax",
  "logSoftmax",
] as const;

describe("JAX's activations", () => {
  for (const name of names)
    testGolden("nn", name, ([x], options) => (fx[name] as typeof fx.softmax)(x!, options), {
      rtol: 1e-6,
      atol: 1e-6,
    });
  testGolden("nn", "oneHot", ([x, n], options) => fx.oneHot(x!, n!, options));
});
