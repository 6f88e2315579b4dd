/** `npm run bench -- [options]`: Fluxion and its peers, side by side in one run. */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { ContenderId, Measurement, Remark } from "./measurement.js";
import { findNode, type NodeBinary } from "./node.js";
import type { Row } from "./row.js";
import { rows } from "./rows/index.js";
import { bundle, findAdapter, runRow } from "./run.js";
import type { Adapter } from "./webgpu/adapter.js";
import { webgpuRows } from "./webgpu/rows.js";
import { duration, idOf, report, type Results, verdicts, verdictText } from "./table.js";

const usage = `Times Fluxion beside its peers.

  npm run bench -- [options]

  --json FILE       write the measurements: [{ row, library, version, backend, threads, medianMs, firstMs, gflops? … }]
  --only ROW,…      some rows, by name or by the part before the first dash (--list names them)
  --peers A,…       some contenders beside Fluxion: hand, copy, jax-js, tfjs-wasm, tfjs-cpu, ort, torch (default all; tfjs means both)
  --backends B,…    Fluxion's backends (default wasm,js: the others are compared with the first)
  --webgpu          rows, peers (jax-js, tfjs) and backends (webgpu,wasm) on WebGPU, in sizes for the adapter that is here
  --node N          another Node measures: a release, which npm fetches, or a path; its table is a second one in the page
  --threads N       Fluxion and onnxruntime-web on N threads, too, in columns of their own
  --quick           two short rounds: to see that everything works
  --table           put the result into bench/README.md
  --list            the names of the rows
  --help            this text
`;

const readme = join(dirname(fileURLToPath(import.meta.url)), "README.md");

const fail = (message: string): never => {
  process.stderr.write(`bench: ${message}\n`);
  process.exit(2);
};

