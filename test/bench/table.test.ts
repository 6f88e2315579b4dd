import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  atLeastGflops,
  atLeastGflopsOfRow,
  atMostMs,
  atMostTimes,
  atMostTimesRow,
  type Entry,
  fasterOnThreads,
  fasterThan,
  type Measurement,
} from "../../bench/measurement.js";
import { duration, report, speedTable, verdicts, verdictText } from "../../bench/table.js";

const rows: readonly Entry[] = [
  {
    name: "add",
    title: "a + b",
    flops: 10,
    targets: [
      atMostMs("js", 2),
      atMostTimes("js", 1.2, "hand"),
      fasterThan("js", 3, "jax-js"),
      atLeastGflops("js", 5),
    ],
  },
  { name: "other", title: "not run" },
];

const one = (
  library: string,
  backend: string,
  medianMs: number,
  rest: Partial<Measurement> = {},
): Measurement => ({
  row: "add",
  library,
  version: "1",
  backend,
  threads: 1,
  medianMs,
  firstMs: 9,
  bestMs: medianMs / 2,
  ...rest,
});

const measurements = [
  one("fluxion", "js", 3, { gflops: 2 }),
  one("hand-written loop", "js", 2.4, { ratio: 0.8 }),
  one("@jax-js/jax", "wasm", 12, { ratio: 4 }),
  one("@tensorflow/tfjs", "cpu", 1200, { ratio: 400, rssMb: [60, 80, 90], steps: 1000 }),
];

