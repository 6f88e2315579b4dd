/** A region as a loop over blocks of its axis: a scan without a carry, and the places that are left over after it. */
import { range } from "../../ir/aval.js";
import { attrsOf, type Expr, param } from "../../ir/expr.js";
import { broadcast, permute } from "../../ir/primitives/layout.js";
import { concat, iota, iotaPrimitive, reshape, sliceAxis } from "../../ir/primitives/views.js";
import { inline, type Program } from "../../ir/program.js";
import { scanNode } from "../../transforms/loops/scan.js";
import { blockOf, needsOf } from "./along.js";
import type { Region } from "./region.js";

/** What comes from outside in blocks: an expression, and its axis. */
export interface Sliced {
  readonly x: Expr;
  readonly axis: number;
}

/** Operands of a region. Literals and counts that do not go along the axis are none. */
export interface Operands {
  readonly whole: readonly Expr[];
  readonly sliced: readonly Sliced[];
}

/** How blocks of operands are found: those from outside, and the numbers of the places. */
interface Source {
  readonly whole: (e: Expr) => Expr;
  readonly block: (x: Expr, axis: number) => Expr;
  readonly places: (like: Expr) => Expr;
}

/** The block of a count: along the axis it goes on from block to block. */
const countBlock = (e: Expr, axis: number, n: number, source: Source): Expr =>
  attrsOf(iotaPrimitive, e).axis === axis
    ? broadcast(
        source.places(e),
        e.shape.map((s, a) => (a === axis ? n : s)),
        [axis],
      )
    : blockOf(e, axis, n, []);

/** The region's outputs for `n` places. */
const blockOutputs = (region: Region, n: number, source: Source): Expr[] => {
  const now = new Map<Expr, Expr>();
  const operand = (a: Expr, k: number | null): Expr => {
    if (k === null) return a.literal === null ? source.whole(a) : a;
    if (region.axes.get(a) === k) return now.get(a)!;
    return a.primitive === iotaPrimitive ? countBlock(a, k, n, source) : source.block(a, k);
  };
  for (const [e, r] of region.axes) {
    const needs = needsOf(e, r)!;
    now.set(
      e,
      blockOf(
        e,
        r,
        n,
        e.args.map((a, i) => operand(a, needs[i]!)),
      ),
    );
  }
  return region.outputs.map((e) => now.get(e)!);
};

/** What a region reads from outside. */
export const operandsOf = (region: Region): Operands => {
  const whole = new Set<Expr>();
  const sliced = new Map<string, Sliced>();
  const add = (x: Expr, axis: number): Expr => {
    sliced.set(`${x.id} ${axis}`, { x, axis });
    return x;
  };
  for (const [e, r] of region.axes)
    needsOf(e, r)!.forEach((k, i) => {
      const a = e.args[i]!;
      if (k === null) {
        if (a.literal === null) whole.add(a);
      } else if (region.axes.get(a) !== k && a.primitive !== iotaPrimitive) add(a, k);
    });
  return { whole: [...whole], sliced: [...sliced.values()] };
};

/** `x` as rows of blocks: the axis in parts of `n`, the count of parts first. */
const inRows = ({ x, axis }: Sliced, n: number): Expr => {
  const split = reshape(x, [...x.shape.slice(0, axis), x.shape[axis]! / n, n, ...x.shape.slice(axis + 1)]);
  const others = range(split.ndim).filter((a) => a !== axis);
  return permute(split, [axis, ...others]);
};

/** And back. */
const joined = (rows: Expr, axis: number): Expr => {
  const order = range(rows.ndim).slice(1);
  order.splice(axis, 0, 0);
  const apart = permute(rows, order);
  const { shape } = apart;
  return reshape(apart, [...shape.slice(0, axis), shape[axis]! * shape[axis + 1]!, ...shape.slice(axis + 2)]);
};

/** The sub-program for a block of `n` places: its params are what is needed whole, then the blocks. */
export interface Block {
  readonly program: Program;
  readonly whole: readonly Expr[];
  readonly sliced: readonly Sliced[];
}

export const blockProgram = (region: Region, n: number): Block => {
  const { whole, sliced } = operandsOf(region);
  const counts = new Map<string, Sliced>();
  const wholes = new Map(whole.map((e) => [e, param(e.aval)]));
  const cut = ({ x, axis }: Sliced): Expr =>
    param({ shape: x.shape.map((s, a) => (a === axis ? n : s)), dtype: x.dtype });
  const blocks = new Map(sliced.map((s) => [`${s.x.id} ${s.axis}`, cut(s)]));
  const places = new Map<string, Expr>();
  const results = blockOutputs(region, n, {
    whole: (e) => wholes.get(e)!,
    block: (x, axis) => blocks.get(`${x.id} ${axis}`)!,
    places: ({ dtype }) => {
      if (!places.has(dtype)) {
        counts.set(dtype, { x: iota([region.length], dtype, 0), axis: 0 });
        places.set(dtype, param({ shape: [n], dtype }));
      }
      return places.get(dtype)!;
    },
  });
  return {
    program: { params: [...wholes.values(), ...blocks.values(), ...places.values()], results },
    whole,
    sliced: [...sliced, ...counts.values()],
  };
};

/** A region's outputs, computed in blocks of `n` places; `inside` is done to what is repeated. */
export const looped = (region: Region, n: number, inside: (p: Program) => Program): Expr[] => {
  const { length, outputs, axes } = region;
  const { program, whole, sliced } = blockProgram(region, n);
  const times = Math.floor(length / n);
  const main = times * n;
  const first = sliced.map(({ x, axis }) => inRows({ x: sliceAxis(x, axis, 0, main), axis }, n));
  const rows = scanNode(whole, [], first, inside(program), times, false);
  const parts = rows.map((y, i) => [joined(y, axes.get(outputs[i]!)!)]);
  if (main < length) {
    const rest = blockProgram(region, length - main);
    const last = rest.sliced.map(({ x, axis }) => sliceAxis(x, axis, main, length - main));
    inline(rest.program, [...rest.whole, ...last]).forEach((y, i) => parts[i]!.push(y));
  }
  return parts.map((p, i) => concat(p, axes.get(outputs[i]!)!));
};
