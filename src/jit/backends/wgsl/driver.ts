/** What a device does for programs. Memory is words of 32 bits, named by their position. */
import type { DeviceMemory } from "../../device-memory.js";
import type { Matrices } from "./matrix.js";

/** A shader run by so many workgroups, with the words that it finds in `at`. */
export interface Dispatch {
  readonly shader: string;
  readonly groups: number;
  readonly words: readonly number[];
}

export interface Driver extends DeviceMemory<Uint32Array> {
  /** The `navigator.gpu` that it is of. */
  readonly source?: object;
  /** The adapter, for people. */
  readonly name: string;
  /** A processor that plays a graphics card: it knows no shared memory, so that tiles cost it more than they save. */
  readonly software: boolean;
  /** Invocations that are in one subgroup at least, neighbours in a workgroup, a power of 2; 1 where shaders know no subgroups. */
  readonly subgroup: number;
  /** Matrices that its subgroups multiply; null where there are none. */
  readonly matrices: Matrices | null;
  /** Whether it stores float16s; see `halves.ts`. */
  readonly halves: boolean;
  /** False where shaders are to read and write memory word by word only. */
  readonly vectors?: boolean;
  /** One after the other, in one submission. */
  run(list: readonly Dispatch[]): void;
  /** The same for each list, in milliseconds; where the device has a clock. */
  readonly time?: (lists: readonly (readonly Dispatch[])[]) => Promise<number[]>;
  destroy(): void;
}
