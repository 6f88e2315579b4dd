/**
 * A kernel as functions of a module: one for each phase. Where a phase is divided, its function computes the parts that
 * it is told, and what it takes comes from a list in memory, for any thread to read.
 */
import type { Axis } from "../../index-expression.js";
import type { BufferUse, Kernel, Statement } from "../../kernel.js";
import { renderContract } from "./contract.js";
import type { Bytes } from "./bytes.js";
import { type Division, phasesOf } from "./division.js";
import type { Frame } from "./frame.js";
import type { Host } from "./host.js";
import { innerDivisions } from "./inner.js";
import { code, type FunctionBuilder, type ModuleBuilder } from "./module.js";
import { scratchFor } from "./partial.js";
import { Renderer } from "./render.js";

/** Engines allow a function 1,000 parameters. */
const parameterLimit = 900;

/** A divided phase. */
export interface Divided {
  /** Number of its function, which is called `d` and that. */
  readonly number: number;
  readonly parts: number;
  /** Float64 elements of the scratch arrays that a thread needs for one part at a time. */
  readonly panels: readonly number[];
  /** Whether other threads may take some of them. */
  readonly shares: boolean;
  /** Whether a part may be computed again when it was computed halfway. */
  readonly isRepeatable: boolean;
}

export interface PhaseFunction {
  readonly builder: FunctionBuilder;
  readonly divided: Divided | null;
}

export interface Functions {
  readonly phases: readonly PhaseFunction[];
  /** Divided functions that phases call inside loops. */
  readonly inner: readonly PhaseFunction[];
  /** Where the addresses of buffers and scratch arrays are put; null where they are parameters. */
  readonly list: number | null;
  /** Buffers and scratch arrays. */
  readonly count: number;
  /** Float64 elements of the scratch arrays, which come after the buffers: partial sums, then panels. */
  readonly scratch: readonly number[];
  /** The last of them, of the calling thread: every thread has its own. */
  readonly panels: readonly number[];
  readonly lanes: number;
  readonly calls: readonly string[];
}

/** What a module gives to its functions. */
export interface Maker {
  readonly module: ModuleBuilder;
  readonly host: Host;
  /** Memory for so many addresses. */
  readonly list: (addresses: number) => number;
  /** The next number of a divided function. */
  readonly nextDivided: () => number;
  /** The call that has a divided function's parts computed: its number is on the stack. */
  readonly share: () => Bytes;
}

/** Divided wherever there may be threads or not: the parts of sums decide their bits, which are the same everywhere. */
export const functionsOf = (maker: Maker, kernel: Kernel, name: string): Functions => {
  const { phases, partial } = phasesOf(kernel);
  const inner = innerDivisions(kernel);
  const panels: number[] = hasContract(kernel.body) ? [0, 0, 0] : [];
  const buffers = partial === null ? kernel.buffers : [...kernel.buffers, partial.buffer];
  const count = buffers.length + panels.length;
  const layout: Layout = { buffers, count, panels, frames: [] };
  const inList =
    phases.length > 1 || phases[0]!.division !== null || inner.size > 0 || count > parameterLimit;
  // Behind the addresses: where the loops around an inner function are.
  const loops = Math.max(0, ...[...inner.values()].map((i) => i.axes.length));
  const list = inList ? maker.list(count + loops) : null;
  const innerFunctions: PhaseFunction[] = [];
  const calls = new Map(
    [...inner].map(([s, { statement, division, axes }]) => {
      const made = divided(maker, layout, [statement], division, axes);
      innerFunctions.push(made);
      return [s, (f: Frame) => callInner(maker, f, made, axes, count)];
    }),
  );
  const made = phases.map(({ body, division }, i): PhaseFunction => {
    if (division !== null) return divided(maker, layout, body, division, []);
    const builder = inList
      ? withList(maker.module.function(`${name}_${i}`, ["i32"]), count)
      : maker.module.function(name, new Array<"i32">(count).fill("i32"));
    const first = inList ? 1 : 0;
    const at = first + buffers.length;
    const places = [at, at + 1, at + 2] as const;
    const r = new Renderer(
      builder,
      buffers,
      maker.host,
      (c, frame) => enlarge(panels, renderContract(c, frame, places).scratch),
      first,
      null,
      calls,
    );
    layout.frames.push(finished(r, body));
    return { builder, divided: null };
  });
  return {
    phases: made,
    inner: innerFunctions,
    list,
    count,
    scratch: partial === null ? panels : [scratchFor(partial), ...panels],
    panels,
    lanes: Math.max(...layout.frames.map((f) => f.widest)),
    calls: [...new Set(layout.frames.flatMap((f) => [...f.calls]))],
  };
};

