/** `npm start`: a convolutional network learns to tell ten kinds of clothes apart. `npm start -- --help` says more. */
import { run } from "./run.js";

const { stdout, stderr, env, argv } = process;

process.exitCode = await run(
  argv.slice(2),
  { stream: stdout, isTTY: stdout.isTTY === true, columns: stdout.columns ?? 80, env },
  stderr,
);
