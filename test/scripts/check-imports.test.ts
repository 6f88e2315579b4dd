import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { checkImports } from "../../scripts/check-imports.mjs";

/** The faults of a source tree with these files. */
const faultsOf = (files: Readonly<Record<string, string>>): readonly string[] => {
  const src = mkdtempSync(join(tmpdir(), "imports-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(src, name)), { recursive: true });
    writeFileSync(join(src, name), text);
  }
  const faults = checkImports(src, ["fp-ts"]) as readonly string[];
  rmSync(src, { recursive: true });
  return faults;
};

test("imports that point the right way", () => {
  expect(
    faultsOf({
      "ir/expr.ts": 'import { pipe } from "fp-ts/lib/function.js";\nimport { join } from "node:path";',
      "ops/add.ts": 'import type { Expr } from "../ir/expr.js";\nexport * from "../jit/run.js";',
      "jit/run.ts": 'import { Expr } from "../ir/expr.js";',
      "index.ts": 'export * from "./ops/add.js";',
      "nn/index.ts": 'import { add } from "../index.js";',
    }),
  ).toEqual([]);
});

test("imports that point the wrong way, type-only ones too", () => {
  expect(
    faultsOf({
      "ir/expr.ts": '\nimport type { add } from "../ops/add.js";',
      "ops/add.ts": "",
      "nn/index.ts": "",
      "data/index.ts": 'export { x } from "../nn/index.js";',
    }),
  ).toEqual([
    "src/data/index.ts:1: data may not import nn (src/nn/index.ts)",
    "src/ir/expr.ts:2: ir may not import ops (src/ops/add.ts)",
  ]);
});

test("a cycle is named by its path; one of types is none", () => {
  expect(
    faultsOf({
      "ir/a.ts": 'import "./b.js";',
      "ir/b.ts": 'import { c } from "./c.js";',
      "ir/c.ts": 'export * from "./a.js";',
      "ir/d.ts": 'import type { E } from "./e.js";',
      "ir/e.ts": 'import { d } from "./d.js";',
    }),
  ).toEqual(["import cycle: src/ir/a.ts → src/ir/b.ts → src/ir/c.ts → src/ir/a.ts"]);
});

test("packages that are no dependency, files that are not there, names without .js", () => {
  expect(
    faultsOf({
      "ir/a.ts": 'import "lodash";\nimport "path";\nimport "./missing.js";\nimport "./b";',
      "ir/b.ts": "",
    }),
  ).toEqual([
    "src/ir/a.ts:1: imports lodash, which is not a dependency",
    "src/ir/a.ts:2: imports path, which is not a dependency",
    "src/ir/a.ts:3: imports ./missing.js, which is not the .js name of a file here",
    "src/ir/a.ts:4: imports ./b, which is not the .js name of a file here",
  ]);
});
