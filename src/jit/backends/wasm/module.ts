/** A WebAssembly module under construction: functions over one imported memory. */
import {
  byte,
  type Bytes,
  encoded,
  float32Bytes,
  float64Bytes,
  functionMark,
  int32Bytes,
  relocated,
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

const header = byte(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

/** What v128.const begins with. */
const constantVector = byte(0xfd, 12);

/** Instructions as bytes, for those that take operands. */
export const code = {
  get: (local: number): Bytes => "\x20" + unsigned(local),
  set: (local: number): Bytes => "\x21" + unsigned(local),
  tee: (local: number): Bytes => "\x22" + unsigned(local),
  i32: (n: number): Bytes => "\x41" + signed(n),
  i64: (n: number): Bytes => "\x42" + signed(n),
  f32: (x: number): Bytes => "\x43" + float32Bytes(x),
  f64: (x: number): Bytes => "\x44" + float64Bytes(x),
  v128: (bytes: Bytes): Bytes => constantVector + bytes,
  i32x4: (n: number): Bytes => constantVector + int32Bytes(n).repeat(4),
  f32x4: (x: number): Bytes => constantVector + float32Bytes(x).repeat(4),
  f64x2: (x: number): Bytes => constantVector + float64Bytes(x).repeat(2),
  op: (name: Plain): Bytes => op(name),
  load: (name: MemoryOp, offset: number = 0): Bytes => memoryOp(name, offset),
  lane: (name: LaneOp, lane: number): Bytes => laneOp(name, lane),
  call: (f: number): Bytes => "\x10" + unsigned(f),
  branch: (depth: number): Bytes => "\x0c" + unsigned(depth),
  branchIf: (depth: number): Bytes => "\x0d" + unsigned(depth),
  block: "\x02\x40",
  loop: "\x03\x40",
  if: "\x04\x40",
  else: "\x05",
  end: "\x0b",
  /** Copies n bytes: destination, source and n are on the stack. */
  copy: "\xfc\x0a\x00\x00",
  /** Fills n bytes: destination, byte and n are on the stack. */
  fill: "\xfc\x0b\x00",
};

/** One function: parameters are its first locals. */
export class FunctionBuilder {
  private readonly locals: ValueType[] = [];
  private body: Bytes = "";
  /** What it leaves to JavaScript, by name. */
  readonly calls: Set<string> = new Set();

  constructor(
    readonly name: string,
    readonly signature: Signature,
  ) {}

  /** A new local, zero at first. */
  local(type: ValueType): number {
    this.locals.push(type);
    return this.signature.params.length + this.locals.length - 1;
  }

  /** Puts a value into a new local; the code that reads it. */
  readonly keep = (type: ValueType, value: Bytes): Bytes => {
    const local = this.local(type);
    this.emit(value, code.set(local));
    return code.get(local);
  };

  /** Appends instructions. */
  emit(...parts: readonly Bytes[]): void {
    for (let i = 0; i < parts.length; i++) this.body += parts[i]!;
  }

  /** The function's entry in the code section; the module has so many imports. */
  bytes(imports: number): Bytes {
    const { locals } = this;
    const runs: Bytes[] = [];
    for (let i = 0, from = 0; i < locals.length; i++) {
      if (locals[i + 1] === locals[i]) continue;
      runs.push(unsigned(i + 1 - from) + byte(typeByte[locals[i]!]));
      from = i + 1;
    }
    return sized(vector(runs) + relocated(this.body, imports) + code.end);
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
  call(f: FunctionBuilder): Bytes {
    return "\x10" + functionMark(this.functions.indexOf(f));
  }

  /** The module, with its memory as `m.memory`, imported functions as `m.NAME`, and `exported` by name. */
  finish(exported: readonly FunctionBuilder[], memory: MemoryLimits): Uint8Array {
    const types = new Map<Bytes, number>();
    const typeOf = ({ params, results }: Signature): Bytes => {
      const list = (all: readonly ValueType[]): Bytes => vector(all.map((t) => byte(typeByte[t])));
      const signature = "\x60" + list(params) + list(results);
      if (!types.has(signature)) types.set(signature, types.size);
      return unsigned(types.get(signature)!);
    };
    const module = text("m");
    const imported = this.imports.map((i) => module + text(i.name) + byte(0) + typeOf(i.signature));
    const declared = this.functions.map((f) => typeOf(f.signature));
    const limits = byte(memory.shared ? 3 : 1) + unsigned(memory.initial) + unsigned(memory.maximum);
    const n = this.imports.length;
    const numbers = new Map(this.functions.map((f, i) => [f, n + i]));
    const section = (id: number, elements: readonly Bytes[]): Bytes => byte(id) + sized(vector(elements));
    return encoded(
      header +
        section(1, [...types.keys()]) +
        section(2, [module + text("memory") + byte(2) + limits, ...imported]) +
        section(3, declared) +
        section(
          7,
          exported.map((f) => text(f.name) + byte(0) + unsigned(numbers.get(f)!)),
        ) +
        section(
          10,
          this.functions.map((f) => f.bytes(n)),
        ),
    );
  }
}

/** In pages of 64 KiB. */
export interface MemoryLimits {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}
