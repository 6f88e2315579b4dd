/** The results for people: a Markdown table with Fluxion's time, and everybody else's as a multiple of it. */
import type { ContenderId, Entry, Measurement, Remark } from "./measurement.js";

export const idOf = (m: Measurement): ContenderId => {
  switch (m.library) {
    case "fluxion":
      if (m.backend === "webgpu") return "fluxion-webgpu";
      if (m.backend === "js") return "fluxion-js";
      return m.threads > 1 ? "fluxion-threads" : "fluxion-wasm";
    case "@jax-js/jax":
      return m.backend === "webgpu" ? "jax-js-webgpu" : "jax-js";
    case "@tensorflow/tfjs":
      if (m.backend === "webgpu") return "tfjs-webgpu";
      return m.backend === "wasm" ? "tfjs-wasm" : "tfjs-cpu";
    case "onnxruntime-web":
      return m.threads > 1 ? "ort-threads" : "ort";
    case "torch":
    case "copy":
      return m.library;
    default:
      return "hand";
  }
};

const digits = (x: number): string => {
  if (x < 0.1) return x.toPrecision(2);
  return x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(2);
};

/** Three figures and a unit. */
export const duration = (ms: number): string => {
  if (ms >= 1000) return `${digits(ms / 1000)} s`;
  return ms >= 0.1 ? `${digits(ms)} ms` : `${digits(ms * 1000)} µs`;
};

const headings: Readonly<Record<ContenderId, string>> = {
  "fluxion-webgpu": "Fluxion (webgpu)",
  "fluxion-wasm": "Fluxion (wasm)",
  "fluxion-threads": "Fluxion (wasm, threads)",
  "fluxion-js": "Fluxion (js)",
  hand: "loop by hand",
  copy: "copy",
  "jax-js-webgpu": "jax-js (webgpu)",
  "jax-js": "jax-js (wasm)",
  "tfjs-webgpu": "tfjs (webgpu)",
  "tfjs-wasm": "tfjs (wasm)",
  "tfjs-cpu": "tfjs (cpu)",
  ort: "onnxruntime-web (wasm)",
  "ort-threads": "onnxruntime-web (wasm, threads)",
  torch: "PyTorch (cpu)",
};

const cell = (m: Measurement | undefined, remarks: readonly Remark[]): string => {
  if (m === undefined)
    return ["cannot", "not run"].find((t) => remarks.some((r) => r.text.startsWith(t))) ?? "";
  const time = duration(m.medianMs);
  const mark = remarks.length > 0 ? " (!)" : "";
  return (m.ratio === undefined ? time : `${time} · ${digits(m.ratio)}×`) + mark;
};

export interface Results {
  readonly measurements: readonly Measurement[];
  readonly remarks: readonly Remark[];
}

const finder =
  (measurements: readonly Measurement[], row: Entry) =>
  (id: ContenderId, name: string = row.name): Measurement | undefined =>
    measurements.find((m) => m.row === name && idOf(m) === id);

const isMeasured = (row: Entry, { measurements }: Results): boolean =>
  measurements.some((m) => m.row === row.name);

/** Whether each target of the row was reached; undefined where a contender that it needs did not run. */
export const verdicts = (
  row: Entry,
  { measurements }: Results,
): { text: string; holds: boolean | undefined }[] =>
  (row.targets ?? []).map((t) => ({ text: t.text, holds: t.holds(finder(measurements, row)) }));

export const verdictText = (v: { text: string; holds: boolean | undefined }): string =>
  `${v.text}: ${v.holds === undefined ? "not measured" : v.holds ? "reached" : "**missed**"}`;

/** What WebGPU computed the row on. */
const adapterOf = (row: Entry, { measurements }: Results): string =>
  measurements.find((m) => m.row === row.name && m.adapter !== undefined)?.adapter ?? "";

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

export const speedTable = (rows: readonly Entry[], results: Results): string => {
  const shown = rows.filter((r) => isMeasured(r, results));
  const ids = (Object.keys(headings) as ContenderId[]).filter((id) =>
    results.measurements.some((m) => idOf(m) === id),
  );
  const onAdapters = results.measurements.some((m) => m.adapter !== undefined);
  const body = shown.map((row) => {
    const of = finder(results.measurements, row);
    const own = of("fluxion-webgpu") ?? of("fluxion-wasm") ?? of("fluxion-js");
    const gflops = own?.gflops === undefined ? undefined : (own.gflops * own.medianMs) / own.bestMs;
    const cells = ids.map((id) =>
      cell(
        of(id),
        results.remarks.filter((r) => r.row === row.name && r.id === id),
      ),
    );
    return line([
      `\`${row.name}\``,
      row.title,
      ...(onAdapters ? [adapterOf(row, results)] : []),
      ...cells,
      row.flops === undefined || gflops === undefined ? "" : digits(gflops),
    ]);
  });
  const head = [
    "row",
    "computation",
    ...(onAdapters ? ["adapter"] : []),
    ...ids.map((id) => headings[id]),
    "Fluxion, best GFLOP/s",
  ];
  return [line(head), line(head.map(() => "---")), ...body].join("\n");
};

const memoryLines = (rows: readonly Entry[], results: Results): string[] =>
  rows.flatMap((row) =>
    results.measurements
      .filter((m) => m.row === row.name && m.rssMb !== undefined)
      .map((m) => {
        const [before, after, peak] = m.rssMb!;
        const steps = m.steps!.toLocaleString("en");
        return `- \`${row.name}\`, ${headings[idOf(m)]}: ${before} MB before, ${after} MB after ${steps} steps, at most ${peak} MB`;
      }),
  );

/** All that the results say, as Markdown. */
export const report = (rows: readonly Entry[], results: Results, machine: string): string => {
  const targets = rows
    .filter((r) => isMeasured(r, results))
    .flatMap((row) => verdicts(row, results).map((v) => `- \`${row.name}\`: ${verdictText(v)}`));
  const remarks = results.remarks.map((r) => `- \`${r.row}\`, ${headings[r.id]}: ${r.text}`);
  const memory = memoryLines(rows, results);
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", title, "", ...lines];
  return [
    machine,
    "",
    speedTable(rows, results),
    ...section("Targets:", targets),
    ...section("Resident memory:", memory),
    ...section("What the table cannot say:", remarks),
  ].join("\n");
};
