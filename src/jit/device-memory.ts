/** What a device that is read asynchronously does with its memory, and how elements lie in it. */
import type { DType, TypedArray } from "../ir/dtype.js";
import type { BackendName } from "./backend.js";

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

/** A part of the memory with arrays of its own. */
export interface Region {
  /** The first unit that arrays may be at. */
  readonly from: number;
  /** Units that it has at most, where the device's capacity is not the limit. */
  readonly most?: number;
}

/** How elements lie in the memory. */
export interface Layout<Raw> {
  readonly backend: BackendName;
  readonly bytesPerUnit: number;
  /** The lowest first. */
  readonly regions: readonly Region[];
  /** Where arrays of a dtype are. */
  readonly regionOf: (dtype: DType) => number;
  /** Places are multiples of so many units. */
  readonly smallest: number;
  readonly unitsPerElement: (dtype: DType) => number;
  readonly encode: (dtype: DType, array: TypedArray) => Raw;
  /** So many elements. */
  readonly decode: (dtype: DType, raw: Raw, length: number) => TypedArray;
}
