/**
 * What the parts of the renderer share: the function under construction, its open loops, the values that are known in
 * them, and the loop that runs in vectors. Inside that loop what depends on its axis is a vector for each copy;
 * everything else is scalar and is spread where a vector needs it.
 */
import { FluxionError } from "../../../ir/errors.js";
import type { Axis, Index } from "../../index-expression.js";
import type { BufferUse, Panel, Statement, Value } from "../../kernel.js";
import type { Bytes } from "./bytes.js";
import type { Host } from "./host.js";
import type { Lines } from "./lines.js";
import { code, type FunctionBuilder } from "./module.js";
import { type Coded, ScalarMachine } from "./scalar.js";
import { fromLanes, lane as laneOf, type Lanes, splat, VectorMachine } from "./vector.js";
import { Writer } from "./writer.js";

/** The loop that runs several elements at a time. */
export interface Vectors {
  readonly axis: Axis;
  readonly lanes: Lanes;
  readonly copies: number;
  /** Vectors start at multiples of their lanes. */
  readonly aligned: boolean;
  readonly machine: VectorMachine;
  /** Where lanes are not positions of a loop but of these lines. */
  readonly lines?: Lines;
  /** The copy that is being written, and its lane where elements go one by one. */
  copy: number;
  lane: number | null;
}

/** Lines whose positions are lanes. */
export interface Together {
  readonly lines: Lines;
  readonly lanes: Lanes;
  readonly copies: number;
}

/** The axis of vectors whose lanes are no loop's. */
const nowhere: Axis = { id: -1, size: 1 };

/** A value that is known: one number, or a vector for each copy. */
export interface Entry {
  readonly scalar?: Coded;
  readonly vectors?: readonly Coded[];
}

const spread = "splat ";
const spreadKey = (v: Value): string => `${spread}${v.id}`;

export class Frame {
  readonly writer: Writer<Entry>;
  readonly machine: ScalarMachine;
  vectors: Vectors | null = null;
  /** Axes that are not loops: positions along them are computed where they are needed (see `lines.ts`). */
  lines: readonly Lines[] = [];
  readonly axes: Map<number, { readonly level: number; readonly local: number }> = new Map();
  /** What this function had to leave to JavaScript, by name. */
  readonly calls: Set<string> = new Set();
  /** The widest vectors of any loop. */
  widest = 1;
  /** Renders statements at the present place; the renderer sets it. */
  statements: (body: readonly Statement[]) => void = () => undefined;

  constructor(
    builder: FunctionBuilder,
    readonly buffers: readonly BufferUse[],
    readonly host: Host,
    /** The local that holds the first buffer's address; the others follow it. */
    readonly firstBuffer: number,
  ) {
    this.writer = new Writer(builder);
    this.machine = new ScalarMachine(this.writer.keep);
  }

  private readonly constants = new Map<string, Bytes>();

  // ---- places

  /** Runs `body` with an axis at the position that a local holds. */
  bound<T>(axis: Axis, local: number, body: () => T): T {
    this.axes.set(axis.id, { level: this.writer.level, local });
    return body();
  }

  /** Renders statements once more: what they define here is forgotten afterwards. */
  apart<T>(body: () => T): T {
    const { entries } = this.writer.current;
    const before = new Map(entries);
    const out = body();
    for (const key of entries.keys())
      if (!before.has(key) && (typeof key === "number" || key.startsWith(spread))) entries.delete(key);
    return out;
  }

  /** Renders with lanes along an axis, whose first position a local holds, and some axes as lines. */
  withLanes(axis: Axis, lanes: Lanes, lines: readonly Lines[], body: () => void): void {
    this.within(lines, { axis, lanes, copies: 1, aligned: false }, body);
  }

  /** Renders with some axes as lines; those of `together` are lanes of vectors. */
  withLines(lines: readonly Lines[], together: Together | null, body: () => void): void {
    this.within(lines, together === null ? null : { ...together, axis: nowhere, aligned: false }, body);
  }

  /** Renders several elements of a loop at a time. */
  inVectors(axis: Axis, lanes: Lanes, copies: number, body: () => void): void {
    this.within(this.lines, { axis, lanes, copies, aligned: true }, body);
  }

  private within(
    lines: readonly Lines[],
    vectors: Pick<Vectors, "axis" | "lanes" | "copies" | "aligned" | "lines"> | null,
    body: () => void,
  ): void {
    const before = [this.lines, this.vectors] as const;
    this.lines = lines;
    if (vectors !== null)
      this.vectors = { ...vectors, machine: this.vectorMachine(vectors.lanes), copy: 0, lane: null };
    body();
    [this.lines, this.vectors] = before;
  }

  vectorMachine(lanes: Lanes): VectorMachine {
    this.widest = Math.max(this.widest, lanes);
    const pool = (key: string, bytes: () => Bytes): Bytes => this.constantVector(key, bytes);
    return new VectorMachine(this.writer.keep, lanes, this.host.relaxed, pool);
  }

