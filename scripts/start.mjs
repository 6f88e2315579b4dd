/** `npm start -- [args]`: the Fashion-MNIST example, with the arguments passed on. */
import { runNode, setup } from "./setup.mjs";

setup();
runNode("node_modules/tsx/dist/cli.mjs", ["examples/fashion-mnist/main.ts", ...process.argv.slice(2)]);
