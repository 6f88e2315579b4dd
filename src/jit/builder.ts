/**
 * Builds a kernel's statements: inlines expressions into scalar values at symbolic indices.
 * Values are numbered by what they are, so work shared between results of one kernel is done once.
 */
import { type Shape, stridesOf } from "../ir/aval.js";
import type { DType } from "../ir/dtype.js";
import { FluxionError } from "../ir/errors.js";
import { attrsOf, type Expr } from "../ir/expr.js";
import type { Condition, ReduceOp, ScatterMode } from "../ir/lowering.js";
import { dynamicSlicePrimitive } from "../ir/primitives/dynamic.js";
import { gatherPrimitive } from "../ir/primitives/indexed.js";
import { iotaPrimitive } from "../ir/primitives/views.js";
import { Buffers, type Place } from "./buffers.js";
import { clampedIndex, gatheredIndex } from "./element-index.js";
import {
  addIndex,
  type Axis,
  axisIndex,
  constantIndex,
  flatIndex,
  type Index,
  symbols,
} from "./index-expression.js";
import { held } from "./held.js";
import type { Accumulator, BufferPart, Statement, Value } from "./kernel.js";
import { Scopes } from "./scopes.js";
import { Values } from "./values.js";

/** Which expressions have a buffer that this kernel reads, instead of being computed in place. */
export interface Sources {
  readonly isBuffer: (e: Expr) => boolean;
  /** Which values need no rounding. */
  readonly isLoose?: (e: Expr) => boolean;
}

export class KernelBuilder {
  readonly buffers: Buffers = new Buffers();
  /** Every read of a buffer that `emit` made, with its place in it. */
  readonly reads: { readonly source: Expr; readonly flat: Index }[] = [];
  private readonly scopes = new Scopes();
  readonly values: Values = new Values(this.scopes);
  private nextAxis = 0;
  private nextAccumulator = 0;

  constructor(private sources: Sources) {}

  get statements(): readonly Statement[] {
    return this.scopes.statements;
  }

  /** Builds part of the kernel from other sources: the body of a loop. */
  within(sources: Sources, body: () => void): void {
    const outer = this.sources;
    this.sources = sources;
    body();
    this.sources = outer;
  }

  /** Until the scope ends, `e` is at `place`, and what is stored to it is stored to `others` as well. */
  bind(e: Expr, place: Place, others: readonly Place[] = []): void {
    this.buffers.bind(e, place, others);
  }

  // ---- statements

  axes(shape: Shape): Axis[] {
    return shape.map((size) => ({ id: this.nextAxis++, size }));
  }

  /** A nest over `axes`, in a scope of its own. Axes of size 1 vanish. */
  nest(axes: readonly Axis[], body: () => void): void {
    this.loops(axes, false, body);
  }

  /** A loop whose iterations follow each other. */
  sequence(axis: Axis, body: () => void): void {
    this.loops([axis], true, body);
  }

  private loops(axes: readonly Axis[], sequential: boolean, body: () => void): void {
    const real = axes.filter((a) => a.size !== 1);
    const statements = this.scoped(body);
    if (real.length === 0) this.scopes.add(...statements);
    else this.add({ _tag: "Nest", axes: real, body: statements, sequential });
  }

  add(statement: Statement): void {
    this.scopes.add(statement);
  }

  /** The statements that `body` makes. What it binds is bound for them alone. */
  scoped(body: () => void): readonly Statement[] {
    return this.buffers.locally(() => this.scopes.scoped(body));
  }

  /** The whole of an expression's buffer, for a routine. */
  part(e: Expr, written: boolean): BufferPart {
    return this.buffers.part(e, written);
  }

  store(
    e: Expr,
    index: Index,
    value: Value,
    mode: ScatterMode = "set",
    conditions: readonly Condition<Index>[] = [],
  ): void {
    for (const { buffer, from, late } of this.buffers.placesOf(e)) {
      const slot = this.buffers.slot(buffer, true);
      const at = addIndex(from, index);
      const store: Statement = { _tag: "Store", buffer: slot, index: at, value, mode, conditions };
      if (late === true) this.scopes.addLate(store);
      else this.add(store);
    }
  }

  accumulate(op: ReduceOp, dtype: DType, brief = false): Accumulator {
    const accumulator: Accumulator = { id: this.nextAccumulator++, op, dtype, brief };
    this.add({ _tag: "Accumulate", accumulator });
    return accumulator;
  }

