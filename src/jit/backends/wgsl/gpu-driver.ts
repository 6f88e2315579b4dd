/** A driver on a WebGPU device: one buffer is the memory, another holds what the dispatches of a submission are told. */
import { FluxionError } from "../../../ir/errors.js";
import { Cache } from "../../cache.js";
import type { Dispatch, Driver } from "./driver.js";
import { computeStage, type Gpu, type GpuBuffer, type GpuDevice, mapRead, usage } from "./gpu.js";
import { placed } from "./halves.js";
import { type Matrices, sizeFeature } from "./matrix.js";
import { dispatchLimit } from "./shader.js";

/** Offsets of a binding are multiples of this on every adapter. */
const alignment = 256;
/** Bytes that the dispatches of one submission are told at most. */
const told = 1 << 24;
/** Words that memory grows by at most, where no more are needed: while it is copied it is there twice. */
const growth = 1 << 26;
/** Pipelines that are kept: those of many programs. */
const mostPipelines = 2048;

const window = (words: number): number => {
  let bytes = alignment;
  while (bytes < 4 * words) bytes *= 2;
  return bytes;
};

export class GpuDriver implements Driver {
  private readonly layout: object;
  private readonly pipelineLayout: object;
  private readonly pipelines = new Cache<object>(mostPipelines);
  /** Words, and float16s where the device stores them. */
  private readonly memory: GpuBuffer[];
  readonly halves: boolean;
  /** Whether shaders may ask for a size of subgroups. */
  readonly sizesSubgroups: boolean;
  private parameters: GpuBuffer;
  private groups = new Map<number, object>();
  private failure: string | null = null;
  isLost = false;
  subgroup = 1;
  matrices: Matrices | null = null;

