/**
 * ESM and CommonJS builds with types. Splitting is on in both formats: `fluxion` and `fluxion/nn` must share
 * one copy of the core, because node ids and `instanceof` only mean something within one copy.
 */
import { existsSync } from "node:fs";
import { defineConfig } from "tsup";

const entries = {
  index: "src/index.ts",
  nn: "src/nn/index.ts",
  data: "src/data/index.ts",
  io: "src/io/index.ts",
  eslint: "src/eslint/index.ts",
};

export default defineConfig({
  entry: Object.fromEntries(Object.entries(entries).filter(([, file]) => existsSync(file))),
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  splitting: true,
  sourcemap: true,
  clean: true,
  treeshake: false,
  external: [/^node:/],
  // tsup sets baseUrl for its declaration build, which TypeScript 6 calls deprecated.
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
});
