/** Processes whose programs run in a worker: they wait for what they read, and end by themselves. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));

const run = (program: string) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["node_modules/tsx/dist/cli.mjs", "--input-type=module", "--eval", program],
    { cwd: root, encoding: "utf8", timeout: 60_000 },
  );
  return { status, stdout, stderr: stderr.replace(/^npm warn.*\n/gm, "") };
};

test("a process with a worker waits for reads, and ends by itself", { timeout: 60_000 }, () => {
  const program = `
    import { initBackend, jit, matmul, ones, sum } from "./src/index.ts";
    await initBackend("wasm-worker");
    const f = jit((x) => sum(matmul(x, x)));
    console.log((await f(ones([300, 300])).data())[0]);
    f(ones([300, 300])); // nobody waits for it
  `;
  expect(run(program)).toEqual({ status: 0, stdout: "27000000\n", stderr: "" });
});

test("one whose worker has helpers ends by itself, too", { timeout: 60_000 }, () => {
  const program = `
    import { getThreads, initBackend, matmul, ones, setThreads } from "./src/index.ts";
    await initBackend("wasm-worker");
    setThreads(3);
    const x = ones([300, 300]);
    for (let i = 0; i < 60; i++) await matmul(x, x).data();
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (let i = 0; i < 5; i++) await matmul(x, x).data();
    console.log((await matmul(x, x).data())[0], getThreads());
    for (let i = 0; i < 5; i++) matmul(x, x); // nobody waits for them
  `;
  expect(run(program)).toEqual({ status: 0, stdout: "300 3\n", stderr: "" });
});
