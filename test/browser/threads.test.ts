/** Threads of the WebAssembly backend: only where memory may be shared and the thread may wait, and there for real. */
import { expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";
import { runTask } from "./tasks.js";
import type { Threads } from "./tasks/threads.js";

const browser = useBrowser();

const run = (kind: "plain" | "isolated", where: "page" | "worker", products: number): Promise<Threads> =>
  onPage(browser, inject(kind), (page) => runTask(page, where, "threads", { products }));

test("in a worker of an isolated page, others help, and the results are the same bits", async () => {
  const { threads, helped, same } = await run("isolated", "worker", 300);
  expect(threads).toBe(4);
  expect(helped).toBeGreaterThan(0);
  expect(same).toBe(true);
});

test.each([
  ["plain", "page"],
  ["plain", "worker"],
  ["isolated", "page"],
] as const)("on the %s page, in its %s, there is one thread", async (kind, where) => {
  expect(await run(kind, where, 5)).toEqual({ threads: 1, helped: 0, same: true });
});
