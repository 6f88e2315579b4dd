/** A kernel as a list of stages, each one dispatch: what is in one runs at once, what is in the next sees its results. */
import { stridesOf } from "../../../ir/aval.js";
import { type Axis, axisIndex, flatIndex } from "../../index-expression.js";
import type { BufferUse, Contraction, Kernel, Statement } from "../../kernel.js";
import { isArgument } from "../js/text.js";
import { storesIn } from "./conflicts.js";
import { Group, independentOrSteps, innerSize, isRunning, outerUpdates, together } from "./group.js";
import { functionsOf, preamble } from "./preamble.js";
import {
  type CallStatement,
  countingLimit,
  networkLength,
  networkSteps,
  networkWords,
  renderCounting,
  renderNetworkEnd,
  renderNetworkStart,
  renderNetworkStep,
  sortFunctions,
  sortingOf,
} from "./sort.js";
import { Thread } from "./thread.js";
import { extentOf, partsOf, renderTile, sharedOf, tileOf, workgroupsOf } from "./tiles.js";

/** One shader, dispatched once for each position. */
export interface Stage {
  readonly shader: string;
  /** Workgroups. */
  readonly groups: number;
  /** Words after the addresses and that of scratch memory, for each dispatch: positions on axes gone through step by step. */
  readonly steps: readonly (readonly number[])[];
}

/** A loop around stages; the position on it comes before their own. */
export interface Repeat {
  readonly times: number;
  readonly items: readonly Item[];
}

export type Item = Stage | Repeat;

/** What is dispatched, and the words of scratch memory that it shares. */
export interface Plan {
  readonly items: readonly Item[];
  readonly scratch: number;
}

/** A dispatch, without the addresses. */
export interface Call {
  readonly shader: string;
  readonly groups: number;
  readonly position: readonly number[];
}

/** All dispatches in their order. */
export const callsOf = (items: readonly Item[], outer: readonly number[] = []): Call[] =>
  items.flatMap((item) =>
    "times" in item
      ? Array.from({ length: item.times }, (_, t) => callsOf(item.items, [...outer, t])).flat()
      : item.steps.map((own) => ({
          shader: item.shader,
          groups: item.groups,
          position: [...outer, ...own],
        })),
  );

/** The shaders of a plan, each once. */
export const shadersOf = (items: readonly Item[]): string[] =>
  items.flatMap((item) => ("times" in item ? shadersOf(item.items) : [item.shader]));

/** Invocations of a workgroup; every adapter has so many. */
export const groupSize = 256;
/** Workgroups along one dimension; every adapter has so many. */
export const dispatchLimit = 65535;

/** A workgroup takes each iteration of a nest together if there are fewer than these. */
const few = 8192;

/** A loop whose steps hold a nest of so much work is dispatched step by step, to all of the device. */
const worthDispatching = 1 << 16;
/** At most so many dispatches for one loop. */
const mostDispatches = 1 << 14;

/** Reductions of so many elements to one are cut into parts. */
const longReduction = 1 << 16;
const reductionParts = 256;

type Nest = Extract<Statement, { readonly _tag: "Nest" }>;

const sizeOf = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.size, 1);

/** Statements that only compute: each stage that follows computes them again. */
const isPure = (s: Statement): boolean => s._tag === "Let" || s._tag === "Guard";

/** `tiled`: whether contractions gain from shared memory. */
export const planOf = (kernel: Kernel, tiled: boolean): Plan => {
  const planner = new Planner(kernel.buffers, tiled);
  const items = planner.items(kernel.body, [], []) ?? [planner.solo([], kernel.body)];
  return { items, scratch: planner.scratch };
};

/** The buffers that statements which only compute read. */
const loadsIn = (body: readonly Statement[]): number[] =>
  body.flatMap((s) => {
    if (s._tag === "Guard") return loadsIn(s.body);
    return s._tag === "Let" && s.value.definition._tag === "Load" ? [s.value.definition.buffer] : [];
  });

/**
 * Whether something that is computed before the stages would be another thing when a stage computes it again: what it
 * reads has been written meanwhile.
 */
