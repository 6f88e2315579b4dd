/** Which axis of a large intermediate is gone along in blocks, and how many places at a time. */
import type { Expr } from "../../ir/expr.js";
import { sizeOf } from "../../ir/aval.js";
import { type Extents, extentsOf, formOf, isBrief } from "../contraction.js";
import { needsOf } from "./along.js";
import { operandsOf, type Sliced } from "./loop.js";
import { type Graph, type Region, regionOf } from "./region.js";

/** When and how a program is computed in blocks. */
export interface Blocking {
  /** Bytes of an intermediate from which on it is. */
  readonly large: number;
  /** Bytes of it that are to exist at a time. */
  readonly block: number;
  /** Rows of a contraction at a time, at least: its other operand is read again for each block. */
  readonly rows: number;
  /** How many times as large it is, at least, as what goes through the loop in blocks. */
  readonly gain: number;
}

/** Measured: see `bench/README.md`. */
export const blocking: Blocking = { large: 1 << 23, block: 1 << 21, rows: 128, gain: 2 };

export interface Plan {
  readonly region: Region;
  /** Places of the axis at a time. */
  readonly places: number;
  /** Whether a contraction reads an operand again for every block: blocks are not to be divided further then. */
  readonly rereads: boolean;
}

interface Candidate extends Plan {
  /** Bytes of operands and results that are rearranged for the loop. */
  readonly copied: number;
}

interface Product {
  readonly e: Expr;
  readonly extents: Extents;
  /** Which of its extents the blocks divide. */
  readonly divides: "batch" | "rows" | "columns";
}

const productsOf = (region: Region): Product[] =>
  [...region.axes].flatMap(([e, r]): Product[] => {
    if (e.primitive?.lower._tag !== "Contract") return [];
    const [left, right] = needsOf(e, r)!;
    const divides = left === null ? "columns" : right === null ? "rows" : "batch";
    return [{ e, extents: extentsOf(e), divides }];
  });

/** How a product adds up. */
const sumsOf = ({ dtype }: Expr, extents: Extents): string =>
  formOf(dtype, extents) === "Tiled" ? "Tiled" : isBrief(extents) ? "brief" : "long";

/** Whether every product adds up in a block as it does in the whole: small ones are added up otherwise. */
const addsAlike = (products: readonly Product[], length: number, n: number): boolean =>
  products.every(({ e, extents, divides }) => {
    const block = { ...extents, [divides]: (extents[divides] / length) * n };
    return sumsOf(e, block) === sumsOf(e, extents);
  });

/** A number of places near the wanted one, at least half of it, that leaves none over, or else few. */
const placesNear = (products: readonly Product[], length: number, wanted: number): number | null => {
  const most = Math.min(wanted, Math.floor(length / 2));
  let found: number | null = null;
  for (let n = most; n >= 1 && n >= most / 2; n--) {
    const rest = length % n;
    if (!addsAlike(products, length, n) || (rest > 0 && !addsAlike(products, length, rest))) continue;
    if (rest === 0) return n;
    found ??= n;
  }
  return found;
};

const isInside = ({ x, axis }: Sliced): boolean => sizeOf(x.shape.slice(0, axis)) > 1;

const candidateOf = (
  region: Region,
  { bytesOf }: Graph,
  stored: ReadonlySet<Expr>,
  sizes: Blocking,
): Candidate | null => {
  const total = (es: readonly Expr[]): number => es.reduce((n, e) => n + bytesOf(e), 0);
  const { axes, length, outputs } = region;
  const bytes = [...axes.keys()].reduce((n, e) => (stored.has(e) ? Math.max(n, bytesOf(e)) : n), 0);
  const moved: readonly Sliced[] = [
    ...operandsOf(region).sliced,
    ...outputs.map((x) => ({ x, axis: axes.get(x)! })),
  ];
  if (sizes.gain * total(moved.map((s) => s.x)) > bytes) return null;
  const products = productsOf(region);
  const rereads = products.some((p) => p.divides !== "batch");
  const wanted = Math.floor((sizes.block * length) / bytes);
  const places = placesNear(products, length, Math.max(wanted, rereads ? sizes.rows : 1));
  if (places === null) return null;
  const copied = total(moved.filter(isInside).map((s) => s.x));
  return { region, places, rereads, copied };
};

/** Batches first, of which nothing is read twice, and which may be divided further; then what is copied least. */
const isBetter = (a: Candidate, b: Candidate): boolean =>
  a.rereads === b.rereads ? a.copied < b.copied : b.rereads;

/** The best plan for a large intermediate; null where it has to exist as a whole, or where that is no worse. */
export const planOf = (seed: Expr, graph: Graph, stored: ReadonlySet<Expr>, sizes: Blocking): Plan | null => {
  let best: Candidate | null = null;
  seed.shape.forEach((n, axis) => {
    const region = n < 2 ? null : regionOf(seed, axis, graph);
    const next = region === null ? null : candidateOf(region, graph, stored, sizes);
    if (next === null) return;
    if (best === null || isBetter(next, best)) best = next;
  });
  return best;
};
