/** A WebAssembly module under construction: functions over one imported memory. */
import {
  type Bytes,
  float32Bytes,
  float64Bytes,
  int32Bytes,
  section,
  signed,
  sized,
  text,
  unsigned,
  vector,
} from "./bytes.js";
import {
  type LaneOp,
  laneOp,
  type MemoryOp,
  memoryOp,
  op,
  type Plain,
  typeByte,
  type ValueType,
} from "./opcodes.js";

interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Instructions as bytes, for those that take operands. */
export const code = {
  get: (local: number): number[] => [0x20, ...unsigned(local)],
  set: (local: number): number[] => [0x21, ...unsigned(local)],
  tee: (local: number): number[] => [0x22, ...unsigned(local)],
  i32: (n: number): number[] => [0x41, ...signed(n)],
  f32: (x: number): number[] => [0x43, ...float32Bytes(x)],
  f64: (x: number): number[] => [0x44, ...float64Bytes(x)],
  v128: (bytes: Bytes): number[] => [0xfd, 12, ...bytes],
  i32x4: (n: number): number[] => [
    0xfd,
    12,
    ...int32Bytes(n),
    ...int32Bytes(n),
    ...int32Bytes(n),
    ...int32Bytes(n),
  ],
  f32x4: (x: number): number[] => {
    const b = float32Bytes(x);
    return [0xfd, 12, ...b, ...b, ...b, ...b];
  },
  f64x2: (x: number): number[] => {
    const b = float64Bytes(x);
    return [0xfd, 12, ...b, ...b];
  },
  op: (name: Plain): readonly number[] => op(name),
  load: (name: MemoryOp, offset = 0): number[] => memoryOp(name, offset),
  lane: (name: LaneOp, lane: number): number[] => laneOp(name, lane),
  call: (f: number): number[] => [0x10, ...unsigned(f)],
  branch: (depth: number): number[] => [0x0c, ...unsigned(depth)],
  branchIf: (depth: number): number[] => [0x0d, ...unsigned(depth)],
  block: [0x02, 0x40] as Bytes,
  loop: [0x03, 0x40] as Bytes,
  if: [0x04, 0x40] as Bytes,
  else: [0x05] as Bytes,
  end: [0x0b] as Bytes,
  /** Copies n bytes: destination, source and n are on the stack. */
  copy: [0xfc, 10, 0, 0] as Bytes,
  /** Fills n bytes: destination, byte and n are on the stack. */
  fill: [0xfc, 11, 0] as Bytes,
};

/** One function: parameters are its first locals. */
export class FunctionBuilder {
  private readonly locals: ValueType[] = [];
  private readonly body: number[] = [];

  constructor(
    readonly name: string,
    readonly signature: Signature,
  ) {}

  /** A new local, zero at first. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.signature.params.length + this.locals.length - 1;
  }

  /** Appends instructions; a negative byte stands for a function of the module (`ModuleBuilder.call`). */
  emit(...parts: readonly Bytes[]): void {
    for (const p of parts) for (const b of p) this.body.push(b);
  }

  /** The function's entry in the code section; the module has so many imports. */
  bytes(imports: number): number[] {
    const runs: [number, ValueType][] = [];
    for (const t of this.locals) {
      const last = runs[runs.length - 1];
      if (last?.[1] === t) last[0]++;
      else runs.push([1, t]);
    }
    const out = vector(runs.map(([n, t]) => [...unsigned(n), typeByte[t]]));
    for (const b of this.body) {
      if (b >= 0) out.push(b);
      else out.push(...unsigned(imports - 1 - b));
    }
    out.push(0x0b);
    return sized(out);
  }
}

interface Import {
  readonly name: string;
  readonly signature: Signature;
}

export class ModuleBuilder {
  private readonly imports: Import[] = [];
  private readonly functions: FunctionBuilder[] = [];

  /** The number of an imported function. */
  import(name: string, params: readonly ValueType[], results: readonly ValueType[]): number {
    const have = this.imports.findIndex((i) => i.name === name);
    if (have >= 0) return have;
    this.imports.push({ name, signature: { params, results } });
    return this.imports.length - 1;
  }

  function(name: string, params: readonly ValueType[], results: readonly ValueType[] = []): FunctionBuilder {
    const f = new FunctionBuilder(name, { params, results });
    this.functions.push(f);
    return f;
  }

  /** A call of a function of this module; its number is known when all imports are. */
  call(f: FunctionBuilder): number[] {
    return [0x10, -1 - this.functions.indexOf(f)];
  }

  /** The module, with its memory as `m.memory`, imported functions as `m.NAME`, and `exported` by name. */
  finish(exported: readonly FunctionBuilder[], memory: MemoryLimits): Uint8Array {
    const types: string[] = [];
    const typeOf = ({ params, results }: Signature): number => {
      const key = String([
        0x60,
        ...vector(params.map((t) => [typeByte[t]])),
        ...vector(results.map((t) => [typeByte[t]])),
      ]);
      const have = types.indexOf(key);
      return have >= 0 ? have : types.push(key) - 1;
    };
    const imported = this.imports.map((i) => [
      ...text("m"),
      ...text(i.name),
      0,
      ...unsigned(typeOf(i.signature)),
    ]);
    const declared = this.functions.map((f) => unsigned(typeOf(f.signature)));
    const limits = [memory.shared ? 3 : 1, ...unsigned(memory.initial), ...unsigned(memory.maximum)];
    const n = this.imports.length;
    return new Uint8Array([
      ...header,
      ...section(1, vector(types.map((t) => t.split(",").map(Number)))),
      ...section(2, vector([[...text("m"), ...text("memory"), 2, ...limits], ...imported])),
      ...section(3, vector(declared)),
      ...section(
        7,
        vector(exported.map((f) => [...text(f.name), 0, ...unsigned(n + this.functions.indexOf(f))])),
      ),
      ...section(10, vector(this.functions.map((f) => f.bytes(n)))),
    ]);
  }
}

/** In pages of 64 KiB. */
export interface MemoryLimits {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}
