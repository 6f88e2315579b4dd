/** `npm run bench -- [args]`: the benchmarks, with the peers that bench/package.json names. */
import { join } from "node:path";
import { root, runNode, setup } from "./setup.mjs";

setup();
setup(join(root, "bench"));
runNode("node_modules/tsx/dist/cli.mjs", ["bench/main.ts", ...process.argv.slice(2)]);
