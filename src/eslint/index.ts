/**
 * `fluxion/eslint`: what JavaScript cannot catch at run time. There is no hook for truthiness, so a tensor in
 * a condition is always true; the rule here finds it with the type checker's help.
 */
import type { ESLint, Linter, Rule } from "eslint";
import { noTensorInCondition } from "./no-tensor-in-condition.js";

/**
 * The rules, by name.
 *
 * @example
 * ```ts
 * import { rules } from "fluxion/eslint";
 *
 * Object.keys(rules) // => ["no-tensor-in-condition"]
 * ```
 */
export const rules: Readonly<Record<"no-tensor-in-condition", Rule.RuleModule>> = {
  "no-tensor-in-condition": noTensorInCondition,
};

/**
 * The plugin, for `eslint.config.js`.
 *
 * @example
 * ```ts
 * import fluxion from "fluxion/eslint";
 * import tseslint from "typescript-eslint";
 * import { defineConfig } from "eslint/config";
 *
 * const config = defineConfig({
 *   files: ["src/*.ts"],
 *   extends: [fluxion.configs.recommended],
 *   languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
 * });
 * config.some((part) => part.rules?.["fluxion/no-tensor-in-condition"] === "error") // => true
 * ```
 */
const plugin: ESLint.Plugin & { configs: { recommended: Linter.Config } } = {
  meta: { name: "fluxion", version: "0.1.0", namespace: "fluxion" },
  rules,
  configs: { recommended: {} },
};

/**
 * Flat configurations. `recommended` reports a tensor in a condition as an error; it needs typescript-eslint's
 * parser with type information (`parserOptions.projectService`).
 *
 * @example
 * ```ts
 * import { configs } from "fluxion/eslint";
 *
 * configs.recommended.rules // => { "fluxion/no-tensor-in-condition": "error" }
 * ```
 */
export const configs: { readonly recommended: Linter.Config } = Object.assign(plugin.configs, {
  recommended: {
    name: "fluxion/recommended",
    plugins: { fluxion: plugin },
    rules: { "fluxion/no-tensor-in-condition": "error" },
  } satisfies Linter.Config,
});

export { noTensorInCondition };
export default plugin;
