/**
 * Kernels that go over the same rows, one after the other, as one that goes through all of their steps row by row: a
 * softmax reads a row from memory once, and what its steps give each other stays in the cache. What only the next step
 * reads, element by element, and writes a result of the same size from, is kept where that result will be.
 *
 * Each step computes as it did alone, so that no bit changes.
 */
import type { Expr } from "../ir/expr.js";
import { bytesPerElement } from "../ir/dtype.js";
import type { Cluster } from "./fuse.js";
import { type Axis, axisIndex, bounds, type Index, mentions } from "./index-expression.js";
import type { Statement } from "./kernel.js";
import type { Lowered } from "./lower.js";
import { replaceAxes } from "./merge.js";
import { allOf } from "./statements.js";

type Nest = Extract<Statement, { _tag: "Nest" }>;

/** A kernel, with the clusters that it computes. */
export interface Stage extends Lowered {
  readonly clusters: readonly Cluster[];
}

/** Lowers clusters into one kernel with a statement for each; some of their results lie where others will be. */
export type LowerTogether = (clusters: readonly Cluster[], inPlace: ReadonlyMap<Expr, Expr>) => Lowered;

/** Fewer rows than these may not be enough for threads, which take rows then. */
const leastRows = 24;
/** Shorter rows gain little, and have more ends. */
const leastLength = 64;
/** What a row may take of the cache, in all buffers together. */
const mostBytes = 1 << 17;

/** How a stage uses a buffer. */
interface Use {
  /** From row to row, where every access stays within its own; null where some does not. */
  readonly stride: number | null;
  readonly reads: readonly Index[];
  readonly writes: readonly Index[];
}

/** A stage that is a loop over rows. */
interface Rows {
  readonly stage: Stage;
  readonly axis: Axis;
  readonly body: readonly Statement[];
  readonly uses: ReadonlyMap<Expr, Use>;
}

/** The stages, in order, neighbours over the same rows together; `isResult` are the program's. */
export const joinRows = (
  stages: readonly Stage[],
  isResult: (e: Expr) => boolean,
  lower: LowerTogether,
): readonly Stage[] => {
  const out: Stage[] = [];
  let group: Rows[] = [];
  const close = (): void => {
    const one = group.length < 2 ? null : joined(group, stages, isResult, lower);
    out.push(...(one === null ? group.map((r) => r.stage) : [one]));
    group = [];
  };
  for (const stage of stages) {
    const rows = rowsOf(stage);
    if (rows === null) {
      close();
      out.push(stage);
      continue;
    }
    if (!follows(rows, group)) close();
    group.push(rows);
  }
  close();
  return out;
};

// ---- what may be joined

const isPlain = (s: Statement): boolean => {
  switch (s._tag) {
    case "Let":
    case "Accumulate":
    case "Update":
    case "Guard":
      return true;
    case "Nest":
      return !s.sequential;
    case "Store":
      return s.mode === "set" && s.conditions.length === 0;
    default:
      return false;
  }
};

const rowsOf = (stage: Stage): Rows | null => {
  const { kernel, buffers } = stage;
  const [nest, ...others] = kernel.body;
  if (nest?._tag !== "Nest" || others.length > 0 || nest.sequential) return null;
  const axis = nest.axes[0]!;
  if (axis.size < leastRows || !allOf(nest.body).every(isPlain)) return null;
  const uses = usesIn(nest, axis, buffers);
  const longest = Math.max(...[...uses.values()].map((u) => u.stride ?? 0));
  return longest < leastLength ? null : { stage, axis, body: nest.body, uses };
};

const usesIn = ({ body }: Nest, row: Axis, buffers: readonly Expr[]): Map<Expr, Use> => {
  const [reads, writes] = [buffers.map((): Index[] => []), buffers.map((): Index[] => [])];
  for (const s of allOf(body))
    if (s._tag === "Store") writes[s.buffer]!.push(s.index);
    else if (s._tag === "Let" && s.value.definition._tag === "Load")
      reads[s.value.definition.buffer]!.push(s.value.definition.index);
  return new Map(
    buffers.map((e, i) => {
      const strides = new Set([...reads[i]!, ...writes[i]!].map((x) => strideOf(x, row)));
      const [stride] = strides.size === 1 ? strides : [null];
      return [e, { stride: stride ?? null, reads: reads[i]!, writes: writes[i]! }];
    }),
  );
};

/** How far a row is from the next, where an index stays within its row. */
const strideOf = (x: Index, row: Axis): number | null => {
  const rows = new Set([row]);
  const own = x.terms.find((t) => t.atom._tag === "Axis" && t.atom.axis === row);
  const rest = { ...x, terms: x.terms.filter((t) => t !== own) };
  if (own === undefined || mentions(rest, rows) || rest.terms.some((t) => t.atom._tag === "Value"))
    return null;
  const [lo, hi] = bounds(rest);
  return lo >= 0 && hi < own.by ? own.by : null;
};

const isWritten = (u: Use): boolean => u.writes.length > 0;

