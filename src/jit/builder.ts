/**
 * Builds a kernel's statements: inlines expressions into scalar values at symbolic indices.
 * Values are numbered by what they are, so work shared between results of one kernel is done once.
 */
import { range, type Shape, stridesOf } from "../ir/aval.js";
import type { DType } from "../ir/dtype.js";
import { FluxionError } from "../ir/errors.js";
import { attrsOf, type Expr } from "../ir/expr.js";
import type { Condition, ReduceOp, ScatterMode } from "../ir/lowering.js";
import type { Primitive } from "../ir/primitive.js";
import { dynamicSlicePrimitive } from "../ir/primitives/dynamic.js";
import { type Gather, gatherPrimitive, restAxes } from "../ir/primitives/indexed.js";
import { iotaPrimitive } from "../ir/primitives/views.js";
import {
  addIndex,
  type Axis,
  axisIndex,
  bounds,
  constantIndex,
  flatIndex,
  type Index,
  symbols,
  valueIndex,
} from "./index-expression.js";
import type { Accumulator, BufferPart, BufferUse, Definition, Statement, Value } from "./kernel.js";

interface Scope {
  readonly statements: Statement[];
  readonly memo: Map<string, Value>;
  /** Stores at the scope's end. */
  readonly late: Statement[];
}

const newScope = (): Scope => ({ statements: [], memo: new Map(), late: [] });

/** Which expressions have a buffer that this kernel reads, instead of being computed in place. */
export interface Sources {
  readonly isBuffer: (e: Expr) => boolean;
  /** Which values need no rounding. */
  readonly isLoose?: (e: Expr) => boolean;
}

/** Part of a buffer. */
export interface Place {
  readonly buffer: Expr;
  readonly from: Index;
  /** What is stored here is stored after all else of an iteration: the iteration may still read what was there. */
  readonly late?: boolean;
}

export class KernelBuilder {
  readonly buffers: BufferUse[] = [];
  /** The expression (or, for a scratch, null) behind each buffer. */
  readonly bufferOf: (Expr | null)[] = [];
  /** Every read of a buffer that `emit` made, with its multi-index. */
  readonly reads: { readonly source: Expr; readonly index: readonly Index[] }[] = [];
  private readonly scopes: Scope[] = [newScope()];
  private readonly slots = new Map<Expr, number>();
  private nextValue = 0;
  private nextAxis = 0;
  private nextAccumulator = 0;

  /** Expressions that are rows or wholes of other buffers: a loop body's params and results. */
  private readonly bindings = new Map<Expr, Place>();
  /** Further places of an expression that is stored element by element. */
  private readonly mirrors = new Map<Expr, readonly Place[]>();

  constructor(private sources: Sources) {}

  /** Builds part of the kernel from other sources: the body of a loop. */
  within(sources: Sources, body: () => void): void {
    const outer = this.sources;
    this.sources = sources;
    body();
    this.sources = outer;
  }

  /** From now on, `e` is at `place`, and what is stored to it is stored to `others` as well. */
  bind(e: Expr, place: Place, others: readonly Place[] = []): void {
    this.bindings.set(e, this.absolute(place));
    this.mirrors.set(
      e,
      others.map((o) => this.absolute(o)),
    );
  }

  /** A place in a buffer that is itself part of another. */
  private absolute(place: Place): Place {
    const outer = this.bindings.get(place.buffer);
    if (outer === undefined) return place;
    return { ...place, buffer: outer.buffer, from: addIndex(outer.from, place.from) };
  }

  private resolve(e: Expr): Place {
    return this.bindings.get(e) ?? { buffer: e, from: constantIndex(0) };
  }

  get statements(): readonly Statement[] {
    return this.scopes[0]!.statements;
  }

  // ---- loops

  axes(shape: Shape): Axis[] {
    return shape.map((size) => ({ id: this.nextAxis++, size }));
  }

  /** A nest over `axes`, in a scope of its own. Axes of size 1 vanish. */
  nest(axes: readonly Axis[], body: () => void): void {
    const real = axes.filter((a) => a.size !== 1);
    const statements = this.scoped(body);
    this.push(
      real.length === 0 ? null : { _tag: "Nest", axes: real, body: statements, sequential: false },
      statements,
    );
  }

