/** Every example that the documentation shows is run. See doc-examples/expectation.ts for what comments promise. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { execute } from "./doc-examples/execute.js";
import { fromMarkdown, fromSource } from "./doc-examples/extract.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(join(root, file), "utf8");
const list = (folder: string, ending: string, recursive: boolean): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive, encoding: "utf8" })
        .map((f) => `${folder}/${f.replaceAll("\\", "/")}`)
        .filter((f) => f.endsWith(ending))
        .sort()
    : [];

const sources = list("src", ".ts", true).map((file) => fromSource(file, read(file)));
const pages = ["README.md", "ARCHITECTURE.md", ...list("docs", ".md", false)].filter((f) =>
  existsSync(join(root, f)),
);
const examples = [
  ...sources.flatMap((s) => s.examples),
  ...pages.flatMap((file) => fromMarkdown(file, read(file))),
];

for (const example of examples) {
  const name = `${example.file}:${String(example.line)}`;
  test.skipIf(!example.runs)(name, () => execute(example));
}

test("every @example holds a ts block", () => {
  expect(sources.flatMap((s) => s.unfenced).map((u) => `${u.file}:${String(u.line)}`)).toEqual([]);
});
