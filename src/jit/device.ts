/**
 * A device with its memory, which is read asynchronously: where arrays are on it, and the order in which it is told what
 * to do. Memory is counted in units: words of a graphics card, bytes of a worker.
 */
import type { DType, TypedArray } from "../ir/dtype.js";
import { FluxionError } from "../ir/errors.js";
import { DeviceArray, type Stored } from "../ir/stored.js";
import { Collection } from "./collection.js";
import type { DeviceMemory, Layout, Region } from "./device-memory.js";
import { filled } from "./filled.js";
import { Places } from "./places.js";
import type { Code } from "./translator.js";

class Resident<Raw> extends DeviceArray {
  constructor(
    readonly device: Device<Raw, DeviceMemory<Raw>>,
    readonly at: number,
    dtype: DType,
    length: number,
  ) {
    super(dtype, length);
  }

  async read(): Promise<TypedArray> {
    return (this.host ??= await this.device.fetch(this.at, this.dtype, this.length));
  }

  readNow(): TypedArray | null {
    return (this.host ??= this.device.fetchNow(this.at, this.dtype, this.length));
  }

  free(): void {
    this.device.disown(this);
  }

  slice(from: number, length: number): DeviceArray | null {
    return this.device.copied(this, from, length);
  }
}

/** A call under way: where the arena and every slot are. */
export interface Opened {
  readonly arena: number;
  readonly addresses: readonly number[];
}

export class Device<Raw, Driver extends DeviceMemory<Raw>> {
  private readonly regions: readonly Places[];
  private readonly uploads: readonly WeakMap<TypedArray, Resident<Raw>>[];
  private readonly registry = new FinalizationRegistry<{ readonly at: number; readonly units: number }>(
    ({ at, units }) => {
      this.resident -= units;
      this.release(at, units);
    },
  );
  /** Units that results and uploaded arrays hold. */
  private resident = 0;
  private readonly collection = new Collection();
  /** What is still to be done before anything else; null when all has been handed to the device. */
  private pending: Promise<void> | null = null;

  constructor(
    readonly driver: Driver,
    private readonly layout: Layout<Raw>,
  ) {
    this.regions = layout.regions.map((from) => this.region(from));
    this.uploads = layout.regions.map(() => new WeakMap());
  }

  // ---- memory

  private region({ from, most = Infinity }: Region): Places {
    const { driver } = this;
    const { smallest, bytesPerUnit, backend } = this.layout;
    const capacity = Math.min(driver.capacity, most);
    return new Places(from, smallest, (end) => {
      const size = end - from + smallest;
      if (size > capacity)
        throw new FluxionError(
          backend,
          `expected ${bytesPerUnit * size} bytes of device memory, got ${bytesPerUnit * capacity} at most: await something now and then, so that tensors that were dropped are freed, compute smaller ones, or setBackend("wasm")`,
        );
      this.inOrder(() => {
        driver.grow(end);
      });
    });
  }

  /** A free part of the memory. */
  allocate(units: number, region = 0): number {
    return this.regions[region]!.allocate(units);
  }

  release(at: number, units: number): void {
    this.regions[this.layout.regions.findLastIndex(({ from }) => from <= at)]!.release(at, units);
  }

  /** A free part for elements. */
  private allocateFor(dtype: DType, length: number): number {
    return this.allocate(this.unitsOf(dtype, length), this.layout.regionOf(dtype));
  }

  /** Bytes in use, and those of them that results and uploaded arrays hold. */
  get stats(): { readonly used: number; readonly resident: number } {
    const { bytesPerUnit } = this.layout;
    const used = this.regions.reduce((sum, places) => sum + places.used, 0);
    return { used: bytesPerUnit * used, resident: bytesPerUnit * this.resident };
  }

  private unitsOf(dtype: DType, length: number): number {
    return Math.ceil(length * this.layout.unitsPerElement(dtype));
  }

  /** A part of the memory as an array that owns it. */
  private adopt(at: number, dtype: DType, length: number): Resident<Raw> {
    const array = new Resident<Raw>(this, at, dtype, length);
    const units = this.unitsOf(dtype, length);
    const { bytesPerUnit } = this.layout;
    this.collection.tell(bytesPerUnit * units, bytesPerUnit * this.driver.capacity);
    this.resident += units;
    this.registry.register(array, { at, units }, array);
    return array;
  }

  /** What is told to the device from now on may write over it. */
  disown(array: Resident<Raw>): void {
    const units = this.unitsOf(array.dtype, array.length);
    this.resident -= units;
    this.registry.unregister(array);
    this.release(array.at, units);
  }

  /** Where elements are on this device, which they are copied to where they are not on it yet. */
  private addressOf(array: Stored, dtype: DType): number {
    if (array instanceof Resident && array.device === this) return array.at;
    const host = array instanceof DeviceArray ? array.readNow() : array;
    if (host === null)
      throw new FluxionError(
        this.layout.backend,
        "expected a tensor of this device, got one of a device before it: read it with await x.data() first",
      );
    return this.uploaded(host, dtype).at;
  }

