/** The network of `npm start` learns in Chromium. */
import { expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";
import { runTask } from "./tasks.js";
import type { Training } from "./tasks/train.js";

const browser = useBrowser();

const train = (kind: "plain" | "isolated", where: "page" | "worker", backend: Training["backend"]) =>
  onPage(browser, inject(kind), (page) =>
    runTask(page, where, "train", { backend, data: `${inject(kind)}/data/`, images: 1280, epochs: 3 }),
  );

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

const expectLearnt = ({ backend, accuracy, losses, seconds }: Training, wanted: string): void => {
  console.log(
    `${wanted}: ${(100 * accuracy).toFixed(1)} % after ${losses.length} steps in ${seconds.toFixed(1)} s`,
  );
  expect(backend).toBe(wanted);
  expect(losses.length).toBe(60);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(mean(losses.slice(-10))).toBeLessThan(0.6 * mean(losses.slice(0, 10)));
  expect(accuracy).toBeGreaterThan(0.65);
};

/** The losses of a backend's first run: its others give the same bits, shared memory and threads or not. */
const losses = new Map<string, readonly number[]>();

/** Memory is shared, or not, in WebAssembly alone. */
test.each([
  ["wasm", "plain", "page"],
  ["wasm", "isolated", "page"],
  ["wasm", "isolated", "worker"],
  ["js", "plain", "page"],
  ["js", "plain", "worker"],
] as const)("on %s, in the %s page, in its %s", async (backend, kind, where) => {
  const training = await train(kind, where, backend);
  expectLearnt(training, backend);
  if (!losses.has(backend)) losses.set(backend, training.losses);
  expect(training.losses).toEqual(losses.get(backend));
});
