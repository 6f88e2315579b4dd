/** The contenders: each library, how it is loaded, and what it is called in the results. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as fx from "fluxion";
import * as nn from "fluxion/nn";
import manifest from "../package.json" with { type: "json" };
import type { ContenderId } from "./measurement.js";
import { startOrt } from "./ort.js";
import type { Row, Run, TfLibrary } from "./row.js";
import { startTorch } from "./torch.js";
import { provideWebGPU } from "./webgpu/adapter.js";

/** The bundle lies under bench/node_modules, so that packages resolve from there. */
const require = createRequire(import.meta.url);

const versionOf = (name: string): string => {
  let folder = dirname(require.resolve(name));
  for (;;) {
    try {
      const found = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
        name?: string;
        version: string;
      };
      if (found.name === name) return found.version;
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
    folder = dirname(folder);
  }
};

export interface Contender {
  readonly id: ContenderId;
  readonly library: string;
  readonly version: string;
  readonly backend: string;
  /** What WebGPU computes on. */
  readonly adapter?: string;
  /** One, unless it says otherwise. */
  readonly threads?: number;
  readonly enter: () => Promise<void> | void;
  /** The row's computation in this library; undefined where the row has none. */
  readonly prepare: (row: Row) => Run | undefined;
}

const fluxion =
  (backend: "js" | "wasm", id: ContenderId) =>
  async (several: number): Promise<Contender> => {
    await fx.initBackend(backend);
    const { version } = manifest;
    const threads = id === "fluxion-threads" ? several : 1;
    const enter = (): void => {
      fx.setBackend(backend);
      fx.setThreads(threads);
    };
    return {
      id,
      library: "fluxion",
      version,
      backend,
      threads,
      enter,
      prepare: (row) => row.fluxion(fx, nn),
    };
  };

const fluxionOnWebGPU = async (): Promise<Contender> => {
  const { adapter, gpu } = await provideWebGPU();
  await fx.initBackend("webgpu", { gpu });
  return {
    id: "fluxion-webgpu",
    library: "fluxion",
    version: manifest.version,
    backend: "webgpu",
    adapter: adapter.name,
    enter: () => fx.setBackend("webgpu"),
    prepare: (row) => row.fluxion(fx, nn),
  };
};

const hand = (): Contender => ({
  id: "hand",
  library: "hand-written loop",
  version: process.version,
  backend: "js",
  enter: () => undefined,
  prepare: (row) => row.peers.hand?.(),
});

const copy = (): Contender => ({
  id: "copy",
  library: "copy",
  version: process.version,
  backend: "js",
  enter: () => undefined,
  prepare: (row) => row.peers.copy?.(),
});

const tfjs = (backend: "cpu" | "wasm" | "webgpu") => async (): Promise<Contender> => {
  const webgpu = backend === "webgpu" ? await provideWebGPU() : undefined;
  const tf = require("@tensorflow/tfjs") as TfLibrary;
  tf.enableProdMode(); // no checks, and no greeting on the console
  if (backend === "wasm") {
    const name = "@tensorflow/tfjs-backend-wasm";
    const wasm = require(name) as { setWasmPaths: (folder: string) => void };
    wasm.setWasmPaths(`${dirname(require.resolve(name))}/`);
  }
  if (backend === "webgpu") require("@tensorflow/tfjs-backend-webgpu");
  const enter = async (): Promise<void> => {
    if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no ${backend} backend here`);
  };
  await enter();
  const version = versionOf("@tensorflow/tfjs");
  return {
    id: `tfjs-${backend}`,
    library: "@tensorflow/tfjs",
    version,
    backend,
    ...(webgpu && { adapter: webgpu.adapter.name }),
    enter,
    prepare: (row) => row.peers.tfjs?.(tf),
  };
};

const jaxjs = async (): Promise<Contender> => {
  const jax = await import("@jax-js/jax");
  await jax.init("wasm"); // Node 20 has no WebGPU, and the default tries it
  jax.defaultDevice("wasm");
  const version = versionOf("@jax-js/jax");
  const prepare = (row: Row): Run | undefined => row.peers.jaxjs?.(jax);
  return { id: "jax-js", library: "@jax-js/jax", version, backend: "wasm", enter: () => undefined, prepare };
};

const jaxjsOnWebGPU = async (): Promise<Contender> => {
  const { adapter } = await provideWebGPU();
  const jax = await import("@jax-js/jax");
  if (!(await jax.init("webgpu")).includes("webgpu")) throw new Error("jax-js accepts no adapter here");
  jax.defaultDevice("webgpu");
  return {
    id: "jax-js-webgpu",
    library: "@jax-js/jax",
    version: versionOf("@jax-js/jax"),
    backend: "webgpu",
    adapter: adapter.name,
    enter: () => undefined,
    prepare: (row) => row.peers.jaxjs?.(jax),
  };
};

const ort =
  (id: "ort" | "ort-threads") =>
  async (several: number): Promise<Contender> => {
    const threads = id === "ort-threads" ? several : 1;
    const library = await startOrt(threads);
    return {
      id,
      library: "onnxruntime-web",
      version: versionOf("onnxruntime-web"),
      backend: "wasm",
      threads,
      enter: () => undefined,
      prepare: (row) => row.peers.ort?.(library),
    };
  };

const torch = async (): Promise<Contender> => {
  const process = await startTorch();
  return {
    id: "torch",
    library: "torch",
    version: process.version,
    backend: "cpu",
    enter: () => undefined,
    prepare: (row) => row.peers.torch?.(process),
  };
};

/** Whether the row is written for this contender, which need not be loaded otherwise. */
export const takesPart = ({ peers }: Row, id: ContenderId): boolean => {
  switch (id) {
    case "fluxion-js":
    case "fluxion-wasm":
    case "fluxion-threads":
    case "fluxion-webgpu":
      return true;
    case "tfjs-cpu":
    case "tfjs-wasm":
    case "tfjs-webgpu":
      return peers.tfjs !== undefined;
    case "jax-js":
    case "jax-js-webgpu":
      return peers.jaxjs !== undefined;
    case "ort":
    case "ort-threads":
      return peers.ort !== undefined;
    case "torch":
    case "hand":
    case "copy":
      return peers[id] !== undefined;
  }
};

/** In the order of the table's columns. */
export const contenders: Readonly<Record<ContenderId, (threads: number) => Promise<Contender> | Contender>> =
  {
    "fluxion-webgpu": fluxionOnWebGPU,
    "fluxion-wasm": fluxion("wasm", "fluxion-wasm"),
    "fluxion-threads": fluxion("wasm", "fluxion-threads"),
    "fluxion-js": fluxion("js", "fluxion-js"),
    hand,
    copy,
    "jax-js-webgpu": jaxjsOnWebGPU,
    "jax-js": jaxjs,
    "tfjs-webgpu": tfjs("webgpu"),
    "tfjs-wasm": tfjs("wasm"),
    "tfjs-cpu": tfjs("cpu"),
    ort: ort("ort"),
    "ort-threads": ort("ort-threads"),
    torch,
  };