  /** A loop whose iterations follow each other. */
  sequence(axis: Axis, body: () => void): void {
    const statements = this.scoped(body);
    this.push(
      axis.size === 1 ? null : { _tag: "Nest", axes: [axis], body: statements, sequential: true },
      statements,
    );
  }

  add(statement: Statement): void {
    this.top.statements.push(statement);
  }

  /** The whole of an expression's buffer, for a routine. */
  part(e: Expr, written: boolean): BufferPart {
    const { buffer, from } = this.resolve(e);
    return { buffer: this.buffer(buffer, written), from, length: e.size };
  }

  private push(nest: Statement | null, body: readonly Statement[]): void {
    if (nest === null) this.top.statements.push(...body);
    else this.top.statements.push(nest);
  }

  /** The statements that `body` makes. */
  scoped(body: () => void): readonly Statement[] {
    this.scopes.push(newScope());
    try {
      body();
      this.top.statements.push(...this.top.late);
      return this.top.statements;
    } finally {
      this.scopes.pop();
    }
  }

  private get top(): Scope {
    return this.scopes[this.scopes.length - 1]!;
  }

  // ---- buffers

  buffer(e: Expr, written: boolean): number {
    const have = this.slots.get(e);
    if (have !== undefined) {
      if (written && !this.buffers[have]!.written) this.buffers[have] = { ...this.buffers[have]!, written };
      return have;
    }
    this.buffers.push({ dtype: e.dtype, length: e.size, written });
    this.bufferOf.push(e);
    this.slots.set(e, this.buffers.length - 1);
    return this.buffers.length - 1;
  }

  store(
    e: Expr,
    index: Index,
    value: Value,
    mode: ScatterMode = "set",
    conditions: readonly Condition<Index>[] = [],
  ): void {
    for (const place of [this.resolve(e), ...(this.mirrors.get(e) ?? [])])
      (place.late === true ? this.top.late : this.top.statements).push({
        _tag: "Store",
        buffer: this.buffer(place.buffer, true),
        index: addIndex(place.from, index),
        value,
        mode,
        conditions,
      });
  }

  // ---- accumulators

  accumulate(op: ReduceOp, dtype: DType): Accumulator {
    const accumulator: Accumulator = { id: this.nextAccumulator++, op, dtype };
    this.top.statements.push({ _tag: "Accumulate", accumulator });
    return accumulator;
  }

  update(accumulator: Accumulator, value: Value, position: Index | null = null): void {
    this.top.statements.push({ _tag: "Update", accumulator, value, position });
  }

  /** The value of a finished accumulator, as `dtype`. */
  accumulated(accumulator: Accumulator, dtype: DType): Value {
    return this.define(`acc${accumulator.id}`, dtype, { _tag: "Accumulated", accumulator });
  }

  // ---- values

