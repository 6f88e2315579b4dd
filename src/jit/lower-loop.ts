/**
 * Loops and branches as statements of one kernel: the sub-programs, simplified with what is around them, are fused like any program, and
 * their kernels become statements inside. Nothing returns to JavaScript's caller between steps.
 */
import { sizeOf } from "../ir/aval.js";
import { FluxionError } from "../ir/errors.js";
import { attrsOf, Expr } from "../ir/expr.js";
import { condPrimitive } from "../transforms/loops/cond.js";
import { scanPrimitive } from "../transforms/loops/scan.js";
import { partsOf } from "../transforms/loops/scan-attrs.js";
import { whilePrimitive } from "../transforms/loops/while.js";
import type { Place } from "./buffers.js";
import type { KernelBuilder } from "./builder.js";
import { type CarryStep, type Move, ordered, replaceable } from "./carry.js";
import { copy } from "./copy.js";
import { clamped } from "./element-index.js";
import { type Cluster, type Fusion, fuse, sourcesOf } from "./fuse.js";
import { addIndex, axisIndex, constantIndex, scaleIndex } from "./index-expression.js";
import type { Value } from "./kernel.js";
import { isInput, materialize } from "./materialize.js";
import { storageOf } from "./storage.js";

/** Adds a cluster to a kernel: what lowers loops is itself part of lowering clusters. */
export type EmitCluster = (
  b: KernelBuilder,
  cluster: Cluster,
  fusion: Fusion,
  results: ReadonlySet<Expr>,
) => void;

const start = constantIndex(0);

/** A buffer of the kernel's own, typed like `e`. */
const scratchLike = (node: Expr, e: Expr): Expr => new Expr("Project", [e.aval], null, [node], {}, null, -1);

/** The buffers of a node's results; those that nobody reads get one too. */
const resultsOf = (node: Expr, fusion: Fusion): readonly Expr[] => {
  if (node.avals.length === 1) return [node];
  const found = fusion.order.filter((e) => e.tag === "Project" && e.args[0] === node);
  return node.avals.map(
    (a, i) => found.find((e) => e.index === i) ?? new Expr("Project", [a], null, [node], {}, null, i),
  );
};

/** A result and where it goes. */
interface Output {
  readonly result: Expr;
  readonly place: Place;
}

/** Whether a kernel of the program computes it; what is given already can only be copied. */
const isComputed = (s: Expr): boolean => !isInput(s) && s.literal === null && s.size > 0;

/**
 * Adds a sub-program to the kernel. Its params must be bound. Results are computed in their places, or else copied
 * there; a carry is replaced in place, or else moved when all is done.
 */
const emitProgram = (
  emit: EmitCluster,
  b: KernelBuilder,
  results: readonly Expr[],
  outputs: readonly Output[],
  carry: CarryStep = { params: [], buffers: [], next: [] },
): void => {
  const m = materialize(results);
  const fusion = fuse(m);
  const inPlace = replaceable(fusion, carry);
  const copies = bindOutputs(b, fusion, [
    ...outputs,
    ...carry.next.flatMap((result, i) =>
      inPlace[i] ? [{ result, place: { buffer: carry.buffers[i]!, from: start, late: true } }] : [],
    ),
  ]);
  b.within(sourcesOf(fusion), () => {
    // What is given is copied before a carry is replaced.
    for (const o of copies) if (!isComputed(storageOf(o.result))) copyTo(b, o);
    for (const c of fusion.clusters) {
      if (c.members[0]!.avals.every((a) => sizeOf(a.shape) === 0)) continue;
      emit(b, c, fusion, m.results);
    }
    for (const o of copies) if (isComputed(storageOf(o.result))) copyTo(b, o);
    moveCarry(b, carry, inPlace);
  });
};

/** Binds what is computed to the places it goes to; the rest, to be copied, comes back. */
const bindOutputs = (b: KernelBuilder, fusion: Fusion, outputs: readonly Output[]): readonly Output[] => {
  const byStorage = new Map<Expr, Output[]>();
  for (const o of outputs) {
    const s = storageOf(o.result);
    byStorage.set(s, [...(byStorage.get(s) ?? []), o]);
  }
  return [...byStorage].flatMap(([s, list]) => {
    if (!isComputed(s)) return list;
    // What a kernel of its own makes is not written element by element: it cannot be written twice at once.
    const whole = fusion.clusterOf.get(s)!.kind === "Single";
    const [first, ...others] = list.map((o) => o.place);
    b.bind(s, first!, whole ? [] : others);
    return whole ? list.slice(1) : [];
  });
};

const copyTo = (b: KernelBuilder, { result, place }: Output): void => {
  const target = new Expr("Project", [result.aval], null, [place.buffer], {}, null, -1);
  b.bind(target, { buffer: place.buffer, from: place.from });
  copy(b, result, target, (index) => index);
};

