/** The tests of every backend, on WebGPU: `FLUXION_BACKEND=webgpu vitest run --config test/webgpu/conformance.config.ts`. */
import { fileURLToPath } from "node:url";
import { mergeConfig } from "vitest/config";
import common from "../../vitest.config.js";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const { exclude: _, ...rest } = common.test!;

export default mergeConfig(
  { ...common, test: rest },
  {
    root: at("../.."),
    test: { runner: at("./runner.ts"), typecheck: { enabled: false } },
  },
);
