/**
 * Ways to compute a contraction on a device: in tiles of shared memory, or in blocks without; and which is taken, for each
 * kind of contraction. Kinds are told apart by extents, in powers of 2, and by how the operands are read. Whatever the way,
 * a sum adds its products in the order of the depth, so its bits are the same; only cutting the depth into parts changes
 * them, and subgroup matrices, which add in an order of their own.
 */
import type { Contraction, Panel } from "../../kernel.js";
import type { Matrices, MatrixShape } from "./matrix.js";
import { keepsBusy, layoutOf, matrixBytes, matrixParts, type MatrixTile } from "./matrix-tiles.js";
import { isDeep } from "./panel-loads.js";
import { type Extent, extentOf, fits, partsOf, type Tile, tileBytes, tileOf } from "./tiles.js";

/**
 * A way to compute a contraction: the sums that an invocation keeps, and what is shared; with subgroup matrices, the matrices
 * of sums that a subgroup holds.
 */
export type Choice =
  | (Tile & { readonly shared: true; readonly parts: number })
  | (MatrixTile & { readonly shared: true; readonly matrices: true; readonly parts: number })
  | { readonly shared: false; readonly rows: number; readonly columns: number };

export type MatrixChoice = Extract<Choice, { readonly matrices: true }>;

export const isMatrixChoice = (c: Choice): c is MatrixChoice => "matrices" in c;

/** Subgroup matrices for a contraction, and how many invocations are in a subgroup. */
export interface Matrix extends Pick<Matrices, "subgroup" | "asked"> {
  readonly shape: MatrixShape;
}

// ---- kinds

/** The power of 2 that a number is at most. */
const upTo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** Whether neighbours in depth are neighbours in memory, and whether more is done than reading. */
const panelKind = (panel: Panel, c: Contraction): string =>
  `${isDeep(panel, c.depth) ? "deep" : "wide"}${panel.body.length > 1 ? "+" : ""}`;

/**
 * The kind of a contraction: `1x512x512x1024 deep wide` has at most so many batches, rows, columns and products a sum; with
 * ` f16` after it, it may go by matrices of such elements.
 */
export const kindOf = (c: Contraction, matrix: Matrix | null): string => {
  const { batch, rows, columns, depth } = extentOf(c);
  const extents = [batch, rows, columns, depth].map(upTo).join("x");
  const elements = matrix === null ? "" : ` ${matrix.shape.component}`;
  return `${extents} ${panelKind(c.a, c)} ${panelKind(c.b, c)}${elements}`;
};

// ---- choices

/** Bytes of shared memory that every adapter has. */
export const mostShared = 16384;

/** Words of scratch memory that the parts of sums may take. */
const mostScratch = 1 << 22;

/** The parts that are asked for, where they are not too many for a contraction. */
export const partsFor = (e: Extent, parts: number): number => {
  const elements = Math.max(1, e.batch * e.rows * e.columns);
  return Math.max(1, Math.min(parts, Math.floor(e.depth / 16), Math.floor(mostScratch / elements)));
};

const matrixSides = [
  [2, 2],
  [2, 1],
  [1, 2],
  [1, 1],
] as const;

/** The ways by subgroup matrices that there is memory for, the largest first. */
const matrixChoices = (e: Extent, { shape, subgroup }: Matrix): MatrixChoice[] =>
  matrixSides.flatMap(([rows, columns]) =>
    [32, 16].flatMap((depth): MatrixChoice[] => {
      const layout = layoutOf(e, { rows, columns, depth }, shape, subgroup);
      if (depth % shape.depth !== 0 || matrixBytes(layout) > mostShared) return [];
      return [{ shared: true, matrices: true, rows, columns, depth, parts: matrixParts(e, layout) }];
    }),
  );

/** The largest that leaves enough workgroups, else the smallest. */
const usualMatrices = (e: Extent, matrix: Matrix): MatrixChoice | undefined => {
  const all = matrixChoices(e, matrix);
  return all.find((c) => keepsBusy(e, layoutOf(e, c, matrix.shape, matrix.subgroup))) ?? all.at(-1);
};

/**
 * What is taken without having measured: subgroup matrices where the contraction can go by them, else tiles where memory
 * that is shared is fast.
 */
export const usualChoice = (e: Extent, shares: boolean, matrix: Matrix | null = null): Choice => {
  const matrices = matrix === null ? undefined : usualMatrices(e, matrix);
  if (matrices !== undefined) return matrices;
  if (!shares) return { shared: false, rows: Math.min(8, e.rows), columns: Math.min(4, e.columns) };
  const tile = tileOf(e);
  return { shared: true, ...tile, parts: partsOf(e, tile) };
};

const sides = [
  [8, 8],
  [8, 4],
  [4, 8],
  [4, 4],
  [2, 4],
  [4, 2],
] as const;

/** What is worth a try, the usual choice first. On what does not share memory, tiles take too long to try. */
export const candidatesFor = (e: Extent, usual: Choice, matrix: Matrix | null = null): Choice[] => {
  const matrices = matrix === null ? [] : matrixChoices(e, matrix);
  const tiles = sides.slice(0, 4).flatMap(([r, c]) =>
    [8, 16].flatMap((depth): Choice[] => {
      const tile = { rows: Math.min(r, fits(e.rows)), columns: Math.min(c, fits(e.columns)), depth };
      if (tileBytes(tile) > mostShared) return [];
      const parts = partsOf(e, tile);
      return [1, parts, 2 * parts].map((n) => ({ shared: true, ...tile, parts: partsFor(e, n) }));
    }),
  );
  const blocks = sides.slice(1).map(([r, c]): Choice => {
    return { shared: false, rows: Math.min(r, e.rows), columns: Math.min(c, e.columns) };
  });
  const all = [usual, ...matrices, ...(usual.shared ? tiles : []), ...blocks];
  return [...new Map(all.map((c) => [nameOf(c), c])).values()];
};

/** A choice in a word. */
export const nameOf = (c: Choice): string =>
  c.shared
    ? `${isMatrixChoice(c) ? "m" : ""}${c.rows}x${c.columns}x${c.depth}/${c.parts}`
    : `${c.rows}x${c.columns}`;

/** Says what to take for a kind of contraction, among candidates; nothing for the usual. */
export type Chooser = (kind: string, candidates: () => readonly Choice[]) => Choice | undefined;