/** Whether a stage continues what a group does: it reads of it, and of each row nothing but that row. */
const follows = (next: Rows, group: readonly Rows[]): boolean => {
  if (group.length === 0 || group[0]!.axis.size !== next.axis.size) return false;
  let depends = false;
  for (const { uses } of group)
    for (const [e, u] of uses) {
      const own = next.uses.get(e);
      if (own === undefined || !(isWritten(u) || isWritten(own))) continue;
      if (u.stride === null || u.stride !== own.stride) return false;
      depends ||= isWritten(u) && own.reads.length > 0;
    }
  return depends && bytesOfRow([...group, next]) <= mostBytes;
};

const bytesOfRow = (all: readonly Rows[]): number => {
  const lengths = new Map<Expr, number>();
  for (const { uses } of all)
    for (const [e, u] of uses) lengths.set(e, Math.max(lengths.get(e) ?? 0, u.stride ?? e.size));
  return [...lengths].reduce((n, [e, length]) => n + length * bytesPerElement(e.dtype), 0);
};

// ---- one kernel

const joined = (
  group: readonly Rows[],
  stages: readonly Stage[],
  isResult: (e: Expr) => boolean,
  lower: LowerTogether,
): Stage | null => {
  const own = new Set(group.map((r) => r.stage));
  const outside = new Set(stages.filter((s) => !own.has(s)).flatMap((s) => s.buffers));
  const clusters = group.flatMap((r) => r.stage.clusters);
  const { kernel, buffers } = lower(
    clusters,
    inPlace(group, (e) => isResult(e) || outside.has(e)),
  );
  const nests = kernel.body.filter((s) => s._tag === "Nest");
  const body = [rowByRow(nests)];
  return readsWhatItWrites(body) ? { kernel: { ...kernel, body }, buffers, clusters } : null;
};

/** Whether what is read of a buffer that is also written is named as it is there: only then are rows given to threads. */
const readsWhatItWrites = (body: readonly Statement[]): boolean => {
  const names = new Map<number, string>();
  const all = allOf(body);
  for (const s of all) if (s._tag === "Store") names.set(s.buffer, s.index.key);
  const fits = (buffer: number, x: Index): boolean => (names.get(buffer) ?? x.key) === x.key;
  return all.every((s) => {
    if (s._tag === "Store") return fits(s.buffer, s.index);
    if (s._tag !== "Let" || s.value.definition._tag !== "Load") return true;
    return fits(s.value.definition.buffer, s.value.definition.index);
  });
};

/** One loop over rows, with the bodies of several. Loops inside that are as long as others have their axes. */
const rowByRow = (nests: readonly Nest[]): Nest => {
  const row = nests[0]!.axes[0]!;
  const known = new Map<string, Axis>();
  const body = nests.flatMap((n): readonly Statement[] => {
    const [outer, ...rest] = n.axes;
    const within: readonly Statement[] = rest.length === 0 ? n.body : [{ ...n, axes: rest }];
    return replaceAxes(within, (a) => (a === outer ? axisIndex(row) : null)).map((s) => {
      if (s._tag !== "Nest") return s;
      const axes = s.axes.map((a, i) => {
        const key = `${i} ${a.size}`;
        if (!known.has(key)) known.set(key, a);
        return known.get(key)!;
      });
      const at = (a: Axis): Index | null => {
        const i = s.axes.indexOf(a);
        return i < 0 ? null : axisIndex(axes[i]!);
      };
      return { ...s, axes, body: replaceAxes(s.body, at) };
    });
  });
  return { _tag: "Nest", axes: [row], body, sequential: false };
};

/** Which buffers may lie where a later stage's result will be: from these to those. */
const inPlace = (group: readonly Rows[], isKept: (e: Expr) => boolean): ReadonlyMap<Expr, Expr> => {
  const found = new Map<Expr, Expr>();
  const taken = new Set<Expr>();
  group.forEach(({ uses, body }, i) => {
    for (const [d, result] of uses) {
      const [at, ...others] = result.writes;
      if (at === undefined || others.length > 0 || result.reads.length > 0) continue;
      if (group.some((r) => r.uses !== uses && r.uses.has(d))) continue;
      const fits = ([e, u]: readonly [Expr, Use]): boolean =>
        e.dtype === d.dtype &&
        e.size === d.size &&
        !isWritten(u) &&
        !isKept(e) &&
        !taken.has(d) &&
        u.reads.every((x) => x.key === at.key) &&
        group.slice(0, i).some((r) => r.uses.get(e)?.writes.length === 1) &&
        !group.slice(i + 1).some((r) => r.uses.has(e)) &&
        readsFirst(body, u.reads, at);
      const operand = [...uses].find(fits);
      if (operand === undefined) continue;
      found.set(operand[0], d);
      taken.add(d);
    }
  });
  return found;
};

/** Whether reads come before a store, in the same turn of the same loops. */
const readsFirst = (body: readonly Statement[], reads: readonly Index[], store: Index): boolean => {
  const here = body.findIndex((s) => s._tag === "Store" && s.index === store);
  if (here < 0) return body.some((s) => s._tag === "Nest" && readsFirst(s.body, reads, store));
  const before = body
    .slice(0, here)
    .flatMap((s) =>
      s._tag === "Let" && s.value.definition._tag === "Load" ? [s.value.definition.index] : [],
    );
  return reads.every((x) => before.includes(x));
};
