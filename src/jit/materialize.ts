/**
 * Decides which expressions get a buffer and which are computed where they are used.
 *
 * Anchors (reductions, contractions, scatters, …) always get one. An elementwise expression or view does when
 * computing it at every use costs more than storing it once: nothing expensive is repeated across a broadcast.
 */
import { sizeOf } from "../ir/aval.js";
import type { Expr } from "../ir/expr.js";
import { topological } from "../ir/program.js";
import { columnBlock, contractForm, extentsOf, panelFits } from "./contraction.js";
import { axisIndex, bounds, symbols } from "./index-expression.js";
import { storedOperands } from "./loop-operands.js";
import { storageOf } from "./storage.js";

export interface Materialization {
  /** Operands before users. */
  readonly order: readonly Expr[];
  /** Has a buffer: an input, or computed by some kernel. */
  readonly stored: ReadonlySet<Expr>;
  /** Storage of the program's results. */
  readonly results: ReadonlySet<Expr>;
  /**
   * float32 values that need not be rounded: not stored, and used once, by + - × ÷ or a sum. A backend that computes in
   * float64 (JavaScript) may skip a conversion for each. It is a property of the graph, not of a kernel, so a value
   * computed in two kernels is the same in both.
   */
  readonly loose: ReadonlySet<Expr>;
  /** Every use of an expression as an operand. */
  readonly users: ReadonlyMap<Expr, readonly Expr[]>;
}

export const isFusible = (e: Expr): boolean => {
  const tag = e.primitive?.lower._tag;
  return (
    tag === "Elementwise" || tag === "View" || tag === "Iota" || tag === "Gather" || tag === "DynamicSlice"
  );
};

/** Inputs are stored already. */
export const isInput = (e: Expr): boolean => e.tag === "Param" || (e.tag === "Const" && e.literal === null);

/** Whether some elements of a view come from nowhere (padding). */
export const hasGuard = (e: Expr): boolean => {
  const lower = e.primitive?.lower;
  if (lower?._tag !== "View" || e.size === 0) return false;
  const index = e.shape.map((size, id) => axisIndex({ id, size }));
  const { within = [] } = lower.index(symbols, index, e.args[0]!.shape, e.attrs);
  return within.some((c) => {
    const [lo, hi] = bounds(c.value);
    return lo < c.lo || hi >= c.hi || c.multiple !== undefined;
  });
};

/** Windows are read in place: what they look at is stored instead, once, by the kernel that computes it. */
const isWindows = (e: Expr): boolean => e.primitive?.name === "windows" && !hasGuard(e);

const ownCost = (e: Expr): number => {
  const lower = e.primitive?.lower;
  switch (lower?._tag) {
    case "Elementwise":
      return lower.cost;
    case "View":
      return hasGuard(e) ? 4 : 0;
    case "Gather":
      return 4;
    case "DynamicSlice":
      return 2;
    default:
      return 0;
  }
};

/** How often each element of an operand is read to compute every element of the user once. */
const readsPerElement = (operand: Expr, user: Expr): number => {
  const lower = user.primitive!.lower;
  if (lower._tag === "View") return operand.size === 0 ? 0 : user.size / operand.size;
  if (lower._tag === "Gather" || lower._tag === "DynamicSlice")
    return operand === user.args[0] ? user.size / Math.max(1, operand.size) : 1;
  if (lower._tag === "Contract") {
    const { rows, columns } = extentsOf(user);
    if (contractForm(user) === "Tiled")
      return operand === user.args[0] ? Math.ceil(columns / columnBlock) : 1;
    return operand === user.args[0] ? columns : rows;
  }
  return 1;
};

/** How often a user computes an operand: x · x has both at the same place, where one is enough. */
const timesIn = (user: Expr, operand: Expr): number =>
  user.primitive!.lower._tag === "Elementwise" ? 1 : user.args.filter((a) => a === operand).length;

/** Guarded views below a contraction are stored: its packing loops read without tests. */
const storeGuards = (operand: Expr, stored: Set<Expr>, isStored: (e: Expr) => boolean): void => {
  for (const e of topological([operand], 0, { has: isStored }))
    if (!isStored(e) && isFusible(e) && hasGuard(e)) stored.add(e);
};

