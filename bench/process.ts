/**
 * One row in a process of its own: contenders disturb each other's heap and compiled code within a row, where that
 * happens to all of them, and not across rows.
 */
import { countDeviceTime, startClock } from "./clock.js";
import { type Contender, contenders, takesPart } from "./libraries.js";
import { measure, median, quick, thorough } from "./measure.js";
import type { ContenderId, Measurement, Remark } from "./measurement.js";
import type { Row, Run, Values } from "./row.js";
import { rows } from "./rows/index.js";
import { NotHere } from "./torch.js";
import { difference } from "./verify.js";
import { type Adapter, askForAdapter, provideWebGPU } from "./webgpu/adapter.js";
import { webgpuRows } from "./webgpu/rows.js";

export interface Job {
  readonly row: string;
  readonly ids: readonly ContenderId[];
  readonly quick: boolean;
  /** Threads of the contender that has several. */
  readonly threads: number;
  /** The rows are those for this adapter. */
  readonly adapter?: Adapter;
}

export interface Outcome {
  readonly measurements: readonly Measurement[];
  readonly remarks: readonly Remark[];
}

/** A contender that has run the row once. */
interface Ready {
  readonly contender: Contender;
  readonly run: Run;
  readonly firstMs: number;
  readonly values: Values;
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]!;

const prepare = async (
  row: Row,
  id: ContenderId,
  threads: number,
  remarks: Remark[],
): Promise<Ready | undefined> => {
  const reason = row.omitted?.[id];
  if (reason !== undefined) {
    remarks.push({ row: row.name, id, text: `not run: ${reason}`, fault: false });
    return undefined;
  }
  if (!takesPart(row, id)) return undefined;
  try {
    const contender = await contenders[id](threads);
    await contender.enter();
    const run = contender.prepare(row);
    if (run === undefined) return undefined;
    const { ms, values } = await run.first();
    return { contender, run, firstMs: ms, values };
  } catch (error) {
    const fault = id.startsWith("fluxion");
    remarks.push({
      row: row.name,
      id,
      text: `${error instanceof NotHere ? "not run" : "cannot"}: ${messageOf(error)}`,
      fault,
    });
    return undefined;
  }
};

/** Compares everybody that computes with the loop written by hand, or else with the first contender. */
const compare = (row: Row, all: readonly Ready[], remarks: Remark[]): void => {
  const ready = all.filter((r) => r.contender.id !== "copy");
  const reference = ready.find((r) => r.contender.id === "hand") ?? ready[0];
  for (const r of ready) {
    const error = difference(reference!.values, r.values);
    if (error <= (row.tolerance ?? 1e-4)) continue;
    const { id } = r.contender;
    const known = row.wrong?.[id];
    const text = `differs from ${reference!.contender.id} by ${error.toExponential(1)}${known === undefined ? "" : `: ${known}`}`;
    remarks.push({ row: row.name, id, text, fault: known === undefined });
  }
};

const measurement = (row: Row, r: Ready, times: readonly number[]): Measurement => {
  const medianMs = median(times);
  const { library, version, backend, adapter } = r.contender;
  const gflops = row.flops === undefined ? {} : { gflops: row.flops / medianMs / 1e6 };
  return {
    row: row.name,
    library,
    version,
    backend,
    ...(adapter !== undefined && { adapter }),
    threads: r.contender.threads ?? 1,
    medianMs,
    firstMs: r.firstMs,
    ...gflops,
    bestMs: Math.min(...times),
  };
};

/** The median of the ratios within each round: a slow round is slow for both. */
const ratio = (times: readonly number[], base: readonly number[]): number =>
  times.length === base.length ? median(times.map((t, i) => t / base[i]!)) : median(times) / median(base);

/** Drivers compile for long, and compute after that in no time. */
const compilingMs = 60_000;

const inRounds = async (row: Row, { ids, threads, quick: isQuick, adapter }: Job): Promise<Outcome> => {
  const remarks: Remark[] = [];
  const ready: Ready[] = [];
  for (const id of ids) {
    const r = await prepare(row, id, threads, remarks);
    if (r !== undefined) ready.push(r);
  }
  compare(row, ready, remarks);
  const timed = ready.map((r) => ({ ...r.run, enter: r.contender.enter, firstMs: r.firstMs }));
  const effort = isQuick ? quick : thorough;
  const times = await measure(timed, adapter === undefined ? effort : { ...effort, hopelessMs: compilingMs });
  const base = ready.findIndex((r) => r.contender.library === "fluxion");
  const measurements = ready.map((r, i) => ({
    ...measurement(row, r, times[i]!),
    ...(base < 0 || base === i ? {} : { ratio: ratio(times[i]!, times[base]!) }),
  }));
  return { measurements, remarks };
};

/** The first call in this process, alone; the parent starts several. */
const cold = async (row: Row, { ids, threads }: Job): Promise<Outcome> => {
  const remarks: Remark[] = [];
  const r = await prepare(row, ids[0]!, threads, remarks);
  return {
    measurements: r === undefined ? [] : [measurement({ ...row, flops: 0 }, r, [r.firstMs])],
    remarks,
  };
};

const rssMb = (): number => process.memoryUsage.rss() / 2 ** 20;

/** Peers are stopped after this time. */
const longestMs = 20_000;

const soak = async (row: Row, { ids, threads }: Job, steps: number): Promise<Outcome> => {
  const [id] = ids as [ContenderId];
  const remarks: Remark[] = [];
  const r = await prepare(row, id, threads, remarks);
  if (r === undefined) return { measurements: [], remarks };
  const chunk = Math.ceil(steps / 100);
  const times: number[] = [];
  const runChunk = async (): Promise<void> => {
    const elapsed = startClock();
    for (let i = 0; i < chunk; i++) {
      const pending = r.run.step();
      if (pending !== undefined) await pending;
    }
    times.push(elapsed() / chunk);
  };
  for (let i = 0; i < 2; i++) await runChunk();
  times.length = 0;
  const before = rssMb();
  let peak = before;
  const end = performance.now() + (id.startsWith("fluxion") ? Infinity : longestMs);
  while (times.length * chunk < steps && performance.now() < end) {
    await runChunk();
    peak = Math.max(peak, rssMb());
  }
  const rss = [before, rssMb(), peak].map(Math.round) as unknown as readonly [number, number, number];
  return {
    measurements: [{ ...measurement(row, r, times), rssMb: rss, steps: times.length * chunk }],
    remarks,
  };
};

const perform = (job: Job): Promise<Outcome> => {
  if (job.adapter !== undefined) countDeviceTime();
  const all = job.adapter === undefined ? rows : webgpuRows(job.adapter);
  const row = all.find((r) => r.name === job.row)!;
  const { method = "rounds" } = row;
  if (method === "rounds") return inRounds(row, job);
  if (method === "cold") return cold(row, job);
  return soak(row, job, job.quick ? method.soak / 50 : method.soak);
};

const answer = async (question: Job | typeof askForAdapter): Promise<Outcome | Adapter> =>
  question === askForAdapter ? (await provideWebGPU()).adapter : perform(question);

process.once("message", (question: Job | typeof askForAdapter) => {
  answer(question).then(
    (outcome) => process.send!(outcome, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