const changes = (body: readonly Statement[]): boolean =>
  body.some((s, i) => {
    if (!isPure(s)) return false;
    const read = new Set(loadsIn([s]));
    return read.size > 0 && storesIn(body.slice(i + 1)).some((w) => read.has(w.buffer));
  });

/** The largest number of operations that one statement offers to run at once. */
const widest = (body: readonly Statement[]): number =>
  Math.max(
    0,
    ...body.map((s) => {
      if (s._tag === "Nest" && s.sequential) return widest(s.body);
      return s._tag === "Nest" || s._tag === "Contract" ? innerSize([s]) : 0;
    }),
  );

class Planner {
  /** Words of scratch memory. */
  scratch = 0;

  constructor(
    private readonly buffers: readonly BufferUse[],
    private readonly tiled: boolean,
  ) {}

  /** The stages of statements inside loops over `outer`; null where only one workgroup can run them, in their order. */
  items(body: readonly Statement[], outer: readonly Axis[], around: readonly Statement[]): Item[] | null {
    if (changes([...around, ...body])) return null;
    const out: Item[] = [];
    const before = [...around];
    for (let i = 0; i < body.length; i++) {
      const s = body[i]!;
      if (isPure(s)) before.push(s);
      else if (s._tag === "Nest" && sizeOf(s.axes) === 0) continue;
      else if (s._tag === "Accumulate") {
        // A reduction to one element, and what follows from it.
        out.push(...this.reduction(outer, before, body.slice(i)));
        break;
      } else if (s._tag === "Store") {
        let end = i;
        while (end < body.length && (isPure(body[end]!) || body[end]!._tag === "Store")) end++;
        out.push(this.solo(outer, [...before, ...body.slice(i, end)]));
        before.push(...body.slice(i, end).filter(isPure));
        i = end - 1;
      } else if (s._tag === "Nest" && !s.sequential && outerUpdates(s.body).length === 0)
        out.push(this.nest(outer, before, s));
      else if (s._tag === "Contract") out.push(...this.contract(outer, before, s.contraction));
      else if (s._tag === "Call") out.push(...this.sort(outer, before, s));
      else out.push(this.loop(outer, before, s) ?? this.solo(outer, [...before, s]));
    }
    return out;
  }

  /** A loop that is worth a dispatch for each step; null for others. */
  private loop(outer: readonly Axis[], before: readonly Statement[], s: Statement): Repeat | null {
    if (s._tag !== "Nest" || !s.sequential || s.axes.length !== 1 || widest(s.body) < worthDispatching)
      return null;
    const [axis] = s.axes as [Axis];
    const items = this.items(s.body, [...outer, axis], before);
    if (items === null) return null;
    const count = callsOf(items).length * axis.size;
    return count > mostDispatches ? null : { times: axis.size, items };
  }

  // ---- threads and shaders

  private thread(outer: readonly Axis[]): Thread {
    const thread = new Thread(this.buffers);
    outer.forEach((a, k) => {
      thread.indices.name(a, thread.writer.declare(this.position(k)));
    });
    return thread;
  }

  /** Where a dispatch finds its position. */
  private position(k: number): string {
    return `at[${this.buffers.length + 1 + k}]`;
  }

  private stage(
    thread: Thread,
    shared: ReadonlyMap<string, string>,
    size: number,
    groups: number,
    steps: Stage["steps"] = [[]],
  ): Stage {
    return { shader: shaderOf(this.buffers, thread, shared, size), groups, steps };
  }

  // ---- stages

  /** Statements that one workgroup runs. */
  solo(outer: readonly Axis[], body: readonly Statement[]): Stage {
    const size = body.every((s) => isPure(s) || s._tag === "Store") ? 1 : groupSize;
    const thread = this.thread(outer);
    const group = new Group(thread, size);
    group.statements(body);
    return this.stage(thread, group.shared, size, 1);
  }