  private uploaded(array: TypedArray, dtype: DType): Resident<Raw> {
    const uploads = this.uploads[this.layout.regionOf(dtype)]!;
    const have = uploads.get(array);
    if (have !== undefined) return have;
    const at = this.allocateFor(dtype, array.length);
    const raw = this.layout.encode(dtype, array);
    this.inOrder(() => {
      this.driver.write(at, raw);
    });
    const out = this.adopt(at, dtype, array.length);
    uploads.set(array, out);
    return out;
  }

  /** Elements from `start` on, in a place of their own; null where they begin within a unit. */
  copied(from: Resident<Raw>, start: number, length: number): DeviceArray | null {
    const { dtype } = from;
    const first = start * this.layout.unitsPerElement(dtype);
    if (!Number.isInteger(first)) return null;
    const at = this.allocateFor(dtype, length);
    this.inOrder(() => {
      this.driver.copy(from.at + first, at, this.unitsOf(dtype, length));
    });
    return this.adopt(at, dtype, length);
  }

  // ---- calls

  /** Room for a call's arena and results; inputs are brought here. A call for which there is too little takes none. */
  open({ slots, arenaBytes }: Code, inputs: readonly Stored[]): Opened {
    const { bytesPerUnit, regionOf } = this.layout;
    const taken: (readonly [at: number, units: number])[] = [];
    const take = (units: number, region?: number): number => {
      const at = this.allocate(units, region);
      taken.push([at, units]);
      return at;
    };
    try {
      const arena = take(arenaBytes / bytesPerUnit);
      const addresses = slots.map((s) => {
        if (s._tag === "Arena") return arena + s.offset / bytesPerUnit;
        return s._tag === "Output"
          ? take(this.unitsOf(s.dtype, s.length), regionOf(s.dtype))
          : this.addressOf(inputs[s.index]!, s.dtype);
      });
      return { arena, addresses };
    } catch (error) {
      for (const place of taken) this.release(...place);
      throw error;
    }
  }

  /** The results of a call that the device was told to make. */
  close(code: Code, { arena, addresses }: Opened, inputs: readonly Stored[]): Stored[] {
    const { slots, results, arenaBytes } = code;
    this.release(arena, arenaBytes / this.layout.bytesPerUnit);
    const arrays = slots.map((s, i): Stored | null => {
      if (s._tag === "Input") return inputs[s.index]!;
      return s._tag === "Output" ? this.adopt(addresses[i]!, s.dtype, s.length) : null;
    });
    return results.map((r) => (r._tag === "Slot" ? arrays[r.slot]! : filled(r.dtype, r.value)));
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
        const { backend } = this.layout;
        this.failed = new FluxionError(
          backend,
          `a step of a program failed (${error instanceof Error ? error.message : String(error)}), and what followed was not computed: await initBackend("${backend}") for a fresh device`,
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
    this.requireWorking();
  }

  private requireWorking(): void {
    if (this.failed !== null) throw this.failed;
  }

  // ---- reading and writing

  /**
   * Elements of a part of the memory, as they are when all that comes before has been done: what is told to the device
   * from now on may write over them.
   */
  async fetch(at: number, dtype: DType, length: number): Promise<TypedArray> {
    const array = await this.fetchInTurn(at, dtype, length);
    const used = (): number => Math.max(...this.regions.map((places) => places.used));
    await this.collection.wait(used, this.driver.capacity);
    return array;
  }

  private async fetchInTurn(at: number, dtype: DType, length: number): Promise<TypedArray> {
    this.requireWorking();
    if (this.pending === null) return this.fetchAmid(at, dtype, length);
    const asked: Promise<TypedArray>[] = [];
    this.later(() => {
      const elements = this.fetchAmid(at, dtype, length);
      elements.catch(() => undefined); // told below
      asked.push(elements);
      return Promise.resolve();
    });
    await this.pending;
    this.requireWorking();
    return asked[0]!;
  }

  /** The same for a kernel that runs in JavaScript in the middle of a program, which is pending itself. */
  async fetchAmid(at: number, dtype: DType, length: number): Promise<TypedArray> {
    return this.layout.decode(dtype, await this.driver.read(at, this.unitsOf(dtype, length)), length);
  }

  /** The same where a device can be waited for. */
  fetchNow(at: number, dtype: DType, length: number): TypedArray | null {
    const raw = this.driver.readNow?.(at, this.unitsOf(dtype, length)) ?? null;
    return raw === null ? null : this.layout.decode(dtype, raw, length);
  }

  put(at: number, dtype: DType, array: TypedArray): void {
    this.driver.write(at, this.layout.encode(dtype, array));
  }
}
