/** `npm run test:browser -- [args]`: the tests in Chromium, with what test/browser/package.json names. */
import { join } from "node:path";
import { root, runNode, setup } from "./setup.mjs";

setup();
setup(join(root, "test", "browser"));
runNode("node_modules/vitest/vitest.mjs", [
  "run",
  "--config",
  join(root, "test", "browser", "vitest.config.ts"),
  ...process.argv.slice(2),
]);
