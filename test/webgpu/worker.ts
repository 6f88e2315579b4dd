/** A device in a thread of its own: the tests' thread sleeps until it has what it asked for, so they read synchronously. */
import { parentPort, workerData } from "node:worker_threads";
import { create, globals } from "webgpu";
import { acquire } from "../../src/jit/backends/wgsl/acquire.js";
import type { Gpu } from "../../src/jit/backends/wgsl/gpu.js";
import { flags } from "./flags.js";
import { encodeFeatures, type Message, type Reply } from "./protocol.js";

Object.assign(globalThis, globals);
const { signal, reply } = workerData as Reply;
const flag = new Int32Array(signal);

const answer = (words: Uint32Array, error: string): void => {
  const text = new TextEncoder().encode(error);
  const bytes = Math.max(4 * words.length, text.length);
  if (reply.byteLength < bytes) reply.grow(Math.min(reply.maxByteLength, 2 * bytes));
  if (error === "") new Uint32Array(reply, 0, words.length).set(words);
  else new Uint8Array(reply, 0, text.length).set(text);
  flag[1] = text.length;
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
};

const driver = await acquire(create([...flags]) as unknown as Gpu).catch((error: unknown) => {
  answer(new Uint32Array(0), String(error));
  throw error;
});
answer(encodeFeatures(driver), "");

/** Messages are handled in their order: a read waits for its result before the next message is looked at. */
let last = Promise.resolve();
parentPort!.on("message", (m: Message) => {
  last = last.then(async () => {
    try {
      switch (m.op) {
        case "grow":
          return driver.grow(m.words);
        case "write":
          return driver.write(m.at, m.words);
        case "copy":
          return driver.copy(m.from, m.to, m.length);
        case "run":
          return driver.run(m.list);
        case "read":
          return answer(await driver.read(m.at, m.length), "");
        case "end":
          driver.destroy();
          process.exit(0);
      }
    } catch (error) {
      if (m.op === "read") answer(new Uint32Array(0), error instanceof Error ? error.message : String(error));
      else console.error(error);
    }
  });
});