  /** A constant, loaded once for the whole function. */
  private constantVector(key: string, bytesOf: () => Bytes): Bytes {
    const have = this.constants.get(key);
    if (have !== undefined) return have;
    const bytes = bytesOf();
    const at = this.host.constant(bytes.slice(2));
    const value =
      at === null
        ? bytes
        : this.writer.at(0, () => this.writer.keep("v128", code.i32(0) + code.load("v128.load", at)));
    this.constants.set(key, value);
    return value;
  }

  // ---- copies and lanes

  /** Every copy, one after the other. */
  eachCopy(body: (v: Vectors, copy: number) => void): void {
    const v = this.vectors!;
    for (let c = 0; c < v.copies; c++) {
      v.copy = c;
      body(v, c);
    }
    v.copy = 0;
  }

  /** Every lane of the present copy, as scalars. */
  eachLane(body: (i: number) => void): void {
    const v = this.vectors!;
    for (let i = 0; i < v.lanes; i++) {
      v.lane = i;
      body(i);
    }
    v.lane = null;
  }

  /** A vector of what `scalar` gives for each lane. */
  byLane(own: Vectors, scalar: () => Coded): Coded {
    const out: Coded[] = [];
    this.eachLane(() => out.push(this.machine.share(scalar())));
    return fromLanes(own.lanes, out);
  }

  // ---- values

  found(id: number): { readonly entry: Entry; readonly level: number } {
    const found = this.writer.find(id);
    if (found === null) throw new FluxionError("jit", `expected value ${id} to be defined`);
    return found;
  }

  /** Announces a value that is made by hand. */
  bind(v: Value, x: Coded): void {
    this.writer.remember(v.id, { scalar: x });
  }

  /** The same for the copies of a vector. */
  bindVectors(v: Value, xs: readonly Coded[]): void {
    this.writer.remember(v.id, { vectors: xs });
  }

  /** A value as a scalar; where elements go one by one, that of the present lane. */
  scalar(v: Value): Coded {
    if (v.definition._tag === "Constant") return this.machine.constant(v.dtype, v.definition.value);
    const { entry } = this.found(v.id);
    if (entry.vectors === undefined) return entry.scalar!;
    const own = this.vectors!;
    return laneOf(own.lanes, entry.vectors[own.copy]!, own.lane ?? 0);
  }

  /** A value as the vector of the present copy. */
  vector(v: Value): Coded {
    const own = this.vectors!;
    if (v.definition._tag === "Constant") return own.machine.constant(v.dtype, v.definition.value);
    const { entry, level } = this.found(v.id);
    if (entry.vectors !== undefined) return entry.vectors[own.copy]!;
    const key = spreadKey(v);
    const have = this.writer.find(key);
    if (have !== null && have.level >= level) return have.entry.scalar!;
    const spread = this.writer.at(level, () => own.machine.share(splat(entry.scalar!)));
    this.writer.remember(key, { scalar: spread }, level);
    return spread;
  }

  /** Forgets the vector that a value was spread to. */
  forgetSpread(v: Value): void {
    this.writer.forget(spreadKey(v));
  }

  /** What a panel gives, as a vector for each copy. */
  vectorsOf(p: Panel): Bytes[] {
    this.statements(p.body);
    const out: Bytes[] = [];
    this.eachCopy(() => out.push(this.vector(p.value).code));
    return out;
  }

  /** The same, but every lane is computed by itself. */
  gathered(p: Panel): Bytes[] {
    const out: Bytes[] = [];
    this.eachCopy((own) => {
      const lanes: Coded[] = [];
      this.eachLane(() =>
        this.apart(() => {
          this.statements(p.body);
          lanes.push(this.machine.share(this.scalar(p.value)));
        }),
      );
      out.push(this.writer.keep("v128", fromLanes(own.lanes, lanes).code));
    });
    return out;
  }

  // ---- what differs between lanes

  private isVectors(id: number): boolean {
    return this.writer.find(id)?.entry.vectors !== undefined;
  }

  varies(v: Value): boolean {
    return this.vectors !== null && v.definition._tag !== "Constant" && this.isVectors(v.id);
  }

  /** Whether a value that an index names, itself or inside a quotient, is a vector. */
  valueVaries(x: Index): boolean {
    return x.terms.some(({ atom }) => {
      if (atom._tag === "Value") return this.isVectors(atom.value);
      return atom._tag !== "Axis" && this.valueVaries(atom.of);
    });
  }

  indexVaries(x: Index): boolean {
    const { vectors } = this;
    if (vectors === null) return false;
    return x.terms.some(({ atom }) => {
      if (atom._tag === "Value") return this.isVectors(atom.value);
      if (atom._tag === "Axis")
        return atom.axis.id === vectors.axis.id || vectors.lines?.has(atom.axis) === true;
      return this.indexVaries(atom.of);
    });
  }
}
