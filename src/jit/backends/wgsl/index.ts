/** Programs on WebGPU. Who does not use it does not load this part: see `initBackend`. */
import { useWebgpu } from "../../backend.js";
import type { Translator } from "../../translator.js";
import { Device } from "./device.js";
import type { Driver } from "./driver.js";
import { wgslTranslator } from "./program.js";
import { type Tuning, Tunings } from "./tuning.js";

export { acquire } from "./acquire.js";

export interface WebgpuBackend {
  readonly device: Device;
  /** A new translator of programs for the device that is in use when they run. */
  readonly translator: (deviceNow: () => Device) => Translator;
  /** What has been chosen for all adapters. */
  readonly tuning: () => Tuning;
}

/** Of all adapters that there were: a fresh device of one goes the ways that were chosen for it. */
const tunings = new Tunings();

/** Takes what `lowered.tune()` gave. */
export const loadTuning = (operation: string, tuning: Tuning): void => {
  tunings.load(operation, tuning);
};

/** From now on programs on `webgpu` run on this device. */
export const useDriver = (driver: Driver): void => {
  const device = new Device(driver, tunings.of(driver.name));
  useWebgpu({ device, translator: wgslTranslator, tuning: () => tunings.save() });
};
