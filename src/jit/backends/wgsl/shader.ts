/** The text of a shader around its function's, and how its workgroups are numbered. */
import type { BufferUse } from "../../kernel.js";
import { halvesFrom } from "./halves.js";
import { enableMatrices, enableSize, matrixBuiltins, sizeText } from "./matrix.js";
import { enableHalves, enableSubgroups, functionsOf, halvesVariable, preambleOf } from "./preamble.js";
import { sortFunctions } from "./sort.js";
import type { Thread } from "./thread.js";

/** Invocations of a workgroup; every adapter has so many. */
export const groupSize = 256;
/** Workgroups along one dimension; every adapter has so many. */
export const dispatchLimit = 65535;

/** Declares the number of a workgroup; those that are too many end. */
export const numbered = (thread: Thread, groups: number): string => {
  const number = thread.writer.declare(flatGroup(groups));
  if (groups > dispatchLimit) thread.writer.line(`if (${number} >= ${groups}) { return; }`);
  return number;
};

/** The number of a workgroup. */
export const flatGroup = (groups: number): string =>
  groups <= dispatchLimit ? "i32(wid.x)" : `i32(wid.x + wid.y * ${dispatchLimit}u)`;

/** Where a buffer begins, in elements. */
const base = ({ dtype }: BufferUse, i: number): string =>
  dtype === "float16" ? `2 * (at[${i}] - ${halvesFrom})` : `at[${i}]`;

export const shaderOf = (
  buffers: readonly BufferUse[],
  thread: Thread,
  shared: ReadonlyMap<string, string>,
  size: number,
  /** What has subgroup matrices asks for subgroups of this size. */
  asked: number | null,
): string => {
  const { text } = thread.writer;
  const variables = [...shared].map(([name, type]) => `var<workgroup> ${name}: ${type};\n`).join("");
  const zero = text.includes("zero)") ? "  let zero = u32(at[0]) >> 31u;\n" : "";
  const scratch = text.includes("scratch ") ? `  let scratch = at[${buffers.length}];\n` : "";
  const bases = buffers.map((b, i) => `  let b${i} = ${base(b, i)};\n`).join("");
  const halves = buffers.some((b) => b.dtype === "float16");
  const matrices = text.includes("subgroupMatrix");
  const enables = [
    halves || text.includes("f16(") ? enableHalves : "",
    text.includes("subgroup") ? enableSubgroups : "",
    matrices ? enableMatrices : "",
    matrices && asked !== null ? enableSize : "",
  ].join("");
  const subgroups = matrices && asked !== null ? sizeText(asked) : "";
  return `${enables}${preambleOf(thread.view)}${halves ? halvesVariable(thread.view) : ""}${variables}${text.includes("key_") ? sortFunctions : ""}${functionsOf(text)}@compute @workgroup_size(${size})${subgroups}
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) lid: u32${matrices ? matrixBuiltins : ""}) {
${bases}${scratch}${zero}${text}
}
`;
};
