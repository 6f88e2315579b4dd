/** Programs in a worker. Who does not use it does not load this part: see `initBackend`. */
import type { Translator } from "../../../translator.js";
import { WorkerDevice } from "./device.js";
import type { WorkerDriver } from "./driver.js";
import { workerTranslator } from "./program.js";

export { startWorker } from "./driver.js";

export interface WorkerBackend {
  readonly device: WorkerDevice;
  /** A new translator of programs for the device that is in use when they run. */
  readonly translator: (deviceNow: () => WorkerDevice) => Translator;
}

export const workerBackend = (driver: WorkerDriver): WorkerBackend => ({
  device: new WorkerDevice(driver),
  translator: workerTranslator,
});