  constructor(
    private readonly device: GpuDevice,
    readonly name: string,
    readonly software: boolean,
    readonly capacity: number,
    /** Kept alive: in Node a collected instance takes its devices with it. */
    readonly source: Gpu,
  ) {
    const binding = (index: number, type: string, dynamic: boolean): object => ({
      binding: index,
      visibility: computeStage,
      buffer: { type, hasDynamicOffset: dynamic },
    });
    this.halves = device.features.has("shader-f16");
    this.sizesSubgroups = device.features.has(sizeFeature);
    this.layout = device.createBindGroupLayout({
      entries: [
        binding(0, "storage", false),
        binding(1, "read-only-storage", true),
        ...(this.halves ? [binding(2, "storage", false)] : []),
      ],
    });
    this.pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [this.layout] });
    if (device.features.has("timestamp-query")) this.time = (lists) => this.timeAll(lists);
    this.memory = (this.halves ? [1 << 16, 1 << 8] : [1 << 16]).map((bytes) => this.buffer(bytes));
    this.parameters = this.buffer(1 << 16);
    device.addEventListener("uncapturederror", ({ error }) => {
      const how =
        error.constructor.name === "GPUOutOfMemoryError" ? "ran out of memory" : "refused a program";
      this.lose(how, error.message);
    });
    void device.lost.then(({ message, reason }) => {
      this.lose("was lost", message || reason || "no reason given");
    });
  }

  /** What is on the device cannot be used any more: results of what was not done, and of what followed, are among it. */
  private lose(how: string, why: string): void {
    this.isLost = true;
    this.failure ??= `the device ${how} (${why}): await initBackend("webgpu") for a fresh one`;
  }

  private buffer(bytes: number): GpuBuffer {
    return this.device.createBuffer({
      size: bytes,
      usage: usage.storage | usage.copySource | usage.copyTarget,
    });
  }

  grow(end: number): void {
    const [which, words] = placed(end);
    const old = this.memory[which]!;
    const have = old.size / 4;
    if (words <= have) return;
    const ahead = Math.min(2 * have, have + growth);
    const grown = this.buffer(4 * Math.min(this.capacity, Math.max(words, ahead)));
    this.memory[which] = grown;
    this.groups.clear();
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(old, 0, grown, 0, old.size);
    this.device.queue.submit([encoder.finish()]);
    old.destroy();
  }

  write(at: number, words: Uint32Array): void {
    const [which, word] = placed(at);
    this.device.queue.writeBuffer(this.memory[which]!, 4 * word, words);
  }

  copy(from: number, to: number, length: number): void {
    // Within one buffer a copy must not be of and to it: it goes through another.
    const between = this.buffer(4 * length);
    const encoder = this.device.createCommandEncoder();
    const [[source, first], [target, place]] = [placed(from), placed(to)];
    encoder.copyBufferToBuffer(this.memory[source]!, 4 * first, between, 0, 4 * length);
    encoder.copyBufferToBuffer(between, 0, this.memory[target]!, 4 * place, 4 * length);
    this.device.queue.submit([encoder.finish()]);
    between.destroy();
  }

  run(list: readonly Dispatch[]): void {
    let from = 0;
    while (from < list.length) {
      let bytes = 0;
      let to = from;
      while (to < list.length && bytes < told) bytes += window(list[to++]!.words.length);
      this.submit(list.slice(from, to), bytes);
      from = to;
    }
  }

  /** Runs what the device may refuse, and says whether it did not: it works on either way. */
  async takes(list: readonly Dispatch[]): Promise<boolean> {
    const kinds = ["validation", "internal"];
    for (const kind of kinds) this.device.pushErrorScope(kind);
    this.run(list);
    const errors = await Promise.all(kinds.map(() => this.device.popErrorScope()));
    return errors.every((e) => e === null);
  }

  /** Present where the device has a clock. */
  readonly time?: NonNullable<Driver["time"]>;

  private async timeAll(lists: readonly (readonly Dispatch[])[]): Promise<number[]> {
    const out: number[] = [];
    for (const list of lists) out.push(await this.timed(list));
    return out;
  }

  private async timed(list: readonly Dispatch[]): Promise<number> {
    const querySet = this.device.createQuerySet({ type: "timestamp", count: 2 });
    const resolved = this.device.createBuffer({ size: 16, usage: usage.queryResolve | usage.copySource });
    const target = this.device.createBuffer({ size: 16, usage: usage.mapRead | usage.copyTarget });
    const bytes = list.reduce((n, d) => n + window(d.words.length), 0);
    this.submit(list, bytes, { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 });
    const encoder = this.device.createCommandEncoder();
    encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, target, 0, 16);
    this.device.queue.submit([encoder.finish()]);
    await target.mapAsync(mapRead);
    const [from, to] = new BigUint64Array(target.getMappedRange().slice(0));
    target.destroy();
    resolved.destroy();
    this.report();
    return Number(to! - from!) / 1e6;
  }

  private submit(list: readonly Dispatch[], bytes: number, timestampWrites?: object): void {
    const largest = Math.max(...list.map((d) => window(d.words.length)));
    if (this.parameters.size < bytes + largest) {
      this.parameters.destroy();
      this.parameters = this.buffer(2 * (bytes + largest));
      this.groups.clear();
    }
    const words = new Int32Array(bytes / 4);
    const encoder = this.device.createCommandEncoder();
    const pass = encoder.beginComputePass(timestampWrites === undefined ? {} : { timestampWrites });
    let at = 0;
    for (const d of list) {
      words.set(d.words, at / 4);
      const size = window(d.words.length);
      pass.setPipeline(this.pipeline(d.shader));
      pass.setBindGroup(0, this.group(size), [at]);
      const x = Math.min(d.groups, dispatchLimit);
      pass.dispatchWorkgroups(x, Math.ceil(d.groups / dispatchLimit));
      at += size;
    }
    pass.end();
    this.device.queue.writeBuffer(this.parameters, 0, words);
    this.device.queue.submit([encoder.finish()]);
  }

  private pipeline(code: string): object {
    return this.pipelines.get(code, () =>
      this.device.createComputePipeline({
        layout: this.pipelineLayout,
        compute: { module: this.device.createShaderModule({ code }), entryPoint: "main" },
      }),
    );
  }

  /** The memory, and a window of what dispatches are told. */
  private group(size: number): object {
    let g = this.groups.get(size);
    if (g === undefined) {
      g = this.device.createBindGroup({
        layout: this.layout,
        entries: [
          { binding: 0, resource: { buffer: this.memory[0] } },
          { binding: 1, resource: { buffer: this.parameters, size } },
          ...(this.halves ? [{ binding: 2, resource: { buffer: this.memory[1] } }] : []),
        ],
      });
      this.groups.set(size, g);
    }
    return g;
  }

  async read(at: number, length: number): Promise<Uint32Array> {
    const size = Math.max(4, 4 * length);
    const target = this.device.createBuffer({ size, usage: usage.mapRead | usage.copyTarget });
    try {
      if (length > 0) {
        const encoder = this.device.createCommandEncoder();
        const [which, word] = placed(at);
        encoder.copyBufferToBuffer(this.memory[which]!, 4 * word, target, 0, size);
        this.device.queue.submit([encoder.finish()]);
      }
      await target.mapAsync(mapRead);
      const words = new Uint32Array(target.getMappedRange().slice(0, 4 * length));
      target.unmap();
      this.report();
      return words;
    } catch (error) {
      this.report();
      throw error;
    } finally {
      target.destroy();
    }
  }

  private report(): void {
    if (this.failure !== null) throw new FluxionError("webgpu", this.failure);
  }

  destroy(): void {
    this.device.destroy();
  }
}
