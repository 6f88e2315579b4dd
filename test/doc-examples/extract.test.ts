import { expect, test } from "vitest";
import { fromMarkdown, fromSource } from "./extract.js";

const fence = "```";

test("the ts blocks under @example, with their lines", () => {
  const source = [
    'const glob = "src/**/*.ts";',
    "/**",
    " * Doubles.",
    " *",
    ` * ${fence}ts`,
    " * notAnExample()",
    ` * ${fence}`,
    " * @example",
    ` * ${fence}ts`,
    " * const x = 1;",
    " *   double(x) // 2",
    ` * ${fence}`,
    " * @returns twice x",
    " */",
    "export const double = (x: number) => 2 * x;",
  ].join("\n");
  const { examples, unfenced } = fromSource("src/a.ts", source);
  expect(examples).toEqual([
    { file: "src/a.ts", line: 10, code: "const x = 1;\n  double(x) // 2", runs: true, mustAssert: true },
  ]);
  expect(unfenced).toEqual([]);
});

test("an @example without a block, and two examples in one comment", () => {
  const { examples, unfenced } = fromSource(
    "src/a.ts",
    [
      "/**",
      " * @example f()",
      " * @example",
      ` * ${fence}ts no-run`,
      " * @decorated",
      ` * ${fence}`,
      " */",
    ].join("\n"),
  );
  expect(unfenced).toEqual([{ file: "src/a.ts", line: 2 }]);
  expect(examples.map((e) => [e.code, e.runs])).toEqual([["@decorated", false]]);
});

test("ts blocks of a page, indented ones too, and no others", () => {
  const page = [
    `${fence}sh`,
    "npm i",
    fence,
    `${fence}ts`,
    "f()",
    fence,
    `  ${fence}ts`,
    "  g()",
    `  ${fence}`,
  ].join("\n");
  expect(fromMarkdown("README.md", page).map((e) => [e.line, e.code, e.mustAssert])).toEqual([
    [5, "f()", false],
    [8, "g()", false],
  ]);
});
