import { describe, expect, test } from "vitest";
import { countDeviceTime, startClock } from "../../bench/clock.js";
import type { Measurement } from "../../bench/measurement.js";
import { report } from "../../bench/table.js";
import { type Adapter, adapterOf } from "../../bench/webgpu/adapter.js";
import type { Run } from "../../bench/contender.js";
import { deviceRun } from "../../bench/webgpu/device.js";
import * as fx from "../../src/index.js";
import * as nn from "../../src/nn/index.js";

/** Rows name the types of the peers, which only the benchmarks install: here they have those that are used. */
interface Row {
  readonly name: string;
  readonly fluxion: (library: typeof fx, networks: typeof nn) => Run;
}
const file: string = "../../bench/webgpu/rows.js";
const { webgpuRows } = (await import(/* @vite-ignore */ file)) as {
  webgpuRows: (adapter: Adapter) => readonly Row[];
};

const card = { name: "a card", software: false };
const software = { name: "software", software: true };

describe("adapters", () => {
  test("are named by all that they say", () => {
    const info = { vendor: "nvidia", architecture: "ampere", description: "A100" };
    expect(adapterOf(info)).toEqual({ name: "nvidia ampere A100", software: false });
    expect(adapterOf({ vendor: "intel", architecture: "" })).toEqual({ name: "intel", software: false });
    expect(adapterOf()).toEqual({ name: "unknown adapter", software: false });
  });

  test("are software where they say so, or are known to be", () => {
    expect(adapterOf({ vendor: "google", architecture: "swiftshader" }).software).toBe(true);
    expect(adapterOf({ description: "llvmpipe (LLVM 15, 256 bits)" }).software).toBe(true);
    expect(adapterOf({ vendor: "x", isFallbackAdapter: true })).toEqual({ name: "x", software: true });
  });

  test("decide the sizes", () => {
    const names = (adapter: typeof card): string[] => webgpuRows(adapter).map((r) => r.name);
    const others = ["conv", "attention", "chain10", "softmax", "lenet-step", "lstm-step"];
    expect(names(software)).toEqual(["matmul-128", "matmul-256", ...others]);
    expect(names(card)).toEqual(["matmul-1024", "matmul-2048", "matmul-4096", ...others]);
  });
});

describe("rows", () => {
  test.each(webgpuRows(software).map((r) => [r.name, r] as const))(
    "%s is computed, and read without blocking",
    async (_, row) => {
      const run = row.fluxion(fx, nn);
      const { ms, values } = await run.first();
      expect(ms).toBeGreaterThan(0);
      expect(values.length).toBe(1);
      expect(values[0]!.length).toBeGreaterThan(2);
      expect(Array.from(values[0]!).every(Number.isFinite)).toBe(true);
      await run.step();
    },
    30_000,
  );

  test("matmul multiplies", async () => {
    const row = webgpuRows(software).find((r) => r.name === "matmul-128")!;
    const args: fx.Tensor[] = [];
    const watching = {
      ...fx,
      tensor: ((...given: Parameters<typeof fx.tensor>) => {
        const t = fx.tensor(...given);
        args.push(t);
        return t;
      }) as typeof fx.tensor,
    };
    const { values } = await row.fluxion(watching, nn).first();
    const [a, b] = [args[0]!.dataSync(), args[1]!.dataSync()];
    let want = 0;
    for (let k = 0; k < 128; k++) want += a[3 * 128 + k]! * b[k * 128 + 5]!;
    expect(values[0]![3 * 128 + 5]).toBeCloseTo(want, 4);
  });
});

describe("calls of a device", () => {
  const traced = (): { log: string[]; run: ReturnType<typeof deviceRun> } => {
    const log: string[] = [];
    let calls = 0;
    const run = deviceRun({
      call: () => {
        log.push(`call ${++calls}`);
        return calls;
      },
      finish: (n) => {
        log.push(`finish ${n}`);
        return Promise.resolve();
      },
      read: (n) => Promise.resolve([[n]]),
      free: (n) => log.push(`free ${n}`),
    });
    return { log, run };
  };

  test("are waited for, one by one, before results are freed", async () => {
    const { log, run } = traced();
    await run.step();
    await run.step();
    expect(log).toEqual(["call 1", "finish 1", "free 1", "call 2", "finish 2", "free 2"]);
  });

  test("the first is finished before it is read, then freed", async () => {
    const { log, run } = traced();
    expect((await run.first()).values).toEqual([[1]]);
    expect(log).toEqual(["call 1", "finish 1", "free 1"]);
  });
});

describe("the table", () => {
  const one = (library: string, backend: string, medianMs: number, rest: Partial<Measurement> = {}) => ({
    ...{ row: "add", library, version: "1", backend, threads: 1, medianMs, firstMs: 9, bestMs: medianMs },
    ...rest,
  });

  test("names the adapter in every row, and has columns for WebGPU", () => {
    const measurements = [
      one("fluxion", "webgpu", 100, { adapter: "a card", gflops: 0.05 }),
      one("fluxion", "wasm", 0.3, { ratio: 0.003 }),
      one("@jax-js/jax", "webgpu", 200, { ratio: 2, adapter: "a card" }),
    ];
    const remarks = [
      { row: "add", id: "tfjs-webgpu", text: "cannot: no kernel", fault: false },
      { row: "add", id: "jax-js-webgpu", text: "differs", fault: false },
    ] as const;
    const entries = [{ name: "add", title: "a + b", flops: 1 }];
    const other = one("@tensorflow/tfjs", "webgpu", 1, { row: "x", adapter: "a card" });
    expect(report(entries, { measurements: [...measurements, other], remarks }, "A machine.")).toBe(
      `A machine.

| row | computation | adapter | Fluxion (webgpu) | Fluxion (wasm) | jax-js (webgpu) | tfjs (webgpu) | Fluxion, best GFLOP/s |
| --- | --- | --- | --- | --- | --- | --- | --- |
| \`add\` | a + b | a card | 100 ms | 0.30 ms · 0.0030× | 200 ms · 2.00× (!) | cannot | 0.050 |

What the table cannot say:

- \`add\`, tfjs (webgpu): cannot: no kernel
- \`add\`, jax-js (webgpu): differs`,
    );
  });
});

/** The last: it changes the clock of this process. */
test("time on a device is time on the wall", async () => {
  const waiting = async (): Promise<number> => {
    const elapsed = startClock();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return elapsed();
  };
  expect(await waiting()).toBeLessThan(290);
  countDeviceTime();
  expect(await waiting()).toBeGreaterThanOrEqual(295);
});
