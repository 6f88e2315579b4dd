/**
 * Loops and branches as statements of one kernel: the sub-programs are simplified and fused like any program, and
 * their kernels become statements inside. Nothing returns to JavaScript's caller between steps.
 */
import { sizeOf } from "../ir/aval.js";
import { FluxionError } from "../ir/errors.js";
import { Expr, literal } from "../ir/expr.js";
import { type Program, substitute } from "../ir/program.js";
import type { Cond } from "../transforms/loops/cond.js";
import { partsOf, type Scan } from "../transforms/loops/scan-attrs.js";
import type { While } from "../transforms/loops/while.js";
import type { KernelBuilder } from "./builder.js";
import { copy } from "./copy.js";
import { type Cluster, type Fusion, fuse, sourcesOf } from "./fuse.js";
import { addIndex, axisIndex, constantIndex, type Index, scaleIndex } from "./index-expression.js";
import type { Value } from "./kernel.js";
import { isInput, materialize, storageOf } from "./materialize.js";
import { simplify } from "./simplify/index.js";

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

/** Where a program's results go. */
interface Target {
  readonly buffer: Expr;
  readonly from: Index;
}

/**
 * Adds a sub-program to the kernel. Its params must be bound. Results are computed in their targets where they can be;
 * those without a target (or that are inputs) are left where `place` finds them.
 */
const emitProgram = (
  emit: EmitCluster,
  b: KernelBuilder,
  program: Program,
  targets: readonly (Target | null)[],
  after: (results: readonly Expr[]) => void,
): void => {
  const { results } = simplify(program);
  const m = materialize(results);
  const fusion = fuse(m);
  const taken = new Set<Expr>();
  const inPlace = results.map((r, i) => {
    const s = storageOf(r);
    const target = targets[i] ?? null;
    if (target === null || taken.has(s) || isInput(s) || s.literal !== null || s.size === 0) return false;
    taken.add(s);
    b.bind(s, target.buffer, target.from);
    return true;
  });
  b.within(sourcesOf(fusion), () => {
    for (const c of fusion.clusters) {
      if (c.members[0]!.avals.every((a) => sizeOf(a.shape) === 0)) continue;
      emit(b, c, fusion, m.results);
    }
    results.forEach((r, i) => {
      const target = targets[i] ?? null;
      if (target !== null && !inPlace[i]) copyTo(b, r, target);
    });
    after(results);
  });
};

const copyTo = (b: KernelBuilder, e: Expr, target: Target): void => {
  const place = new Expr("Project", [e.aval], null, [target.buffer], {}, null, -1);
  b.bind(place, target.buffer, target.from);
  copy(b, e, place, (index) => index);
};

/** The program with params whose operand is a plain number replaced by it; other params are bound to their operands. */
const bindParams = (
  b: KernelBuilder,
  program: Program,
  operands: readonly (Target | { readonly literal: Expr })[],
): Program => {
  const numbers = new Map<Expr, Expr>();
  program.params.forEach((p, i) => {
    const o = operands[i]!;
    if ("literal" in o) numbers.set(p, literal(p.dtype, o.literal.literal!));
    else b.bind(p, o.buffer, o.from);
  });
  return numbers.size === 0
    ? program
    : { params: program.params, results: substitute(program.results, numbers) };
};

const operand = (e: Expr): Target | { readonly literal: Expr } =>
  e.literal !== null ? { literal: e } : { buffer: storageOf(e), from: start };

/** Writes the next carry over the old one, after every result that reads the old one is computed. */
const updateCarry = (
  b: KernelBuilder,
  node: Expr,
  params: readonly Expr[],
  next: readonly Expr[],
  carry: readonly Expr[],
): void => {
  // A result that is another param must be saved before that param is overwritten.
  const moved = next.map((r, i) => {
    const s = storageOf(r);
    if (s === params[i]) return null;
    if (!params.includes(s)) return r;
    const saved = scratchLike(node, r);
    b.bind(saved, saved, start);
    copy(b, r, saved, (index) => index);
    return saved;
  });
  moved.forEach((r, i) => {
    if (r !== null) copyTo(b, r, { buffer: carry[i]!, from: start });
  });
};

const lowerScan = (emit: EmitCluster, b: KernelBuilder, node: Expr, outs: readonly Expr[]): void => {
  const attrs = node.attrs as unknown as Scan;
  const operands = partsOf(node.args, attrs);
  const carry = outs.slice(0, attrs.carry);
  const ys = outs.slice(attrs.carry);
  operands.carry.forEach((init, i) => copy(b, init, carry[i]!, (index) => index));
  if (attrs.length === 0) return;
  const [axis] = b.axes([attrs.length]);
  b.sequence(axis!, () => {
    const t = attrs.reverse
      ? addIndex(constantIndex(attrs.length - 1), scaleIndex(axisIndex(axis!), -1))
      : axisIndex(axis!);
    const row = (buffer: Expr): Target => ({ buffer, from: scaleIndex(t, buffer.size / attrs.length) });
    const body = bindParams(b, attrs.body, [
      ...operands.consts.map(operand),
      ...carry.map((buffer) => ({ buffer, from: start })),
      ...operands.xs.map((x) => row(storageOf(x))),
    ]);
    const params = partsOf(body.params, attrs).carry;
    emitProgram(emit, b, body, [...carry.map(() => null), ...ys.map(row)], (results) => {
      updateCarry(b, node, params, results.slice(0, attrs.carry), carry);
    });
  });
};

const lowerWhile = (emit: EmitCluster, b: KernelBuilder, node: Expr, outs: readonly Expr[]): void => {
  const attrs = node.attrs as unknown as While;
  const [nT, nB] = [attrs.testConsts, attrs.bodyConsts];
  const init = node.args.slice(nT + nB);
  init.forEach((x, i) => copy(b, x, outs[i]!, (index) => index));
  const carried = outs.map((buffer) => ({ buffer, from: start }));
  let value: Value | null = null;
  const test = b.scoped(() => {
    const program = bindParams(b, attrs.test, [...node.args.slice(0, nT).map(operand), ...carried]);
    emitProgram(emit, b, program, [null], ([r]) => (value = b.emit(r!, [])));
  });
  const body = b.scoped(() => {
    const program = bindParams(b, attrs.body, [...node.args.slice(nT, nT + nB).map(operand), ...carried]);
    emitProgram(
      emit,
      b,
      program,
      outs.map(() => null),
      (results) => {
        updateCarry(b, node, program.params.slice(nB), results, outs);
      },
    );
  });
  b.add({ _tag: "While", test, value: value!, body });
};

const lowerCond = (emit: EmitCluster, b: KernelBuilder, node: Expr, outs: readonly Expr[]): void => {
  const { branches } = node.attrs as unknown as Cond;
  const [index, ...operands] = node.args as [Expr, ...Expr[]];
  const chosen = b.clamped(index, [], branches.length);
  b.add({
    _tag: "Branch",
    index: chosen,
    branches: branches.map((branch) =>
      b.scoped(() => {
        const program = bindParams(b, branch, operands.map(operand));
        emitProgram(
          emit,
          b,
          program,
          outs.map((buffer) => ({ buffer, from: start })),
          () => undefined,
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
