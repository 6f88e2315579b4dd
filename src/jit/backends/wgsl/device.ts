/** A device with its memory: where arrays are on it, and the order in which it is told what to do. */
import { arrayConstructor, type DType, dtypeOf, type TypedArray } from "../../../ir/dtype.js";
import { FluxionError } from "../../../ir/errors.js";
import { DeviceArray, type Stored } from "../../../ir/stored.js";
import { Places } from "../../places.js";
import type { Driver } from "./driver.js";

/** No array is at word 0. Places are multiples of 256 bytes. */
const unit = 64;

/** Words of results after which dropped ones are to be collected: engines count buffers of 64 MB. */
const collectFrom = 1 << 24;

/** Elements as words. */
const toWords = (array: TypedArray): Uint32Array =>
  array.BYTES_PER_ELEMENT === 4
    ? new Uint32Array(array.buffer, array.byteOffset, array.length)
    : new Uint32Array(Int32Array.from(array).buffer);

const fromWords = (dtype: DType, words: Uint32Array): TypedArray => {
  const array = arrayConstructor(dtype);
  return array.BYTES_PER_ELEMENT === 4
    ? new array(words.buffer, words.byteOffset, words.length)
    : new array(words); // by its low bits
};

class WgslArray extends DeviceArray {
  constructor(
    readonly device: Device,
    readonly at: number,
    dtype: DType,
    length: number,
  ) {
    super(dtype, length);
  }

  async read(): Promise<TypedArray> {
    return (this.host ??= fromWords(this.dtype, await this.device.read(this.at, this.length)));
  }

  readNow(): TypedArray | null {
    if (this.host !== null) return this.host;
    const words = this.device.readNow(this.at, this.length);
    return words === null ? null : (this.host = fromWords(this.dtype, words));
  }

  free(): void {
    this.device.disown(this);
  }

  slice(from: number, length: number): DeviceArray {
    return this.device.copied(this, from, length);
  }
}

export class Device {
  private readonly places: Places;
  private readonly uploads = new WeakMap<TypedArray, WgslArray>();
  private readonly registry = new FinalizationRegistry<{ readonly at: number; readonly length: number }>(
    ({ at, length }) => {
      this.places.release(at, length);
    },
  );
  /** Words that were given to results since the engine was told. */
  private untold = 0;
  /** What is still to be done before anything else; null when all has been handed to the device. */
  private pending: Promise<void> | null = null;

  constructor(readonly driver: Driver) {
    this.places = new Places(unit, unit, (end) => {
      if (end > driver.capacity)
        throw new FluxionError(
          "webgpu",
          `expected ${4 * end} bytes of device memory, got ${4 * driver.capacity} at most: await something now and then, so that tensors that were dropped are freed, compute smaller ones, or setBackend("wasm")`,
        );
      this.inOrder(() => {
        driver.grow(end);
      });
    });
  }

  // ---- memory

  allocate(length: number): number {
    return this.places.allocate(length);
  }

  release(at: number, length: number): void {
    this.places.release(at, length);
  }

  /** A part of the memory as an array that owns it. */
  adopt(at: number, dtype: DType, length: number): WgslArray {
    const array = new WgslArray(this, at, dtype, length);
    this.tell(length);
    this.registry.register(array, { at, length }, array);
    return array;
  }

  /** What is told to the device from now on may write over it. */
  disown(array: WgslArray): void {
    this.registry.unregister(array);
    this.release(array.at, array.length);
  }

  /**
   * Lets the engine know that small objects hold much: it collects when the buffers of its own that it has made are
   * large, so from time to time it is made to make one.
   */
  private tell(length: number): void {
    this.untold += length;
    if (this.untold < Math.min(collectFrom, this.driver.capacity / 8)) return;
    this.untold = 0;
    new ArrayBuffer(4 * collectFrom);
  }

  /** Where elements are on this device, which they are copied to where they are not on it yet. */
  addressOf(array: Stored): number {
    if (array instanceof WgslArray && array.device === this) return array.at;
    const host = array instanceof DeviceArray ? array.readNow() : array;
    if (host === null)
      throw new FluxionError(
        "webgpu",
        "expected a tensor of this device, got one of a device before it: read it with await x.data() first",
      );
    return this.uploaded(host).at;
  }

  private uploaded(array: TypedArray): WgslArray {
    const have = this.uploads.get(array);
    if (have !== undefined) return have;
    const at = this.allocate(array.length);
    const words = toWords(array);
    this.inOrder(() => {
      this.driver.write(at, words);
    });
    const out = this.adopt(at, dtypeOf(array), array.length);
    this.uploads.set(array, out);
    return out;
  }

  copied(from: WgslArray, start: number, length: number): DeviceArray {
    const at = this.allocate(length);
    this.inOrder(() => {
      this.driver.copy(from.at + start, at, length);
    });
    return this.adopt(at, from.dtype, length);
  }

  // ---- order

  /** Now, or after what is pending. */
  inOrder(action: () => void): void {
    if (this.failed !== null) return;
    if (this.pending === null) action();
    else this.later(() => Promise.resolve().then(action));
  }

  /** After what is pending; what comes next waits for it. After a failure nothing is done any more, and reads reject. */
  later(action: () => Promise<void>): void {
    const done: Promise<void> = (this.pending ?? Promise.resolve())
      .then(() => (this.failed === null ? action() : undefined))
      .catch((error: unknown) => {
        this.failed = new FluxionError(
          "webgpu",
          `a step of a program failed (${error instanceof Error ? error.message : String(error)}), and what followed was not computed: await initBackend("webgpu") for a fresh device`,
        );
      })
      .then(() => {
        if (this.pending === done) this.pending = null;
      });
    this.pending = done;
  }

  private failed: FluxionError | null = null;

  /** It can compute nothing any more. */
  get isLost(): boolean {
    return this.failed !== null || this.driver.isLost;
  }

  /** Resolves when nothing is pending. */
  async settled(): Promise<void> {
    while (this.pending !== null) await this.pending;
    if (this.failed !== null) throw this.failed;
  }

  async read(at: number, length: number): Promise<Uint32Array> {
    await this.settled();
    return this.driver.read(at, length);
  }

  readNow(at: number, length: number): Uint32Array | null {
    return this.driver.readNow?.(at, length) ?? null;
  }

  /** Elements of a part of the memory, for a kernel that runs in JavaScript in the middle of a program. */
  readonly fetch = async (at: number, dtype: DType, length: number): Promise<TypedArray> =>
    fromWords(dtype, await this.driver.read(at, length));

  put(at: number, array: TypedArray): void {
    this.driver.write(at, toWords(array));
  }

  /** The same where a device can be waited for. */
  fetchNow(at: number, dtype: DType, length: number): TypedArray | null {
    const words = this.readNow(at, length);
    return words === null ? null : fromWords(dtype, words);
  }
}
