/** The worker's memory: elements lie in it as in JavaScript's arrays. */
import { arrayConstructor, bytesPerElement } from "../../../../ir/dtype.js";
import { Device } from "../../../device.js";
import type { Layout } from "../../../device-memory.js";
import type { MemoryStats } from "../heap.js";
import type { Space } from "../assembly.js";
import { cacheLine, Constants, heapFrom, maximumPages } from "../constants.js";
import { Crew } from "./crew.js";
import type { WorkerDriver } from "./driver.js";

export const layout: Layout<Uint8Array> = {
  backend: "wasm-worker",
  bytesPerUnit: 1,
  regions: [{ from: heapFrom }],
  regionOf: () => 0,
  smallest: cacheLine,
  unitsPerElement: bytesPerElement,
  encode: (_dtype, { buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  decode: (dtype, bytes) => {
    const array = arrayConstructor(dtype);
    return new array(bytes.buffer, bytes.byteOffset, bytes.byteLength / array.BYTES_PER_ELEMENT);
  },
};

export class WorkerDevice extends Device<Uint8Array, WorkerDriver> implements Space {
  readonly limits: Space["limits"] = {
    initial: 2,
    maximum: maximumPages,
    shared: this.driver.memory !== null,
  };
  /** The worker's helpers. */
  readonly crew: Crew = new Crew(this.driver, this, this.driver.memory);
  /** Bytes that those need. */
  private own = 0;
  readonly constant: Space["constant"] = new Constants((vector, at) => {
    this.driver.write(at, vector);
  }).constant;

  constructor(driver: WorkerDriver) {
    super(driver, layout);
    driver.foremen.push(this.crew);
  }

  /** Memory for helpers does not count as used. */
  allocateOwn(bytes: number): number {
    const before = this.stats.used;
    const at = this.allocate(bytes);
    this.own += this.stats.used - before;
    return at;
  }

  releaseOwn(at: number, bytes: number): void {
    const before = this.stats.used;
    this.release(at, bytes);
    this.own -= before - this.stats.used;
  }

  get memory(): MemoryStats {
    const { used, resident } = this.stats;
    return { total: this.driver.total, used: used - this.own, resident };
  }
}
