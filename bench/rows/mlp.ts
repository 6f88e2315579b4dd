/** Training a perceptron: three products of matrices, and an optimizer that touches every weight. */
import { flops, fluxion, jaxjs, tfjs, torch } from "../models/mlp.js";
import { atMostTimes, fasterThan } from "../measurement.js";
import type { Row } from "../row.js";

export const rows: readonly Row[] = [
  {
    name: "mlp-adam",
    title: "MLP 784-128-10, batch 128, one step of Adam",
    flops,
    tolerance: 1e-3,
    targets: [fasterThan("wasm", 2.5, "jax-js"), atMostTimes("wasm", 2, "torch")],
    fluxion,
    peers: { jaxjs, tfjs, torch },
  },
];
