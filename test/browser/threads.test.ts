/** Threads of the WebAssembly backend: only where memory may be shared and the thread may wait, and there for real. */
import { expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";
import { runTask } from "./tasks.js";
import type { Threads } from "./tasks/threads.js";

const browser = useBrowser();

type Kind = "plain" | "isolated";
type Where = "page" | "worker";

const run = (kind: Kind, where: Where, backend: "wasm" | "wasm-worker", products: number): Promise<Threads> =>
  onPage(browser, inject(kind), (page) => runTask(page, where, "threads", { products, backend }));

test.each([
  ["worker", "wasm"],
  ["page", "wasm-worker"],
  ["worker", "wasm-worker"],
] as const)(
  "in the %s of an isolated page, others help %s, and the results are the same bits",
  async (where, backend) => {
    const { threads, helped, same } = await run("isolated", where, backend, 300);
    expect(threads).toBe(4);
    expect(helped).toBeGreaterThan(0);
    expect(same).toBe(true);
  },
);

test("helpers of a page's worker that hang are given up, and the results are the same bits", async () => {
  const { helped, same, teams } = await onPage(browser, inject("isolated"), (page) =>
    runTask(page, "page", "threads", { products: 100, backend: "wasm-worker", hang: true }),
  );
  expect({ helped, same }).toEqual({ helped: 0, same: true });
  expect(teams).toBeGreaterThan(1);
});

test.each([
  ["plain", "page", "wasm"],
  ["plain", "worker", "wasm"],
  ["isolated", "page", "wasm"],
  ["plain", "page", "wasm-worker"],
  ["plain", "worker", "wasm-worker"],
] as const)("on the %s page, in its %s, %s has one thread", async (kind, where, backend) => {
  expect(await run(kind, where, backend, 5)).toEqual({ threads: 1, helped: 0, same: true, teams: 0 });
});
