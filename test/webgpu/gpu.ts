/** WebGPU in this process, as a program in Node has it. */
import { create, globals } from "webgpu";
import { flags } from "./flags.js";
import type { Gpu } from "../../src/jit/backends/wgsl/gpu.js";

Object.assign(globalThis, globals);

export const gpu = create([...flags]) as unknown as Gpu;
