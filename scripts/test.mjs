/** `npm test -- [args]`: every unit, property, documentation and type test, through vitest. */
import { runNode, setup } from "./setup.mjs";

setup();
runNode("node_modules/vitest/vitest.mjs", ["run", ...process.argv.slice(2)]);
