/** The start of a program's memory: constant vectors lie there, after an empty part, for no array is at address 0. */
import { type Bytes, encoded } from "./bytes.js";

export const page = 65536;
export const maximumPages = 65536;
export const cacheLine = 64;
const constantsFrom = 1024;
/** Where arrays begin. */
export const heapFrom: number = page;

export class Constants {
  private readonly addresses = new Map<string, number>();

  constructor(private readonly write: (vector: Uint8Array, at: number) => void) {}

  /** Where a constant vector of 16 bytes is; null where there is no more room for it. */
  readonly constant = (bytes: Bytes): number | null => {
    const have = this.addresses.get(bytes);
    if (have !== undefined) return have;
    const at = constantsFrom + 16 * this.addresses.size;
    if (at + 16 > heapFrom) return null;
    this.write(encoded(bytes), at);
    this.addresses.set(bytes, at);
    return at;
  };
}
