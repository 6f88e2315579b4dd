/** A kernel as a list of stages, each one dispatch: what is in one runs at once, what is in the next sees its results. */
import { stridesOf } from "../../../ir/aval.js";
import { type Axis, axisIndex, flatIndex } from "../../index-expression.js";
import type { BufferUse, Contraction, Kernel, Statement } from "../../kernel.js";
import { Group, independentOrSteps, innerSize, outerUpdates, together } from "./group.js";
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

/** One shader and how often it is dispatched. */
export interface Stage {
  readonly shader: string;
  /** Workgroups. */
  readonly groups: number;
  /** Words after the addresses and that of scratch memory, for each dispatch: positions on axes that are gone through step by step. */
  readonly steps: readonly (readonly number[])[];
}

/** Invocations of a workgroup; every adapter has so many. */
export const groupSize = 256;
/** Workgroups along one dimension; every adapter has so many. */
export const dispatchLimit = 65535;

/** A workgroup takes each iteration of a nest together if there are fewer than these. */
const few = 8192;

type Nest = Extract<Statement, { readonly _tag: "Nest" }>;

const sizeOf = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.size, 1);

/** Statements that only compute: each stage that follows computes them again. */
const isPure = (s: Statement): boolean => s._tag === "Let" || s._tag === "Guard";

/** The stages of a kernel, and the words of scratch memory that they share. */
export interface Plan {
  readonly buffers: readonly BufferUse[];
  readonly stages: readonly Stage[];
  scratch: number;
}

/** `tiled`: whether contractions gain from shared memory. */
export const planOf = (kernel: Kernel, tiled: boolean): Plan => {
  const out: Stage[] = [];
  const plan: Plan = { buffers: kernel.buffers, stages: out, scratch: 0 };
  const before: Statement[] = [];
  const { body } = kernel;
  for (let i = 0; i < body.length; i++) {
    const s = body[i]!;
    if (isPure(s)) before.push(s);
    else if (s._tag === "Nest" && sizeOf(s.axes) === 0) continue;
    else if (s._tag === "Accumulate") {
      // A reduction to one element, and what follows from it.
      out.push(solo(kernel.buffers, [...before, ...body.slice(i)]));
      break;
    } else if (s._tag === "Store") {
      let end = i;
      while (end < body.length && (isPure(body[end]!) || body[end]!._tag === "Store")) end++;
      out.push(solo(kernel.buffers, [...before, ...body.slice(i, end)]));
      before.push(...body.slice(i, end).filter(isPure));
      i = end - 1;
    } else if (s._tag === "Nest" && !s.sequential && outerUpdates(s.body).length === 0)
      out.push(nestStage(kernel.buffers, before, s));
    else if (s._tag === "Contract") out.push(...contractStages(plan, before, s.contraction, tiled));
    else if (s._tag === "Call") out.push(...sortStages(plan, s));
    else out.push(solo(kernel.buffers, [...before, s]));
  }
  return plan;
};

const sortStages = (plan: Plan, s: CallStatement): Stage[] => {
  const { buffers } = plan;
  const sorting = sortingOf(s);
  const { outer, inner, length, count } = sorting;
  const lines = outer * inner;
  if (lines * length === 0) return [];
  if (length <= countingLimit)
    return [
      threads(buffers, lines * length, [[]], (t, id) => {
        renderCounting(s, buffers, t, id);
      }),
    ];
  plan.scratch = Math.max(plan.scratch, networkWords(sorting));
  const n = networkLength(length);
  return [
    threads(buffers, lines * n, [[]], (t, id) => {
      renderNetworkStart(s, buffers, t, id);
    }),
    threads(buffers, (lines * n) / 2, networkSteps(length), (t, id, [size, distance]) => {
      renderNetworkStep(s, t, id, size!, distance!);
    }),
    threads(buffers, lines * count, [[]], (t, id) => {
      renderNetworkEnd(s, buffers, t, id);
    }),
  ];
};

/** Statements that one workgroup runs. */
const solo = (buffers: readonly BufferUse[], body: readonly Statement[]): Stage => {
  const size = body.every((s) => isPure(s) || s._tag === "Store") ? 1 : groupSize;
  const thread = new Thread(buffers);
  const group = new Group(thread, size);
  group.statements(body);
  return { shader: shaderOf(buffers, thread, group.shared, size), groups: 1, steps: [[]] };
};

const nestStage = (buffers: readonly BufferUse[], before: readonly Statement[], nest: Nest): Stage =>
  together(nest, few)
    ? groupPerIteration(buffers, before, nest)
    : threadPerIteration(buffers, before, nest.axes, nest.body, (t) => {
        t.statements(nest.body);
      });

