/** Starts the processes that measure, and puts their results together. */
import { fork } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { median } from "./measure.js";
import type { Job, Outcome } from "./process.js";
import type { ContenderId, Measurement } from "./measurement.js";
import type { Row } from "./row.js";
import { type Adapter, askForAdapter } from "./webgpu/adapter.js";

const here = dirname(fileURLToPath(import.meta.url));

/**
 * Bundles Fluxion with the rows, as its users would: measured code has no hooks of a TypeScript loader in it.
 * The bundle lies where the peers' packages can be found.
 */
export const bundle = async (): Promise<string> => {
  const folder = join(here, "node_modules", ".cache", "fluxion-bench");
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, "process.mjs");
  await build({
    entryPoints: [join(here, "process.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["@tensorflow/*", "@jax-js/*", "onnxruntime-web", "webgpu", "acorn", "fp-ts"],
    tsconfig: join(here, "tsconfig.json"),
    logLevel: "error",
  });
  return outfile;
};

/** Who runs, and how. */
export type Chosen = Omit<Job, "row"> & {
  /** The path of the Node that measures. */
  readonly node: string;
};

/** No row may take longer. */
const longestMs = 15 * 60_000;

/** The first message of a process that is asked for something, or how it ended without one. */
const ask = <A>(
  script: string,
  question: Job | typeof askForAdapter,
  { stderr = 2, node = process.execPath }: { readonly stderr?: 2 | "ignore"; readonly node?: string } = {},
) =>
  new Promise<{ readonly answer: A } | { readonly end: string }>((resolve) => {
    let answer: { readonly answer: A } | undefined;
    const child = fork(script, {
      execArgv: ["--expose-gc"],
      execPath: node,
      cwd: here,
      stdio: ["ignore", stderr, stderr, "ipc"],
    });
    child.once("message", (m: A) => (answer = { answer: m }));
    const alarm = setTimeout(() => child.kill("SIGKILL"), longestMs);
    child.once("exit", (code, signal) => {
      clearTimeout(alarm);
      resolve(answer ?? { end: `the process ended with ${signal ?? `exit code ${code}`}` });
    });
    child.send(question);
  });

/** Debian's Chromium has a driver that needs no graphics card. */
const chromium = "/usr/lib/chromium";

/**
 * The adapter that WebGPU finds: the system's own, or else Chromium's software, for which the environment of all
 * processes that are started later is set. Null where there is neither.
 */
export const findAdapter = async (script: string): Promise<Adapter | null> => {
  const own = await ask<Adapter>(script, askForAdapter, { stderr: "ignore" });
  if ("answer" in own) return own.answer;
  const driver = join(chromium, "vk_swiftshader_icd.json");
  if (process.env["VK_ICD_FILENAMES"] !== undefined || !existsSync(driver)) return null;
  process.env["VK_ICD_FILENAMES"] = driver;
  process.env["LD_LIBRARY_PATH"] = [chromium, process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":");
  const software = await ask<Adapter>(script, askForAdapter);
  return "answer" in software ? software.answer : null;
};

const inProcess = async (script: string, { node, ...job }: Job & Chosen): Promise<Outcome> => {
  const reply = await ask<Outcome>(script, job, { node });
  if ("answer" in reply) return reply.answer;
  const crash = { row: job.row, text: reply.end, fault: true };
  return { measurements: [], remarks: job.ids.map((id) => ({ ...crash, id })) };
};

const together = (outcomes: readonly Outcome[]): Outcome => ({
  measurements: outcomes.flatMap((o) => o.measurements),
  remarks: outcomes.flatMap((o) => o.remarks),
});

const withRatios = (measurements: readonly Measurement[]): Measurement[] => {
  const base = measurements.find((m) => m.library === "fluxion");
  return measurements.map((m) =>
    base === undefined || m === base ? m : { ...m, ratio: m.medianMs / base.medianMs },
  );
};

const coldProcesses = 7;

/** One process for each first call, contenders taking turns. */
const coldRow = async (script: string, row: Row, { ids, ...options }: Chosen): Promise<Outcome> => {
  const outcomes = new Map<ContenderId, Outcome[]>(ids.map((id) => [id, []]));
  for (let i = 0; i < (options.quick ? 1 : coldProcesses); i++)
    for (const id of ids)
      outcomes.get(id)!.push(await inProcess(script, { row: row.name, ids: [id], ...options }));
  const measurements = [...outcomes.values()].flatMap((list) => {
    const times = list.flatMap((o) => o.measurements).map((m) => m.firstMs);
    const [one] = list.flatMap((o) => o.measurements);
    return one === undefined
      ? []
      : [{ ...one, medianMs: median(times), firstMs: median(times), bestMs: Math.min(...times) }];
  });
  return {
    measurements: withRatios(measurements),
    remarks: [...outcomes.values()].flatMap((list) => list[0]!.remarks),
  };
};

const soakRow = async (script: string, row: Row, { ids, ...options }: Chosen): Promise<Outcome> => {
  const outcomes: Outcome[] = [];
  for (const id of ids) outcomes.push(await inProcess(script, { row: row.name, ids: [id], ...options }));
  const { measurements, remarks } = together(outcomes);
  return { measurements: withRatios(measurements), remarks };
};

export const runRow = (script: string, row: Row, chosen: Chosen): Promise<Outcome> => {
  const { method = "rounds" } = row;
  if (method === "rounds") return inProcess(script, { row: row.name, ...chosen });
  return method === "cold" ? coldRow(script, row, chosen) : soakRow(script, row, chosen);
};
