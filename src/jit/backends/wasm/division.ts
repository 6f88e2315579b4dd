/**
 * How the work of a statement is divided among threads: into parts that write to places of their own. The parts depend
 * on the program alone, and each computes its elements as the whole would, so that results are the same, bit for bit,
 * whichever thread runs which part.
 */
import { range, sizeOf } from "../../../ir/aval.js";
import { addIndex, type Axis, axisIndex, type Index, scaleIndex } from "../../index-expression.js";
import type { Contraction, Kernel, Statement } from "../../kernel.js";
import { replaceAxes } from "../../merge.js";
import { depthCost } from "./grid.js";
import { planOf } from "./lanes.js";
import { heightFor, tileVectors } from "./micro.js";
import { depthParts, type Partial, partialProducts, partialSums } from "./partial.js";
import { injective, separates } from "./separate.js";
import { nanosecondsOf } from "./work.js";

type Nest = Extract<Statement, { _tag: "Nest" }>;
type Contract = Extract<Statement, { _tag: "Contract" }>;

interface Repeatable {
  /** Whether a part may be computed again: it reads nothing that it writes. */
  readonly isRepeatable: boolean;
}

/** Parts along an axis of a nest, each of `step` positions; the last one ends where the axis does. */
export interface NestDivision extends Repeatable {
  readonly _tag: "Nest";
  readonly axis: Axis;
  readonly step: number;
  readonly parts: number;
}

/** Parts of a contraction: rectangles of its rows and columns for some of its batch; see `grid.ts`. */
export interface ContractDivision extends Repeatable {
  readonly _tag: "Contract";
  /** At most so many. */
  readonly parts: number;
  /** Elements are added to what is there: only the first axis of the batch is divided. */
  readonly adds: boolean;
}

export type Division = NestDivision | ContractDivision;

/** Statements that run one after the other, as one function; divided or not. */
export interface Phase {
  readonly body: readonly Statement[];
  readonly division: Division | null;
}

/** When to divide; tests change this, so that small programs are divided. */
export const limits: { statement: number; part: number; depth: number } = {
  /** In nanoseconds: below this a statement is not worth another thread: waking one costs some microseconds. */
  statement: 20_000,
  /** In nanoseconds: what a part should take at least. */
  part: 5_000,
  /** What a contraction divided along its depth may cost at most, as a multiple of the best other division. */
  depth: 0.8,
};
/** How many parts there may be. */
const largestParts = 24;

const partsFor = (nanoseconds: number): number => {
  const wanted = Math.min(largestParts, Math.floor(nanoseconds / limits.part));
  return wanted <= 4 ? wanted : wanted - (wanted % 4);
};

export interface Phases {
  readonly phases: readonly Phase[];
  /** Partial sums, in a buffer that follows the kernel's own. */
  readonly partial: Partial | null;
}

/** The phases of a kernel. One that has nothing to divide is a single phase. */
export const phasesOf = (kernel: Kernel): Phases => {
  const partial = partialOf(kernel);
  if (partial === null) return { phases: dividedPhases(kernel), partial };
  const { axis, parts, after } = partial;
  const repeatable = { isRepeatable: true, parts: axis.size } as const;
  const division: Division =
    parts._tag === "Nest"
      ? { _tag: "Nest", axis, step: 1, ...repeatable }
      : { _tag: "Contract", adds: true, ...repeatable };
  return {
    phases: [
      { body: [parts], division },
      { body: after, division: null },
    ],
    partial,
  };
};

/** Parts of a depth: more of them are more sums to add up. */
const mostDepthParts = 8;

