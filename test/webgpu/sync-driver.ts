/** A device that can be waited for, for the tests that every backend has to pass: they read as soon as they compute. */
import { buildSync } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { FluxionError } from "../../src/ir/errors.js";
import type { Driver } from "../../src/jit/backends/wgsl/driver.js";
import { decodeFeatures, featureWords, type Message, type Reply } from "./protocol.js";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The thread's code as one file beside its package. */
const bundled = (folder: string): string => {
  const outfile = `${folder}/worker.mjs`;
  buildSync({
    entryPoints: [`${here}worker.ts`],
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["webgpu"],
    outfile,
  });
  return outfile;
};

const mostBytes = 2 ** 30;

/** What programs are made for may be given: a graphics card rather than a processor that plays one, other subgroups. */
export const syncDriver = (options: Partial<Pick<Driver, "software" | "subgroup">> = {}): Driver => {
  const folder = mkdtempSync(`${here}worker-`);
  const signal = new SharedArrayBuffer(8);
  const flag = new Int32Array(signal);
  const Growable = SharedArrayBuffer as unknown as new (bytes: number, options: object) => Reply["reply"];
  const reply = new Growable(1 << 16, { maxByteLength: mostBytes });
  const worker = new Worker(bundled(folder), { workerData: { signal, reply } satisfies Reply });
  worker.unref();
  const wait = (length: number): Uint32Array => {
    if (Atomics.wait(flag, 0, 0, 60_000) === "timed-out")
      throw new FluxionError("webgpu", "expected an answer of the device within a minute, got none");
    Atomics.store(flag, 0, 0);
    if (flag[1] !== 0)
      throw new FluxionError("webgpu", new TextDecoder().decode(new Uint8Array(reply, 0, flag[1]).slice()));
    return new Uint32Array(reply, 0, length).slice();
  };
  const send = (message: Message): void => {
    worker.postMessage(message);
  };
  const features = decodeFeatures(wait(featureWords));
  rmSync(folder, { recursive: true });
  const readNow = (at: number, length: number): Uint32Array => {
    send({ op: "read", at, length });
    return wait(length);
  };
  return {
    name: "in a thread",
    ...features,
    ...options,
    isLost: false,
    grow: (words) => {
      send({ op: "grow", words });
    },
    write: (at, words) => {
      send({ op: "write", at, words: words.slice() });
    },
    copy: (from, to, length) => {
      send({ op: "copy", from, to, length });
    },
    run: (list) => {
      send({ op: "run", list });
    },
    read: (at, length) => Promise.resolve().then(() => readNow(at, length)),
    readNow,
    destroy: () => {
      send({ op: "end" });
    },
  };
};
