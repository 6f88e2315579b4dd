/** onnxruntime-web: inference on WebAssembly, of models that are made here. */
import { createRequire } from "node:module";
import type * as Ort from "onnxruntime-web";
import { startClock } from "./clock.js";
import type { Run } from "./contender.js";
import { type Graph, inputName, model, outputName, type Value } from "./onnx/model.js";

export interface OrtArray {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface OrtLibrary {
  /** A function of arrays. What else it knows, such as weights, the graph holds as constants. */
  call(build: (graph: Graph, ...inputs: Value[]) => Value, ...args: readonly OrtArray[]): Run;
}

/** Helpers that spin while they wait for work would take a core from everybody who has a turn after them. */
const options: Ort.InferenceSession.SessionOptions = {
  executionProviders: ["wasm"],
  extra: { session: { intra_op: { allow_spinning: "0" } } },
};

const require = createRequire(import.meta.url);

/**
 * A module has as many threads as it was first started with. Node keeps two modules of a package apart, the imported and
 * the required one: so one thread and several can take turns in a process.
 */
const load = async (threads: number): Promise<typeof Ort> => {
  const ort = threads === 1 ? await import("onnxruntime-web") : (require("onnxruntime-web") as typeof Ort);
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = "error";
  return ort;
};

export const startOrt = async (threads: number): Promise<OrtLibrary> => {
  const ort = await load(threads);
  return {
    call: (build, ...args) => {
      const bytes = model(
        args.map((a) => a.shape),
        build,
      );
      const feeds = Object.fromEntries(
        args.map(({ data, shape }, i) => [inputName(i), new ort.Tensor("float32", data, shape)]),
      );
      let session: Ort.InferenceSession | undefined;
      const run = async (): Promise<Ort.Tensor> => {
        session ??= await ort.InferenceSession.create(bytes, options);
        return (await session.run(feeds))[outputName]!;
      };
      return {
        first: async () => {
          const elapsed = startClock();
          const y = await run();
          const ms = elapsed();
          return { ms, values: [y.data as Float32Array] };
        },
        step: async () => (await run()).dispose(),
      };
    },
  };
};
