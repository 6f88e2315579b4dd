/** A page that does what it is told, itself or in a worker of its own. */
import { perform, type Answer, type Input, type Output, type TaskName } from "../tasks/index.js";

const inWorker = (name: TaskName, input: unknown): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    const end = (): void => worker.terminate();
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      end();
      if ("error" in data) reject(new Error(data.error));
      else resolve(data.value);
    };
    worker.onerror = (event) => {
      end();
      reject(new Error(`the worker failed: ${event.message}`));
    };
    worker.postMessage({ name, input });
  });

declare global {
  /** Runs a task on the page or in a worker. */
  var run: <K extends TaskName>(where: "page" | "worker", name: K, input: Input<K>) => Promise<Output<K>>;
}

globalThis.run = async <K extends TaskName>(where: "page" | "worker", name: K, input: Input<K>) =>
  (await (where === "page" ? perform(name, input) : inWorker(name, input))) as Output<K>; // what `name` gives
