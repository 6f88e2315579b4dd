/** The network of `npm start` learns in Chromium. */
import { describe, expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";
import { backends, runTask } from "./tasks.js";
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

describe.each(backends)("training on %s", (backend) => {
  test("a page that is not isolated", async () => {
    expectLearnt(await train("plain", "page", backend), backend);
  });
  test("an isolated page", async () => {
    expectLearnt(await train("isolated", "page", backend), backend);
  });
  test("a worker", async () => {
    expectLearnt(await train("plain", "worker", backend), backend);
  });
});
