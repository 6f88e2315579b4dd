/** Every example that the documentation shows has the types it claims. An intended error needs `@ts-expect-error`. */
import { expect, test } from "vitest";
import { examples } from "./doc-examples/all.js";
import { typeFaults } from "./doc-examples/typed.js";

for (const [file, faults] of typeFaults(examples.filter((e) => e.runs))) {
  test(file, () => {
    expect(faults).toEqual([]);
  });
}
