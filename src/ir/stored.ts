/** Where a computed tensor's elements are: in JavaScript's memory, or on a device that is read asynchronously. */
import type { DType, TypedArray } from "./dtype.js";
import { expected } from "./errors.js";

/** Elements on a device. */
export abstract class DeviceArray {
  /** The elements, once they have been read. */
  host: TypedArray | null = null;

  constructor(
    readonly dtype: DType,
    readonly length: number,
  ) {}

  /** Copies the elements to JavaScript's memory. */
  abstract read(): Promise<TypedArray>;

  /** The same without waiting for the event loop, where that can be; null where it cannot. */
  abstract readNow(): TypedArray | null;

  /** Gives the place on the device back, at once; nothing reads the elements any more. */
  abstract free(): void;

  /** `length` elements from `from` on, in a place of their own on the device; null where they cannot be copied by themselves. */
  abstract slice(from: number, length: number): DeviceArray | null;
}

export type Stored = TypedArray | DeviceArray;

/** What several expressions, or compiled functions, hold. */
const shared = new WeakSet<Stored>();

export const share = (x: Stored): void => {
  shared.add(x);
};

export const isShared = (x: Stored): boolean => shared.has(x);

/** Elements in JavaScript's memory. Throws where they are on a device that cannot be waited for. */
export const inMemory = (x: Stored, operation: string): TypedArray => {
  if (!(x instanceof DeviceArray)) return x;
  const here = x.readNow();
  if (here !== null) return here;
  throw expected(
    operation,
    "elements in JavaScript's memory",
    `${x.length} of ${x.dtype} on a device, which is read asynchronously: await x.data() first`,
  );
};
