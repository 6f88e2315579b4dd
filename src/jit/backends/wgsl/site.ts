/** Where stages are made: the buffers of a kernel, the loops around that are gone through step by step, scratch memory. */
import type { Axis } from "../../index-expression.js";
import type { BufferUse, Statement } from "../../kernel.js";
import { positions } from "../../statements.js";
import type { Chooser } from "./choices.js";
import type { Stage } from "./dispatches.js";
import type { Driver } from "./driver.js";
import { type Gate, gateShared, renderGate } from "./gate.js";
import { Group, independentOrSteps, innerSize } from "./group.js";
import type { Matrices } from "./matrix.js";
import { type View, words } from "./memory.js";
import { flatGroup, groupSize, numbered, shaderOf } from "./shader.js";
import { Thread } from "./thread.js";

export type Nest = Extract<Statement, { readonly _tag: "Nest" }>;

/** Statements that only compute: each stage that follows computes them again. */
export const isPure = (s: Statement): boolean => s._tag === "Let" || s._tag === "Guard";

/** How invocations work together. */
export interface Crew {
  /** Whether they gain from memory that they share. Processors that play graphics cards do not, and barriers cost them much. */
  readonly shares: boolean;
  /** How many work together. */
  readonly size: number;
  /** They take each iteration of a nest together if there are fewer than these. */
  readonly few: number;
  /** Neighbours that hand each other registers; 1 where none do. */
  readonly subgroup: number;
  /** Matrices that subgroups multiply; null where there are none. */
  readonly matrices: Matrices | null;
  /** Whether memory is read and written four words at a time where it can be. */
  readonly vectors: boolean;
}

export const crewOf = (driver: DriverKind, usesMatrices: boolean): Crew => {
  const vectors = driver.vectors !== false;
  if (driver.software) return { shares: false, size: 16, few: 16, subgroup: 1, matrices: null, vectors };
  const { subgroup, matrices } = driver;
  return {
    shares: true,
    size: groupSize,
    few: 8192,
    subgroup,
    matrices: usesMatrices ? matrices : null,
    vectors,
  };
};

type DriverKind = Pick<Driver, "software" | "subgroup" | "matrices" | "vectors">;

/** Processors that play graphics cards start an invocation about as fast as they compute an element: each does several. */
const mostTurns = 64;
/** Invocations that are enough for all of their threads. */
const enough = 4096;

export class Site {
  constructor(
    readonly buffers: readonly BufferUse[],
    readonly crew: Crew,
    /** How contractions are computed. */
    readonly choose: Chooser,
    private readonly outer: readonly Axis[] = [],
    private readonly gates: readonly Gate[] = [],
    private readonly scratch: { words: number; flags: number } = { words: 0, flags: 0 },
  ) {}

  /** Of threads whose gates are still to be closed. */
  private readonly closing = new WeakMap<Thread, readonly ((barriers: boolean) => void)[]>();

  /** The same inside a loop. */
  inside(axis: Axis): Site {
    return new Site(this.buffers, this.crew, this.choose, [...this.outer, axis], this.gates, this.scratch);
  }

  /** The same in a branch. What its gate computes, stages know. */
  behind(gate: Gate): Site {
    return new Site(this.buffers, this.crew, this.choose, this.outer, [...this.gates, gate], this.scratch);
  }

  /** The same without any gate. */
  open(): Site {
    return new Site(this.buffers, this.crew, this.choose, this.outer, [], this.scratch);
  }

  get isGated(): boolean {
    return this.gates.length > 0;
  }

  /** Flags, in the last of the buffers: what goes on as long as one of them is set. */
  newFlag(): number {
    return this.scratch.flags++;
  }

  /** Words of scratch memory that the stages share. */
  get scratchWords(): number {
    return this.scratch.words;
  }

  needScratch(words: number): void {
    this.scratch.words = Math.max(this.scratch.words, words);
  }

