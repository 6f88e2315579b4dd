/** What Fluxion computes in Chromium is what it computes in Node. */
import { describe, expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";
import { backends, runTask } from "./tasks.js";
import { computeValues } from "./tasks/values.js";

const browser = useBrowser();

/** Relative to 1 or to the value, whichever is more. */
const tolerance = 2e-5;

const expectClose = (got: Record<string, number[]>, want: Record<string, number[]>): void => {
  expect(Object.keys(got)).toEqual(Object.keys(want));
  for (const [name, elements] of Object.entries(want)) {
    expect(got[name]!.length, name).toBe(elements.length);
    elements.forEach((x, i) => {
      const distance = Math.abs(got[name]![i]! - x) / Math.max(1, Math.abs(x));
      expect(distance, `${name}[${i}]: ${got[name]![i]} for ${x}`).toBeLessThanOrEqual(tolerance);
    });
  }
};

describe.each([...backends, "wasm-worker"] as const)("values on %s", (backend) => {
  test.each([
    ["plain", "page"],
    ["plain", "worker"],
    ["isolated", "page"],
    ["isolated", "worker"],
  ] as const)("of the %s page, computed by its %s, are Node's", async (kind, where) => {
    const want = await computeValues("js");
    await onPage(browser, inject(kind), async (page) => {
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(kind === "isolated");
      expectClose(await runTask(page, where, "computeValues", backend), want);
    });
  });
});
