/** Decides which loops run several elements at a time. */
import type { Condition } from "../../../ir/lowering.js";
import { type Axis, type Index, mentions, valuesIn } from "../../index-expression.js";
import type { DType } from "../../../ir/dtype.js";
import type { Accumulator, Statement, Value } from "../../kernel.js";
import { patternOf, readingOf } from "./pattern.js";
import { holds, type Lanes } from "./vector.js";

export interface Plan {
  readonly lanes: Lanes;
  /** Vectors in one turn of the loop. */
  readonly copies: number;
}

type Nest = Extract<Statement, { _tag: "Nest" }>;

/** The dtype in which a value is computed: products of float32 stay float32, their sum is exact enough. */
export const typeOf = (v: Value): DType =>
  v.definition._tag === "Compute" && v.definition.name === "mul" && v.dtype === "float64"
    ? v.definition.operand
    : v.dtype;

/** All statements, those inside nests and guards included. */
const deep = (body: readonly Statement[]): Statement[] =>
  body.flatMap((s) => (s._tag === "Nest" || s._tag === "Guard" ? [s, ...deep(s.body)] : [s]));

const plain = new Set<Statement["_tag"]>(["Let", "Nest", "Accumulate", "Update", "Store", "Guard"]);

/** How far an access moves with an axis: elements, or null where that is not fixed. */
export const strideOf = (x: Index, axis: Axis): number | null => {
  let by = 0;
  for (const t of x.terms) {
    if (t.atom._tag === "Axis") {
      if (t.atom.axis.id === axis.id) by = t.by;
    } else if (t.atom._tag !== "Value" && mentions(t.atom.of, new Set([axis]))) return null;
    else if (t.atom._tag === "Div" || t.atom._tag === "Mod") {
      if (valuesIn(t.atom.of).length > 0) return null;
    } else if (t.atom._tag === "Value") return null;
  }
  return by;
};

interface Access {
  readonly buffer: number;
  readonly index: Index;
  readonly written: boolean;
  readonly conditions: readonly Condition<Index>[];
}

const accessesOf = (all: readonly Statement[]): Access[] =>
  all.flatMap((s): Access[] => {
    if (s._tag === "Store")
      return [{ buffer: s.buffer, index: s.index, written: true, conditions: s.conditions }];
    if (s._tag === "Let" && s.value.definition._tag === "Load") {
      const { buffer, index } = s.value.definition;
      return [{ buffer, index, written: false, conditions: [] }];
    }
    return [];
  });

/** Whether iterations may run together: none reads what another wrote. */
const independent = (accesses: readonly Access[], axis: Axis): boolean => {
  const written = new Map<number, Access[]>();
  for (const a of accesses) if (a.written) written.set(a.buffer, [...(written.get(a.buffer) ?? []), a]);
  return accesses.every((a) => {
    if (a.written) return true;
    const stores = written.get(a.buffer) ?? [];
    if (stores.length === 0) return true;
    const stride = strideOf(a.index, axis);
    return stride !== null && stride !== 0 && stores.every((s) => s.index.key === a.index.key);
  });
};

const isRunning = (all: readonly Statement[]): boolean => {
  const declared = new Set<Accumulator>();
  for (const s of all) if (s._tag === "Accumulate") declared.add(s.accumulator);
  return all.some(
    (s) =>
      s._tag === "Let" &&
      s.value.definition._tag === "Accumulated" &&
      !declared.has(s.value.definition.accumulator),
  );
};

const typesIn = (all: readonly Statement[]): DType[] =>
  all.flatMap((s): DType[] => {
    if (s._tag === "Let") {
      const d = s.value.definition;
      // Operands of a formula may be constants, which are no statements: it computes in their dtype all the same.
      const operands = d._tag === "Compute" && d.lower.apart === true ? [d.operand] : [];
      return [typeOf(s.value), ...operands];
    }
    if (s._tag === "Update") return [s.accumulator.dtype];
    if (s._tag === "Store") return [typeOf(s.value)];
    return s._tag === "Guard" ? [s.result.dtype] : [];
  });

