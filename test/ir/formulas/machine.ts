/** Machines that write formulas down as JavaScript, each operation rounded to its dtype, and count them. */
import type { DType } from "../../../src/ir/dtype.js";
import type {
  Bits64,
  Machine,
  MachineBinary,
  MachineComparison,
  MachineUnary,
} from "../../../src/ir/machine.js";
import { roundEven } from "../../../src/ir/scalar/round.js";
import { coerce, isFloat, isUnsigned } from "../../../src/ir/dtype.js";

/** Whether x · y + z is rounded once or, as a product and a sum, twice. */
export type Fma = "once" | "twice";

interface Text {
  readonly dtype: DType;
  readonly js: string;
  readonly known?: number;
  /** Whether it is a name or a literal. */
  readonly cheap: boolean;
}

const cell = new Float32Array(1);
const word = new Int32Array(cell.buffer);
const doubles = new Float64Array(2);
const quads = new BigUint64Array(doubles.buffer);
const onWords =
  (f: (x: bigint, y: bigint) => bigint) =>
  (x: number, y: number): number => {
    doubles.set([x, y]);
    quads[0] = f(quads[0]!, quads[1]!);
    return doubles[0]!;
  };
const onWord =
  (f: (x: bigint, distance: bigint) => bigint) =>
  (x: number, distance: number): number => {
    doubles[0] = x;
    quads[0] = f(quads[0]!, BigInt(distance));
    return doubles[0]!;
  };
const library = {
  and64: onWords((x, y) => x & y),
  or64: onWords((x, y) => x | y),
  xor64: onWords((x, y) => x ^ y),
  shl64: onWord((x, distance) => x << distance),
  shr64: onWord((x, distance) => x >> distance),
  f: Math.fround,
  nearest: roundEven,
  toWord: (x: number): number => {
    cell[0] = x;
    return word[0]!;
  },
  toFloat: (x: number): number => {
    word[0] = x;
    return cell[0]!;
  },
  saturate: (x: number, unsigned: boolean): number =>
    Number.isNaN(x)
      ? 0
      : Math.trunc(Math.min(Math.max(x, unsigned ? 0 : -(2 ** 31)), unsigned ? 2 ** 32 - 1 : 2 ** 31 - 1)),
};

/** How the text of a number becomes one of a dtype. */
const roundings: Partial<Record<DType, (js: string) => string>> = {
  float32: (js) => `f(${js})`,
  int32: (js) => `((${js}) | 0)`,
  uint32: (js) => `((${js}) >>> 0)`,
  int8: (js) => `(((${js}) << 24) >> 24)`,
  uint8: (js) => `((${js}) & 255)`,
};

const round = (dtype: DType, js: string): string => roundings[dtype]?.(js) ?? `(${js})`;

const operators: Partial<Record<MachineBinary, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  and: "&",
  or: "|",
  xor: "^",
  shl: "<<",
};
const comparisons: Record<MachineComparison, string> = {
  eq: "===",
  ne: "!==",
  lt: "<",
  le: "<=",
  gt: ">",
  ge: ">=",
};

export class TextMachine implements Machine<Text> {
  readonly lines: string[] = [];
  readonly count: Record<string, number> = {};
  private readonly used = new Set<Text>();

  /** Where float32 can be widened to float64 for a formula; null on machines that cannot do that. */
  readonly inFloat64?: NonNullable<Machine<Text>["inFloat64"]>;

  constructor(
    private readonly rounds: Fma,
    widens = true,
  ) {
    if (widens)
      this.inFloat64 = (args, formula) => {
        const wide = args.map((x): Text => ({ ...this.share(x), dtype: "float64" }));
        const out = formula(this, wide);
        return { dtype: "float32", js: `f(${this.use(out)})`, cheap: false };
      };
  }

  /** The text of an operand. What costs something may be used once only, unless it is shared. */
  private use(x: Text): string {
    if (!x.cheap && this.used.has(x)) throw new Error(`not shared, but used twice: ${x.js}`);
    this.used.add(x);
    return x.js;
  }

  private make(op: string, dtype: DType, js: string): Text {
    this.count[op] = (this.count[op] ?? 0) + 1;
    return { dtype, js, cheap: false };
  }

  private same(op: string, ...xs: readonly Text[]): DType {
    const [first] = xs;
    if (!xs.every((x) => x.dtype === first!.dtype))
      throw new Error(`${op} of ${xs.map((x) => x.dtype).join(", ")}`);
    return first!.dtype;
  }

