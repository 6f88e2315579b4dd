/** A WebAssembly module under construction: functions over one imported memory. */
import {
  type Bytes,
  float32Bytes,
  float64Bytes,
  int32Bytes,
  signed,
  Sink,
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
  i64: (n: number): number[] => [0x42, ...signed(n)],
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
  private readonly body: Bytes[] = [];

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
    this.emitAll(parts);
  }

  emitAll(parts: readonly Bytes[]): void {
    for (const p of parts) this.body.push(p);
  }

  /** The function's entry in the code section; the module has so many imports. */
  bytes(imports: number): Uint8Array {
    const runs: [number, ValueType][] = [];
    for (const t of this.locals) {
      const last = runs[runs.length - 1];
      if (last?.[1] === t) last[0]++;
      else runs.push([1, t]);
    }
    const out = new Sink();
    out.vector(runs.map(([n, t]) => [...unsigned(n), typeByte[t]]));
    for (const part of this.body) out.write(isCall(part) ? relocated(part, imports) : part);
    out.write([0x0b]);
    const entry = new Sink();
    entry.sized(out.bytes);
    return entry.bytes;
  }
}

const isCall = (part: Bytes): boolean => {
  for (const b of part) if (b < 0) return true;
  return false;
};

const relocated = (part: Bytes, imports: number): number[] =>
  part.flatMap((b) => (b >= 0 ? b : unsigned(imports - 1 - b)));

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
    const types = new Map<string, number>();
    const signatures: Bytes[] = [];
    const typeOf = ({ params, results }: Signature): number => {
      const list = (all: readonly ValueType[]): number[] => [
        ...unsigned(all.length),
        ...all.map((t) => typeByte[t]),
      ];
      const signature = [0x60, ...list(params), ...list(results)];
      const key = String(signature);
      const have = types.get(key);
      if (have !== undefined) return have;
      types.set(key, types.size);
      return signatures.push(signature) - 1;
    };
    const module = text("m");
    const imported = this.imports.map((i) => [
      ...module,
      ...text(i.name),
      0,
      ...unsigned(typeOf(i.signature)),
    ]);
    const declared = this.functions.map((f) => unsigned(typeOf(f.signature)));
    const limits = [memory.shared ? 3 : 1, ...unsigned(memory.initial), ...unsigned(memory.maximum)];
    const n = this.imports.length;
    const numbers = new Map(this.functions.map((f, i) => [f, n + i]));
    const out = new Sink();
    const section = (id: number, elements: readonly ArrayLike<number>[]): void => {
      out.write([id]);
      out.sized(vector(elements));
    };
    out.write(header);
    section(1, signatures);
    section(2, [[...module, ...text("memory"), 2, ...limits], ...imported]);
    section(3, declared);
    section(
      7,
      exported.map((f) => [...text(f.name), 0, ...unsigned(numbers.get(f)!)]),
    );
    section(
      10,
      this.functions.map((f) => f.bytes(n)),
    );
    return out.bytes;
  }
}

/** In pages of 64 KiB. */
export interface MemoryLimits {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}
