/** Tests in Chromium. They are not part of `npm test`: they need what this folder's package.json names, and a browser. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at("."),
  resolve: {
    alias: [
      { find: /^fluxion$/, replacement: at("../../src/index.ts") },
      { find: /^fluxion\/(nn|data|io)$/, replacement: at("../../src/$1/index.ts") },
    ],
  },
  test: {
    include: ["**/*.test.ts"],
    globalSetup: ["./served.ts"],
    fileParallelism: false, // each file has a browser of its own, and they would share the cores
    testTimeout: 90_000,
    hookTimeout: 60_000,
  },
});
