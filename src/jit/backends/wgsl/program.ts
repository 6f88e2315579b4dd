/** Programs on a device: each call is a list of dispatches, handed over in one piece; results stay where they are. */
import { allocate, type DType, type TypedArray } from "../../../ir/dtype.js";
import { FluxionError } from "../../../ir/errors.js";
import type { Stored } from "../../../ir/stored.js";
import type { Opened } from "../../device.js";
import { inFloat32 } from "../../held.js";
import type { BufferUse, Kernel } from "../../kernel.js";
import { allOf } from "../../statements.js";
import type { Code, KernelCode, Runner, Step, Translator } from "../../translator.js";
import { jsKernel } from "../js/kernel.js";
import type { Chooser } from "./choices.js";
import type { Device } from "./device.js";
import type { Dispatch, Driver } from "./driver.js";
import { type Call, isRounds, type Run, runsOf, shadersOf, sharedWords, wordsOf } from "./dispatches.js";
import { answered, answeredNow, piecesOf } from "./rounds.js";
import type { Crew } from "./site.js";
import { planOf } from "./stages.js";
import { tuneKernel } from "./tune.js";
import type { Tuned } from "./tuning.js";
import { Unrenderable } from "./unrenderable.js";

interface WgslKernel extends KernelCode {
  /** Null for a kernel that runs in JavaScript. */
  readonly runs: readonly Run[] | null;
  /** Flags of its loops of unknown length. */
  readonly flags: number;
  readonly buffers: readonly BufferUse[];
  /** Elements of float64 arrays that a kernel in JavaScript works with. */
  readonly work: readonly number[];
  /** What it was made from, for those who try other ways. */
  readonly kernel: Kernel;
}

type WgslStep = Step & WgslKernel;

const refuseFloat64 = (kernel: Kernel): void => {
  const check = (dtype: DType): void => {
    if (dtype === "float64")
      throw new FluxionError(
        "webgpu",
        `expected float32, integers and bools, got float64 in ${kernel.name}: cast(x, "float32"), or setBackend("wasm") for float64`,
      );
  };
  for (const b of kernel.buffers) check(b.dtype);
  for (const s of allOf(kernel.body)) {
    if (s._tag !== "Let") continue;
    const d = s.value.definition;
    // The product inside a contraction is exact elsewhere; here it is a float32.
    if (d._tag !== "Compute" || d.name !== "mul" || d.operand !== "float32") check(s.value.dtype);
  }
};

const wgslKernel = (kernel: Kernel, crew: Crew, choose: Chooser): WgslKernel => {
  refuseFloat64(kernel);
  const common = {
    name: kernel.name,
    run: notAlone,
    extra: [],
    lanes: 1,
    scratch: [],
    buffers: kernel.buffers,
    kernel,
  };
  try {
    const plan = planOf(kernel, crew, choose);
    const { items, flags } = plan;
    const shared = sharedWords(plan);
    return {
      ...common,
      source: shadersOf(items).join("\n"),
      calls: [],
      runs: runsOf(items),
      flags,
      scratch: shared > 0 ? [Math.ceil(shared / 2)] : [],
      work: [],
    };
  } catch (error) {
    if (!(error instanceof Unrenderable)) throw error;
    const js = jsKernel(kernel);
    const source = `// in JavaScript: ${error.reason}\n${js.source}`;
    return {
      ...common,
      ...js,
      source,
      calls: [error.reason],
      scratch: [],
      runs: null,
      flags: 0,
      work: js.scratch,
    };
  }
};

const notAlone = (): void => {
  throw new FluxionError("webgpu", "expected a kernel to run as part of a program");
};

class WgslRunner implements Runner {
  constructor(
    readonly code: Code,
    private readonly deviceNow: () => Device,
  ) {
    this.madeFor = deviceNow().madeFor;
  }

  private readonly madeFor: string;

  /** The device in use is another, or other ways were chosen for it. */
  get isStale(): boolean {
    return this.madeFor !== this.deviceNow().madeFor;
  }

  run(inputs: readonly Stored[]): Stored[] {
    const device = this.deviceNow();
    const call = device.open(this.code, inputs);
    let list: Dispatch[] = [];
    const flush = (): void => {
      const now = list;
      list = [];
      if (now.length > 0)
        device.inOrder(() => {
          device.driver.run(now);
        });
    };
    for (const step of this.code.steps as readonly WgslStep[]) {
      const words = addressesOf(step, call);
      if (step.runs === null) {
        flush();
        inJavaScript(device, step, words);
      } else if (step.runs.some(isRounds)) {
        inRounds(device, step, step.runs, words, list);
        list = [];
      } else for (const d of dispatched(step.runs as readonly Call[], words)) list.push(d);
    }
    flush();
    return device.close(this.code, call, inputs);
  }

  timed(): number[] {
    throw new FluxionError(
      "profile",
      "expected a backend of the CPU, got webgpu, whose clock is read asynchronously: await lowered.profileAsync()",
    );
  }

