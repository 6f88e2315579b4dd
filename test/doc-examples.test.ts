/** Every example that the documentation shows is run. See doc-examples/expectation.ts for what comments promise. */
import { expect, test } from "vitest";
import { examples, unfenced } from "./doc-examples/all.js";
import { execute } from "./doc-examples/execute.js";

for (const example of examples) {
  const name = `${example.file}:${String(example.line)}`;
  test.skipIf(!example.runs)(name, () => execute(example));
}

test("every @example holds a ts block", () => {
  expect(unfenced.map((u) => `${u.file}:${String(u.line)}`)).toEqual([]);
});
