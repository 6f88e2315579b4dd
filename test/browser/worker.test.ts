/** Programs in a worker leave a page's main thread free. */
import { expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";
import { runTask } from "./tasks.js";
import type { Free } from "./tasks/free.js";

const browser = useBrowser();

const run = (kind: "plain" | "isolated", backend: "wasm" | "wasm-worker"): Promise<Free> =>
  onPage(browser, inject(kind), (page) => runTask(page, "page", "free", backend));

test.each(["plain", "isolated"] as const)(
  "on the %s page, it trains while the main thread computes nothing",
  async (kind) => {
    const { losses, instances, turns } = await run(kind, "wasm-worker");
    expect(instances).toBe(0);
    expect(turns).toBeGreaterThan(0);
    const here = await run(kind, "wasm");
    expect(here.instances).toBeGreaterThan(0);
    expect(here.turns).toBe(0); // all was computed when the call of the last step returned
    expect(losses).toEqual(here.losses);
    expect(losses[19]!).toBeLessThan(losses[0]!);
  },
);

test("where the page's policy denies it, initBackend says so", async () => {
  const { page, errors } = await browser.open("about:blank");
  await page.route("**/index.html", async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), "content-security-policy": "worker-src 'self'" };
    await route.fulfill({ response, headers });
  });
  await page.goto(`${inject("plain")}/index.html`);
  await expect(runTask(page, "page", "free", "wasm-worker")).rejects.toThrow(
    "initBackend: expected a worker that starts, got wasm-worker: the worker was lost (does the page's content security policy allow worker-src blob: ?)",
  );
  expect(errors).toEqual([expect.stringContaining("Content Security Policy") as string]);
  await page.close();
});
