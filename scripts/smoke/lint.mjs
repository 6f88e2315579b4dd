// The ESLint rule of the installed package, with its declarations, on condition.ts.
import assert from "node:assert/strict";
import { ESLint } from "eslint";
import fluxion from "fluxion/eslint";
import tseslint from "typescript-eslint";

const eslint = new ESLint({
  overrideConfigFile: true,
  overrideConfig: {
    ...fluxion.configs.recommended,
    files: ["**/*.ts"],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
  },
});
const results = await eslint.lintFiles(["condition.ts", "types.ts"]);
assert.deepEqual(
  results.flatMap((r) => r.messages.map((m) => m.message)),
  [
    "?: expected a JavaScript boolean, got a Tensor, which is always true; use where, cond, or read it with .item()",
  ],
);
