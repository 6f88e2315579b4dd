/** The rows of `--webgpu`: functions, and steps of training. */
import { flops as lenet, fluxionStep, jaxStep, tfStep } from "../models/lenet.js";
import { flops as lstm, fluxion, jaxjs, tfjs } from "../models/lstm.js";
import type { Row } from "../row.js";
import type { Adapter } from "./adapter.js";
import { functionRows } from "./functions.js";
import { fluxionSteps, jaxSteps, tfSteps } from "./run.js";
import { sizesFor } from "./sizes.js";

const lenetStep: Row = {
  name: "lenet-step",
  title: "LeNet, batch 32, a step of SGD with momentum",
  flops: lenet.step,
  tolerance: 1e-3,
  fluxion: (fx) => fluxionStep(fx, fluxionSteps),
  peers: { jaxjs: (jax) => jaxStep(jax, jaxSteps), tfjs: (tf) => tfStep(tf, tfSteps) },
};

const lstmStep = (time: number): Row => ({
  name: "lstm-step",
  title: `LSTM 50 + LSTM 50 + dense, ${time} steps of 8 inputs, batch 32, one step of Adam`,
  flops: lstm(time),
  tolerance: 1e-3,
  fluxion: (fx, nn) => fluxion(time)(fx, nn, fluxionSteps),
  // `trainOnBatch` reads the loss itself.
  peers: { jaxjs: (jax) => jaxjs(time)(jax, jaxSteps), tfjs: tfjs(time) },
});

export const webgpuRows = (adapter: Adapter): readonly Row[] => {
  const sizes = sizesFor(adapter);
  return [...functionRows(sizes), lenetStep, lstmStep(sizes.time)];
};
