/** The network of `npm start` learns in Chromium. */
import { describe, expect, inject, test } from "vitest";
import { onPage, useBrowser } from "./chromium.js";
import { runTask } from "./tasks.js";
import type { Training, TrainingInput } from "./tasks/train.js";

const browser = useBrowser();

type Size = Pick<TrainingInput, "images" | "epochs" | "tests">;

/** 60 steps. */
const usual: Size = { images: 1280, epochs: 3, tests: 500 };

const train = (
  kind: "plain" | "isolated",
  where: "page" | "worker",
  backend: TrainingInput["backend"],
  size: Size = usual,
): Promise<Training> =>
  onPage(browser, inject(kind), (page) =>
    runTask(page, where, "train", { backend, data: `${inject(kind)}/data/`, ...size }),
  );

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

const expectLearnt = ({ backend, accuracy, losses, seconds }: Training, wanted: string): void => {
  console.log(`${wanted}: ${percent(accuracy)} after ${losses.length} steps in ${seconds.toFixed(1)} s`);
  expect(backend).toBe(wanted);
  expect(losses.length).toBe(60);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(mean(losses.slice(-10))).toBeLessThan(0.6 * mean(losses.slice(0, 10)));
  expect(accuracy).toBeGreaterThan(0.65);
};

/** The losses of a backend's first run: its others give the same bits, shared memory, threads, a worker of its own or not. */
const losses = new Map<string, readonly number[]>();

/** Memory is shared, or not, in WebAssembly alone. */
test.each([
  ["wasm", "plain", "page"],
  ["wasm", "isolated", "page"],
  ["wasm", "isolated", "worker"],
  ["wasm-worker", "plain", "page"],
  ["js", "plain", "page"],
  ["js", "plain", "worker"],
] as const)("on %s, in the %s page, in its %s", async (backend, kind, where) => {
  const training = await train(kind, where, backend);
  expectLearnt(training, backend);
  const bits = backend === "js" ? "js" : "wasm";
  if (!losses.has(bits)) losses.set(bits, training.losses);
  expect(training.losses).toEqual(losses.get(bits));
});

/** WebGPU is emulated here: ten steps take it longer than sixty take the others. They are WebAssembly's, step for step. */
const brief: Size = { images: 640, epochs: 1, tests: 250 };

describe("on webgpu", () => {
  test.each([
    ["plain", "page"],
    ["isolated", "worker"],
  ] as const)("in the %s page, in its %s", async (kind, where) => {
    const { backend, losses, accuracy, seconds } = await train(kind, where, "webgpu", brief);
    const wanted = await train("plain", "page", "wasm", brief);
    console.log(`webgpu: ${percent(accuracy)} after ${losses.length} steps in ${seconds.toFixed(1)} s`);
    expect(backend).toBe("webgpu");
    expect(losses.length).toBe(10);
    losses.forEach((loss, i) => expect(Math.abs(loss - wanted.losses[i]!), `step ${i}`).toBeLessThan(2e-3));
    expect(Math.abs(accuracy - wanted.accuracy)).toBeLessThan(0.03);
    expect(accuracy).toBeGreaterThan(0.4);
  });
});
