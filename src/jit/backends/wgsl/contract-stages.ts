/** The stages of a contraction. */
import { stridesOf } from "../../../ir/aval.js";
import { axisIndex, flatIndex } from "../../index-expression.js";
import type { Contraction, Statement } from "../../kernel.js";
import { candidatesFor, kindOf, partsFor, usualChoice } from "./choices.js";
import type { Stage } from "./dispatches.js";
import { independentOrSteps } from "./group.js";
import { groupSize, numbered } from "./shader.js";
import type { Site } from "./site.js";
import { blocksOf, extentOf, renderBlock, renderTile, sharedOf, type Tile, workgroupsOf } from "./tiles.js";

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
  const usual = usualChoice(e, site.crew.shares);
  const choice = site.choose(kindOf(c), () => candidatesFor(e, usual)) ?? usual;
  if (!choice.shared)
    return [
      site.threads(blocksOf(e, choice), [[]], (t, id) => {
        t.statements(before);
        renderBlock(t, c, choice, id);
      }),
    ];
  return tileStages(site, before, c, choice, partsFor(e, choice.parts));
};

const tileStages = (
  site: Site,
  before: readonly Statement[],
  c: Contraction,
  tile: Tile,
  parts: number,
): Stage[] => {
  const axes = [...c.batch, ...c.rows, ...c.columns];
  const e = extentOf(c);
  const groups = workgroupsOf(e, tile, parts);
  const thread = site.thread();
  const number = numbered(thread, groups);
  thread.statements(before);
  const elements = e.batch * e.rows * e.columns;
  const flat = flatIndex(axes.map(axisIndex), stridesOf(axes.map((a) => a.size)));
  renderTile(thread, c, tile, parts, number, (sum, part) => {
    if (parts === 1) return thread.epilogue(c, sum);
    const at = `scratch + ${part} * ${elements} + ${thread.indices.text(flat)}`;
    thread.writer.line(`heap[${at}] = bitcast<u32>(${sum});`);
  });
  const tiles = site.stage(thread, sharedOf(tile), groupSize, groups);
  if (parts === 1) return [tiles];
  site.needScratch(parts * elements);
  const adding = site.threadPerIteration(before, axes, c.epilogue, (t) => {
    const total = t.writer.fresh("s");
    t.writer.line(`var ${total} = 0.0f;`);
    t.writer.block(`for (var part = 0; part < ${parts}; part++) {`, () => {
      const at = `scratch + part * ${elements} + ${t.indices.text(flat)}`;
      t.writer.line(`${total} += bitcast<f32>(heap[${at}]);`);
    });
    t.epilogue(c, total);
  });
  return [tiles, adding];
};
