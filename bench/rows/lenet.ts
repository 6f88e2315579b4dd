/** LeNet on a batch of 32 images: inference, a training step, and the first step of a fresh process. */
import {
  flops,
  fluxionForward,
  fluxionStep,
  jaxForward,
  jaxStep,
  tfForward,
  tfStep,
} from "../models/lenet.js";
import { atMostMs, fasterThan } from "../measurement.js";
import type { Row } from "../row.js";

const forward: Row = {
  name: "lenet-forward",
  title: "LeNet, batch 32, forward",
  flops: flops.forward,
  fluxion: fluxionForward,
  peers: { jaxjs: jaxForward, tfjs: tfForward },
};

const step: Row = {
  name: "lenet-step",
  title: "LeNet, batch 32, a step of SGD with momentum",
  flops: flops.step,
  tolerance: 1e-3,
  targets: [atMostMs(45), fasterThan(3, "jax-js"), fasterThan(30, "tfjs-cpu")],
  fluxion: fluxionStep,
  peers: { jaxjs: jaxStep, tfjs: tfStep },
};

const compile: Row = {
  name: "lenet-compile",
  title: "the same step in a fresh process: tracing, compiling and running it once",
  tolerance: 1e-3,
  targets: [atMostMs(300)],
  method: "cold",
  fluxion: fluxionStep,
  peers: { jaxjs: jaxStep, tfjs: tfStep },
};

export const rows: readonly Row[] = [forward, step, compile];
