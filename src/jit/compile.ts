/** The pipeline: simplify → materialize → fuse → lower → plan → kernels. */
import { sizeOf } from "../ir/aval.js";
import { allocate, arrayConstructor, bytesPerElement, type DType, type TypedArray } from "../ir/dtype.js";
import { FluxionError } from "../ir/errors.js";
import { type Expr, valueOf } from "../ir/expr.js";
import { type Program, topological } from "../ir/program.js";
import { programKey } from "../ir/key.js";
import { arena } from "./arena.js";
import { jsKernel } from "./backends/js/kernel.js";
import { Cache, type CacheStats } from "./cache.js";
import { fuse } from "./fuse.js";
import { lowerCluster } from "./lower.js";
import { isInput, materialize, storageOf } from "./materialize.js";
import type { Kernel } from "./kernel.js";
import { plan } from "./plan.js";
import { schedule } from "./schedule.js";
import { rules as allRules, type Rule, simplify } from "./simplify/index.js";

/** One kernel call: which buffers it touches, by slot. */
export interface Step {
  readonly name: string;
  readonly source: string;
  readonly slots: readonly number[];
  readonly run: (...args: unknown[]) => void;
  readonly extra: readonly unknown[];
}

/** Where a buffer lives during a call. */
export type Slot =
  | { readonly _tag: "Input"; readonly index: number }
  | { readonly _tag: "Output"; readonly dtype: DType; readonly length: number }
  | { readonly _tag: "Arena"; readonly dtype: DType; readonly length: number; readonly offset: number };

/** Where a result comes from. */
type Result =
  | { readonly _tag: "Slot"; readonly slot: number }
  | { readonly _tag: "Literal"; readonly dtype: DType; readonly value: number };

/** A compiled program: inputs are the params, then the constants in order of appearance. */
export interface Code {
  readonly steps: readonly Step[];
  readonly slots: readonly Slot[];
  readonly results: readonly Result[];
  readonly arenaBytes: number;
}

interface Pending {
  readonly name: string;
  readonly source: string;
  readonly buffers: readonly Expr[];
  readonly written: ReadonlySet<Expr>;
  readonly scratch: readonly number[];
  readonly run: (...args: unknown[]) => void;
  readonly extra: readonly unknown[];
}

const pendingKernel = (kernel: Kernel, buffers: readonly Expr[]): Pending => ({
  ...jsKernel(kernel),
  buffers,
  written: new Set(buffers.filter((_, i) => kernel.buffers[i]!.written)),
});

/** Constants with storage, in the order in which the key numbers them; those of spliced sub-programs included. */
export const constantsOf = (program: Program): Expr[] => {
  const found = new Set<Expr>();
  const visit = (p: Program): void => {
    for (const e of topological(p.results)) {
      if (e.tag === "Const" && e.literal === null) found.add(e);
      const lower = e.primitive?.lower;
      if (lower?._tag === "Inline") visit(lower.program(e.attrs));
    }
  };
  visit(program);
  return [...found];
};

export const compileProgram = (
  program: Program,
  constants: readonly Expr[],
  rules: readonly Rule[] = allRules,
): Code => {
  const simple = simplify(program, rules);
  const m = materialize(simple.results);
  const fusion = fuse(m);
  const pending: Pending[] = [];
  for (const c of fusion.clusters) {
    const [first] = c.members;
    if (first!.avals.every((a) => sizeOf(a.shape) === 0)) continue;
    const { kernel, buffers } = lowerCluster(c, fusion, m.results);
    pending.push(pendingKernel(kernel, buffers));
  }
  const results = simple.results.map(storageOf);
  const outputs = new Set(results);
  const order = schedule(
    pending.map((p) => ({
      reads: p.buffers.filter((b) => !p.written.has(b) && !isInput(b)),
      writes: [...p.written],
    })),
    (e) => (outputs.has(e) ? 0 : e.size * bytesPerElement(e.dtype)),
  );
  return link(
    program,
    results,
    constants,
    order.map((i) => pending[i]!),
  );
};

