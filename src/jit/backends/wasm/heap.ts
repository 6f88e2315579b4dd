/**
 * The one memory that all WebAssembly programs compute in. Results stay in it, as arrays over it, so that the next
 * program reads them where they are; arrays from elsewhere that are used more than once move in. When an array is
 * collected its place is free again. Collection waits for the event loop, so a long synchronous loop would fill the
 * memory: above a limit, results are ordinary arrays.
 */
import { arrayConstructor, bytesPerElement, type DType, type TypedArray } from "../../../ir/dtype.js";
import { FluxionError } from "../../../ir/errors.js";
import { Places } from "../../places.js";
import { cacheLine, Constants, heapFrom, maximumPages, page } from "./constants.js";
import type { MemoryLimits } from "./module.js";

/**
 * Bytes of results that may stay in the memory; arrays from elsewhere may fill a quarter of them. An ordinary array
 * costs several times what computing it did, in pages that the system has to find; but this memory never shrinks.
 */
const residentLimit = 1 << 29;

/** How the memory is used, in bytes. */
export interface MemoryStats {
  /** Size of the memory. */
  readonly total: number;
  /** Held by results, inputs and the arena of intermediates. */
  readonly used: number;
  /** Held by results and by inputs that are used again and again. */
  readonly resident: number;
}

/** Whether pages may share memory: browsers hide the constructor from those that are not isolated, not the memory. */
export const mayShare = (): boolean => typeof SharedArrayBuffer === "function";

const limits = { initial: 2, maximum: maximumPages };

/** A memory that several threads may use, or null where there is none. */
export const sharedMemory = (): WebAssembly.Memory | null => {
  if (!mayShare()) return null;
  try {
    return new WebAssembly.Memory({ ...limits, shared: true });
  } catch {
    return null;
  }
};

export class Heap {
  readonly memory: WebAssembly.Memory = sharedMemory() ?? new WebAssembly.Memory(limits);
  /** A shared memory's arrays stay valid when it grows; others do not, so results may not stay in it. */
  readonly shared: boolean = mayShare() && this.memory.buffer instanceof SharedArrayBuffer;
  readonly limits: MemoryLimits = { ...limits, shared: this.shared };
  private readonly places = new Places(heapFrom, cacheLine, (end) => {
    this.reserve(end);
  });
  /** Bytes that threads need. */
  private own = 0;
  private resident = 0;
  private readonly buffers = new WeakSet<ArrayBufferLike>();
  /** Arrays from elsewhere that were used: once (null), or where they are now. */
  private readonly settled = new WeakMap<TypedArray, number | null>();
  /** Where a constant vector of 16 bytes is; null where there is no more room for it. */
  readonly constant: Constants["constant"] = new Constants((vector, at) => {
    new Uint8Array(this.memory.buffer, at, vector.length).set(vector);
  }).constant;
  /** The parts that results own. */
  private readonly owners = new WeakMap<TypedArray, { readonly at: number; readonly bytes: number }>();
  private readonly registry = new FinalizationRegistry<{ readonly at: number; readonly bytes: number }>(
    ({ at, bytes }) => {
      this.resident -= bytes;
      this.release(at, bytes);
    },
  );

  constructor() {
    this.buffers.add(this.memory.buffer);
  }

  get stats(): MemoryStats {
    return {
      total: this.memory.buffer.byteLength,
      used: this.places.used - this.own,
      resident: this.resident,
    };
  }

  /** A free part of the memory, aligned to a cache line. */
  allocate(bytes: number): number {
    return this.places.allocate(bytes);
  }

  release(at: number, bytes: number): void {
    this.places.release(at, bytes);
  }

  /** The same for what threads need to work together: it does not count as used. */
  allocateOwn(bytes: number): number {
    this.own += this.places.sizeFor(bytes);
    return this.allocate(bytes);
  }

  releaseOwn(at: number, bytes: number): void {
    this.own -= this.places.sizeFor(bytes);
    this.release(at, bytes);
  }

  private reserve(end: number): void {
    const have = this.memory.buffer.byteLength;
    if (end <= have) return;
    const wanted = Math.max(end, Math.min(2 * have, have + (1 << 27)));
    const pages = Math.ceil((wanted - have) / page);
    try {
      this.memory.grow(Math.min(pages, maximumPages - have / page));
    } catch {
      // Less may still fit.
    }
    this.buffers.add(this.memory.buffer);
    if (this.memory.buffer.byteLength < end) {
      try {
        this.memory.grow(Math.ceil((end - this.memory.buffer.byteLength) / page));
      } catch {
        throw new FluxionError(
          "jit",
          `expected ${end} bytes of WebAssembly memory, got ${this.memory.buffer.byteLength} and no more: compute smaller tensors or fewer at a time, or setBackend("js")`,
        );
      }
      this.buffers.add(this.memory.buffer);
    }
  }

  /** Where the array is in this memory, or null where it lies elsewhere. */
  addressOf(array: TypedArray): number | null {
    return this.buffers.has(array.buffer) ? array.byteOffset : null;
  }

  view(dtype: DType, at: number, length: number): TypedArray {
    return new (arrayConstructor(dtype))(this.memory.buffer, at, length);
  }

  /** A result as an array: over this memory, whose part it then owns, or a copy, after which the part is free. */
  adopt(dtype: DType, at: number, length: number): TypedArray {
    const bytes = length * bytesPerElement(dtype);
    const view = this.view(dtype, at, length);
    if (!this.shared || bytes < smallest || this.resident + bytes > residentLimit) {
      const copy = view.slice();
      this.release(at, bytes);
      return copy;
    }
    this.resident += bytes;
    this.owners.set(view, { at, bytes });
    this.registry.register(view, { at, bytes }, view);
    return view;
  }

  /** Frees a result at once: nothing reads it any more. Arrays that lie elsewhere are left to the collector. */
  freeNow(array: TypedArray): void {
    const part = this.owners.get(array);
    if (part === undefined) return;
    this.owners.delete(array);
    this.registry.unregister(array);
    this.resident -= part.bytes;
    this.release(part.at, part.bytes);
  }

  /**
   * Where an array from elsewhere is for good: one that is used again is copied once more, into a part that it owns.
   * Null where it is new, small, or there is no room. Nothing may write to it.
   */
  settle(array: TypedArray): number | null {
    const bytes = array.byteLength;
    const have = this.settled.get(array);
    if (typeof have === "number") return have;
    if (bytes < smallest || this.resident + bytes > residentLimit / 4) return null;
    this.settled.set(array, have === undefined ? null : this.place(array));
    return this.settled.get(array)!;
  }

  private place(array: TypedArray): number {
    const bytes = array.byteLength;
    const at = this.allocate(bytes);
    this.write(array, at);
    this.resident += bytes;
    this.registry.register(array, { at, bytes });
    return at;
  }

  write(array: TypedArray, at: number): void {
    const { buffer, byteOffset, byteLength } = array;
    new Uint8Array(this.memory.buffer, at, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
  }
}

/** Results below so many bytes are copied: an ordinary array costs less than a finalizer. */
const smallest = 4096;

let heap: Heap | null = null;

export const heapStats = (): MemoryStats => heap?.stats ?? { total: 0, used: 0, resident: 0 };

/** Frees a result of a program, where it is in the memory. */
export const freeArray = (array: TypedArray): void => heap?.freeNow(array);

/** The memory, made when it is first needed. */
export const theHeap = (): Heap => (heap ??= new Heap());
