/**
 * A device with its memory, which is read asynchronously: where arrays are on it, and the order in which it is told what
 * to do. Memory is counted in units: words of a graphics card, bytes of a worker.
 */
import type { DType, TypedArray } from "../ir/dtype.js";
import { FluxionError } from "../ir/errors.js";
import { DeviceArray, type Stored } from "../ir/stored.js";
import type { BackendName } from "./backend.js";
import { filled } from "./filled.js";
import { Places } from "./places.js";
import type { Code } from "./translator.js";

/** What a device does with its memory. `Raw` is a part of it, as it comes back. */
export interface DeviceMemory<Raw> {
  /** The device is gone, and what was on it. */
  readonly isLost: boolean;
  /** Units that its memory can grow to. */
  readonly capacity: number;
  /** Makes the memory hold so many units; it keeps what it has. */
  grow(units: number): void;
  write(at: number, raw: Raw): void;
  copy(from: number, to: number, units: number): void;
  read(at: number, units: number): Promise<Raw>;
  /** Where a device can be waited for. */
  readonly readNow?: (at: number, units: number) => Raw;
}

/** How elements lie in the memory. */
export interface Layout<Raw> {
  readonly backend: BackendName;
  readonly bytesPerUnit: number;
  /** The first units that arrays may be at, in each region of the memory, lowest first. */
  readonly regions: readonly number[];
  /** Where arrays of a dtype are. */
  readonly regionOf: (dtype: DType) => number;
  /** Places are multiples of so many units. */
  readonly smallest: number;
  readonly unitsPerElement: (dtype: DType) => number;
  readonly encode: (dtype: DType, array: TypedArray) => Raw;
  /** So many elements. */
  readonly decode: (dtype: DType, raw: Raw, length: number) => TypedArray;
}

/** Bytes of results after which dropped ones are to be collected: engines count buffers of 64 MB. */
const collectFrom = 1 << 26;

/** Turns of the event loop to wait for an engine that collects. */
const mostTurns = 20;

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
  /** Units that were given to results since the engine was told. */
  private untold = 0;
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

  private region(from: number): Places {
    const { driver } = this;
    const { smallest, bytesPerUnit, backend } = this.layout;
    return new Places(from, smallest, (end) => {
      const size = end - from + smallest;
      if (size > driver.capacity)
        throw new FluxionError(
          backend,
          `expected ${bytesPerUnit * size} bytes of device memory, got ${bytesPerUnit * driver.capacity} at most: await something now and then, so that tensors that were dropped are freed, compute smaller ones, or setBackend("wasm")`,
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
    this.regions[this.layout.regions.findLastIndex((from) => from <= at)]!.release(at, units);
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
    this.tell(units);
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

  /**
   * Lets the engine know that small objects hold much: it collects when the buffers of its own that it has made are
   * large, so from time to time it is made to make one.
   */
  private tell(units: number): void {
    this.untold += units;
    if (this.untold < Math.min(collectFrom / this.layout.bytesPerUnit, this.driver.capacity / 8)) return;
    this.untold = 0;
    new ArrayBuffer(collectFrom);
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

  /** Room for a call's arena and results; inputs are brought here. */
  open({ slots, arenaBytes }: Code, inputs: readonly Stored[]): Opened {
    const { bytesPerUnit } = this.layout;
    const arena = this.allocate(arenaBytes / bytesPerUnit);
    const addresses = slots.map((s) => {
      if (s._tag === "Arena") return arena + s.offset / bytesPerUnit;
      return s._tag === "Output"
        ? this.allocateFor(s.dtype, s.length)
        : this.addressOf(inputs[s.index]!, s.dtype);
    });
    return { arena, addresses };
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
    await this.collected();
    return array;
  }

  /** What was in use when waiting did not help: it is not tried again until there is more. */
  private incompressible = 0;

  /**
   * Waits for the engine where half of the memory is in use: it says what it has collected between turns of the event
   * loop, for which a loop on a fast device leaves no time.
   */
  private async collected(): Promise<void> {
    const used = (): number => Math.max(...this.regions.map((places) => places.used));
    const before = used();
    if (2 * before <= this.driver.capacity || before <= this.incompressible) return;
    for (let turn = 0; turn < mostTurns && used() >= before; turn++)
      await new Promise((resolve) => setTimeout(resolve));
    this.incompressible = used() < before ? 0 : before;
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