/** Gives every buffer a slot, and intermediates a place in the arena. */
const link = (
  program: Program,
  results: readonly Expr[],
  constants: readonly Expr[],
  pending: readonly Pending[],
): Code => {
  const slots: Slot[] = [...program.params, ...constants].map((_, index) => ({ _tag: "Input", index }));
  const slotOf = new Map<Expr, number>([...program.params, ...constants].map((e, i) => [e, i]));
  const lifetimes: { bytes: number; from: number; to: number; slot: number }[] = [];
  const lifetimeOf = new Map<Expr, (typeof lifetimes)[number]>();
  const outputs = new Set(results.filter((r) => r.literal === null && !isInput(r)));
  for (const r of outputs) {
    slotOf.set(r, slots.length);
    slots.push({ _tag: "Output", dtype: r.dtype, length: r.size });
  }
  const scratchSlots = pending.map((p, step) =>
    p.scratch.map((length) => {
      lifetimes.push({ bytes: length * 8, from: step, to: step, slot: slots.length });
      slots.push({ _tag: "Arena", dtype: "float64", length, offset: 0 });
      return slots.length - 1;
    }),
  );
  pending.forEach((p, step) => {
    for (const e of p.buffers) {
      if (!slotOf.has(e)) {
        if (isInput(e))
          throw new FluxionError("jit", "expected every input to be a parameter or constant of the program");
        const life = { bytes: e.size * bytesPerElement(e.dtype), from: step, to: step, slot: slots.length };
        slotOf.set(e, slots.length);
        slots.push({ _tag: "Arena", dtype: e.dtype, length: e.size, offset: 0 });
        lifetimes.push(life);
        lifetimeOf.set(e, life);
      }
      const life = lifetimeOf.get(e);
      if (life !== undefined) life.to = step;
    }
  });
  const { offsets, bytes } = plan(lifetimes);
  lifetimes.forEach((l, i) => {
    const s = slots[l.slot]!;
    if (s._tag === "Arena") slots[l.slot] = { ...s, offset: offsets[i]! };
  });
  return {
    slots,
    arenaBytes: bytes,
    steps: pending.map((p, i) => ({
      name: p.name,
      source: p.source,
      slots: [...p.buffers.map((e) => slotOf.get(e)!), ...scratchSlots[i]!],
      run: p.run,
      extra: p.extra,
    })),
    results: results.map((r): Result =>
      r.literal !== null
        ? { _tag: "Literal", dtype: r.dtype, value: r.literal }
        : { _tag: "Slot", slot: slotOf.get(r)! },
    ),
  };
};

// ---- running

/** Compiled code: a function from the arrays of its inputs (params, then constants) to those of its results. */
export class Executable {
  private views: (TypedArray | null)[] = [];
  private generation = -1;
  private readonly arguments: unknown[][];

  constructor(readonly code: Code) {
    this.arguments = code.steps.map((s) => [...s.slots.map(() => null), ...s.extra]);
  }

  /** Results are new arrays, or the inputs themselves where a result is an input. */
  run(inputs: readonly TypedArray[]): TypedArray[] {
    const { code } = this;
    this.place();
    const arrays = code.slots.map((s, i) => {
      switch (s._tag) {
        case "Input":
          return inputs[s.index]!;
        case "Output":
          return allocate(s.dtype, s.length);
        case "Arena":
          return this.views[i]!;
      }
    });
    for (let i = 0; i < code.steps.length; i++) {
      const step = code.steps[i]!;
      const args = this.arguments[i]!;
      for (let k = 0; k < step.slots.length; k++) args[k] = arrays[step.slots[k]!]!;
      step.run(...args);
      args.fill(null, 0, step.slots.length); // keeps no array alive
    }
    return code.results.map((r) => (r._tag === "Slot" ? arrays[r.slot]! : filled(r.dtype, r.value)));
  }

  /** Views of the arena, made again when it has grown. */
  private place(): void {
    const buffer = arena.reserve(this.code.arenaBytes);
    if (this.generation === arena.generation) return;
    this.generation = arena.generation;
    this.views = this.code.slots.map((s) =>
      s._tag === "Arena" ? new (arrayConstructor(s.dtype))(buffer, s.offset, s.length) : null,
    );
  }
}

const filled = (dtype: DType, value: number): TypedArray => {
  const a = allocate(dtype, 1);
  a[0] = value;
  return a;
};

const programs = new Cache<Executable>(512);

export interface Compiled {
  readonly executable: Executable;
  /** Values of the program's constants: the inputs after its params. */
  readonly constants: readonly TypedArray[];
}

/** The code of a program, compiled once for each structure, with this program's constants. */
export const compile = (program: Program): Compiled => {
  const constants = constantsOf(program);
  const executable = programs.get(
    programKey(program),
    () => new Executable(compileProgram(program, constants)),
  );
  return { executable, constants: constants.map((c) => valueOf(c, "realize")) };
};

/**
 * How the program cache is doing: its size is bounded, and a miss is a compilation.
 *
 * @example
 * ```ts
 * const before = programCache().misses;
 * add(tensor([1, 2, 3, 4, 5]), 1).toArray() // [2, 3, 4, 5, 6]
 * add(tensor([5, 4, 3, 2, 1]), 1).toArray() // [6, 5, 4, 3, 2]
 * programCache().misses - before <= 1 // true
 * ```
 */
export const programCache = (): CacheStats => programs.stats;
