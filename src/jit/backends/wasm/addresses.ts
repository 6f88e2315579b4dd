/** Indices as code: each part of a sum is computed at the outermost loop that it depends on, once. */
import { bytesPerElement } from "../../../ir/dtype.js";
import { FluxionError } from "../../../ir/errors.js";
import type { Condition } from "../../../ir/lowering.js";
import { type Axis, bounds, type Index } from "../../index-expression.js";
import { divided, scaled } from "./arithmetic.js";
import type { Bytes } from "./bytes.js";
import type { Frame, Vectors } from "./frame.js";
import { strideOf } from "./lanes.js";
import { code } from "./module.js";
import { op } from "./opcodes.js";
import { lane as laneOf } from "./vector.js";

/** Where an element is: code, and a constant to add. */
export interface Address {
  readonly code: Bytes;
  readonly offset: number;
}

/** A term as code, computed at a level; its key tells equal ones. */
interface Term {
  readonly level: number;
  readonly text: Bytes;
  readonly key: string;
}

type Atom = Index["terms"][number]["atom"];

/** Puts a term behind those of its level and of levels outside. */
const put = (terms: Term[], t: Term): void => {
  let at = terms.length;
  while (at > 0 && terms[at - 1]!.level > t.level) at--;
  terms.splice(at, 0, t);
};

export class Addresses {
  constructor(private readonly frame: Frame) {}

  /** Where an element of a buffer is. */
  of(buffer: number, index: Index): Address {
    const size = bytesPerElement(this.frame.buffers[buffer]!.dtype);
    const { text, constant } = this.linear(index, size, {
      code: code.get(this.frame.firstBuffer + buffer),
      key: `b${buffer}`,
    });
    const [least] = bounds({ ...index, base: 0 });
    return least >= 0 && constant >= 0
      ? { code: text, offset: constant }
      : { code: text + code.i32(constant) + op("i32.add"), offset: 0 };
  }

  /** An index as an i32. */
  index(x: Index): Bytes {
    const { text, constant } = this.linear(x, 1, null);
    if (text.length === 0) return code.i32(constant);
    return constant === 0 ? text : text + code.i32(constant) + op("i32.add");
  }

  /** Whether all conditions hold, as an i32. */
  conditions(conditions: readonly Condition<Index>[]): Bytes {
    const { writer } = this.frame;
    const tests = conditions.flatMap((c): Bytes[] => {
      const [lo, hi] = bounds(c.value);
      const x = writer.keep("i32", this.index(c.value));
      const out: Bytes[] = [];
      if (lo < c.lo) out.push(x + code.i32(c.lo) + op("i32.ge_s"));
      if (hi >= c.hi) out.push(x + code.i32(c.hi) + op("i32.lt_s"));
      if (c.multiple !== undefined) out.push(x + code.i32(c.multiple) + op("i32.rem_s") + op("i32.eqz"));
      return out;
    });
    if (tests.length === 0) return code.i32(1);
    return tests.reduce((all, t) => all + t + op("i32.and"));
  }

  /** Whether neighbouring lanes are neighbours in memory. */
  isContiguous(x: Index, own: Vectors): boolean {
    if (this.frame.valueVaries(x)) return false;
    return own.lines === undefined ? strideOf(x, own.axis) === 1 : own.lines.isContiguous(x, own.lanes);
  }

  /** The outermost block where an index can be computed. */
  levelOf(x: Index): number {
    return x.terms.reduce((l, { atom }) => Math.max(l, this.levelOfAtom(atom)), 0);
  }

  private levelOfAtom(atom: Atom): number {
    const { axes, lines, writer } = this.frame;
    if (atom._tag === "Value") return writer.find(atom.value)?.level ?? writer.level;
    if (atom._tag !== "Axis") return this.levelOf(atom.of);
    const { axis } = atom;
    return lines.find((l) => l.has(axis))?.level ?? axes.get(axis.id)?.level ?? writer.level;
  }

  /** The terms of an index times `scale`, those of outer loops computed there once; and what is constant. */
  private linear(
    x: Index,
    scale: number,
    base: { readonly code: Bytes; readonly key: string } | null,
  ): { readonly text: Bytes; readonly constant: number } {
    const { vectors, lines, writer } = this.frame;
    let constant = x.base * scale;
    const terms: Term[] = [];
    const along = lines.map((): { readonly axis: Axis; readonly by: number }[] => []);
    for (let i = 0; i < x.terms.length; i++) {
      const { atom, by } = x.terms[i]!;
      const times = by * scale;
      if (atom._tag === "Axis") {
        const line = lines.findIndex((l) => l.has(atom.axis));
        if (line >= 0) {
          along[line]!.push({ axis: atom.axis, by: times });
          continue;
        }
      }
      if (vectors !== null && atom._tag === "Axis" && atom.axis.id === vectors.axis.id)
        constant += times * (vectors.lanes * vectors.copy + (vectors.lane ?? 0));
      const { level, text, key } = this.term(atom, times);
      put(terms, { level: Math.min(level, writer.level), text: scaled(text, times), key });
    }
    for (let i = 0; i < lines.length; i++) {
      const line = lines[i]!;
      const own = along[i]!;
      if (own.length === 0) continue;
      const at = vectors?.lines === line ? vectors.lanes * vectors.copy + (vectors.lane ?? 0) : line.current;
      const text = line.offset(own, at);
      put(terms, { level: line.level, text, key: text });
    }
    return { text: this.sum(terms, base), constant };
  }

  /** One atom of an index; the key names its multiple. */
  private term(atom: Atom, times: number): Term {
    const { axes, vectors, writer } = this.frame;
    const name = `${times}*${atom.key}`;
    if (atom._tag === "Axis") {
      const at = axes.get(atom.axis.id);
      if (at === undefined) throw new FluxionError("jit", `expected a loop over axis ${atom.axis.id}`);
      return { level: at.level, text: code.get(at.local), key: `${name}l${at.local}` };
    }
    if (atom._tag === "Value") {
      const { entry, level } = this.frame.found(atom.value);
      if (entry.vectors === undefined) {
        const text = entry.scalar!.code;
        return { level, text, key: name + text };
      }
      const { code: text } = laneOf(vectors!.lanes, entry.vectors[vectors!.copy]!, vectors!.lane ?? 0);
      return { level, text, key: name + text };
    }
    const inside: Index = atom.of;
    const level = Math.min(writer.level, this.levelOf(inside));
    const text = writer.at(level, () => divided(atom._tag, this.index(inside), atom.by, bounds(inside)[0]));
    return { level, text, key: name + text };
  }

  /** Adds terms up, outermost first; what is known at a level is kept there. */
  private sum(terms: readonly Term[], base: { readonly code: Bytes; readonly key: string } | null): Bytes {
    const { writer } = this.frame;
    let text: Bytes = base?.code ?? "";
    let key = base?.key ?? "";
    for (let i = 0; i < terms.length;) {
      const from = i;
      const { level } = terms[i]!;
      let sum = text;
      for (; i < terms.length && terms[i]!.level === level; i++) {
        const t = terms[i]!;
        key += `+${t.key}`;
        sum = sum.length === 0 ? t.text : sum + t.text + op("i32.add");
      }
      if (i - from === 1 && text.length === 0 && sum.length <= 2) {
        text = sum;
        continue;
      }
      const have = writer.find(key);
      if (have !== null) text = have.entry.scalar!.code;
      else {
        text = writer.at(level, () => writer.keep("i32", sum));
        writer.remember(key, { scalar: { dtype: "int32", code: text } }, level);
      }
    }
    return text;
  }
}
