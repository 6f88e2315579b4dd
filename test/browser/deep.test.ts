/**
 * Large programs. On the main thread of a page Chromium compiles at most 8 MB of WebAssembly without waiting (there is
 * no other way to compile for a read that must not wait); in a worker it compiles anything.
 */
import { expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";
import { runTask } from "./tasks.js";

const browser = useBrowser();

/** Adam's step for so many layers is a module of 8.3 MB: 13.6 kB a layer. */
const many = { backend: "wasm", layers: 640 } as const;
const limit = 8 * 2 ** 20;

test("a training step of 160 layers is one module of megabytes, which a page compiles", async () => {
  await onPage(browser, inject("plain"), async (page) => {
    const { losses, largest } = await runTask(page, "page", "deep", { backend: "wasm", layers: 160 });
    expect(largest).toBeGreaterThan(2 ** 20);
    expect(largest).toBeLessThan(limit);
    expect(losses[2]!).toBeLessThan(losses[0]!);
  });
});

test("a module of more than 8 MB: an error of Fluxion's on the main thread", async () => {
  await onPage(browser, inject("plain"), async (page) => {
    await expect(runTask(page, "page", "deep", many)).rejects.toThrow(
      /FluxionError: jit: expected a program of at most 8 MB on the main thread of a page, which is what this browser compiles there, got one of \d\.\d MB: await initBackend\("wasm-worker"\), make several smaller functions of it, or setBackend\("js"\)/,
    );
  });
});

test("a module of more than 8 MB runs in a worker", async () => {
  await onPage(browser, inject("plain"), async (page) => {
    const { losses, largest } = await runTask(page, "worker", "deep", many);
    expect(largest).toBeGreaterThan(limit);
    expect(losses[2]!).toBeLessThan(losses[0]!);
  });
});

test("a module of more than 8 MB runs where programs run in a worker", async () => {
  await onPage(browser, inject("plain"), async (page) => {
    const { losses, largest } = await runTask(page, "page", "deep", { ...many, backend: "wasm-worker" });
    expect(largest).toBe(0); // the page has compiled nothing
    expect(losses[2]!).toBeLessThan(losses[0]!);
  });
});
