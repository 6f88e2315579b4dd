import type { Options } from "../../../examples/fashion-mnist/arguments.js";

/** What an empty command line says. */
export const none: Options = {
  data: undefined,
  epochs: undefined,
  batch: undefined,
  rate: undefined,
  seed: undefined,
  resume: undefined,
  save: undefined,
  quick: false,
  help: false,
};
