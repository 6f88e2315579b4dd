/** What a program becomes: for people who want to see it. */
import { bytesPerElement } from "../ir/dtype.js";
import { expected } from "../ir/errors.js";
import { printProgram } from "../ir/print.js";
import type { Program } from "../ir/program.js";
import { type BackendName, tuningNow } from "./backend.js";
import type { Tuning } from "./backends/wgsl/tuning.js";
import { compileProgram, constantsOf } from "./compile.js";
import type { Code } from "./translator.js";
import { simplify } from "./simplify/index.js";
import { allocate } from "../ir/dtype.js";

/** A kernel as text. */
export interface KernelText {
  readonly name: string;
  readonly backend: BackendName;
  /** The kernel's code; on WebAssembly a description of it. */
  readonly source: string;
  /** Elements that its widest vectors hold: 1 where it computes one element at a time, as all JavaScript does. */
  readonly lanes: number;
  /** What a WebAssembly kernel leaves to JavaScript: functions that it has no formula of, routines such as sorting. */
  readonly calls: readonly string[];
}

/** How long each kernel takes. */
export interface Profile {
  /**
   * Milliseconds spent in each kernel, in order of execution, the median of the runs; what it moves at least, to and
   * from its buffers, in gigabytes a second; and what it computes, in 10⁹ operations a second, as `cost` counts them.
   */
  readonly kernels: readonly {
    readonly name: string;
    readonly ms: number;
    readonly gigabytesPerSecond: number;
    readonly gigaflopsPerSecond: number;
  }[];
  readonly totalMs: number;
  /** The same as Chrome trace events (about:tracing, Perfetto). */
  toChromeTrace(): string;
}

/** What a program becomes: what `jit(f).lower(…)` returns. */
export interface Lowered {
  /** The simplified program as a typed listing. */
  readonly program: string;
  readonly kernels: readonly KernelText[];
  /** Bytes: arguments and constants, results, and the arena that intermediates share. */
  readonly memory: { readonly inputs: number; readonly outputs: number; readonly arena: number };
  /**
   * Operations and bytes moved to and from buffers, counted from the kernels: 2 operations for each product of a
   * contraction, 1 for each element that a reduction takes, and as many as a function is worth in additions for each
   * element that it is applied to. Of a `whileLoop` one turn is counted, of branches the dearest.
   */
  readonly cost: { readonly flops: number; readonly bytes: number };
  /** Runs the kernels on zeros and times each. Throws on WebGPU: `profileAsync` is for every backend. */
  profile(runs?: number): Profile;
  /** The same, with the device's own clock on WebGPU; rejects where it has none. */
  profileAsync(runs?: number): Promise<Profile>;
  /**
   * Measures on the device, on WebGPU, with which tiles each contraction of this program is fastest. Programs compiled
   * from then on, and functions called again, are made so, contractions of other programs that are much like one of
   * these among them. Resolves to all that was chosen so far, which can be saved as JSON and given to
   * `initBackend("webgpu", { tuning })`. Rejects on other backends, which have nothing to choose.
   */
  tune(): Promise<Tuning>;
}

const bytesOf = (code: Code, kind: "Input" | "Output", inputBytes: readonly number[]): number => {
  let bytes = 0;
  for (const s of code.slots) {
    if (s._tag !== kind) continue;
    bytes +=
      s._tag === "Input"
        ? inputBytes[s.index]!
        : s._tag === "Output"
          ? s.length * bytesPerElement(s.dtype)
          : 0;
  }
  return bytes;
};

/** Compiles the program apart from every cache and describes the outcome. */
export const explain = (program: Program): Lowered => {
  const constants = constantsOf(program);
  const simple = simplify(program);
  const runner = compileProgram(program, constants);
  const { code } = runner;
  const inputs = [...program.params, ...constants];
  const inputBytes = inputs.map((e) => e.size * bytesPerElement(e.dtype));
  const slotBytes = (i: number): number => {
    const s = code.slots[i]!;
    return s._tag === "Input" ? inputBytes[s.index]! : s.length * bytesPerElement(s.dtype);
  };
  return {
    program: printProgram(simple),
    kernels: code.steps.map(({ name, source, lanes, calls }) => ({
      name,
      backend: code.backend,
      source,
      lanes,
      calls,
    })),
    memory: {
      inputs: bytesOf(code, "Input", inputBytes),
      outputs: bytesOf(code, "Output", inputBytes),
      arena: code.arenaBytes,
    },
    cost: {
      flops: code.steps.reduce((n, s) => n + s.operations, 0),
      bytes: code.steps.reduce((b, s) => b + s.slots.reduce((n, i) => n + slotBytes(i), 0), 0),
    },
    profile: (runs = 5) => {
      const arrays = inputs.map((e) => allocate(e.dtype, e.size));
      return profileOf(
        code,
        Array.from({ length: runs }, () => runner.timed(arrays)),
        slotBytes,
      );
    },
    profileAsync: async (runs = 5) => {
      const arrays = inputs.map((e) => allocate(e.dtype, e.size));
      const times: (readonly number[])[] = [];
      for (let i = 0; i < runs; i++)
        times.push(await (runner.timedLater?.(arrays) ?? Promise.resolve(runner.timed(arrays))));
      return profileOf(code, times, slotBytes);
    },
    tune: async () => {
      if (runner.tune === undefined)
        throw expected(
          "tune",
          'the backend "webgpu"',
          `${JSON.stringify(code.backend)}, which has nothing to choose`,
        );
      await runner.tune();
      return tuningNow();
    },
  };
};

/** `times` of each run, kernel by kernel. */
const profileOf = (
  { steps }: Code,
  times: readonly (readonly number[])[],
  slotBytes: (slot: number) => number,
): Profile => {
  const median = (xs: readonly number[]): number =>
    [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)] ?? 0;
  const kernels = steps.map(({ name, slots, operations }, i) => {
    const ms = median(times.map((t) => t[i]!));
    const bytes = slots.reduce((n, s) => n + slotBytes(s), 0);
    // What a clock takes for no time at all has no rate.
    const perSecond = (n: number): number => (ms === 0 ? 0 : n / ms / 1e6);
    return {
      name,
      ms,
      gigabytesPerSecond: perSecond(bytes),
      gigaflopsPerSecond: perSecond(operations),
    };
  });
  return {
    kernels,
    totalMs: kernels.reduce((t, k) => t + k.ms, 0),
    toChromeTrace: () => {
      let at = 0;
      const events = kernels.map((k) => {
        const event = { name: k.name, ph: "X", pid: 1, tid: 1, ts: at * 1000, dur: k.ms * 1000 };
        at += k.ms;
        return event;
      });
      return JSON.stringify({ traceEvents: events });
    },
  };
};