/** Partial sums, where a kernel gains from them: few results of a lot of work. */
const partialOf = (kernel: Kernel): Partial | null => {
  const nanoseconds = nanosecondsOf(kernel.body);
  if (nanoseconds < limits.statement) return null;
  const wanted = partsFor(nanoseconds);
  const [first] = kernel.body;
  if (first?._tag !== "Contract" || kernel.body.length > 1) return partialSums(kernel, wanted);
  const division = contractDivision(first, wanted)[1];
  if (division === null || division.adds) return null;
  const c = first.contraction;
  const parts = depthParts(c, Math.min(wanted, mostDepthParts));
  const size = (axes: readonly Axis[]): number => sizeOf(axes.map((a) => a.size));
  const extent = { batch: size(c.batch), rows: size(c.rows), columns: size(c.columns), depth: size(c.depth) };
  const lanes = c.dtype === "float32" ? 4 : 2;
  const units = [heightFor(extent.rows, lanes), tileVectors * lanes] as const;
  const pays = parts > 1 && depthCost(extent, units, wanted, parts) < limits.depth;
  return pays ? partialProducts(c, kernel.buffers.length, parts) : null;
};

const dividedPhases = (kernel: Kernel): readonly Phase[] => {
  const whole: readonly Phase[] = [{ body: kernel.body, division: null }];
  const lets: Statement[] = [];
  const phases: { body: Statement[]; division: Division | null; known: number }[] = [];
  for (const s of kernel.body) {
    if (s._tag === "Let") {
      const d = s.value.definition;
      if (d._tag === "Load" && kernel.buffers[d.buffer]!.written) return whole;
      lets.push(s);
      continue;
    }
    if (s._tag !== "Nest" && s._tag !== "Contract" && s._tag !== "Call") return whole;
    const [statement, division] = dividedStatement(s);
    const last = phases.at(-1);
    if (division === null && last !== undefined && last.division === null)
      last.body.push(...lets.slice(last.known), statement);
    else phases.push({ body: [...lets, statement], division, known: 0 });
    phases.at(-1)!.known = lets.length;
  }
  return phases.some((p) => p.division !== null) ? phases : whole;
};

/** The statement as it can be divided, and how; or as it is. */
export const dividedStatement = (s: Statement): readonly [Statement, Division | null] => {
  const nanoseconds = nanosecondsOf([s]);
  if (nanoseconds < limits.statement) return [s, null];
  if (s._tag === "Nest") return [s, nestDivision(s, partsFor(nanoseconds))];
  if (s._tag === "Contract") return contractDivision(s, partsFor(nanoseconds));
  return [s, null];
};

// ---- nests

interface Access {
  readonly buffer: number;
  readonly index: Index;
}

type Store = Extract<Statement, { _tag: "Store" }>;

interface Accesses {
  readonly stores: readonly Store[];
  readonly loads: readonly Access[];
}

/** What statements read and write; null where they are not plain, or update accumulators from outside. */
const accessesOf = (body: readonly Statement[]): Accesses | null => {
  const stores: Store[] = [];
  const loads: Access[] = [];
  const declared = new Set<number>();
  const visit = (s: Statement): boolean => {
    switch (s._tag) {
      case "Let": {
        const d = s.value.definition;
        if (d._tag === "Load") loads.push(d);
        return d._tag !== "Accumulated" || declared.has(d.accumulator.id);
      }
      case "Store":
        stores.push(s);
        return s.conditions.length === 0;
      case "Nest":
      case "Guard":
        return s.body.every(visit);
      case "Accumulate":
        declared.add(s.accumulator.id);
        return true;
      case "Update":
        return declared.has(s.accumulator.id);
      default:
        return false;
    }
  };
  return body.every(visit) ? { stores, loads } : null;
};

/** Whether what is read of a buffer that is also written is the element that is written there. */
const readsOwn = ({ stores, loads }: Accesses): boolean =>
  stores.every((s) =>
    [...stores, ...loads].every((a) => a.buffer !== s.buffer || a.index.key === s.index.key),
  );

const repeatable = ({ stores, loads }: Accesses): boolean =>
  stores.every((s) => s.mode === "set" && loads.every((l) => l.buffer !== s.buffer));