/** Writes the carries that are not replaced in place, after everything that reads the old ones. */
const moveCarry = (
  b: KernelBuilder,
  { params, buffers, next }: CarryStep,
  inPlace: readonly boolean[],
): void => {
  const places = new Map<Expr, Expr>();
  const moves = next.flatMap((result, i): Move[] => {
    const s = storageOf(result);
    if (inPlace[i] || s === params[i]) return [];
    places.set(params[i]!, buffers[i]!);
    return [{ from: params.includes(s) ? s : result, to: params[i]! }];
  });
  const save = (e: Expr): Expr => {
    const saved = scratchLike(e, e);
    b.bind(saved, { buffer: saved, from: start });
    copy(b, e, saved, (index) => index);
    return saved;
  };
  for (const { from, to } of ordered(moves, save))
    copyTo(b, { result: from, place: { buffer: places.get(to)!, from: start } });
};

const whole = (buffer: Expr): Place => ({ buffer, from: start });

const bindParams = (b: KernelBuilder, params: readonly Expr[], places: readonly Place[]): void => {
  params.forEach((p, i) => {
    b.bind(p, places[i]!);
  });
};

/** An operand's buffer. One without elements has none, and nothing reads it. */
const operand = (b: KernelBuilder, e: Expr): Place => whole(b.storageOf(e));

const lowerScan = (emit: EmitCluster, b: KernelBuilder, node: Expr, outs: readonly Expr[]): void => {
  const attrs = attrsOf(scanPrimitive, node);
  const operands = partsOf(node.args, attrs);
  const buffers = outs.slice(0, attrs.carry);
  const ys = outs.slice(attrs.carry);
  operands.carry.forEach((init, i) => {
    copy(b, init, buffers[i]!, (index) => index);
  });
  if (attrs.length === 0) return;
  const [axis] = b.axes([attrs.length]);
  b.sequence(axis!, () => {
    const t = attrs.reverse
      ? addIndex(constantIndex(attrs.length - 1), scaleIndex(axisIndex(axis!), -1))
      : axisIndex(axis!);
    const row = (buffer: Expr): Place => ({ buffer, from: scaleIndex(t, buffer.size / attrs.length) });
    const { params, results } = attrs.body;
    bindParams(b, params, [
      ...operands.consts.map((e) => operand(b, e)),
      ...buffers.map(whole),
      ...operands.xs.map((x) => row(b.storageOf(x))),
    ]);
    const next = results.slice(0, attrs.carry);
    const rows = results.slice(attrs.carry).map((result, i) => ({ result, place: row(ys[i]!) }));
    emitProgram(emit, b, results, rows, { params: partsOf(params, attrs).carry, buffers, next });
  });
};

const lowerWhile = (emit: EmitCluster, b: KernelBuilder, node: Expr, buffers: readonly Expr[]): void => {
  const { test, body, testConsts: nT, bodyConsts: nB } = attrsOf(whilePrimitive, node);
  node.args.slice(nT + nB).forEach((x, i) => {
    copy(b, x, buffers[i]!, (index) => index);
  });
  const carried = buffers.map(whole);
  let value: Value | null = null;
  const tested = b.scoped(() => {
    bindParams(b, test.params, [...node.args.slice(0, nT).map((e) => operand(b, e)), ...carried]);
    value = emitTest(emit, b, test.results[0]!);
  });
  const step = b.scoped(() => {
    bindParams(b, body.params, [...node.args.slice(nT, nT + nB).map((e) => operand(b, e)), ...carried]);
    emitProgram(emit, b, body.results, [], { params: body.params.slice(nB), buffers, next: body.results });
  });
  b.add({ _tag: "While", test: tested, value: value!, body: step });
};

/** The test's value, computed in place where that is all it takes. */
const emitTest = (emit: EmitCluster, b: KernelBuilder, result: Expr): Value => {
  const scratch = scratchLike(result, result);
  b.bind(scratch, whole(scratch));
  emitProgram(emit, b, [result], [{ result, place: whole(scratch) }]);
  return b.emit(scratch, []);
};

const lowerCond = (emit: EmitCluster, b: KernelBuilder, node: Expr, outs: readonly Expr[]): void => {
  const { branches } = attrsOf(condPrimitive, node);
  const [index, ...operands] = node.args as [Expr, ...Expr[]];
  const chosen = clamped(b, index, [], branches.length);
  b.add({
    _tag: "Branch",
    index: chosen,
    branches: branches.map(({ params, results }) =>
      b.scoped(() => {
        bindParams(
          b,
          params,
          operands.map((e) => operand(b, e)),
        );
        emitProgram(
          emit,
          b,
          results,
          results.map((result, i) => ({ result, place: whole(outs[i]!) })),
        );
      }),
    ),
  });
};

export const lowerLoop = (b: KernelBuilder, node: Expr, fusion: Fusion, emit: EmitCluster): void => {
  const lower = node.primitive!.lower;
  if (lower._tag !== "Loop") throw new FluxionError("jit", `expected a loop, got ${node.primitive!.name}`);
  const outs = resultsOf(node, fusion);
  switch (lower.kind) {
    case "Scan":
      return lowerScan(emit, b, node, outs);
    case "While":
      return lowerWhile(emit, b, node, outs);
    case "Cond":
      return lowerCond(emit, b, node, outs);
  }
};
