/**
 * Subgroup matrices: small matrices that all invocations of a subgroup hold together and that graphics cards multiply in one
 * instruction (the experimental feature `chromium-experimental-subgroup-matrix`). Sums are float32s always; the operands
 * are float16s, where a contraction's are, or float32s where the adapter multiplies those.
 */
import type { DType } from "../../../ir/dtype.js";
import { roundToFloat16 } from "../../../ir/scalar/float16.js";
import { exact } from "../../exact.js";
import type { BufferUse, Contraction, Value } from "../../kernel.js";

/** A product that an adapter computes at once: rows × depth by depth × columns. */
export interface MatrixShape {
  /** Elements of the operands. */
  readonly component: "f16" | "f32";
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** What an adapter has: how many invocations are in each subgroup, and a product for each kind of element. */
export interface Matrices {
  readonly subgroup: number;
  /** Whether subgroups have that size because shaders ask for it. */
  readonly asked: boolean;
  readonly shapes: readonly MatrixShape[];
}

/** The features of adapters, as WebGPU names them: matrices, and sizes of subgroups that shaders ask for. */
export const matrixFeature = "chromium-experimental-subgroup-matrix";
export const sizeFeature = "subgroup-size-control";

/** Whether a number is a float16 for certain: kernels compute it as a float32. */
const isHalf = ({ dtype, definition: d }: Value, buffers: readonly BufferUse[]): boolean => {
  switch (d._tag) {
    case "Constant":
      return Object.is(roundToFloat16(d.value), d.value);
    case "Load":
      return buffers[d.buffer]!.dtype === "float16" || buffers[d.buffer]!.halves === true;
    case "Compute":
      if (dtype !== "float32") return false;
      if (d.name === "cast" && (d.attrs as { dtype?: DType }).dtype === "float16") return true;
      if (d.name !== "cast" && !exact.has(d.name)) return false;
      return d.args.every((v) => (d.name === "select" && v.dtype === "bool") || isHalf(v, buffers));
    default:
      return false;
  }
};

/** The product for a contraction; null where there is none, or its operands are smaller. */
export const matrixOf = (
  c: Contraction,
  buffers: readonly BufferUse[],
  extent: Omit<MatrixShape, "component">,
  offered: Matrices | null,
): MatrixShape | null => {
  const halves = isHalf(c.a.value, buffers) && isHalf(c.b.value, buffers);
  const fitting = (offered?.shapes ?? []).filter(
    (s) =>
      (s.component === "f32" || halves) &&
      extent.rows >= s.rows &&
      extent.columns >= s.columns &&
      extent.depth >= s.depth,
  );
  return fitting.find((s) => s.component === "f16") ?? fitting[0] ?? null;
};

// ---- as WGSL

/** The first line of shaders with subgroup matrices. */
export const enableMatrices = "enable chromium_experimental_subgroup_matrix;\n";

/** The first line of shaders that ask for a size of subgroups, and how they do. */
export const enableSize = "enable subgroup_size_control;\n";
export const sizeText = (subgroup: number): string => ` @subgroup_size(${subgroup})`;

/** The number of an invocation's subgroup in the workgroup, and its own in the subgroup. */
export const matrixBuiltins = ", @builtin(subgroup_id) sid: u32, @builtin(subgroup_invocation_id) lane: u32";

export const bytesOf = ({ component }: MatrixShape): number => (component === "f16" ? 2 : 4);

/** A number as an element of operands. */
export const elementText =
  ({ component }: MatrixShape) =>
  (value: string): string =>
    component === "f16" ? `f16(${value})` : value;

/** The left operand from an array with all rows of one depth beside each other. */
export const leftText = (s: MatrixShape, array: string, at: string, stride: number): string =>
  `subgroupMatrixLoad<subgroup_matrix_left<${s.component}, ${s.depth}, ${s.rows}>, col_major>(&${array}, u32(${at}), ${stride}u)`;

/** The right operand from an array with all columns of one depth beside each other. */
export const rightText = (s: MatrixShape, array: string, at: string, stride: number): string =>
  `subgroupMatrixLoad<subgroup_matrix_right<${s.component}, ${s.columns}, ${s.depth}>, row_major>(&${array}, u32(${at}), ${stride}u)`;

/** Sums, zeros at first. */
export const sumsText = (s: MatrixShape): string => `subgroup_matrix_result<f32, ${s.columns}, ${s.rows}>()`;

export const multiplyText = (left: string, right: string, sums: string): string =>
  `${sums} = subgroupMatrixMultiplyAccumulate(${left}, ${right}, ${sums});`;

/** Puts sums in an array, row by row. */
export const storeText = (s: MatrixShape, array: string, at: string, sums: string): string =>
  `subgroupMatrixStore<row_major>(&${array}, u32(${at}), ${sums}, ${s.columns}u);`;
