/** Two stacked LSTMs: a training step, the first one in a fresh process, and what compiling alone costs. */
import { atMostMs, atMostTimesRow, fasterThan } from "../measurement.js";
import { flops, fluxion, fluxionCompile, jaxjs, tfjs, torch } from "../models/lstm.js";
import type { Row } from "../row.js";

const [short, long] = [20, 2000] as const;

const step: Row = {
  name: "lstm-step",
  title: `LSTM 50 + LSTM 50 + dense, ${short} steps of 8 inputs, batch 32, one step of Adam`,
  flops: flops(short),
  tolerance: 1e-3,
  targets: [
    fasterThan("js", 4, "tfjs-wasm"),
    fasterThan("js", 4, "tfjs-cpu"),
    fasterThan("js", 4, "jax-js"),
    fasterThan("wasm", 22, "tfjs-wasm"),
    fasterThan("wasm", 22, "jax-js"),
    fasterThan("wasm", 1.7, "torch"),
  ],
  fluxion: fluxion(short),
  peers: { jaxjs: jaxjs(short), tfjs: tfjs(short), torch: torch(short) },
};

const first: Row = {
  name: "lstm-first",
  title: "the same step in a fresh process: tracing, compiling and running it once",
  tolerance: 1e-3,
  method: "cold",
  fluxion: fluxion(short),
  peers: { jaxjs: jaxjs(short), tfjs: tfjs(short), torch: torch(short) },
};

const compile: Row = {
  name: "lstm-compile",
  title: "tracing and compiling it in a fresh process, without running it",
  targets: [atMostMs("js", 150), atMostMs("wasm", 120)],
  method: "cold",
  fluxion: fluxionCompile(short),
  peers: {}, // they compile by running, which `lstm-first` times, or not at all
};

const compileLong: Row = {
  name: "lstm-compile-2000",
  title: `the same for ${long} steps in place of ${short}`,
  targets: [atMostMs("js", 150), atMostTimesRow("js", 1.25, "lstm-compile")],
  method: "cold",
  fluxion: fluxionCompile(long),
  peers: {},
};

export const rows: readonly Row[] = [step, first, compile, compileLong];