  /** A reduction to one element: a long one in parts, whose results another stage reduces. */
  private reduction(
    outer: readonly Axis[],
    before: readonly Statement[],
    body: readonly Statement[],
  ): Stage[] {
    const at = body.findIndex((s) => s._tag !== "Accumulate" && !isPure(s));
    const nest = body[at];
    const accumulators = body.slice(0, at).flatMap((s) => (s._tag === "Accumulate" ? [s.accumulator] : []));
    const long =
      nest?._tag === "Nest" &&
      sizeOf(nest.axes) >= longReduction &&
      storesIn(nest.body).length === 0 &&
      !isRunning(nest.body, accumulators) &&
      !accumulators.some((a) => isArgument(a.op)) &&
      outerUpdates(nest.body).length === accumulators.length &&
      outerUpdates(body.slice(at + 1)).length === 0;
    if (!long) return [this.solo(outer, [...before, ...body])];
    this.scratch = Math.max(this.scratch, accumulators.length * reductionParts);
    const first = this.thread(outer);
    const parts = new Group(first, groupSize);
    first.statements([...before, ...body.slice(0, at)]);
    parts.part(nest.axes, nest.body, "i32(wid.x)", reductionParts);
    const second = this.thread(outer);
    const whole = new Group(second, groupSize);
    whole.statements([...before, ...body.slice(0, at)]);
    whole.gather(accumulators, reductionParts);
    whole.statements(body.slice(at + 1));
    return [
      this.stage(first, parts.shared, groupSize, reductionParts),
      this.stage(second, whole.shared, groupSize, 1),
    ];
  }

  private nest(outer: readonly Axis[], before: readonly Statement[], nest: Nest): Stage {
    if (together(nest, few)) return this.groupPerIteration(outer, before, nest);
    return this.threadPerIteration(outer, before, nest.axes, nest.body, (t) => {
      t.statements(nest.body);
    });
  }

  private sort(outer: readonly Axis[], before: readonly Statement[], s: CallStatement): Stage[] {
    const sorting = sortingOf(s);
    const { inner, length, count } = sorting;
    const lines = sorting.outer * inner;
    if (lines * length === 0) return [];
    const stage = (
      total: number,
      render: (t: Thread, id: string, position: readonly string[]) => void,
      steps: Stage["steps"] = [[]],
    ): Stage =>
      this.threads(outer, total, steps, (t, id, position) => {
        t.statements(before);
        render(t, id, position);
      });
    const { buffers } = this;
    if (length <= countingLimit)
      return [
        stage(lines * length, (t, id) => {
          renderCounting(s, buffers, t, id);
        }),
      ];
    this.scratch = Math.max(this.scratch, networkWords(sorting));
    const n = networkLength(length);
    return [
      stage(lines * n, (t, id) => {
        renderNetworkStart(s, buffers, t, id);
      }),
      stage(
        (lines * n) / 2,
        (t, id, [size, distance]) => {
          renderNetworkStep(s, t, id, size!, distance!);
        },
        networkSteps(length),
      ),
      stage(lines * count, (t, id) => {
        renderNetworkEnd(s, buffers, t, id);
      }),
    ];
  }

  /** Tiles, unless the product is tiny or its sums are added to what others add to. */
  private contract(outer: readonly Axis[], before: readonly Statement[], c: Contraction): Stage[] {
    const axes = [...c.batch, ...c.rows, ...c.columns];
    const { order } = independentOrSteps(axes, c.epilogue);
    const e = extentOf(c);
    const tiny = e.rows * e.columns < 64 || e.depth < 8;
    if (!this.tiled || tiny || order.serial.some((a) => a.size > 1))
      return [
        this.threadPerIteration(outer, before, axes, c.epilogue, (t) => {
          t.element(c);
        }),
      ];
    const tile = tileOf(e);
    const parts = partsOf(e, tile);
    const groups = workgroupsOf(e, tile, parts);
    const thread = this.thread(outer);
    const number = numbered(thread, groups);
    thread.statements(before);
    const elements = e.batch * e.rows * e.columns;
    const flat = flatIndex(axes.map(axisIndex), stridesOf(axes.map((a) => a.size)));
    renderTile(thread, c, tile, parts, number, (sum, part) => {
      if (parts === 1) return thread.epilogue(c, sum);
      const at = `scratch + ${part} * ${elements} + ${thread.indices.text(flat)}`;
      thread.writer.line(`heap[${at}] = bitcast<u32>(${sum});`);
    });
    const tiles = this.stage(thread, sharedOf(tile), groupSize, groups);
    if (parts === 1) return [tiles];
    this.scratch = Math.max(this.scratch, parts * elements);
    const adding = this.threadPerIteration(outer, before, axes, c.epilogue, (t) => {
      const total = t.writer.fresh("s");
      t.writer.line(`var ${total} = 0.0f;`);
      t.writer.block(`for (var part = 0; part < ${parts}; part++) {`, () => {
        const at = `scratch + part * ${elements} + ${t.indices.text(flat)}`;
        t.writer.line(`${total} += bitcast<f32>(heap[${at}]);`);
      });
      t.epilogue(c, total);
    });
    return [tiles, adding];
  }