  readonly dtypeOf = (x: Text): DType => x.dtype;
  readonly constant = (dtype: DType, x: number): Text => {
    const value = dtype === "bool" ? Number(x !== 0) : coerce(dtype, x);
    if (!Object.is(value, x)) throw new Error(`${x} is no ${dtype}`);
    return { dtype, js: Object.is(x, -0) ? "-0" : `(${x})`, cheap: true, known: x };
  };
  readonly known = (x: Text): number | null => x.known ?? null;
  readonly share = (x: Text): Text => {
    if (x.cheap) return x;
    const name = `v${this.lines.length}`;
    this.lines.push(`const ${name} = ${this.use(x)};`);
    return { dtype: x.dtype, js: name, cheap: true };
  };
  readonly unary = (op: MachineUnary, x: Text): Text => {
    const a = this.use(x);
    if (op === "not") return this.make(op, x.dtype, x.dtype === "bool" ? `!${a}` : round(x.dtype, `~${a}`));
    const js = op === "neg" ? `-${a}` : op === "nearest" ? `nearest(${a})` : `Math.${op}(${a})`;
    return this.make(op, x.dtype, round(x.dtype, js));
  };
  readonly binary = (op: MachineBinary, x: Text, y: Text): Text => {
    const dtype = this.same(op, x, y);
    if (op === "lesser" || op === "greater") {
      const [a, b] = [this.share(x).js, this.share(y).js];
      return this.make(op, dtype, `(${op === "lesser" ? `${b} < ${a}` : `${a} < ${b}`} ? ${b} : ${a})`);
    }
    const [a, b] = [this.use(x), this.use(y)];
    if (dtype === "bool") return this.make(op, dtype, `(${a} ${op === "and" ? "&&" : "||"} ${b})`);
    if (op === "min" || op === "max") return this.make(op, dtype, `Math.${op}(${a}, ${b})`);
    if (op === "shr") return this.make(op, dtype, isUnsigned(dtype) ? `(${a} >>> ${b})` : `(${a} >> ${b})`);
    if (op === "mul" && !isFloat(dtype)) return this.make(op, dtype, round(dtype, `Math.imul(${a}, ${b})`));
    return this.make(op, dtype, round(dtype, `${a} ${operators[op]} ${b}`));
  };
  readonly shift = (op: "shl" | "shr", x: Text, distance: number): Text =>
    this.binary(op, x, this.constant(x.dtype, distance));
  readonly compare = (op: MachineComparison, x: Text, y: Text): Text => {
    this.same(op, x, y);
    return this.make("compare", "bool", `(${this.use(x)} ${comparisons[op]} ${this.use(y)})`);
  };
  readonly fma = (x: Text, y: Text, z: Text): Text => {
    const dtype = this.same("fma", x, y, z);
    const product = `${this.use(x)} * ${this.use(y)}`;
    return this.make(
      "fma",
      dtype,
      `f(${this.rounds === "once" ? product : `f(${product})`} + ${this.use(z)})`,
    );
  };
  readonly hornerOnce = (x: Text, coefficients: readonly Text[]): Text => {
    const by = this.share(x);
    return coefficients.reduceRight((sum, c) =>
      this.make("once", "float32", `f(${this.use(sum)} * ${this.use(by)} + ${this.use(c)})`),
    );
  };
  readonly loop: NonNullable<Machine<Text>["loop"]> = (start, test, body) => {
    const state = start.map((x, k): Text => {
      const name = `s${this.lines.length}_${k}`;
      this.lines.push(`let ${name} = ${this.use(x)};`);
      return { dtype: x.dtype, js: name, cheap: true };
    });
    this.lines.push("for (;;) {");
    this.lines.push(`if (!${this.use(test(state))}) break;`);
    const next = body(state).map((x, k) => {
      this.same("loop", x, state[k]!);
      return this.use(x);
    });
    this.lines.push(`[${state.map((x) => x.js).join(", ")}] = [${next.join(", ")}];`, "}");
    return state;
  };
  readonly select = (c: Text, x: Text, y: Text): Text =>
    this.make("select", this.same("select", x, y), `(${this.use(c)} ? ${this.use(x)} : ${this.use(y)})`);
  readonly cast = (x: Text, to: DType): Text => {
    const a = this.use(x);
    if (x.dtype === "float32" && !isFloat(to) && to !== "bool")
      return this.make("cast", to, `saturate(${a}, ${isUnsigned(to)})`);
    return this.make("cast", to, to === "bool" ? `(${a} !== 0)` : round(to, `+${a}`));
  };
  private bitwise(name: "and" | "or" | "xor"): (x: Text, y: Text) => Text {
    return (x, y) => this.make(name, "float64", `${name}64(${this.use(x)}, ${this.use(y)})`);
  }
  private shift64(name: "shl" | "shr"): (x: Text, distance: number) => Text {
    return (x, distance) => this.make(name, "float64", `${name}64(${this.use(x)}, ${distance})`);
  }
  readonly bits64: Bits64<Text> = {
    and: this.bitwise("and"),
    or: this.bitwise("or"),
    xor: this.bitwise("xor"),
    shl: this.shift64("shl"),
    shr: this.shift64("shr"),
  };
  readonly bits = (x: Text, to: DType): Text => {
    if (x.dtype === to) return x;
    const a = this.use(x);
    const js = x.dtype === "float32" ? `toWord(${a})` : to === "float32" ? `toFloat(${a})` : a;
    return { dtype: to, js: to === "float32" ? js : round(to, js), cheap: false };
  };
}

/** A formula of some operands, of one dtype, as a JavaScript function and the operations that it takes. */
export interface Compiled {
  readonly run: (...args: number[]) => number;
  readonly operations: Readonly<Record<string, number>>;
  /** Instructions without a fused multiply-add, where that is two. */
  readonly size: number;
}

export const compile = (
  formula: <V>(m: Machine<V>, ...args: V[]) => V | null,
  arity: number,
  rounds: Fma,
  dtype: DType = "float32",
  widens = true,
): Compiled => {
  const m = new TextMachine(rounds, widens);
  const names = ["x", "y", "z", "w"].slice(0, arity);
  const out = formula(m, ...names.map((js): Text => ({ dtype, js, cheap: true })));
  if (out === null) throw new Error("expected a formula");
  const body = `return (${names.join(", ")}) => { ${m.lines.join("\n")}\nreturn ${out.js}; };`;
  const made = new Function(...Object.keys(library), body) as (...fs: unknown[]) => Compiled["run"];
  const total = Object.values(m.count).reduce((a, b) => a + b, 0);
  return { run: made(...Object.values(library)), operations: m.count, size: total + (m.count["fma"] ?? 0) };
};
