/** Finding a WebGPU device: the browser's or Deno's own, or that of the `webgpu` package in Node. */
import { FluxionError } from "../../../ir/errors.js";
import type { Driver } from "./driver.js";
import type { Gpu, GpuAdapter } from "./gpu.js";
import { GpuDriver } from "./gpu-driver.js";
import { matrixFeature, sizeFeature } from "./matrix.js";
import { matricesOf } from "./matrix-probe.js";
import { neighboursOf } from "./subgroups.js";

/** The name is not written where bundlers would look for the package. */
const nodePackage = ["web", "gpu"].join("");

const gpuOf = async (): Promise<Gpu> => {
  const { navigator } = globalThis as { navigator?: { gpu?: Gpu } };
  if (navigator?.gpu !== undefined) return navigator.gpu;
  try {
    const { create } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ nodePackage)) as {
      create: (flags: readonly string[]) => Gpu;
    };
    return create([]);
  } catch {
    throw new FluxionError(
      "initBackend",
      'expected WebGPU, got none: use a browser that has it, or in Node install the "webgpu" package',
    );
  }
};

const describe = ({ info }: GpuAdapter): string =>
  [info?.vendor, info?.architecture, info?.description]
    .filter((x) => x !== undefined && x !== "")
    .join(" ") || "unknown adapter";

const isSoftware = ({ info }: GpuAdapter, name: string): boolean =>
  info?.isFallbackAdapter === true || /swiftshader|llvmpipe|software|basic render/i.test(name);

/** What devices are asked for, where their adapters have it. */
const features = ["timestamp-query", "subgroups", "shader-f16", matrixFeature, sizeFeature];

/** A driver on the system's preferred adapter. Rejects where there is none. */
export const acquire = async (gpu?: Gpu, wanted: readonly string[] = features): Promise<Driver> => {
  const source = gpu ?? (await gpuOf());
  const adapter = await source.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null)
    throw new FluxionError(
      "initBackend",
      "expected a WebGPU adapter, got none: the system has no driver that WebGPU accepts",
    );
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: wanted.filter((f) => adapter.features.has(f)),
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
  });
  // Words are numbered by int32.
  const bytes = Math.min(maxStorageBufferBindingSize, maxBufferSize, 4 * (2 ** 30 - 1));
  const name = describe(adapter);
  const driver = new GpuDriver(device, name, isSoftware(adapter, name), Math.floor(bytes / 4), source);
  // WGSL's subgroups have 4 invocations or more.
  if (device.features.has("subgroups")) {
    driver.subgroup = await neighboursOf(driver, adapter.info?.subgroupMinSize ?? 4);
    if (device.features.has(matrixFeature))
      try {
        driver.matrices = await matricesOf(driver, adapter);
      } catch {
        // An experiment that cost the device: a fresh one goes without.
        driver.destroy();
        return acquire(
          source,
          wanted.filter((f) => f !== matrixFeature),
        );
      }
  }
  return driver;
};
