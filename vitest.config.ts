import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^fluxion$/, replacement: at("./src/index.ts") },
      { find: /^fluxion\/(nn|data|io|eslint)$/, replacement: at("./src/$1/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts", "property-tests/**/*.test.ts"],
    exclude: [
      ...configDefaults.exclude,
      "test/browser/**",
      "test/webgpu/**",
      "property-tests/webgpu.test.ts",
    ], // .ci/run has what they need
    setupFiles: ["./test/jit/every-kernel.ts", "./test/chosen-backend.ts"],
    typecheck: {
      enabled: true,
      include: ["test/**/*.test-d.ts", "property-tests/**/*.test-d.ts"],
      tsconfig: "./tsconfig.test.json",
      ignoreSourceErrors: true, // those are for `npm run typecheck` to report
    },
    testTimeout: 30_000,
    maxWorkers: Math.max(2, availableParallelism() - 1), // by itself it leaves one of two cores idle
    coverage: { provider: "v8", include: ["src/**/*.ts"] },
  },
});