  private define(key: string, dtype: DType, definition: Definition): Value {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const have = this.scopes[i]!.memo.get(key);
      if (have !== undefined) return have;
    }
    const value: Value = { id: this.nextValue++, dtype, definition };
    this.top.memo.set(key, value);
    if (definition._tag !== "Constant") this.top.statements.push({ _tag: "Let", value });
    return value;
  }

  /** A value that the renderer defines. */
  opaque(dtype: DType): Value {
    return { id: this.nextValue++, dtype, definition: { _tag: "Guarded" } };
  }

  /** x · y, inside a contraction. */
  product(mul: Primitive, x: Value, y: Value, dtype: DType): Value {
    if (mul.lower._tag !== "Elementwise") throw new FluxionError("jit", "expected mul to be elementwise");
    // Products are summed in float64: they are not rounded to float32 first.
    const exact: DType = dtype === "float32" ? "float64" : dtype;
    const key = `product|${x.id},${y.id}`;
    return this.define(key, exact, {
      _tag: "Compute",
      name: "mul",
      lower: mul.lower,
      attrs: {},
      operand: dtype,
      args: [x, y],
      loose: false,
    });
  }

  constant(dtype: DType, value: number): Value {
    return this.define(`${dtype}:${Object.is(value, -0) ? "-0" : value}`, dtype, { _tag: "Constant", value });
  }

  fromIndex(dtype: DType, index: Index): Value {
    if (index.terms.length === 0) return this.constant(dtype, index.base);
    return this.define(`${dtype}#${index.key}`, dtype, { _tag: "FromIndex", index });
  }

  /** Makes `value` stand for `e` at `index` in the present scope: a result that the kernel computes itself. */
  alias(e: Expr, index: readonly Index[], value: Value): void {
    this.top.memo.set(flatKey(e, flatIndex(index, stridesOf(e.shape))), value);
  }

  /** The value of element `index` of `e`. */
  emit(e: Expr, index: readonly Index[]): Value {
    const key = emitKey(e, index);
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const have = this.scopes[i]!.memo.get(key);
      if (have !== undefined) return have;
    }
    const value = this.emitNew(e, index);
    this.top.memo.set(key, value);
    return value;
  }

  private emitNew(e: Expr, index: readonly Index[]): Value {
    if (e.size === 0) return this.constant(e.dtype, 0);
    if (e.literal !== null) return this.constant(e.dtype, e.literal);
    return this.bindings.has(e) || this.sources.isBuffer(e) ? this.load(e, index) : this.compute(e, index);
  }

  /** The value of element `index` of `e`, computed here even if `e` has a buffer. */
  compute(e: Expr, index: readonly Index[]): Value {
    if (e.literal !== null || e.size === 0) return this.emitNew(e, index);
    if (e.tag !== "Apply") throw new FluxionError("jit", `expected a computed value, got a ${e.tag}`);
    const lower = e.primitive!.lower;
    switch (lower._tag) {
      case "Elementwise": {
        const args = e.args.map((a) => this.emit(a, index));
        const key = `${e.primitive!.name}|${JSON.stringify(e.attrs)}|${args.map((a) => a.id).join()}|${e.dtype}`;
        return this.define(key, e.dtype, {
          _tag: "Compute",
          name: e.primitive!.name,
          lower,
          attrs: e.attrs,
          operand: e.args[e.args.length - 1]!.dtype,
          args,
          loose: this.sources.isLoose?.(e) === true,
        });
      }
      case "Iota": {
        const { axis } = attrsOf(iotaPrimitive, e);
        return this.fromIndex(e.dtype, index[axis]!);
      }
      case "View": {
        const x = e.args[0]!;
        const v = lower.index(symbols, index, x.shape, e.attrs);
        return this.guarded(e.dtype, v.within ?? [], v.fill ?? 0, () => this.emit(x, v.at));
      }
      case "Gather":
        return this.emitGather(e, index);
      case "DynamicSlice": {
        const [x, starts] = e.args as [Expr, Expr];
        const { sizes } = attrsOf(dynamicSlicePrimitive, e);
        const at = index.map((i, k) =>
          addIndex(i, this.clampedIndex(starts, [constantIndex(k)], x.shape[k]! - sizes[k]! + 1)),
        );
        return this.emit(x, at);
      }
      default:
        throw new FluxionError("jit", `expected a fusible primitive, got ${e.primitive!.name}`);
    }
  }

  private load(e: Expr, index: readonly Index[]): Value {
    const flat = flatIndex(index, stridesOf(e.shape));
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const own = this.scopes[i]!.memo.get(flatKey(e, flat));
      if (own !== undefined) return own;
    }
    this.reads.push({ source: e, index });
    const bound = this.resolve(e);
    const buffer = this.buffer(bound.buffer, false);
    const at = addIndex(bound.from, flat);
    return this.define(`load${buffer}[${at.key}]`, e.dtype, { _tag: "Load", buffer, index: at });
  }

  /** `value()` where the conditions hold, else `fill`. Conditions that always hold vanish. */
  guarded(dtype: DType, conditions: readonly Condition<Index>[], fill: number, value: () => Value): Value {
    const open = conditions.filter((c) => !always(c));
    if (open.length === 0) return value();
    if (open.some(never)) return this.constant(dtype, fill);
    let inner: Value | null = null;
    const body = this.scoped(() => (inner = value()));
    const result: Value = { id: this.nextValue++, dtype, definition: { _tag: "Guarded" } };
    this.top.statements.push({ _tag: "Guard", result, conditions: open, body, value: inner!, fill });
    return result;
  }

  /** An int32 element clamped to [0, n). */
  clamped(e: Expr, at: readonly Index[], n: number): Value {
    const raw = this.emit(e, at);
    if (raw.definition._tag === "Constant")
      return this.constant("int32", Math.min(Math.max(raw.definition.value, 0), n - 1));
    return this.operation("clamp", "int32", clampLowering(n), [raw]);
  }

  /** The same as an index. */
  clampedIndex(e: Expr, at: readonly Index[], n: number): Index {
    const v = this.clamped(e, at, n);
    return v.definition._tag === "Constant" ? constantIndex(v.definition.value) : valueIndex(v.id, 0, n - 1);
  }

  /** An int32 element as an index that may lie outside [0, n), with the condition that it does not. */
  checkedIndex(e: Expr, at: readonly Index[], n: number): readonly [Index, Condition<Index>] {
    const raw = this.emit(e, at);
    const index =
      raw.definition._tag === "Constant"
        ? constantIndex(raw.definition.value)
        : valueIndex(raw.id, -2147483648, 2147483647);
    return [index, { value: index, lo: 0, hi: n }];
  }

  private operation(
    name: string,
    dtype: DType,
    lower: ReturnType<typeof clampLowering>,
    args: readonly Value[],
  ): Value {
    const key = `${name}|${lower.js(["x"])}|${args.map((a) => a.id).join()}`;
    return this.define(key, dtype, {
      _tag: "Compute",
      name,
      lower,
      attrs: {},
      operand: dtype,
      args,
      loose: false,
    });
  }

  /** Where an index of a gather or scatter points in `x`, and when it points inside. */
  place(
    x: Shape,
    indices: Expr,
    at: readonly Index[],
    attrs: Gather,
  ): readonly [readonly Index[], readonly Condition<Index>[]] {
    const nI = indices.ndim - 1;
    const index: Index[] = range(x.length).map((a) => (a < attrs.batch ? at[a]! : constantIndex(0)));
    restAxes(x.length, attrs).forEach((a, k) => (index[a] = at[nI + k]!));
    const conditions: Condition<Index>[] = [];
    attrs.axes.forEach((a, k) => {
      const where = [...at.slice(0, nI), constantIndex(k)];
      if (attrs.outOfBounds === "clip") index[a] = this.clampedIndex(indices, where, x[a]!);
      else {
        const [i, condition] = this.checkedIndex(indices, where, x[a]!);
        index[a] = i;
        conditions.push(condition);
      }
    });
    return [index, conditions];
  }

  private emitGather(e: Expr, at: readonly Index[]): Value {
    const [x, indices] = e.args as [Expr, Expr];
    const [index, conditions] = this.place(x.shape, indices, at, attrsOf(gatherPrimitive, e));
    return this.guarded(e.dtype, conditions, 0, () => this.emit(x, index));
  }
}

const emitKey = (e: Expr, index: readonly Index[]): string => `e${e.id}@${index.map((i) => i.key).join(",")}`;

const flatKey = (e: Expr, flat: Index): string => `flat${e.id}@${flat.key}`;

const always = (c: Condition<Index>): boolean => {
  const [lo, hi] = bounds(c.value);
  return lo >= c.lo && hi < c.hi && c.multiple === undefined;
};

const never = (c: Condition<Index>): boolean => {
  const [lo, hi] = bounds(c.value);
  return hi < c.lo || lo >= c.hi;
};

const clampLowering = (
  n: number,
): {
  readonly _tag: "Elementwise";
  readonly js: (args: readonly string[]) => string;
  readonly functions: Readonly<Record<string, never>>;
  readonly cost: number;
} => ({
  _tag: "Elementwise",
  js: ([x]) => `Math.min(Math.max(${x!}, 0), ${n - 1})`,
  functions: {},
  cost: 2,
});

export const indexOf = (axes: readonly Axis[]): Index[] => axes.map(axisIndex);