  thread(view: View = words): Thread {
    const thread = new Thread(this.buffers, view);
    this.outer.forEach((a, k) => {
      thread.indices.name(a, thread.writer.declare(this.position(k)));
    });
    this.closing.set(
      thread,
      this.gates.map((g) => renderGate(thread, g)),
    );
    return thread;
  }

  /** Where a dispatch finds its position. */
  private position(k: number): string {
    return `at[${this.buffers.length + 1 + k}]`;
  }

  stage(
    thread: Thread,
    shared: ReadonlyMap<string, string>,
    size: number,
    groups: number,
    steps: Stage["steps"] = [[]],
  ): Stage {
    const gates = this.closing.get(thread) ?? [];
    const barriers = /Barrier\(|workgroupUniformLoad/.test(thread.writer.text);
    for (const close of gates) close(barriers);
    const all = gates.length > 0 && barriers ? new Map([...shared, gateShared]) : shared;
    const { matrices } = this.crew;
    const asked = matrices?.asked === true ? matrices.subgroup : null;
    return { shader: shaderOf(this.buffers, thread, all, size, asked), groups, steps };
  }

  /** Statements that one workgroup runs. */
  solo(body: readonly Statement[]): Stage {
    const size = body.every((s) => isPure(s) || s._tag === "Store") ? 1 : this.crew.size;
    const thread = this.thread();
    const group = new Group(thread, size, this.crew.subgroup);
    group.statements(body);
    return this.stage(thread, group.shared, size, 1);
  }

  groupPerIteration(before: readonly Statement[], nest: Nest): Stage {
    const size = innerSize(nest.body) >= this.crew.size ? this.crew.size : Math.min(64, this.crew.size);
    const thread = this.thread();
    const group = new Group(thread, size, this.crew.subgroup);
    const groups = positions(nest.axes);
    const number = numbered(thread, groups);
    thread.statements(before);
    thread.digits(nest.axes, number);
    group.statements(nest.body);
    return this.stage(thread, group.shared, size, groups);
  }

  threadPerIteration(
    before: readonly Statement[],
    axes: readonly Axis[],
    body: readonly Statement[],
    render: (thread: Thread) => void,
  ): Stage {
    const { order, steps } = independentOrSteps(axes, body);
    const each = steps ? points(order.serial) : [[]];
    return this.threads(positions(order.parallel), each, (thread, id, at) => {
      if (steps)
        order.serial.forEach((a, k) => {
          thread.indices.name(a, at[k]!);
        });
      thread.statements(before);
      thread.digits(order.parallel, id);
      if (steps) render(thread);
      else
        thread.loops(order.serial, () => {
          render(thread);
        });
    });
  }

  /** So many invocations, each told its number and the position of the step. */
  threads(
    total: number,
    steps: Stage["steps"],
    render: (thread: Thread, id: string, position: readonly string[]) => void,
    view: View = words,
  ): Stage {
    const size = total >= 4096 ? groupSize : 64;
    const each = this.crew.shares ? 1 : Math.max(1, Math.min(mostTurns, Math.floor(total / enough)));
    const groups = Math.ceil(total / (size * each));
    const thread = this.thread(view);
    const { writer } = thread;
    const position = steps[0]!.map((_, k) => writer.declare(this.position(this.outer.length + k)));
    const id = writer.declare(`${flatGroup(groups)} * ${size * each} + i32(lid)`);
    if (each === 1) {
      writer.line(`if (${id} >= ${total}) { return; }`);
      render(thread, id, position);
    } else {
      const end = writer.declare(`min(${id} + ${size * each}, ${total})`);
      const turn = writer.fresh("i");
      writer.block(`for (var ${turn} = ${id}; ${turn} < ${end}; ${turn} += ${size}) {`, () => {
        render(thread, turn, position);
      });
    }
    return this.stage(thread, new Map(), size, groups, steps);
  }
}

/** All positions on axes, the last one fastest. */
const points = (axes: readonly Axis[]): number[][] =>
  axes.reduce<number[][]>(
    (list, a) => list.flatMap((p) => Array.from({ length: a.size }, (_, i) => [...p, i])),
    [[]],
  );