describe("the table", () => {
  test("shows times, multiples of Fluxion's and what cannot be", () => {
    const remarks = [
      { row: "add", id: "tfjs-cpu", text: "differs from hand by 1.0e-2", fault: false },
      { row: "add", id: "tfjs-wasm", text: "cannot: no kernel", fault: false },
    ] as const;
    const text = report(
      rows,
      { measurements: [...measurements, one("@tensorflow/tfjs", "wasm", 1, { row: "x" })], remarks },
      "A machine.",
    );
    expect(text).toBe(`A machine.

| row | computation | Fluxion (js) | loop by hand | jax-js (wasm) | tfjs (wasm) | tfjs (cpu) | Fluxion, best GFLOP/s |
| --- | --- | --- | --- | --- | --- | --- | --- |
| \`add\` | a + b | 3.00 ms | 2.40 ms · 0.80× | 12.0 ms · 4.00× | cannot | 1.20 s · 400× (!) | 4.00 |

Targets:

- \`add\`: js: at most 2 ms: reached
- \`add\`: js: at most 1.2 times hand's time: **missed**
- \`add\`: js: 3 times faster than jax-js: reached
- \`add\`: js: at least 5 GFLOP/s: **missed**

Resident memory:

- \`add\`, tfjs (cpu): 60 MB before, 80 MB after 1,000 steps, at most 90 MB

What the table cannot say:

- \`add\`, tfjs (cpu): differs from hand by 1.0e-2
- \`add\`, tfjs (wasm): cannot: no kernel`);
  });

  test("gives several threads a column of their own", () => {
    const both = [one("fluxion", "wasm", 4), one("fluxion", "wasm", 2, { ratio: 0.5, threads: 2 })];
    expect(speedTable(rows, { measurements: both, remarks: [] })).toBe(
      `| row | computation | Fluxion (wasm) | Fluxion (wasm, threads) | Fluxion, best GFLOP/s |
| --- | --- | --- | --- | --- |
| \`add\` | a + b | 4.00 ms | 2.00 ms · 0.50× |  |`,
    );
  });

  test("a target whose contender did not run is neither reached nor missed", () => {
    const own = { measurements: measurements.slice(0, 1), remarks: [] };
    expect(verdicts(rows[0]!, own).map(verdictText)).toEqual([
      "js: at most 2 ms: reached",
      "js: at most 1.2 times hand's time: not measured",
      "js: 3 times faster than jax-js: not measured",
      "js: at least 5 GFLOP/s: **missed**",
    ]);
  });

  test("a target of one backend is judged by its own time, whoever comes first", () => {
    const both = [
      one("fluxion", "wasm", 1),
      one("fluxion", "js", 4, { ratio: 4 }),
      one("@jax-js/jax", "wasm", 12, { ratio: 12 }),
    ];
    const row: Entry = {
      name: "add",
      title: "a + b",
      targets: [
        fasterThan("wasm", 12, "jax-js"),
        fasterThan("js", 3, "jax-js"),
        fasterThan("js", 4, "jax-js"),
      ],
    };
    expect(verdicts(row, { measurements: both, remarks: [] }).map((v) => v.holds)).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("a target may compare with another row", () => {
    const long: Entry = { name: "long", title: "more of it", targets: [atMostTimesRow("js", 1.5, "add")] };
    const of = (bestMs: number) => [...measurements, one("fluxion", "js", 9, { row: "long", bestMs })];
    const texts = [of(2.2), of(2.3), of(2.2).slice(4)].map((all) =>
      verdicts(long, { measurements: all, remarks: [] }).map(verdictText),
    );
    expect(texts).toEqual([
      ["js: at most 1.5 times as long as `add`: reached"],
      ["js: at most 1.5 times as long as `add`: **missed**"],
      ["js: at most 1.5 times as long as `add`: not measured"],
    ]);
  });

  test("a target may ask for a part of another row's speed", () => {
    const other: Entry = {
      name: "other",
      title: "another",
      targets: [atLeastGflopsOfRow("js", 0.75, "add")],
    };
    const of = (gflops: number) => [...measurements, one("fluxion", "js", 3, { row: "other", gflops })];
    const texts = [of(1.5), of(1.4), of(1.5).slice(1)].map((all) =>
      verdicts(other, { measurements: all, remarks: [] }).map(verdictText),
    );
    expect(texts).toEqual([
      ["js: at least 0.75 times the GFLOP/s of `add`: reached"],
      ["js: at least 0.75 times the GFLOP/s of `add`: **missed**"],
      ["js: at least 0.75 times the GFLOP/s of `add`: not measured"],
    ]);
  });

  test("a target may ask what several threads gain", () => {
    const row: Entry = { name: "add", title: "a + b", targets: [fasterOnThreads(1.8)] };
    const own = one("fluxion", "wasm", 4);
    const of = (ratio: number) => [own, one("fluxion", "wasm", 4 * ratio, { ratio, threads: 2 })];
    const texts = [of(0.55), of(0.56), [own]].map((all) =>
      verdicts(row, { measurements: all, remarks: [] }).map(verdictText),
    );
    expect(texts).toEqual([
      ["wasm, threads: 1.8 times faster than one thread: reached"],
      ["wasm, threads: 1.8 times faster than one thread: **missed**"],
      ["wasm, threads: 1.8 times faster than one thread: not measured"],
    ]);
  });

  test("onnxruntime has a column for one thread and one for several, copying has one", () => {
    const all = [
      one("fluxion", "wasm", 4),
      one("copy", "js", 2, { ratio: 0.5 }),
      one("onnxruntime-web", "wasm", 8, { ratio: 2 }),
      one("onnxruntime-web", "wasm", 6, { ratio: 1.5, threads: 2 }),
    ];
    expect(speedTable(rows, { measurements: all, remarks: [] })).toBe(
      `| row | computation | Fluxion (wasm) | copy | onnxruntime-web (wasm) | onnxruntime-web (wasm, threads) | Fluxion, best GFLOP/s |
| --- | --- | --- | --- | --- | --- | --- |
| \`add\` | a + b | 4.00 ms | 2.00 ms · 0.50× | 8.00 ms · 2.00× | 6.00 ms · 1.50× |  |`,
    );
  });

  test("durations have three figures", () => {
    expect([0.00123, 0.0123, 0.5, 45.67, 999, 41234].map(duration)).toEqual([
      "1.23 µs",
      "12.3 µs",
      "0.50 ms",
      "45.7 ms",
      "999 ms",
      "41.2 s",
    ]);
  });
});

test("the peers' lockfile names versions and no place to get them from", () => {
  const lock = JSON.parse(
    readFileSync(new URL("../../bench/package-lock.json", import.meta.url), "utf8"),
  ) as {
    packages: Record<string, { version?: string; resolved?: string }>;
  };
  const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
  expect(packages.length).toBeGreaterThan(10);
  for (const [path, p] of packages) {
    expect(p.resolved, path).toBeUndefined();
    expect(p.version, path).toMatch(/^\d/);
  }
});
