/** A program's divided functions, as jobs for the team, or for the calling thread where there is none. */
import type { Exports } from "../engine.js";
import type { Functions } from "../functions.js";
import type { Heap } from "../heap.js";
import { share } from "./crew.js";
import type { Job, Parts, SharedProgram, Team } from "./team.js";

interface Task extends Omit<Job, "program" | "scratch"> {
  readonly shares: boolean;
  /** Where the list has the addresses of the scratch arrays; memory that is not shared moves when it grows. */
  addresses: Int32Array;
  readonly at: number;
  readonly count: number;
  /** How often workers could not compute parts: JavaScript was needed. */
  refusals: number;
}

/** After so many refused parts a function stays on the calling thread. */
export const mostRefusals = 64;
let programs = 0;

export class Sharing {
  private tasks: readonly (Task | undefined)[] = [];
  private bytes: Uint8Array = new Uint8Array();
  private program: SharedProgram | null = null;

  constructor(
    private readonly heap: Heap,
    /** Memory that the program owns. */
    private readonly parts: { readonly at: number; readonly bytes: number }[],
  ) {}

  /** Takes the functions of a compiled program. */
  open(bytes: Uint8Array, exports: Exports, kernels: readonly Functions[]): void {
    this.bytes = bytes;
    const tasks: Task[] = [];
    for (const { phases, inner, list, count, panels } of kernels)
      for (const { builder, divided } of [...phases, ...inner]) {
        if (divided === null || list === null) continue;
        const [a = 0, b = 0, c = 0] = divided.panels.map((n) => 8 * n);
        const own = count - panels.length;
        tasks[divided.number] = {
          function: divided.number,
          compute: exports[builder.name] as Parts,
          list,
          parts: divided.parts,
          shares: divided.shares,
          isRepeatable: divided.isRepeatable,
          scratchBytes: [a, b, c],
          at: list + 4 * own,
          count: panels.length,
          addresses: new Int32Array(this.heap.memory.buffer, list + 4 * own, panels.length),
          refusals: 0,
        };
      }
    this.tasks = tasks;
  }

  /** Computes all parts of a divided function, whose list is filled. */
  readonly run = (number: number): void => {
    const task = this.tasks[number]!;
    const addresses = this.addressesOf(task);
    const scratch = [addresses[0] ?? 0, addresses[1] ?? 0, addresses[2] ?? 0] as const;
    const alone = (): void => task.compute(task.list, 0, task.parts, ...scratch);
    if (!task.shares || task.refusals >= mostRefusals) return alone();
    const together = (team: Team): void => {
      const program = this.prepared(team, task);
      if (program === null) alone();
      else task.refusals += team.run({ ...task, scratch, program });
    };
    share(this.heap, together, alone);
  };

  private addressesOf(task: Task): Int32Array {
    const { buffer } = this.heap.memory;
    if (task.addresses.buffer !== buffer) task.addresses = new Int32Array(buffer, task.at, task.count);
    return task.addresses;
  }

  /** The program, once there is memory for it and the workers' scratch arrays; null where there is no more. */
  private prepared(team: Team, task: Task): SharedProgram | null {
    try {
      team.reserve(task.scratchBytes);
      return (this.program ??= this.placed());
    } catch {
      return null;
    }
  }

  /** Puts the module where workers find it. */
  private placed(): SharedProgram {
    const { heap } = this;
    const part = { at: heap.allocate(this.bytes.length), bytes: this.bytes.length };
    this.parts.push(part);
    new Uint8Array(heap.memory.buffer, part.at, part.bytes).set(this.bytes);
    return { id: ++programs, ...part };
  }
}