  update(accumulator: Accumulator, value: Value, position: Index | null = null): void {
    this.add({ _tag: "Update", accumulator, value, position });
  }

  // ---- expressions

  /** Makes `value` stand for `e` at `index` in the present scope: a result that the kernel computes itself. */
  alias(e: Expr, index: readonly Index[], value: Value): void {
    this.scopes.remember(flatKey(e, flatIndex(index, stridesOf(e.shape))), value);
  }

  /** The value of element `index` of `e`. */
  emit(e: Expr, index: readonly Index[]): Value {
    const key = emitKey(e, index);
    const have = this.scopes.find(key);
    if (have !== undefined) return have;
    const value = this.emitNew(e, index);
    this.scopes.remember(key, value);
    return value;
  }

  private emitNew(e: Expr, index: readonly Index[]): Value {
    if (e.size === 0) return this.values.constant(e.dtype, 0);
    if (e.literal !== null) return this.values.constant(e.dtype, e.literal);
    const flat = (): Index => flatIndex(index, stridesOf(e.shape));
    // Taking the place apart and putting it together again would cost divisions where padding lies around it.
    const storage = this.storageOf(e);
    return this.isStored(storage) ? this.load(storage, flat()) : this.compute(e, index);
  }

  /** The buffer that `e` is, seen through reshapes: a contraction may have stored its result as one of them. */
  storageOf(e: Expr): Expr {
    let x = e;
    while (!this.isStored(x) && x.primitive?.name === "reshape") x = x.args[0]!;
    return x;
  }

  private isStored(e: Expr): boolean {
    return this.buffers.isBound(e) || this.sources.isBuffer(e);
  }

  private load(e: Expr, flat: Index): Value {
    const own = this.scopes.find(flatKey(e, flat));
    if (own !== undefined) return own;
    this.reads.push({ source: e, flat });
    const { buffer, from } = this.buffers.placeOf(e);
    return this.values.load(e.dtype, this.buffers.slot(buffer, false), addIndex(from, flat));
  }

  /** The value of element `index` of `e`, computed here even if `e` has a buffer. */
  compute(e: Expr, index: readonly Index[]): Value {
    if (e.literal !== null || e.size === 0) return this.emitNew(e, index);
    if (e.tag !== "Apply") throw new FluxionError("jit", `expected a computed value, got a ${e.tag}`);
    const { name, lower } = e.primitive!;
    switch (lower._tag) {
      case "Elementwise": {
        const args = e.args.map((a) => this.emit(a, index));
        const operand = e.args[e.args.length - 1]!.dtype;
        const loose = this.sources.isLoose?.(e) === true;
        const operation = { name, lower, attrs: e.attrs, operand: held(operand), loose };
        return this.values.compute(e.dtype, operation, args, JSON.stringify(e.attrs));
      }
      case "Iota":
        return this.values.fromIndex(e.dtype, index[attrsOf(iotaPrimitive, e).axis]!);
      case "View": {
        const x = e.args[0]!;
        const v = lower.index(symbols, index, x.shape, e.attrs);
        return this.values.guarded(e.dtype, v.within ?? [], v.fill ?? 0, () => this.emit(x, v.at));
      }
      case "Gather":
        return this.gather(e, index);
      case "DynamicSlice":
        return this.dynamicSlice(e, index);
      default:
        throw new FluxionError("jit", `expected a fusible primitive, got ${name}`);
    }
  }

  private gather(e: Expr, at: readonly Index[]): Value {
    const [x, indices] = e.args as [Expr, Expr];
    const [index, conditions] = gatheredIndex(this, x.shape, indices, at, attrsOf(gatherPrimitive, e));
    return this.values.guarded(e.dtype, conditions, 0, () => this.emit(x, index));
  }

  private dynamicSlice(e: Expr, at: readonly Index[]): Value {
    const [x, starts] = e.args as [Expr, Expr];
    const { sizes } = attrsOf(dynamicSlicePrimitive, e);
    const from = (k: number): Index =>
      clampedIndex(this, starts, [constantIndex(k)], x.shape[k]! - sizes[k]! + 1);
    return this.emit(
      x,
      at.map((i, k) => addIndex(i, from(k))),
    );
  }
}

const emitKey = (e: Expr, index: readonly Index[]): string => `e${e.id}@${index.map((i) => i.key).join(",")}`;

const flatKey = (e: Expr, flat: Index): string => `flat${e.id}@${flat.key}`;

export const indexOf = (axes: readonly Axis[]): Index[] => axes.map(axisIndex);
