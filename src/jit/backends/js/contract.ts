/**
 * A contraction as JavaScript: both operands are packed into float64 panels, 4×4 register tiles multiply them, and an
 * epilogue writes each element. Products are summed in float64, whatever the operands are.
 *
 * Row, column and depth addresses come from tables (or a stride where they are linear), so a packed operand may be
 * any affine view: transposed, strided, windowed.
 */
import { sizeOf } from "../../../ir/aval.js";
import { columnBlock } from "../../contraction.js";
import type { Axis, Index } from "../../index-expression.js";
import type { Contraction, Panel } from "../../kernel.js";
import type { Renderer } from "./render.js";
import { wrapText } from "./text.js";

const tile = 4;
/** Depth of one packed block: two panels of it (2 × 4 × 256 float64) fit the first-level cache. */
const depthBlock = 256;

/** Addresses of a flattened index over some axes: text of an element, by the name of the flat variable. */
interface Address {
  readonly at: (i: string) => string;
}

const flatten = (axes: readonly Axis[]): number => sizeOf(axes.map((a) => a.size));

class Tables {
  private readonly names = new Map<string, string>();

  constructor(private readonly list: Int32Array[]) {}

  /** The part of an address that some axes contribute, as a function of their flattened index. */
  address(x: Index, axes: readonly Axis[]): Address {
    const real = axes.filter((a) => a.size > 1);
    const strides = real.map(
      (a) => x.terms.find((t) => t.atom._tag === "Axis" && t.atom.axis === a)?.by ?? 0,
    );
    if (strides.every((s) => s === 0)) return { at: () => "0" };
    const linear = strides.every((s, i) => i === 0 || strides[i - 1] === s * real[i]!.size);
    const last = strides[strides.length - 1]!;
    if (linear) return { at: (k) => (last === 1 ? k : `${k} * ${last}`) };
    const key = real.map((a, i) => `${a.size}*${strides[i]}`).join();
    let name = this.names.get(key);
    if (name === undefined) {
      name = `t${this.list.length}`;
      this.names.set(key, name);
      this.list.push(addressTable(real, strides));
    }
    return { at: (k) => `${name}[${k}]` };
  }
}

/** Address of every flattened index, last axis fastest. */
const addressTable = (axes: readonly Axis[], strides: readonly number[]): Int32Array => {
  let table = new Int32Array(1);
  axes.forEach(({ size }, a) => {
    const next = new Int32Array(table.length * size);
    table.forEach((base, i) => {
      for (let k = 0; k < size; k++) next[i * size + k] = base + k * strides[a]!;
    });
    table = next;
  });
  return table;
};

const sum = (...parts: readonly string[]): string =>
  parts.filter((p) => p !== "0" && p !== "").join(" + ") || "0";

