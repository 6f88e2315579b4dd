/**
 * Argsort on a device. Elements become words whose order is theirs, NaN last; equal ones keep the order of their places.
 * Short lines count, for each element, how many come before it; long ones are a bitonic sort of pairs of word and place
 * (K. E. Batcher, "Sorting networks and their applications", 1968), one step of the network after the other.
 */
import type { Sorting } from "../../../ir/lowering.js";
import type { BufferUse, Statement } from "../../kernel.js";
import type { Thread } from "./thread.js";
import { typeOf } from "./types.js";
import { Unrenderable } from "./unrenderable.js";

export type CallStatement = Extract<Statement, { readonly _tag: "Call" }>;

/** The functions that shaders of sorts call: the key of an element's word. */
export const sortFunctions = `fn key_f32(w: u32) -> u32 {
  if ((w & 0x7fffffffu) > 0x7f800000u) { return 0xffffffffu; }
  if ((w & 0x7fffffffu) == 0u) { return 0x80000000u; }
  return select(w | 0x80000000u, ~w, (w & 0x80000000u) != 0u);
}
fn key_i32(w: u32) -> u32 { return w ^ 0x80000000u; }
fn key_u32(w: u32) -> u32 { return w; }
fn key_bool(w: u32) -> u32 { return w; }
`;

/** Lines up to so long are sorted by counting. */
export const countingLimit = 1024;

export const sortingOf = (s: CallStatement): Sorting => {
  if (s.sort === null) throw new Unrenderable(`${s.name} is a routine of the CPU`);
  return s.sort;
};

/** Where things are, as text: the key of element i of a line, and the place of rank r. */
const access = (
  s: CallStatement,
  buffers: readonly BufferUse[],
  thread: Thread,
  line: string,
): { readonly key: (i: string) => string; readonly place: (r: string) => string } => {
  const { length, inner, count, descending } = sortingOf(s);
  const [x, out] = s.args as [(typeof s.args)[number], (typeof s.args)[number]];
  const { writer, indices } = thread;
  const o = writer.declare(`${line} / ${inner}`);
  const k = writer.declare(`${line} % ${inner}`);
  const from = writer.declare(`b${x.buffer} + ${indices.text(x.from)} + ${o} * ${length * inner} + ${k}`);
  const to = writer.declare(`b${out.buffer} + ${indices.text(out.from)} + ${o} * ${count * inner} + ${k}`);
  const key = `key_${typeOf(buffers[x.buffer]!.dtype)}`;
  return {
    key: (i) => `${descending ? "~" : ""}${key}(heap[${from} + ${i} * ${inner}])`,
    place: (r) => `heap[${to} + ${r} * ${inner}]`,
  };
};

/** One element's place, found by counting. `element` numbers all elements of all lines. */
export const renderCounting = (
  s: CallStatement,
  buffers: readonly BufferUse[],
  thread: Thread,
  element: string,
): void => {
  const { length, count } = sortingOf(s);
  const { writer } = thread;
  const i = writer.declare(`${element} % ${length}`);
  const { key, place } = access(s, buffers, thread, writer.declare(`${element} / ${length}`));
  const own = writer.declare(key(i));
  const rank = writer.fresh("rank");
  writer.line(`var ${rank} = 0;`);
  writer.block(`for (var j = 0; j < ${length}; j++) {`, () => {
    const other = writer.declare(key("j"));
    writer.line(`if (${other} < ${own} || (${other} == ${own} && j < ${i})) { ${rank}++; }`);
  });
  writer.line(`if (${rank} < ${count}) { ${place(rank)} = u32(${i}); }`);
};

/** The length of a line in a network: a power of two. */
export const networkLength = (length: number): number => 2 ** Math.ceil(Math.log2(length));

/** Words of scratch memory: a key and a place for each element. */
export const networkWords = ({ outer, inner, length }: Sorting): number =>
  2 * outer * inner * networkLength(length);

/** Fills scratch memory; what is beyond the line's end comes last. */
export const renderNetworkStart = (
  s: CallStatement,
  buffers: readonly BufferUse[],
  thread: Thread,
  element: string,
): void => {
  const { length } = sortingOf(s);
  const n = networkLength(length);
  const { writer } = thread;
  const i = writer.declare(`${element} % ${n}`);
  const { key } = access(s, buffers, thread, writer.declare(`${element} / ${n}`));
  const own = writer.declare(`select(0xffffffffu, ${key(`min(${i}, ${length - 1})`)}, ${i} < ${length})`);
  writer.line(`heap[scratch + 2 * ${element}] = ${own};`);
  writer.line(`heap[scratch + 2 * ${element} + 1] = u32(${i});`);
};

/** The steps of the network: the size of the sequences that are merged, and the distance of what is compared. */
export const networkSteps = (length: number): [number, number][] => {
  const steps: [number, number][] = [];
  for (let size = 2; size <= networkLength(length); size *= 2)
    for (let distance = size / 2; distance >= 1; distance /= 2) steps.push([size, distance]);
  return steps;
};

/** One comparison. */
export const renderNetworkStep = (
  s: CallStatement,
  thread: Thread,
  pair: string,
  size: string,
  distance: string,
): void => {
  const n = networkLength(sortingOf(s).length);
  const { writer } = thread;
  const line = writer.declare(`${pair} / ${n / 2} * ${n}`);
  const p = writer.declare(`${pair} % ${n / 2}`);
  const i = writer.declare(`${p} / ${distance} * 2 * ${distance} + ${p} % ${distance}`);
  const a = writer.declare(`scratch + 2 * (${line} + ${i})`);
  const b = writer.declare(`${a} + 2 * ${distance}`);
  writer.line(
    `let x = heap[${a}]; let x_at = heap[${a} + 1]; let y = heap[${b}]; let y_at = heap[${b} + 1];`,
  );
  const after = writer.declare("x > y || (x == y && x_at > y_at)");
  writer.block(`if (${after} == ((${i} & ${size}) == 0)) {`, () => {
    writer.line(`heap[${a}] = y; heap[${a} + 1] = y_at; heap[${b}] = x; heap[${b} + 1] = x_at;`);
  });
};

/** The first places of each line. `element` numbers what is wanted of all lines. */
export const renderNetworkEnd = (
  s: CallStatement,
  buffers: readonly BufferUse[],
  thread: Thread,
  element: string,
): void => {
  const { length, count } = sortingOf(s);
  const { writer } = thread;
  const r = writer.declare(`${element} % ${count}`);
  const line = writer.declare(`${element} / ${count}`);
  const { place } = access(s, buffers, thread, line);
  writer.line(`${place(r)} = heap[scratch + 2 * (${line} * ${networkLength(length)} + ${r}) + 1];`);
};
