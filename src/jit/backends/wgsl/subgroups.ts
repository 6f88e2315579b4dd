/** How subgroups lie in workgroups. */
import type { Driver } from "./driver.js";
import { words } from "./memory.js";
import { enableSubgroups, preambleOf } from "./preamble.js";
import { groupSize } from "./shader.js";

/** Where the probe answers: memory begins with a place that no array is at. */
const at = 64;

/** Each invocation says whether those that it reaches are the ones beside it, at all distances below `size`. */
const probe = (size: number): string => {
  const tests: string[] = [];
  for (let d = 1; d < size; d *= 2) tests.push(`subgroupShuffleXor(lid, ${d}u) == (lid ^ ${d}u)`);
  const lines = tests.map((t, i) => `  let ok${i} = ${t};\n`).join("");
  const all = ["true", ...tests.map((_, i) => `ok${i}`)].join(" && ");
  return `${enableSubgroups}${preambleOf(words)}@compute @workgroup_size(${groupSize})
fn main(@builtin(local_invocation_index) lid: u32) {
${lines}  heap[u32(at[0]) + lid] = u32(${all});
}
`;
};

/**
 * `size` where as many neighbours in a workgroup are in one subgroup, in their order; 1 where they are not: WGSL leaves it
 * open, and adapters are asked once.
 */
export const neighboursOf = async (driver: Driver, size: number): Promise<number> => {
  driver.run([{ shader: probe(size), groups: 1, words: [at] }]);
  const answers = await driver.read(at, groupSize);
  driver.write(at, new Uint32Array(groupSize));
  return answers.every((a) => a === 1) ? size : 1;
};