  async tune(): Promise<void> {
    const device = this.deviceNow();
    const { crew } = device;
    const found = new Map<string, Tuned>();
    for (const { kernel, runs } of this.code.steps as readonly WgslStep[])
      if (runs !== null) await tuneKernel(kernel, crew, device, found);
    found.forEach((choice, kind) => {
      device.choices.set(kind, choice);
    });
  }

  async timedLater(inputs: readonly Stored[]): Promise<number[]> {
    const device = this.deviceNow();
    const clock = clockOf(device);
    const call = device.open(this.code, inputs);
    await device.settled();
    const times: number[] = [];
    for (const step of this.code.steps as readonly WgslStep[]) {
      const words = addressesOf(step, call);
      if (step.runs !== null) {
        times.push(await timeOf(device, clock, step, step.runs, words));
      } else {
        const start = performance.now();
        inJavaScript(device, step, words);
        await device.settled();
        times.push(performance.now() - start);
      }
    }
    device.close(this.code, call, inputs);
    return times;
  }
}

const addressesOf = (step: WgslStep, { addresses }: Opened): number[] => {
  const slots = step.slots.map((s) => addresses[s]!);
  const { length } = step.buffers;
  return wordsOf(slots.slice(0, length), slots[length] ?? 0, step.flags);
};

const dispatched = (calls: readonly Call[], words: readonly number[]): Dispatch[] =>
  calls.map(({ shader, groups, position }) => ({
    shader,
    groups,
    words: position.length === 0 ? words : [...words, ...position],
  }));

/** Runs a kernel with loops of unknown length, after `before`. What follows waits until they have ended. */
const inRounds = (
  device: Device,
  step: WgslStep,
  runs: readonly Run[],
  words: readonly number[],
  before: readonly Dispatch[],
): void => {
  const { driver } = device;
  const pieces = piecesOf(runs);
  let list = before;
  const hand = (calls: readonly Call[]): void => {
    list = [...list, ...dispatched(calls, words)];
    if (list.length > 0) driver.run(list);
    list = [];
  };
  const at = flagsAt(step, words);
  if (driver.readNow !== undefined)
    hand(
      answeredNow(pieces, (calls) => {
        const start = performance.now();
        hand(calls);
        const flags = device.fetchNow(at, "bool", step.flags)!;
        return { flags, ms: performance.now() - start };
      }),
    );
  else
    device.later(async () => {
      hand(
        await answered(pieces, async (calls) => {
          const start = performance.now();
          hand(calls);
          const flags = await device.fetchAmid(at, "bool", step.flags);
          return { flags, ms: performance.now() - start };
        }),
      );
    });
};

type Clock = NonNullable<Driver["time"]>;

const clockOf = ({ driver }: Device): Clock => {
  if (driver.time === undefined)
    throw new FluxionError("profile", "expected a device with a clock (timestamp-query), got one without");
  return driver.time;
};

/** Milliseconds that a kernel takes, by the device's clock. */
const timeOf = async (
  device: Device,
  clock: Clock,
  step: WgslStep,
  runs: readonly Run[],
  words: readonly number[],
): Promise<number> => {
  let total = 0;
  const timed = async (calls: readonly Call[]): Promise<number> => {
    const [ms] = await clock([dispatched(calls, words)]);
    total += ms!;
    return ms!;
  };
  const rest = await answered(piecesOf(runs), async (calls) => {
    const ms = await timed(calls);
    return { flags: await device.fetchAmid(flagsAt(step, words), "bool", step.flags), ms };
  });
  if (rest.length > 0) await timed(rest);
  return total;
};

/** Where the flags of its loops are, one after the other. */
const flagsAt = (step: WgslStep, words: readonly number[]): number => words[step.buffers.length]!;

/** Runs a kernel that has no shader: its buffers are read back, and what it writes is sent to the device. */
const inJavaScript = (device: Device, step: WgslStep, at: readonly number[]): void => {
  const { buffers, work, run, extra } = step;
  const call = (arrays: readonly TypedArray[]): void => {
    run(...arrays, ...work.map((n) => new Float64Array(n)), ...extra);
    buffers.forEach((b, i) => {
      if (b.written) device.put(at[i]!, b.dtype, arrays[i]!);
    });
  };
  if (device.driver.readNow !== undefined) {
    call(buffers.map((b, i) => device.fetchNow(at[i]!, b.dtype, b.length) ?? allocate(b.dtype, b.length)));
    return;
  }
  device.later(async () => {
    const arrays: TypedArray[] = [];
    for (const [i, b] of buffers.entries()) arrays.push(await device.fetchAmid(at[i]!, b.dtype, b.length));
    call(arrays);
  });
};

export const wgslTranslator = (deviceNow: () => Device): Translator => ({
  backend: "webgpu",
  elementBytes: () => 4,
  joinsRows: false, // rows run side by side there
  kernel: (kernel) => {
    const { driver, crew, choices } = deviceNow();
    return wgslKernel(driver.halves ? kernel : inFloat32(kernel), crew, (kind) => choices.get(kind));
  },
  runner: (code) => new WgslRunner(code, deviceNow),
});
