/** Processes that use threads: they end by themselves, and other threads may use the library as well. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const program = `
  import { getThreads, matmul, ones, setThreads } from "./src/index.ts";
  setThreads(3);
  const x = ones([300, 300]);
  for (let i = 0; i < 60; i++) matmul(x, x).dataSync();
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (let i = 0; i < 5; i++) matmul(x, x).dataSync();
  console.log(matmul(x, x).at(5, 5).item(), getThreads());
`;

const run = (source: string) =>
  spawnSync(process.execPath, ["node_modules/tsx/dist/cli.mjs", "--input-type=module", "--eval", source], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
  });

test("a process with workers ends by itself", { timeout: 60_000 }, () => {
  const { status, stdout, stderr } = run(program);
  expect({ status, stdout, stderr: stderr.replace(/^npm warn.*\n/gm, "") }).toEqual({
    status: 0,
    stdout: "300 3\n",
    stderr: "",
  });
});