  private groupPerIteration(outer: readonly Axis[], before: readonly Statement[], nest: Nest): Stage {
    const size = innerSize(nest.body) >= groupSize ? groupSize : 64;
    const thread = this.thread(outer);
    const group = new Group(thread, size);
    const groups = sizeOf(nest.axes);
    const number = numbered(thread, groups);
    thread.statements(before);
    thread.digits(nest.axes, number);
    group.statements(nest.body);
    return this.stage(thread, group.shared, size, groups);
  }

  private threadPerIteration(
    outer: readonly Axis[],
    before: readonly Statement[],
    axes: readonly Axis[],
    body: readonly Statement[],
    render: (thread: Thread) => void,
  ): Stage {
    const { order, steps } = independentOrSteps(axes, body);
    const positions = steps ? points(order.serial) : [[]];
    return this.threads(outer, sizeOf(order.parallel), positions, (thread, id, at) => {
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
  private threads(
    outer: readonly Axis[],
    total: number,
    positions: Stage["steps"],
    render: (thread: Thread, id: string, position: readonly string[]) => void,
  ): Stage {
    const size = total >= 4096 ? groupSize : 64;
    const groups = Math.ceil(total / size);
    const thread = this.thread(outer);
    const { writer } = thread;
    const position = positions[0]!.map((_, k) => writer.declare(this.position(outer.length + k)));
    const id = writer.declare(`${flatGroup(groups)} * ${size} + i32(lid)`);
    writer.line(`if (${id} >= ${total}) { return; }`);
    render(thread, id, position);
    return this.stage(thread, new Map(), size, groups, positions);
  }
}

/** Declares the number of a workgroup; those that are too many end. */
const numbered = (thread: Thread, groups: number): string => {
  const number = thread.writer.declare(flatGroup(groups));
  if (groups > dispatchLimit) thread.writer.line(`if (${number} >= ${groups}) { return; }`);
  return number;
};

/** The number of a workgroup. */
const flatGroup = (groups: number): string =>
  groups <= dispatchLimit ? "i32(wid.x)" : `i32(wid.x + wid.y * ${dispatchLimit}u)`;

/** All positions on axes, the last one fastest. */
const points = (axes: readonly Axis[]): number[][] =>
  axes.reduce<number[][]>(
    (list, a) => list.flatMap((p) => Array.from({ length: a.size }, (_, i) => [...p, i])),
    [[]],
  );

const shaderOf = (
  buffers: readonly BufferUse[],
  thread: Thread,
  shared: ReadonlyMap<string, string>,
  size: number,
): string => {
  const { text } = thread.writer;
  const variables = [...shared].map(([name, type]) => `var<workgroup> ${name}: ${type};\n`).join("");
  const zero = text.includes("zero)") ? "  let zero = u32(at[0]) >> 31u;\n" : "";
  const scratch = text.includes("scratch ") ? `  let scratch = at[${buffers.length}];\n` : "";
  const bases = buffers.map((_, i) => `  let b${i} = at[${i}];\n`).join("");
  return `${preamble}${variables}${text.includes("key_") ? sortFunctions : ""}${functionsOf(text)}@compute @workgroup_size(${size})
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
${bases}${scratch}${zero}${text}
}
`;
};
