/** The tests of every backend, on WebGPU: `FLUXION_BACKEND=webgpu vitest run --config test/webgpu/conformance.config.ts`. */
import { fileURLToPath } from "node:url";
import { configDefaults, mergeConfig } from "vitest/config";
import common from "../../vitest.config.js";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Those of the browser have a configuration of their own. */
const exclude = [...configDefaults.exclude, "test/browser/**"];

export default mergeConfig(
  { ...common, test: { ...common.test, exclude } },
  {
    root: at("../.."),
    test: { runner: at("./runner.ts"), typecheck: { enabled: false }, maxWorkers: 2 },
  },
);