/** Tiles, unless the product is tiny or its sums are added to what others add to. */
const contractStages = (
  plan: Plan,
  before: readonly Statement[],
  c: Contraction,
  tiled: boolean,
): Stage[] => {
  const { buffers } = plan;
  const axes = [...c.batch, ...c.rows, ...c.columns];
  const { order } = independentOrSteps(axes, c.epilogue);
  const e = extentOf(c);
  const tiny = e.rows * e.columns < 64 || e.depth < 8;
  if (!tiled || tiny || order.serial.some((a) => a.size > 1))
    return [
      threadPerIteration(buffers, before, axes, c.epilogue, (t) => {
        t.element(c);
      }),
    ];
  const tile = tileOf(e);
  const parts = partsOf(e, tile);
  const thread = new Thread(buffers);
  const groups = workgroupsOf(e, tile, parts);
  const number = numbered(thread, groups);
  thread.statements(before);
  const elements = e.batch * e.rows * e.columns;
  const flat = flatIndex(axes.map(axisIndex), stridesOf(axes.map((a) => a.size)));
  renderTile(thread, c, tile, parts, number, (sum, part) => {
    if (parts === 1) return thread.epilogue(c, sum);
    const at = `scratch + ${part} * ${elements} + ${thread.indices.text(flat)}`;
    thread.writer.line(`heap[${at}] = bitcast<u32>(${sum});`);
  });
  const tiles: Stage = {
    shader: shaderOf(buffers, thread, sharedOf(tile), groupSize),
    groups,
    steps: [[]],
  };
  if (parts === 1) return [tiles];
  plan.scratch = Math.max(plan.scratch, parts * elements);
  const adding = threadPerIteration(buffers, before, axes, c.epilogue, (t) => {
    const total = t.writer.fresh("s");
    t.writer.line(`var ${total} = 0.0f;`);
    t.writer.block(`for (var part = 0; part < ${parts}; part++) {`, () => {
      t.writer.line(
        `${total} += bitcast<f32>(heap[scratch + part * ${elements} + ${t.indices.text(flat)}]);`,
      );
    });
    t.epilogue(c, total);
  });
  return [tiles, adding];
};

const groupPerIteration = (
  buffers: readonly BufferUse[],
  before: readonly Statement[],
  nest: Nest,
): Stage => {
  const size = innerSize(nest.body) >= groupSize ? groupSize : 64;
  const thread = new Thread(buffers);
  const group = new Group(thread, size);
  const groups = sizeOf(nest.axes);
  const number = numbered(thread, groups);
  thread.statements(before);
  thread.digits(nest.axes, number);
  group.statements(nest.body);
  return { shader: shaderOf(buffers, thread, group.shared, size), groups, steps: [[]] };
};

/** Declares the number of a workgroup; those that are too many end. */
const numbered = (thread: Thread, groups: number): string => {
  const number = thread.writer.declare(flatGroup(groups));
  if (groups > dispatchLimit) thread.writer.line(`if (${number} >= ${groups}) { return; }`);
  return number;
};

/** The number of a workgroup. */
const flatGroup = (groups: number): string =>
  groups <= dispatchLimit ? "i32(wid.x)" : `i32(wid.x + wid.y * ${dispatchLimit}u)`;

const threadPerIteration = (
  buffers: readonly BufferUse[],
  before: readonly Statement[],
  axes: readonly Axis[],
  body: readonly Statement[],
  render: (thread: Thread) => void,
): Stage => {
  const { order, steps } = independentOrSteps(axes, body);
  return threads(buffers, sizeOf(order.parallel), steps ? points(order.serial) : [[]], (thread, id, at) => {
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
};

/** So many invocations, each told its number and the position of the step. */
const threads = (
  buffers: readonly BufferUse[],
  total: number,
  positions: readonly (readonly number[])[],
  render: (thread: Thread, id: string, position: readonly string[]) => void,
): Stage => {
  const size = total >= 4096 ? groupSize : 64;
  const groups = Math.ceil(total / size);
  const thread = new Thread(buffers);
  const { writer } = thread;
  const position = positions[0]!.map((_, k) => writer.declare(`at[${buffers.length + 1 + k}]`));
  const id = writer.declare(`${flatGroup(groups)} * ${size} + i32(lid)`);
  writer.line(`if (${id} >= ${total}) { return; }`);
  render(thread, id, position);
  return { shader: shaderOf(buffers, thread, new Map(), size), groups, steps: positions };
};

/** All positions on axes, the last one fastest. */
const points = (axes: readonly Axis[]): number[][] =>
  axes.reduce<number[][]>(
    (list, a) => list.flatMap((p) => Array.from({ length: a.size }, (_, i) => [...p, i])),
    [[]],
  );

export const shaderOf = (
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
