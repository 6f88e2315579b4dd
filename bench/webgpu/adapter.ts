/** WebGPU in Node: Dawn, in the place where browsers have it, so that every library finds the same. */
import { createRequire } from "node:module";
import type { initBackend } from "fluxion";

type Gpu = NonNullable<NonNullable<Parameters<typeof initBackend>[1]>["gpu"]>;

/** What WebGPU computes on. */
export interface Adapter {
  readonly name: string;
  /** A processor that plays a graphics card: sizes are small, and only ratios say something. */
  readonly software: boolean;
}

/** What a measuring process may be asked for in place of a row. */
export const askForAdapter = "adapter";

export interface WebGPU {
  readonly adapter: Adapter;
  readonly gpu: Gpu;
}

type Info = NonNullable<Awaited<ReturnType<Gpu["requestAdapter"]>>>["info"];

/** The adapter's name, and whether it is software. */
export const adapterOf = (info: Info = {}): Adapter => {
  const { vendor, architecture, description, isFallbackAdapter } = info;
  const words = [vendor, architecture, description].filter((w) => w !== undefined && w !== "");
  const name = words.join(" ") || "unknown adapter";
  const software = isFallbackAdapter === true || /swiftshader|llvmpipe|software|basic render/i.test(name);
  return { name, software };
};

const start = async (): Promise<WebGPU> => {
  const require = createRequire(import.meta.url);
  // Its type declarations are those of a browser, which nothing else here has.
  const { create, globals } = (await import(require.resolve("webgpu"))) as {
    create: (flags: readonly string[]) => Gpu;
    globals: object;
  };
  const gpu = create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new Error("there is no WebGPU adapter here");
  Object.assign(globalThis, globals);
  const { navigator = { userAgent: `Node.js/${process.version}`, hardwareConcurrency: 1 } } =
    globalThis as unknown as { navigator?: object };
  Object.defineProperty(navigator, "gpu", { value: gpu });
  Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
  return { adapter: adapterOf(adapter.info), gpu };
};

let started: Promise<WebGPU> | undefined;

/** The same for everybody in this process; rejects where there is no adapter. */
export const provideWebGPU = (): Promise<WebGPU> => (started ??= start());
