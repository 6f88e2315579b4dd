/** Set-up of every test file: `FLUXION_BACKEND=js npm test` runs the tests on another backend than the default. */
import { expect } from "vitest";
import { type BackendName, setBackend } from "../src/index.js";

/** WGSL divides within 2.5 ulp and may lose the sign of zero: what is equal elsewhere is nearly so there. */
const nearly = (x: unknown, y: unknown): boolean | undefined =>
  typeof x === "number" && typeof y === "number" && Number.isFinite(x) && Number.isFinite(y)
    ? Math.abs(x - y) <= 1e-6 * Math.abs(y)
    : undefined;

const name = process.env["FLUXION_BACKEND"];
if (name === "webgpu") {
  const { useDriver } = await import("../src/jit/backends/wgsl/index.js");
  useDriver((await import("./webgpu/sync-driver.js")).syncDriver());
  expect.addEqualityTesters([nearly]);
}
if (name !== undefined) setBackend(name as BackendName); // which says what there is
