/** Processes whose programs run in a worker: they wait for what they read, and end by themselves. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const program = `
  import { initBackend, jit, matmul, ones, sum } from "./src/index.ts";
  await initBackend("wasm-worker");
  const f = jit((x) => sum(matmul(x, x)));
  console.log((await f(ones([300, 300])).data())[0]);
  f(ones([300, 300])); // nobody waits for it
`;

test("a process with a worker waits for reads, and ends by itself", { timeout: 60_000 }, () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["node_modules/tsx/dist/cli.mjs", "--input-type=module", "--eval", program],
    { cwd: root, encoding: "utf8", timeout: 60_000 },
  );
  expect({ status, stdout, stderr: stderr.replace(/^npm warn.*\n/gm, "") }).toEqual({
    status: 0,
    stdout: "27000000\n",
    stderr: "",
  });
});
