/** Results are the same, bit for bit, on any number of threads; and threads do help. */
import { afterAll, describe, expect, test } from "vitest";
import { jit, type Tensor } from "../../../src/index.js";
import { presentTeam, setCrew } from "../../../src/jit/backends/wasm/threads/crew.js";
import { useBackend } from "../../backend.js";
import { divided } from "./divided.js";
import { bitsOf, useThreads } from "./threads.js";

useBackend("wasm");
afterAll(() => setCrew(1));

describe.each(divided)("$name", ({ f, args, kernels }) => {
  const run = jit(f as (...xs: Tensor[]) => Tensor);
  const bits = (): string => {
    const out = run(...args) as unknown as Tensor | readonly Tensor[];
    const all = Array.isArray(out) ? (out as readonly Tensor[]) : [out as Tensor];
    return bitsOf(all.map((t) => t.dataSync()));
  };

  test("is divided", () => {
    const lowered = run.lower(...args);
    const sources = lowered.kernels.map((k) => k.source);
    expect(sources.filter((s) => s.includes("parts for threads")).length).toBeGreaterThanOrEqual(kernels);
    expect(lowered.profile(1).kernels.length).toBe(lowered.kernels.length);
  });

  test("has the same bits on 1, 2, 3 and 4 threads", { timeout: 60_000 }, async () => {
    await useThreads(1);
    const expected = bits();
    for (const n of [2, 3, 4]) {
      await useThreads(n);
      const before = presentTeam()!.helped;
      const until = performance.now() + 10_000;
      for (let i = 0; i < 5 || (presentTeam()!.helped === before && performance.now() < until); i++)
        expect(bits() === expected).toBe(true);
      expect(presentTeam()!.helped).toBeGreaterThan(before);
    }
  });
});
