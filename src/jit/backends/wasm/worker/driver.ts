/** The worker as a device: its memory, its programs, and what it asks for. */
import { expected, FluxionError } from "../../../../ir/errors.js";
import type { TypedArray } from "../../../../ir/dtype.js";
import type { DeviceMemory } from "../../../device-memory.js";
import { maximumPages, page } from "../constants.js";
import { freeArray, sharedMemory } from "../heap.js";
import type { Answer, HelpersAnswer, Helping, Immediate, Load, Request } from "./messages.js";
import { type Listener, type Open, opener, type Port } from "./port.js";

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: FluxionError) => void;
}

/** An array in the worker's memory. */
export interface RemoteArray {
  readonly at: number;
  readonly bytes: number;
}

/** A step that the worker leaves to this thread: what it reads, what it writes, and how. */
export interface StepHere {
  readonly reads: readonly RemoteArray[];
  readonly writes: readonly RemoteArray[];
  /** From the bytes of what it reads to those of what it writes. */
  readonly run: (read: readonly Uint8Array[]) => readonly TypedArray[];
}

/** Finds the step of a program that a request is of. */
export type StepsHere = (request: Request) => StepHere;

/** Who sees to the worker's helpers. */
export interface Foreman {
  answered(answer: HelpersAnswer): void;
  /** The worker is lost. */
  close(): void;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export class WorkerDriver implements DeviceMemory<Uint8Array>, Listener {
  readonly capacity: number = maximumPages * page;
  /** The memory's size, as the worker has told last. */
  total = 0;
  private reserved = 0;
  private failure: FluxionError | null = null;
  /** The memory, where it can be shared. */
  readonly memory: WebAssembly.Memory | null;
  /** At most one. */
  readonly foremen: Foreman[] = [];
  private readonly port: Port;
  private readonly waiting = new Map<number, Waiting>();
  private tickets = 0;
  private programs = 0;
  private readonly loaded = new Map<number, StepsHere>();
  private started: Waiting | null = null;

  constructor(open: Open) {
    this.port = open(this);
    this.memory = this.shared(sharedMemory());
  }

  /** The memory that the worker begins with, or null where it makes its own: some that is shared may not be sent. */
  private shared(memory: WebAssembly.Memory | null): WebAssembly.Memory | null {
    try {
      this.post({ op: "begin", memory });
      return memory;
    } catch (error) {
      if (memory === null) throw error;
      return this.shared(null);
    }
  }

  get isLost(): boolean {
    return this.failure !== null;
  }

  /** Resolves when the worker is up. */
  up(): Promise<void> {
    return new Promise<never>((resolve, reject) => {
      if (this.failure !== null) reject(this.failure);
      else if (this.total > 0) resolve(undefined as never);
      else this.started = { resolve, reject };
    });
  }

  // ---- memory

  grow(end: number): void {
    if (end <= this.reserved) return;
    const wanted = Math.max(end, Math.min(2 * this.reserved, this.reserved + (1 << 27)));
    this.reserved = Math.min(this.capacity, Math.ceil(wanted / page) * page);
    this.post({ op: "grow", end, wanted: this.reserved });
  }

  write(at: number, raw: Uint8Array): void {
    const bytes = raw.slice();
    this.post({ op: "write", at, bytes }, [bytes.buffer]);
  }

  copy(from: number, to: number, length: number): void {
    this.post({ op: "copy", from, to, length });
  }

  read(at: number, length: number): Promise<Uint8Array> {
    return this.answer((ticket) => {
      this.post({ op: "read", ticket, at, length });
    });
  }

  // ---- programs

  load(program: Omit<Load, "op" | "id">, steps: StepsHere): number {
    const id = this.programs++;
    this.loaded.set(id, steps);
    this.post({ op: "load", id, ...program });
    return id;
  }

  drop(id: number): void {
    this.post({ op: "drop", id });
  }

  run(id: number, addresses: readonly number[], arena: number): void {
    this.post({ op: "run", id, addresses: Int32Array.from(addresses), arena, ticket: null });
  }

  /** The same; how long each step took, in milliseconds. */
  time(id: number, addresses: readonly number[], arena: number): Promise<number[]> {
    return this.answer((ticket) => {
      this.post({ op: "run", id, addresses: Int32Array.from(addresses), arena, ticket });
    });
  }

  /** What is said of helpers. */
  tell(command: Helping | Immediate): void {
    this.post(command);
  }

  /** Ends the worker. */
  destroy(): void {
    this.lose("was ended", "by this program");
    this.port.end();
  }

  // ---- what the worker tells

  answered(answer: Answer): void {
    switch (answer.tag) {
      case "memory":
        this.total = answer.bytes;
        this.reserved = Math.max(this.reserved, answer.bytes);
        this.begin();
        break;
      case "value": {
        const waiting = this.waiting.get(answer.ticket);
        this.waiting.delete(answer.ticket);
        if (this.waiting.size === 0) this.port.keepAlive(false);
        waiting?.resolve(answer.value as never);
        break;
      }
      case "dropped":
        this.loaded.delete(answer.id);
        break;
      case "request":
        this.compute(answer).catch((error: unknown) => {
          this.lose("lacks a step of a program", error instanceof Error ? error.message : String(error));
          this.port.end(); // it waits
        });
        break;
      case "failed":
        this.lose("failed", answer.why);
        this.port.end();
        break;
      default:
        for (const f of this.foremen) f.answered(answer);
    }
  }

  ended(why: string): void {
    this.lose("was lost", why);
  }

  private begin(): void {
    if (this.started === null) return;
    this.started.resolve(undefined as never);
    this.started = null;
    if (this.waiting.size === 0) this.port.keepAlive(false);
  }

  /** What is in the worker cannot be used any more. */
  private lose(how: string, why: string): void {
    this.failure ??= new FluxionError(
      "wasm-worker",
      `the worker ${how} (${why}), and what was not read is lost: await initBackend("wasm-worker") for a fresh one`,
    );
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.started?.reject(new FluxionError("wasm-worker", `the worker ${how} (${why})`));
    this.waiting.clear();
    this.started = null;
    this.port.keepAlive(false);
    for (const f of this.foremen) f.close();
  }

  /** Computes a step on this thread; the worker waits for it. */
  private async compute(request: Request): Promise<void> {
    const { reads, writes, run } = this.loaded.get(request.id)!(request);
    const read = await Promise.all(
      reads.map(({ at, bytes }) =>
        this.answer<Uint8Array>((ticket) => {
          this.port.post({ op: "read", now: true, ticket, at, length: bytes });
        }),
      ),
    );
    run(read).forEach((array, i) => {
      const bytes = bytesOf(array).slice();
      this.port.post({ op: "write", now: true, at: writes[i]!.at, bytes }, [bytes.buffer]);
      freeArray(array);
    });
    this.port.post({ op: "resume", now: true });
  }

  // ---- messages

  private post(...[command, transfer]: Parameters<Port["post"]>): void {
    if (this.failure === null) this.port.post(command, transfer);
  }

  private answer<T>(ask: (ticket: number) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.failure !== null) return reject(this.failure);
      const ticket = this.tickets++;
      this.waiting.set(ticket, { resolve, reject });
      this.port.keepAlive(true);
      ask(ticket);
    });
  }
}

/** A worker that is up. Rejects where none can be started. */
export const startWorker = async (): Promise<WorkerDriver> => {
  const open = await opener();
  try {
    const driver = new WorkerDriver(open);
    await driver.up();
    return driver;
  } catch (error) {
    throw expected(
      "initBackend",
      "a worker that starts",
      `${error instanceof Error ? error.message : String(error)}: initBackend("wasm") needs none`,
    );
  }
};