/** Has an inner function's parts computed: the list, the first parameter, says where its loops are. */
const callInner = (
  { share }: Maker,
  { writer, axes: bound }: Frame,
  { divided: made }: PhaseFunction,
  axes: readonly Axis[],
  count: number,
): void => {
  axes.forEach((a, k) => {
    const { local } = bound.get(a.id)!;
    writer.emit(code.get(0), code.get(local), code.load("i32.store", 4 * (count + k)));
  });
  writer.emit(code.i32(made!.number), share());
};

/** What the functions of a kernel have in common. */
interface Layout {
  readonly buffers: readonly BufferUse[];
  /** Buffers and panels. */
  readonly count: number;
  readonly panels: number[];
  readonly frames: Frame[];
}

const enlarge = (panels: number[], sizes: readonly number[]): void =>
  sizes.forEach((n, i) => (panels[i] = Math.max(panels[i]!, n)));

const finished = (r: Renderer, body: readonly Statement[]): Frame => {
  r.statements(body);
  r.frame.writer.finish();
  return r.frame;
};

/** Loads the addresses of a list, the function's first parameter, into locals that follow its parameters. */
const withList = (f: FunctionBuilder, count: number): FunctionBuilder => {
  for (let i = 0; i < count; i++) f.emit(code.get(0), code.load("i32.load", 4 * i), code.set(f.local("i32")));
  return f;
};

/** Its parameters: the list, the parts from one up to another, three scratch arrays. `axes` are loops around it. */
const divided = (
  maker: Maker,
  { buffers, count, panels, frames }: Layout,
  body: readonly Statement[],
  division: Division,
  axes: readonly Axis[],
): PhaseFunction => {
  const [from, to, firstScratch] = [1, 2, 3];
  const parameters = 6;
  const number = maker.nextDivided();
  const builder = withList(
    maker.module.function(`d${number}`, new Array<"i32">(parameters).fill("i32")),
    buffers.length,
  );
  let { parts } = division;
  let own: readonly number[] = [];
  const places = [firstScratch, firstScratch + 1, firstScratch + 2] as const;
  const r = new Renderer(
    builder,
    buffers,
    maker.host,
    (c, frame) => {
      const only =
        division._tag === "Contract" ? { from, to, most: division.parts, adds: division.adds } : null;
      const rendered = renderContract(c, frame, places, only);
      enlarge(panels, rendered.scratch);
      parts = rendered.parts;
      own = rendered.partScratch;
    },
    parameters,
    division._tag === "Nest" ? { division, from, to } : null,
  );
  axes.forEach((a, k) => {
    const local = builder.local("i32");
    builder.emit(code.get(0), code.load("i32.load", 4 * (count + k)), code.set(local));
    r.frame.axes.set(a.id, { level: 0, local });
  });
  const frame = finished(r, body);
  frames.push(frame);
  // Where few elements need JavaScript, their parts are computed again on the calling thread.
  const { isRepeatable } = division;
  const shares = parts > 1 && (frame.calls.size === 0 || (isRepeatable && [...frame.calls].every(isRare)));
  return { builder, divided: { number, parts, panels: own, shares, isRepeatable } };
};

/** A function that JavaScript computes for few elements: see `Definitions`. */
export const isRare = (call: string): boolean => call.endsWith("(beyond its formula)");

const hasContract = (body: readonly Statement[]): boolean =>
  body.some((s) => {
    switch (s._tag) {
      case "Contract":
        return true;
      case "Nest":
      case "Guard":
        return hasContract(s.body);
      case "While":
        return hasContract(s.test) || hasContract(s.body);
      case "Branch":
        return s.branches.some(hasContract);
      default:
        return false;
    }
  });
