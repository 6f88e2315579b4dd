/**
 * `npm run test:webgpu -- [args]`: the tests of every backend and those of the device, on WebGPU in Node. Where no driver
 * is named, that of Debian's Chromium package is taken, which needs no graphics card.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, runNode, setup } from "./setup.mjs";

const chromium = "/usr/lib/chromium";
const everything = [
  "test/webgpu",
  "property-tests/webgpu.test.ts",
  "test/ops",
  "test/nn",
  "test/transforms",
  "test/numerics",
];

setup();
setup(join(root, "test", "webgpu"));
process.env.FLUXION_BACKEND = "webgpu";
const driver = join(chromium, "vk_swiftshader_icd.json");
if (process.env.VK_ICD_FILENAMES === undefined && existsSync(driver)) {
  process.env.VK_ICD_FILENAMES = driver;
  process.env.LD_LIBRARY_PATH = [chromium, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
}
const chosen = process.argv.slice(2);
runNode("node_modules/vitest/vitest.mjs", [
  "run",
  "--config",
  "test/webgpu/conformance.config.ts",
  ...(chosen.some((a) => !a.startsWith("-")) ? [] : everything),
  ...chosen,
]);