/** Whether vectors of so many lanes hold every value of some statements. */
export const holdAll = (lanes: Lanes, body: readonly Statement[]): boolean =>
  typesIn(deep(body)).every((t) => holds(lanes, t));

const lanesFor = (all: readonly Statement[]): Lanes | null => {
  const types = typesIn(all);
  if (types.every((t) => holds(4, t))) return 4;
  return types.every((t) => holds(2, t)) ? 2 : null;
};

/** What an access along an axis costs one at a time, less what it costs together. */
const gain = (a: Access, axis: Axis): number => {
  const stride = strideOf(a.index, axis);
  if (a.conditions.length > 0) return -1;
  if (stride === 1) return 3;
  if (a.written) return -1;
  if (stride === 0) return 1;
  const pattern = patternOf(a.index, axis, 4, true);
  return pattern !== null && readingOf(pattern) !== null ? 2 : -1;
};

const workOf = (all: readonly Statement[]): number =>
  all.reduce(
    (n, s) =>
      s._tag === "Let" && s.value.definition._tag === "Compute"
        ? n + Math.min(s.value.definition.lower.cost, 20)
        : s._tag === "Update"
          ? n + 1
          : n,
    0,
  );

const gainOf = (all: readonly Statement[], axis: Axis): number =>
  workOf(all) + accessesOf(all).reduce((n, a) => n + gain(a, axis), 0);

/** The vectors of a nest's last axis, or null where its iterations run one by one. */
export const planOf = (nest: Nest): Plan | null => {
  const all = deep(nest.body);
  const axis = nest.axes[nest.axes.length - 1]!;
  if (nest.sequential || !all.every((s) => plain.has(s._tag) && !(s._tag === "Nest" && s.sequential)))
    return null;
  const lanes = lanesFor(all);
  if (lanes === null || axis.size < lanes || !independent(accessesOf(all), axis)) return null;
  const inner = all.filter((s) => s._tag === "Nest");
  const outside = all.filter((s) => s._tag === "Update" && !declares(all, s.accumulator));
  if (outside.length > 0 && (inner.length > 0 || isRunning(all) || outside.some(isArgument))) return null;
  const own = gainOf(all, axis);
  if (own <= 0) return null;
  for (const n of inner) {
    const last = n.axes[n.axes.length - 1]!;
    const below = deep(n.body);
    if (planOf(n) !== null && gainOf(below, last) >= gainOf(below, axis) && last.size >= 2 * lanes)
      return null;
  }
  const isSum = outside.some((s) => s._tag === "Update" && isTree(s.accumulator, axis.size));
  return { lanes, copies: copiesFor(all, axis.size, lanes, isSum) };
};

const declares = (all: readonly Statement[], a: Accumulator): boolean =>
  all.some((s) => s._tag === "Accumulate" && s.accumulator === a);

const isArgument = (s: Statement): boolean =>
  s._tag === "Update" && (s.accumulator.op === "argmax" || s.accumulator.op === "argmin");

/** From so many positions on a loop may take more code. */
const longLoop = 16_384;

/**
 * What one vector waits for, another can do: chains of formulas take half the time with four at a time. More where little
 * is computed for each element, and where the loop is long: code has to be made, too.
 */
const copiesFor = (all: readonly Statement[], size: number, lanes: Lanes, isSum: boolean): number => {
  const values = all.filter((s) => s._tag === "Let" || s._tag === "Update").length;
  const few = values <= 3 && isSum ? 8 : values <= 12 ? 4 : values <= 40 ? 2 : 1;
  const most = size < longLoop ? few : Math.max(few, values <= 100 ? 4 : 2);
  let copies = all.some((s) => s._tag === "Guard") ? 1 : most;
  while (copies > 1 && copies * lanes > size) copies /= 2;
  return copies;
};

/** From so many numbers on. Shorter sums are spared the roundings. */
const longSum = 128;

/** Whether a loop over so many adds its copies up before they go to the accumulator. */
export const isTree = (a: Accumulator, size: number): boolean =>
  a.op === "sum" && a.dtype === "float32" && size >= longSum;
