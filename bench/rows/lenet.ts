/** LeNet on a batch of 32 images: inference, a training step, and the first step of a fresh process. */
import {
  flops,
  fluxionForward,
  fluxionStep,
  jaxForward,
  jaxStep,
  ortForward,
  tfForward,
  tfStep,
  torchForward,
  torchStep,
} from "../models/lenet.js";
import { atMostMs, fasterThan } from "../measurement.js";
import type { Row } from "../row.js";

const forward: Row = {
  name: "lenet-forward",
  title: "LeNet, batch 32, forward",
  flops: flops.forward,
  fluxion: fluxionForward,
  peers: { jaxjs: jaxForward, tfjs: tfForward, ort: ortForward, torch: torchForward },
};

const step: Row = {
  name: "lenet-step",
  title: "LeNet, batch 32, a step of SGD with momentum",
  flops: flops.step,
  tolerance: 1e-3,
  targets: [
    atMostMs("js", 45),
    fasterThan("js", 3, "jax-js"),
    fasterThan("js", 30, "tfjs-cpu"),
    fasterThan("wasm", 80, "jax-js"),
    fasterThan("wasm", 2, "torch"),
  ],
  fluxion: (fx) => fluxionStep(fx),
  peers: { jaxjs: jaxStep, tfjs: tfStep, torch: torchStep },
};

const compile: Row = {
  name: "lenet-compile",
  title: "the same step in a fresh process: tracing, compiling and running it once",
  tolerance: 1e-3,
  targets: [atMostMs("js", 300), atMostMs("wasm", 120)],
  method: "cold",
  fluxion: (fx) => fluxionStep(fx),
  peers: { jaxjs: jaxStep, tfjs: tfStep },
};

export const rows: readonly Row[] = [forward, step, compile];