/** Renders a contraction at the renderer's present place. */
export const renderContract = (k: Contraction, r: Renderer): void => {
  const tables = new Tables(r.tables);
  const [m, n, depth] = [flatten(k.rows), flatten(k.columns), flatten(k.depth)];
  const block = Math.min(depth, depthBlock);
  const width = Math.min(roundUp(n), columnBlock);
  const single = depth <= depthBlock;

  // One renderer for the whole text; addresses depend on where a load stands.
  let lane: { line: string; deep: string; lineAxes: readonly Axis[] } = { line: "", deep: "", lineAxes: [] };
  const inside = new Set([...k.rows, ...k.columns, ...k.depth]);
  /** What batch axes and loops around the contraction contribute. */
  const batchText = (x: Index): string => {
    const own = x.terms.filter((t) => t.atom._tag !== "Axis" || !inside.has(t.atom.axis));
    return own.length === 0
      ? "0"
      : r.indices.text({ base: 0, terms: own, key: own.map((t) => `${t.by}*${t.atom.key}`).join("+") });
  };
  const address = (x: Index): string =>
    sum(
      x.base === 0 ? "0" : String(x.base),
      batchText(x),
      tables.address(x, lane.lineAxes).at(lane.line),
      tables.address(x, k.depth).at(lane.deep),
    );
  const pack = (
    panel: Panel,
    axes: readonly Axis[],
    total: number,
    into: string,
    from: string,
    count: string,
  ): void => {
    r.block(`for (let j = 0; j < ${count}; j += ${tile}) {`, () => {
      for (let c = 0; c < tile; c++) {
        const at = sum(from, "j", String(c));
        r.line(total % tile === 0 ? `const c${c} = ${at};` : `const c${c} = Math.min(${at}, ${total - 1});`);
      }
      r.line(`let q = j * ${block};`);
      r.block(`for (let p = p0; p < p1; p++) {`, () => {
        for (let c = 0; c < tile; c++) {
          lane = { line: `c${c}`, deep: "p", lineAxes: axes };
          const text = r.variables.isolated(() => {
            r.statements(panel.body);
            return r.variables.use(panel.value);
          });
          r.line(`${into}[q + ${c}] = ${text};`);
        }
        r.line(`q += ${tile};`);
      });
    });
  };

  const multiply = (): void => {
    const sums = Array.from({ length: tile * tile }, (_, i) => `s${i}`);
    r.line(`let ${sums.map((s) => `${s} = 0`).join(", ")};`);
    r.line(`let qa = i * ${block}, qb = j * ${block};`);
    r.block(`for (let p = p0; p < p1; p++) {`, () => {
      for (let c = 0; c < tile; c++) r.line(`const y${c} = pb[qb${c === 0 ? "" : ` + ${c}`}];`);
      for (let a = 0; a < tile; a++) {
        r.line(`const x${a} = pa[qa${a === 0 ? "" : ` + ${a}`}];`);
        for (let c = 0; c < tile; c++) r.line(`s${a * tile + c} += x${a} * y${c};`);
      }
      r.line(`qa += ${tile}; qb += ${tile};`);
    });
    r.line(single ? `const q = 0;` : `const q = i * ${width} + j * ${tile};`);
    const assign = (op: string): string => sums.map((s, i) => `ps[q + ${i}] ${op} ${s};`).join(" ");
    if (single) r.line(assign("="));
    else {
      r.line(`if (p0 === 0) { ${assign("=")} }`);
      r.line(`else { ${assign("+=")} }`);
    }
  };

  /** Every element of a finished tile through the epilogue. */
  const finish = (): void => {
    r.line(`const rows = Math.min(i + ${tile}, ${m}), cols = Math.min(j0 + j + ${tile}, ${n});`);
    r.block(`for (let row = i; row < rows; row++) {`, () => {
      r.line(`let e = q + (row - i) * ${tile};`);
      r.block(`for (let col = j0 + j; col < cols; col++) {`, () => {
        r.variables.bind(k.sum);
        r.line(`const v${k.sum.id} = ${wrapText(k.dtype, "ps[e++]", "dot")};`);
        r.statements(k.epilogue);
      });
    });
  };

  const epilogueAddress = (x: Index): string =>
    sum(
      x.base === 0 ? "0" : String(x.base),
      batchText(x),
      tables.address(x, k.rows).at("row"),
      tables.address(x, k.columns).at("col"),
    );

  const blocks = (): void => {
    r.block(`for (let j0 = 0; j0 < ${n}; j0 += ${width}) {`, () => {
      r.line(`const nj = Math.min(${width}, ${n} - j0);`);
      r.block(`for (let p0 = 0; p0 < ${depth}; p0 += ${block}) {`, () => {
        r.line(`const p1 = Math.min(p0 + ${block}, ${depth});`);
        pack(k.b, k.columns, n, "pb", "j0", "nj");
        r.block(`{`, () => pack(k.a, k.rows, m, "pa", "0", String(m)));
        r.block(`for (let j = 0; j < nj; j += ${tile}) {`, () => {
          r.block(`for (let i = 0; i < ${m}; i += ${tile}) {`, () => {
            multiply();
            const done = (): void => {
              r.withAddress(epilogueAddress, finish);
            };
            if (single) done();
            else r.block(`if (p1 === ${depth}) {`, done);
          });
        });
      });
    });
  };

  const batches = (axes: readonly Axis[]): void => {
    const [axis, ...rest] = axes;
    if (axis === undefined) return blocks();
    if (axis.size === 1) return batches(rest);
    r.indices.bind(axis);
    r.block(`for (let i${axis.id} = 0; i${axis.id} < ${axis.size}; i${axis.id}++) {`, () => batches(rest));
  };
  r.withAddress(address, () => batches(k.batch));
  const sums = single ? tile * tile : roundUp(m) * width;
  [roundUp(m) * block, width * block, sums].forEach((n, i) => (r.scratch[i] = Math.max(r.scratch[i]!, n)));
};

const roundUp = (n: number): number => Math.ceil(n / tile) * tile;