const nestDivision = (nest: Nest, wanted: number): NestDivision | null => {
  if (nest.sequential) return null;
  const accesses = accessesOf(nest.body);
  if (accesses === null || !readsOwn(accesses)) return null;
  const plan = planOf(nest);
  const candidates = nest.axes
    .filter((axis) => accesses.stores.every((s) => separates(s.index, axis)))
    .map((axis): NestDivision => {
      const unit = plan !== null && axis === nest.axes.at(-1) ? plan.lanes * plan.copies : 1;
      const step = Math.ceil(Math.floor(axis.size / unit) / wanted) * unit;
      const parts = unit === 1 ? Math.ceil(axis.size / step) : Math.floor(axis.size / step);
      return { _tag: "Nest", isRepeatable: repeatable(accesses), axis, step, parts };
    })
    .filter((d) => d.step > 0 && d.parts > 1);
  return candidates.find((d) => 2 * d.parts > wanted) ?? mostParts(candidates);
};

const mostParts = (all: readonly NestDivision[]): NestDivision | null =>
  all.reduce<NestDivision | null>((best, d) => (best === null || d.parts > best.parts ? d : best), null);

// ---- contractions

const contractDivision = (s: Contract, parts: number): readonly [Statement, ContractDivision | null] => {
  const { contraction: c } = s;
  const epilogue = accessesOf(c.epilogue);
  const panels = accessesOf([...c.a.body, ...c.b.body]);
  if (epilogue === null || panels === null || panels.stores.length > 0 || !readsOwn(epilogue))
    return [s, null];
  if (panels.loads.some((l) => epilogue.stores.some((w) => w.buffer === l.buffer))) return [s, null];
  const axes = [...c.batch, ...c.rows, ...c.columns];
  const sets = epilogue.stores.every((w) => injective(w.index, axes));
  const contraction = sets
    ? largestFirst(c)
    : outermost(c, (a) => epilogue.stores.every((w) => separates(w.index, a)), parts);
  if (contraction === null) return [s, null];
  const isRepeatable = repeatable(epilogue);
  return [
    { ...s, contraction },
    { _tag: "Contract", isRepeatable, parts, adds: !sets },
  ];
};

const first = (batch: readonly Axis[], axis: Axis): readonly Axis[] => [
  axis,
  ...batch.filter((a) => a !== axis),
];

const largestFirst = (c: Contraction): Contraction => {
  const [largest] = [...c.batch].sort((a, b) => b.size - a.size);
  return largest === undefined ? c : { ...c, batch: first(c.batch, largest) };
};

/** Rows of a tile come from different groups, so that its stores are far from each other. */
const leastInGroup = 4;

/**
 * Where elements are added to overlapping places (the gradient of a convolution), only an axis may be divided that
 * separates these places. It, or groups of it if it is one of the rows or columns, become the batch's first axis.
 */
const outermost = (c: Contraction, isApart: (axis: Axis) => boolean, parts: number): Contraction | null => {
  const axis = [...c.batch, ...c.rows, ...c.columns].find((a) => a.size > 1 && isApart(a));
  if (axis === undefined) return null;
  if (c.batch.includes(axis)) return { ...c, batch: first(c.batch, axis) };
  const groups = range(parts)
    .map((i) => parts - i)
    .find((n) => axis.size % n === 0 && axis.size / n >= leastInGroup);
  return groups === undefined || groups < 2 ? null : inGroups(c, axis, groups);
};

const inGroups = (c: Contraction, axis: Axis, groups: number): Contraction => {
  const outer: Axis = { id: -2, size: groups };
  const inner: Axis = { id: axis.id, size: axis.size / groups };
  const index = addIndex(scaleIndex(axisIndex(outer), inner.size), axisIndex(inner));
  const statements = (body: readonly Statement[]): readonly Statement[] =>
    replaceAxes(body, (a) => (a.id === axis.id ? index : null));
  const axes = (all: readonly Axis[]): readonly Axis[] => all.map((a) => (a === axis ? inner : a));
  return {
    ...c,
    batch: [outer, ...c.batch],
    rows: axes(c.rows),
    columns: axes(c.columns),
    a: { ...c.a, body: statements(c.a.body) },
    b: { ...c.b, body: statements(c.b.body) },
    epilogue: statements(c.epilogue),
  };
};