const options = (() => {
  try {
    return parseArgs({
      options: {
        json: { type: "string" },
        only: { type: "string" },
        peers: { type: "string" },
        backends: { type: "string" },
        webgpu: { type: "boolean", default: false },
        threads: { type: "string" },
        node: { type: "string" },
        quick: { type: "boolean", default: false },
        table: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`);
  }
})();

const peerIds: readonly ContenderId[] = options.webgpu
  ? ["jax-js-webgpu", "tfjs-webgpu"]
  : ["hand", "copy", "jax-js", "tfjs-wasm", "tfjs-cpu", "ort", "torch"];
const ownBackends: readonly string[] = options.webgpu ? ["webgpu", "wasm"] : ["wasm", "js"];

const words = (text: string): string[] => text.split(",").filter((w) => w !== "");

const chooseRows = (rows: readonly Row[], only: string | undefined): readonly Row[] => {
  if (only === undefined) return rows;
  const wanted = words(only);
  const matches = (row: Row, word: string): boolean => row.name === word || row.name.startsWith(`${word}-`);
  const unknown = wanted.filter((w) => !rows.some((r) => matches(r, w)));
  if (unknown.length > 0)
    fail(`expected a row (${rows.map((r) => r.name).join(", ")}), got ${unknown.join(", ")}`);
  return rows.filter((r) => wanted.some((w) => matches(r, w)));
};

const chooseContenders = (
  backends: string | undefined,
  peers: string | undefined,
): readonly ContenderId[] => {
  const wanted = peers === undefined ? peerIds : words(peers);
  const matches = (id: ContenderId, word: string): boolean => id === word || id.startsWith(`${word}-`);
  const unknown = wanted.filter((w) => !peerIds.some((id) => matches(id, w)));
  if (unknown.length > 0) fail(`expected peers out of ${peerIds.join(", ")}, got ${unknown.join(", ")}`);
  const chosen = backends === undefined ? ownBackends : words(backends);
  const unknownBackends = chosen.filter((b) => !ownBackends.includes(b));
  if (unknownBackends.length > 0)
    fail(`expected backends ${ownBackends.join(" or ")}, got ${unknownBackends.join(", ")}`);
  const own = chosen.map((b) => `fluxion-${b}` as ContenderId);
  return [...own, ...peerIds.filter((id) => wanted.some((w) => matches(id, w)))];
};

const chooseThreads = (text: string | undefined): number => {
  if (text === undefined) return 1;
  if (options.webgpu) fail("expected --threads or --webgpu, got both");
  if (!/^[1-9]\d*$/.test(text)) fail(`expected a number of threads, got ${text}`);
  return Number(text);
};

const chooseNode = (wanted: string | undefined): NodeBinary => {
  if (options.webgpu && wanted !== undefined) fail("expected --node or --webgpu, got both");
  try {
    return findNode(wanted);
  } catch (error) {
    return fail((error as Error).message);
  }
};

const wherever = (threads: number, adapter: Adapter | undefined): string => {
  if (adapter !== undefined) {
    const kind = adapter.software ? " (software: only ratios say something)" : "";
    return `WebGPU is Dawn's, on ${adapter.name}${kind}; WebAssembly has one thread.`;
  }
  return threads === 1
    ? "One thread everywhere."
    : `One thread everywhere but in columns that say otherwise: ${threads} there.`;
};

const machine = (node: NodeBinary, threads: number, adapter: Adapter | undefined): string => {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0]!.toFixed(1);
  return (
    `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${memory} GB; Node ${node.version}, ` +
    `V8 ${node.v8}, ${process.platform} ${process.arch}; ${new Date().toISOString().slice(0, 10)}, ` +
    `load average ${load} at the start. ${wherever(threads, adapter)}`
  );
};

/** `all` are the measurements of earlier rows, too: targets may compare with them. */
const printRow = (row: Row, { measurements, remarks }: Results, all: readonly Measurement[]): void => {
  console.log(`${row.name}: ${row.title}`);
  for (const m of measurements) {
    const ratio = m.ratio === undefined ? "" : `  ${m.ratio.toPrecision(3)}×`;
    const gflops =
      row.flops === undefined || m.gflops === undefined ? "" : `  ${m.gflops.toFixed(2)} GFLOP/s`;
    const rss = m.rssMb === undefined ? "" : `  RSS ${m.rssMb[0]} → ${m.rssMb[1]} MB (peak ${m.rssMb[2]})`;
    const times = `${duration(m.medianMs).padStart(9)}  best ${duration(m.bestMs).padStart(9)}  first ${duration(m.firstMs).padStart(9)}`;
    console.log(`  ${idOf(m).padEnd(15)} ${times}${gflops}${ratio}${rss}`);
  }
  for (const r of remarks) console.log(`  ${r.id.padEnd(15)} ${r.text}`);
  for (const v of verdicts(row, { measurements: all, remarks }))
    console.log(`  target: ${verdictText(v).replaceAll("*", "")}`);
};

const updateReadme = (text: string): void => {
  const place = options.webgpu ? "webgpu" : options.node === undefined ? "results" : "node";
  const [begin, end] = [`<!-- ${place} -->`, `<!-- /${place} -->`];
  const page = readFileSync(readme, "utf8");
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) return fail(`expected ${begin} … ${end} in ${readme}`);
  writeFileSync(readme, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`);
};

/** The rows, and for those on WebGPU its adapter. */
const everyRow = async (
  script: string,
): Promise<{ readonly all: readonly Row[]; readonly adapter?: Adapter }> => {
  if (!options.webgpu) return { all: rows };
  const adapter = await findAdapter(script);
  if (adapter === null)
    return fail("expected a WebGPU adapter, got none: bench/README.md says what it needs");
  return { all: webgpuRows(adapter), adapter };
};

const run = async (): Promise<void> => {
  const threads = chooseThreads(options.threads);
  const [first, ...others] = chooseContenders(options.backends, options.peers) as [ContenderId];
  const ids: readonly ContenderId[] =
    threads === 1
      ? [first, ...others]
      : [
          first,
          "fluxion-threads",
          ...others.flatMap((id) => (id === "ort" ? [id, "ort-threads" as const] : [id])),
        ];
  const node = chooseNode(options.node);
  const script = await bundle();
  const { all, adapter } = await everyRow(script);
  const chosen = chooseRows(all, options.only);
  const about = machine(node, threads, adapter);
  console.log(`${about}\n`);
  const measurements: Measurement[] = [];
  const remarks: Remark[] = [];
  for (const row of chosen) {
    const outcome = await runRow(script, row, {
      ...{ ids, threads, node: node.path, quick: options.quick },
      ...(adapter !== undefined && { adapter }),
    });
    measurements.push(...outcome.measurements);
    remarks.push(...outcome.remarks);
    printRow(row, outcome, measurements);
    // After every row: a run that is stopped leaves what it has.
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(measurements, null, 1)}\n`);
  }
  const text = report(chosen, { measurements, remarks }, about);
  console.log(`\n${text}`);
  if (options.table) updateReadme(text);
  if (remarks.some((r) => r.fault)) process.exitCode = 1;
};

if (options.help) console.log(usage);
else if (options.list) {
  const { all } = await everyRow(options.webgpu ? await bundle() : "");
  console.log(all.map((r) => `${r.name.padEnd(22)} ${r.title}`).join("\n"));
} else await run();
