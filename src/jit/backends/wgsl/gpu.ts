/** The part of the WebGPU API that is used here, as browsers, Deno and the `webgpu` package have it. */

export interface GpuBuffer {
  readonly size: number;
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

export interface GpuPass {
  setPipeline(pipeline: object): void;
  setBindGroup(index: number, group: object, offsets: readonly number[]): void;
  dispatchWorkgroups(x: number, y: number): void;
  end(): void;
}

export interface GpuEncoder {
  beginComputePass(options?: object): GpuPass;
  resolveQuerySet(from: object, first: number, count: number, to: GpuBuffer, at: number): void;
  copyBufferToBuffer(from: GpuBuffer, fromAt: number, to: GpuBuffer, toAt: number, size: number): void;
  finish(): object;
}

export interface GpuDevice {
  readonly queue: {
    writeBuffer(buffer: GpuBuffer, at: number, data: Uint32Array | Int32Array): void;
    submit(commands: readonly object[]): void;
  };
  readonly lost: Promise<{ readonly reason?: string; readonly message: string }>;
  readonly features: { has(name: string): boolean };
  createQuerySet(options: object): object;
  createBuffer(options: { readonly size: number; readonly usage: number }): GpuBuffer;
  createShaderModule(options: { readonly code: string }): object;
  createComputePipeline(options: object): object;
  createBindGroupLayout(options: object): object;
  createPipelineLayout(options: object): object;
  createBindGroup(options: object): object;
  createCommandEncoder(): GpuEncoder;
  pushErrorScope(filter: string): void;
  popErrorScope(): Promise<object | null>;
  addEventListener(
    type: "uncapturederror",
    listener: (event: { readonly error: { readonly message: string } }) => void,
  ): void;
  destroy(): void;
}

/** A product of subgroup matrices: M × K by K × N. */
export interface GpuMatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

export interface GpuAdapter {
  readonly info?: {
    readonly vendor?: string;
    readonly architecture?: string;
    readonly description?: string;
    readonly isFallbackAdapter?: boolean;
    readonly subgroupMinSize?: number;
    readonly subgroupMaxSize?: number;
    readonly subgroupMatrixConfigs?: Iterable<GpuMatrixConfig>;
  };
  readonly features: { has(name: string): boolean };
  readonly limits: { readonly maxStorageBufferBindingSize: number; readonly maxBufferSize: number };
  requestDevice(options: object): Promise<GpuDevice>;
}

export interface Gpu {
  requestAdapter(options?: object): Promise<GpuAdapter | null>;
}

/** Flags of buffers. */
export const usage = { mapRead: 1, copySource: 4, copyTarget: 8, storage: 128, queryResolve: 512 } as const;
/** Mode of `mapAsync`. */
export const mapRead = 1;
/** Visibility of a binding. */
export const computeStage = 4;
