/** The stages of a contraction. */
import { stridesOf } from "../../../ir/aval.js";
import { axisIndex, flatIndex } from "../../index-expression.js";
import type { Contraction, Statement } from "../../kernel.js";
import {
  candidatesFor,
  isMatrixChoice,
  kindOf,
  type Matrix,
  type MatrixChoice,
  mostShared,
  partsFor,
  usualChoice,
} from "./choices.js";
import type { Stage } from "./dispatches.js";
import { independentOrSteps } from "./group.js";
import { matrixOf } from "./matrix.js";
import {
  layoutOf,
  matrixBytes,
  matrixGroups,
  matrixShared,
  renderMatrixTile,
  sidesOf,
} from "./matrix-tiles.js";
import { stored, storedFour, vectors, words } from "./memory.js";
import { groupSize, numbered } from "./shader.js";
import type { Site } from "./site.js";
import type { Thread } from "./thread.js";
import { blocksOf, renderBlock } from "./blocks.js";
import { type BlockSides, type Extent, extentOf, renderTile, sharedOf, workgroupsOf } from "./tiles.js";
import {
  renderVectorBlock,
  renderVectorTile,
  type Vectors,
  vectorShared,
  vectorsOf,
} from "./vector-tiles.js";

/** Tiles, or blocks where memory is not shared; neither where the product is tiny or its sums are added to what others add to. */
export const contractStages = (site: Site, before: readonly Statement[], c: Contraction): Stage[] => {
  const axes = [...c.batch, ...c.rows, ...c.columns];
  const { order } = independentOrSteps(axes, c.epilogue);
  const e = extentOf(c);
  const tiny = e.rows * e.columns < 64 || e.depth < 8;
  if (tiny || order.serial.some((a) => a.size > 1))
    return [
      site.threadPerIteration(before, axes, c.epilogue, (t) => {
        t.element(c);
      }),
    ];
  const matrix = matrixFor(site, c);
  const usual = usualChoice(e, site.crew.shares, matrix);
  const chosen = site.choose(kindOf(c, matrix), () => candidatesFor(e, usual, matrix));
  const choice =
    chosen === undefined || (isMatrixChoice(chosen) && !canTake(e, chosen, matrix)) ? usual : chosen;
  if (!choice.shared) {
    const v = inVectors(site, c, choice, true);
    return [
      site.threads(
        blocksOf(e, choice),
        [[]],
        (t, id) => {
          t.statements(before);
          if (v === null) renderBlock(t, c, choice, id);
          else renderVectorBlock(t, c, choice, v, id);
        },
        v === null ? words : vectors,
      ),
    ];
  }
  const parts = partsFor(e, choice.parts);
  if (!isMatrixChoice(choice)) {
    const v = inVectors(site, c, choice, parts === 1);
    return tileStages(site, before, c, parts, v, {
      render: (t, number, finish) => {
        if (v === null) renderTile(t, c, choice, parts, number, finish);
        else renderVectorTile(t, c, choice, v, parts, number, finish);
      },
      shared: v === null ? sharedOf(choice) : vectorShared(choice, v),
      groups: workgroupsOf(e, choice, parts),
    });
  }
  const layout = layoutOf(e, choice, matrix!.shape, matrix!.subgroup);
  const v = inVectors(site, c, sidesOf(layout), parts === 1);
  return tileStages(site, before, c, parts, v, {
    render: (t, number, finish) => {
      renderMatrixTile(t, c, layout, parts, number, v, finish);
    },
    shared: matrixShared(layout),
    groups: matrixGroups(e, layout, parts),
  });
};

/** How blocks of so many sums go by vectors, where they do; what follows from the sums may be left to another stage. */
const inVectors = (site: Site, c: Contraction, sides: BlockSides, follows: boolean): Vectors | null => {
  const v = vectorsOf(site.crew, c, sides);
  return v === null || (follows && !v.epilogue) ? null : v;
};

const matrixFor = ({ buffers, crew: { matrices } }: Site, c: Contraction): Matrix | null => {
  const shape = matrixOf(c, buffers, extentOf(c), matrices);
  return shape === null ? null : { ...matrices!, shape };
};

/** A choice may come from elsewhere. */
const canTake = (e: Extent, choice: MatrixChoice, matrix: Matrix | null): boolean =>
  matrix !== null &&
  choice.depth % matrix.shape.depth === 0 &&
  matrixBytes(layoutOf(e, choice, matrix.shape, matrix.subgroup)) <= mostShared;

/** How a workgroup renders its sums; each is handed to `finish`, with the part of the depth that it is of. */
interface Tiles {
  readonly render: (thread: Thread, number: string, finish: (sum: string, part: string) => void) => void;
  readonly shared: ReadonlyMap<string, string>;
  readonly groups: number;
}

const tileStages = (
  site: Site,
  before: readonly Statement[],
  c: Contraction,
  parts: number,
  v: Vectors | null,
  { render, shared, groups }: Tiles,
): Stage[] => {
  const axes = [...c.batch, ...c.rows, ...c.columns];
  const e = extentOf(c);
  const thread = site.thread(v === null ? words : vectors);
  const number = numbered(thread, groups);
  thread.statements(before);
  const elements = e.batch * e.rows * e.columns;
  const flat = flatIndex(axes.map(axisIndex), stridesOf(axes.map((a) => a.size)));
  render(thread, number, (sum, part) => {
    if (parts === 1) return thread.epilogue(c, sum, v !== null);
    const at = `scratch + ${part} * ${elements} + ${thread.places.first(flat)}`;
    thread.writer.line(v === null ? stored("float32", at, sum) : storedFour("float32", at, sum));
  });
  const tiles = site.stage(thread, shared, groupSize, groups);
  if (parts === 1) return [tiles];
  site.needScratch(parts * elements);
  const adding = site.threadPerIteration(before, axes, c.epilogue, (t) => {
    const total = t.writer.fresh("s");
    t.writer.line(`var ${total} = 0.0f;`);
    t.writer.block(`for (var part = 0; part < ${parts}; part++) {`, () => {
      const at = `scratch + part * ${elements} + ${t.indices.text(flat)}`;
      t.writer.line(`${total} += ${t.view.load("float32", at)};`);
    });
    t.epilogue(c, total);
  });
  return [tiles, adding];
};
