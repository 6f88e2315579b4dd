/** Which subgroup matrices a device has. */
import type { GpuAdapter, GpuMatrixConfig } from "./gpu.js";
import type { GpuDriver } from "./gpu-driver.js";
import {
  elementText,
  enableMatrices,
  enableSize,
  leftText,
  type Matrices,
  matrixBuiltins,
  type MatrixShape,
  multiplyText,
  rightText,
  sizeText,
  storeText,
  sumsText,
} from "./matrix.js";
import { words } from "./memory.js";
import { enableHalves, enableSubgroups, preambleOf } from "./preamble.js";
import { groupSize } from "./shader.js";

/** Where the probe answers: memory begins with a place that no array is at. */
const at = 64;

type Subgroups = Pick<Matrices, "subgroup" | "asked">;

/** Multiplies small whole numbers, twice, and says of each element of the sums whether it is what it should be. */
const probe = (s: MatrixShape, { subgroup, asked }: Subgroups): string => {
  const [left, right, sums] = [s.rows * s.depth, s.depth * s.columns, s.rows * s.columns];
  const fill = (array: string, count: number, value: string): string =>
    `  for (var i = i32(lid); i < ${count}; i += ${groupSize}) { ${array}[i] = ${elementText(s)(value)}; }\n`;
  const multiply = multiplyText(leftText(s, "a", "0", s.rows), rightText(s, "b", "0", s.columns), "sums");
  return `${s.component === "f16" ? enableHalves : ""}${enableSubgroups}${enableMatrices}${asked ? enableSize : ""}${preambleOf(words)}
var<workgroup> a: array<${s.component}, ${left}>;
var<workgroup> b: array<${s.component}, ${right}>;
var<workgroup> c: array<f32, ${(groupSize / subgroup) * sums}>;
fn left(i: i32) -> i32 { return i * 7 % 11 - 5; }
fn right(i: i32) -> i32 { return i * 5 % 13 - 6; }
@compute @workgroup_size(${groupSize})${asked ? sizeText(subgroup) : ""}
fn main(@builtin(local_invocation_index) lid: u32${matrixBuiltins}, @builtin(subgroup_size) lanes: u32) {
${fill("a", left, "f32(left(i))")}${fill("b", right, "f32(right(i))")}  workgroupBarrier();
  var sums = ${sumsText(s)};
  ${multiply}
  ${multiply}
  ${storeText(s, "c", `sid * ${sums}u`, "sums")}
  workgroupBarrier();
  var ok = lanes == ${subgroup}u && sid < ${groupSize / subgroup}u;
  for (var q = i32(lane); q < ${sums}; q += ${subgroup}) {
    var sum = 0;
    for (var k = 0; k < ${s.depth}; k++) { sum += left(k * ${s.rows} + q / ${s.columns}) * right(k * ${s.columns} + q % ${s.columns}); }
    ok = ok && c[i32(sid) * ${sums} + q] == f32(2 * sum);
  }
  heap[u32(at[0]) + sid * ${subgroup}u + lane] = u32(ok);
}
`;
};

/** Whether the device takes such a program, and computes what it should. */
const multiplies = async (driver: GpuDriver, shape: MatrixShape, subgroups: Subgroups): Promise<boolean> => {
  driver.write(at, new Uint32Array(groupSize));
  const taken = await driver.takes([{ shader: probe(shape, subgroups), groups: 1, words: [at] }]);
  const answers = await driver.read(at, groupSize);
  driver.write(at, new Uint32Array(groupSize));
  return taken && answers.every((a) => a === 1);
};

const shapeOf = ({ componentType: component, M, N, K }: GpuMatrixConfig): MatrixShape[] =>
  component === "f16" || component === "f32" ? [{ component, rows: M, columns: N, depth: K }] : [];

/** Deeper blocks of the operands would not fit in shared memory. */
const deepest = 32;

const sizeOf = (s: MatrixShape): number => s.rows * s.columns * s.depth;

/** The sizes that subgroups may have: one, or what shaders may ask for, the smallest first. */
const sizesOf = (driver: GpuDriver, { info }: GpuAdapter): Subgroups[] => {
  const [least, most] = [info?.subgroupMinSize ?? 0, Math.min(info?.subgroupMaxSize ?? 0, groupSize)];
  if (least === 0) return [];
  if (least === most) return [{ subgroup: least, asked: false }];
  const sizes: Subgroups[] = [];
  if (driver.sizesSubgroups)
    for (let subgroup = least; subgroup <= most; subgroup *= 2) sizes.push({ subgroup, asked: true });
  return sizes;
};

/**
 * The largest product for each kind of element that the device is found to compute, with float32 sums; null where there is
 * none, or subgroups differ in size and shaders cannot ask for one: WGSL does not say then how many there are in a
 * workgroup. Devices of adapters that have the feature have it enabled.
 */
export const matricesOf = async (driver: GpuDriver, adapter: GpuAdapter): Promise<Matrices | null> => {
  const offered = Array.from(adapter.info?.subgroupMatrixConfigs ?? [])
    .filter((c) => c.resultComponentType === "f32")
    .flatMap(shapeOf)
    .filter((s) => deepest % s.depth === 0 && (s.component === "f32" || driver.halves))
    .sort((x, y) => sizeOf(y) - sizeOf(x));
  for (const subgroups of sizesOf(driver, adapter)) {
    const shapes: MatrixShape[] = [];
    for (const s of offered) {
      const isNew = !shapes.some(({ component }) => component === s.component);
      if (isNew && (await multiplies(driver, s, subgroups))) shapes.push(s);
    }
    if (shapes.length > 0) return { ...subgroups, shapes };
  }
  return null;
};
