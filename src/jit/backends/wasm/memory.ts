/** Loads and stores, of one element or of a vector. */
import { bytesPerElement, type DType } from "../../../ir/dtype.js";
import type { ScatterMode } from "../../../ir/lowering.js";
import type { MachineBinary } from "../../../ir/machine.js";
import { addIndex, constantIndex, type Index } from "../../index-expression.js";
import type { Statement } from "../../kernel.js";
import type { Addresses } from "./addresses.js";
import type { Bytes } from "./bytes.js";
import type { Frame, Vectors } from "./frame.js";
import { code } from "./module.js";
import { type MemoryOp, op, shuffle, storeLane32 } from "./opcodes.js";
import { patternOf, readingOf } from "./pattern.js";
import { type Coded, scalarType } from "./scalar.js";

type Store = Extract<Statement, { _tag: "Store" }>;

export class Memory {
  constructor(
    private readonly frame: Frame,
    private readonly addresses: Addresses,
  ) {}

  scalar(buffer: number, index: Index): Coded {
    const { dtype } = this.frame.buffers[buffer]!;
    const a = this.addresses.of(buffer, index);
    return { dtype, code: a.code + code.load(loadOp[dtype], a.offset) };
  }

  vector(buffer: number, index: Index, own: Vectors): Coded {
    const { dtype } = this.frame.buffers[buffer]!;
    const narrow = bytesPerElement(dtype) === 1;
    if (!this.addresses.isContiguous(index, own) || (narrow && own.lanes === 2))
      return this.apart(buffer, index, own);
    const a = this.addresses.of(buffer, index);
    if (!narrow) return { dtype, code: a.code + code.load("v128.load", a.offset) };
    const four = a.code + code.load("v128.load32_zero", a.offset);
    const sign = dtype === "int8" ? "s" : "u";
    const wide = four + op(`i16x8.extend_low_i8x16_${sign}`) + op(`i32x4.extend_low_i16x8_${sign}`);
    return dtype === "bool" ? { dtype, code: wide + code.i32x4(0) + op("i32x4.ne") } : { dtype, code: wide };
  }

  /** A vector of elements that are no neighbours: by shuffles where their distances are known, else one by one. */
  private apart(buffer: number, index: Index, own: Vectors): Coded {
    const { dtype } = this.frame.buffers[buffer]!;
    const pattern =
      own.lines === undefined && bytesPerElement(dtype) === 4 && !this.frame.valueVaries(index)
        ? patternOf(index, own.axis, own.lanes, own.aligned)
        : null;
    const reading = pattern === null ? null : readingOf(pattern);
    if (reading === null) return this.frame.byLane(own, () => this.scalar(buffer, index));
    const load = (name: MemoryOp, from: number): Bytes => {
      const a = this.addresses.of(buffer, addIndex(index, constantIndex(from)));
      return a.code + code.load(name, a.offset);
    };
    switch (reading._tag) {
      case "One":
        return { dtype, code: load("v128.load32_splat", 0) };
      case "Pair": {
        const pair = this.frame.writer.keep("v128", load("v128.load64_splat", reading.from));
        return { dtype, code: pair + pair + shuffle(bytesOf(reading.lanes)) };
      }
      case "Fours": {
        const [low, high] = reading.from;
        const first = load("v128.load", low);
        if (low !== high)
          return { dtype, code: first + load("v128.load", high) + shuffle(bytesOf(reading.lanes)) };
        if (reading.lanes.every((l, i) => l === i)) return { dtype, code: first };
        const four = this.frame.writer.keep("v128", first);
        return { dtype, code: four + four + shuffle(bytesOf(reading.lanes)) };
      }
    }
  }

  store(s: Store): void {
    const v = this.frame.vectors;
    if (v === null || v.lane !== null) return this.storeScalar(s);
    const varies =
      this.frame.varies(s.value) ||
      this.frame.indexVaries(s.index) ||
      s.conditions.some((c) => this.frame.indexVaries(c.value));
    if (!varies) return this.storeScalar(s);
    this.frame.eachCopy(() => {
      const { dtype } = this.frame.buffers[s.buffer]!;
      const narrow = bytesPerElement(dtype) === 1;
      const together =
        this.addresses.isContiguous(s.index, v) &&
        !(narrow && v.lanes === 2) &&
        s.conditions.length === 0 &&
        (s.mode === "set" || !narrow);
      if (!together) this.frame.eachLane(() => this.storeScalar(s));
      else this.storeVector(s, v);
    });
  }

  private storeVector(s: Store, v: Vectors): void {
    const { dtype } = this.frame.buffers[s.buffer]!;
    const a = this.addresses.of(s.buffer, s.index);
    let x = this.frame.vector(s.value);
    if (s.mode !== "set") {
      const old: Coded = { dtype, code: a.code + code.load("v128.load", a.offset) };
      x = v.machine.binary(modeOf(s.mode), old, x);
    }
    if (bytesPerElement(dtype) > 1)
      return this.frame.writer.emit(a.code, x.code, code.load("v128.store", a.offset));
    const words =
      dtype === "bool" ? x.code + code.i32x4(1) + op("v128.and") : x.code + code.i32x4(255) + op("v128.and");
    const held = this.frame.writer.keep("v128", words);
    const half = this.frame.writer.keep("v128", held + held + op("i16x8.narrow_i32x4_u"));
    this.frame.writer.emit(a.code, half, half, op("i8x16.narrow_i16x8_u"), storeLane32(a.offset));
  }

  private storeScalar(s: Store): void {
    const { dtype } = this.frame.buffers[s.buffer]!;
    const write = (): void => {
      const a = this.addresses.of(s.buffer, s.index);
      let x = this.frame.scalar(s.value);
      if (s.mode !== "set") {
        const at: DType = dtype === "bool" ? "uint8" : dtype;
        const old = {
          dtype: at,
          code: this.frame.writer.keep(scalarType(at), a.code + code.load(loadOp[dtype], a.offset)),
        };
        x = this.frame.machine.binary(modeOf(s.mode), old, { ...x, dtype: at });
      }
      this.frame.writer.emit(a.code, x.code, code.load(storeOp[dtype], a.offset));
    };
    if (s.conditions.length === 0) return write();
    this.frame.writer.when(this.addresses.conditions(s.conditions), write);
  }
}

/** The bytes of lanes of 32 bits. */
const bytesOf = (lanes: readonly number[]): number[] =>
  lanes.flatMap((l) => [0, 1, 2, 3].map((i) => 4 * l + i));

const modeOf = (mode: ScatterMode): MachineBinary => (mode === "set" ? "add" : mode);

const loadOp: Readonly<Record<DType, MemoryOp>> = {
  float16: "f32.load",
  float32: "f32.load",
  float64: "f64.load",
  int32: "i32.load",
  uint32: "i32.load",
  int8: "i32.load8_s",
  uint8: "i32.load8_u",
  bool: "i32.load8_u",
};

const storeOp: Readonly<Record<DType, MemoryOp>> = {
  float16: "f32.store",
  float32: "f32.store",
  float64: "f64.store",
  int32: "i32.store",
  uint32: "i32.store",
  int8: "i32.store8",
  uint8: "i32.store8",
  bool: "i32.store8",
};
