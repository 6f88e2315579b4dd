// The entry points share one core: by the source maps, no source file went into two outputs of one format.
// A second copy of the node counter or of the Tensor class would give wrong results without a word.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = dirname(fileURLToPath(import.meta.resolve("fluxion")));

for (const format of [".js", ".cjs"]) {
  const outputs = new Map();
  for (const file of readdirSync(dist).filter((f) => f.endsWith(`${format}.map`))) {
    for (const source of JSON.parse(readFileSync(join(dist, file), "utf8")).sources) {
      outputs.set(source, [...(outputs.get(source) ?? []), file.replace(/\.map$/, "")]);
    }
  }
  const twice = [...outputs].filter(([, files]) => files.length > 1);
  assert.deepEqual(twice, [], `expected each source in one ${format} file`);
  assert.ok(
    [...outputs.keys()].some((s) => s.endsWith("src/ir/expr.ts")),
    `expected the core in a ${format} file`,
  );
}
