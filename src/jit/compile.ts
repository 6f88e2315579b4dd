/** The pipeline: simplify, in blocks where it is large → widen → materialize → fuse → lower → join rows → plan → kernels. */
import { sizeOf } from "../ir/aval.js";
import { FluxionError } from "../ir/errors.js";
import { type Expr, storedOf } from "../ir/expr.js";
import { type Program, topological } from "../ir/program.js";
import { programKey } from "../ir/key.js";
import { type Blocking, blocking } from "./blocks/index.js";
import { getBackend, madeFor, translatorOf } from "./backend.js";
import { Cache, type CacheStats } from "./cache.js";
import { fuse } from "./fuse.js";
import { held, inFloat32 } from "./held.js";
import { lowerCluster, type Lowered, lowerTogether } from "./lower.js";
import { isInput, materialize } from "./materialize.js";
import { comesOften, withoutNumbers } from "./numbers.js";
import { operationsIn } from "./operations.js";
import { plan } from "./plan.js";
import { joinRows, type LowerTogether, type Stage } from "./rows.js";
import { schedule } from "./schedule.js";
import { rules as allRules, type Rule, simplify } from "./simplify/index.js";
import { storageOf } from "./storage.js";
import type { Stored } from "../ir/stored.js";
import { widen } from "./widen.js";
import type { Code, KernelCode, Result, Runner, Slot, Translator } from "./translator.js";

interface Pending {
  readonly kernel: KernelCode;
  readonly operations: number;
  readonly buffers: readonly Expr[];
}

const pendingKernel = (translator: Translator, { kernel, buffers }: Lowered): Pending => ({
  kernel: translator.kernel(kernel),
  operations: operationsIn(kernel.body),
  buffers,
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

/** The runner of a program, for a backend, compiled apart from every cache. */
export const compileProgram = (
  program: Program,
  constants: readonly Expr[],
  rules: readonly Rule[] = allRules,
  translator: Translator = translatorOf(getBackend()),
  sizes: Blocking | null = blocking,
): Runner => {
  const simple = widen(simplify(program, rules, sizes));
  const m = materialize(simple.results);
  const fusion = fuse(m);
  const stages: Stage[] = [];
  for (const c of fusion.clusters) {
    const [first] = c.members;
    if (first!.avals.every((a) => sizeOf(a.shape) === 0)) continue;
    stages.push({ ...lowerCluster(c, fusion, m.results), clusters: [c] });
  }
  const results = simple.results.map(storageOf);
  const outputs = new Set(results);
  const order = schedule(
    stages.map(({ kernel, buffers }) => ({
      reads: buffers.filter((b, i) => !kernel.buffers[i]!.written && !isInput(b)),
      writes: buffers.filter((_, i) => kernel.buffers[i]!.written),
    })),
    (e) => (outputs.has(e) ? 0 : e.size * translator.elementBytes(e.dtype)),
  );
  const inOrder = order.map((i) => stages[i]!);
  const together: LowerTogether = (clusters, inPlace) => lowerTogether(clusters, fusion, m.results, inPlace);
  const joined = translator.joinsRows ? joinRows(inOrder, (e) => outputs.has(e), together) : inOrder;
  // float16s that pass between kernels are float32s: only what comes in and what stays is worth 16 bits.
  const passes = (e: Expr): boolean => !isInput(e) && !outputs.has(e);
  const pending = joined.map(({ kernel, buffers }) =>
    pendingKernel(translator, { kernel: inFloat32(kernel, (i) => passes(buffers[i]!)), buffers }),
  );
  return translator.runner(link(translator, program, results, constants, pending));
};

/** Gives every buffer a slot, and intermediates a place in the arena. */
const link = (
  { backend, elementBytes }: Translator,
  program: Program,
  results: readonly Expr[],
  constants: readonly Expr[],
  pending: readonly Pending[],
): Code => {
  const slots: Slot[] = [...program.params, ...constants].map(({ dtype }, index) => ({
    _tag: "Input",
    dtype,
    index,
  }));
  const slotOf = new Map<Expr, number>([...program.params, ...constants].map((e, i) => [e, i]));
  const lifetimes: { bytes: number; from: number; to: number; slot: number }[] = [];
  const lifetimeOf = new Map<Expr, (typeof lifetimes)[number]>();
  const outputs = new Set(results.filter((r) => r.literal === null && !isInput(r)));
  for (const r of outputs) {
    slotOf.set(r, slots.length);
    slots.push({ _tag: "Output", dtype: r.dtype, length: r.size });
  }
  const scratchSlots = pending.map((p, step) =>
    p.kernel.scratch.map((length) => {
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
        const life = { bytes: e.size * elementBytes(e.dtype), from: step, to: step, slot: slots.length };
        slotOf.set(e, slots.length);
        slots.push({ _tag: "Arena", dtype: held(e.dtype), length: e.size, offset: 0 });
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
    backend,
    slots,
    arenaBytes: bytes,
    steps: pending.map((p, i) => ({
      ...p.kernel,
      operations: p.operations,
      slots: [...p.buffers.map((e) => slotOf.get(e)!), ...scratchSlots[i]!],
    })),
    results: results.map((r): Result =>
      r.literal !== null
        ? { _tag: "Literal", dtype: r.dtype, value: r.literal }
        : { _tag: "Slot", slot: slotOf.get(r)! },
    ),
  };
};

const programs = new Cache<Runner>(512);

export interface Compiled {
  readonly runner: Runner;
  /** Values of the program's constants: the inputs after its params. */
  readonly constants: readonly Stored[];
}

/** The code of a program, compiled once for each structure, with this program's constants. */
export const compile = (program: Program): Compiled => {
  const key = keyOf(program);
  if (programs.has(key)) return compiled(program, key);
  const general = withoutNumbers(program);
  if (general === program) return compiled(program, key);
  const generalKey = keyOf(general);
  return programs.has(generalKey) || comesOften(generalKey)
    ? compiled(general, generalKey)
    : compiled(program, key);
};

const keyOf = (program: Program): string => `${madeFor()} ${programKey(program)}`;

const compiled = (program: Program, key: string): Compiled => {
  const constants = constantsOf(program);
  const runner = programs.get(key, () => compileProgram(program, constants));
  return { runner, constants: constants.map((c) => storedOf(c, "realize")) };
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