/** What a contraction's packing cannot read in place is stored first. */
const storeOperands = (dot: Expr, stored: Set<Expr>, isStored: (e: Expr) => boolean): void => {
  dot.args.forEach((a, i) => {
    storeGuards(a, stored, isStored);
    if (a.literal === null && !isStored(a) && !panelFits(dot, i === 0 ? 0 : 1, isStored))
      stored.add(storageOf(a));
  });
};

/** Expressions this deep are stored on the way: inlining recurses, and engines give up on code without end. */
const chainLimit = 128;

const cutChains = (order: readonly Expr[], stored: Set<Expr>, isStored: (e: Expr) => boolean): void => {
  const depths = new Map<Expr, number>();
  for (const e of order) {
    if (isStored(e)) continue;
    let depth = 0;
    for (const a of e.args) depth = Math.max(depth, (depths.get(a) ?? 0) + 1);
    if (depth > chainLimit && storageOf(e) === e) {
      stored.add(e);
      depth = 0;
    }
    depths.set(e, depth);
  }
};

export const materialize = (results: readonly Expr[]): Materialization => {
  const order = topological(results);
  const users = new Map<Expr, Expr[]>();
  for (const e of order)
    for (const a of new Set(e.args)) {
      const list = users.get(a);
      if (list === undefined) users.set(a, [e]);
      else list.push(e);
    }

  const cost = new Map<Expr, number>();
  for (const e of order)
    cost.set(
      e,
      isFusible(e)
        ? ownCost(e) +
            e.args.reduce(
              (c, a) => c + ((users.get(a)?.length ?? 0) > 1 ? Math.min(1, cost.get(a)!) : cost.get(a)!),
              0,
            )
        : 0,
    );

  const wanted = new Set<Expr>(results.map(storageOf));
  const stored = new Set<Expr>(wanted);
  const isStored = (e: Expr): boolean =>
    stored.has(e) || isInput(e) || e.tag === "Project" || (e.tag === "Apply" && !isFusible(e));
  cutChains(order, stored, isStored);
  const reads = new Map<Expr, number>();
  for (let i = order.length - 1; i >= 0; i--) {
    const e = order[i]!;
    if (e.literal !== null) continue;
    if (isInput(e) || !isFusible(e)) {
      stored.add(e);
      const lower = e.primitive?.lower;
      if (lower?._tag === "Contract") storeOperands(e, stored, isStored);
      const read = lower?._tag === "Routine" ? e.args : lower?._tag === "Loop" ? storedOperands(e) : [];
      for (const a of read) if (a.literal === null) stored.add(storageOf(a));
      continue;
    }
    let n = 0;
    for (const u of users.get(e) ?? [])
      n += timesIn(u, e) * readsPerElement(e, u) * (stored.has(u) ? 1 : (reads.get(u) ?? 1));
    reads.set(e, n);
    // A reshape of what is stored by now is stored with it: a buffer of its own would be a copy.
    if (!isStored(storageOf(e)) && !isWindows(e) && cost.get(e)! * (n - 1) > 2 + n) stored.add(e);
  }
  for (const e of order)
    if (
      e.literal !== null ||
      (e.tag === "Apply" && e.avals.every((a) => sizeOf(a.shape) === 0) && !isFusible(e))
    )
      stored.delete(e);
  return { order, stored, users, results: wanted, loose: looseValues(order, stored, users) };
};

const arithmetic = new Set(["add", "sub", "mul", "div", "neg", "sum"]);

const looseValues = (
  order: readonly Expr[],
  stored: ReadonlySet<Expr>,
  users: ReadonlyMap<Expr, readonly Expr[]>,
): Set<Expr> => {
  const loose = new Set<Expr>();
  for (const e of order) {
    if (e.dtype !== "float32" || stored.has(e) || e.primitive?.lower._tag !== "Elementwise") continue;
    const [user, ...others] = users.get(e) ?? [];
    if (user === undefined || others.length > 0 || user.args.filter((a) => a === e).length !== 1) continue;
    if (arithmetic.has(e.primitive.name) && arithmetic.has(user.primitive!.name)) loose.add(e);
  }
  return loose;
};
