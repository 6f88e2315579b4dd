/** Programs of the worker: their modules are made here, and compiled and run there. */
import { arrayConstructor, bytesPerElement, type TypedArray } from "../../../../ir/dtype.js";
import { FluxionError } from "../../../../ir/errors.js";
import type { Stored } from "../../../../ir/stored.js";
import type { Kernel } from "../../../kernel.js";
import type { Opened } from "../../../device.js";
import type { Code, KernelCode, Runner, Step, Translator } from "../../../translator.js";
import { type AssembledKernel, Assembly, type Part } from "../assembly.js";
import { worksLong } from "../engine.js";
import { entry } from "../entry.js";
import { isRare } from "../functions.js";
import { aligned } from "../threads/team.js";
import { layout, type WorkerDevice } from "./device.js";
import type { StepHere } from "./driver.js";
import { runnerHere } from "./here.js";
import type { Request, Sort, Task } from "./messages.js";

const backend = "wasm-worker" as const;

/** A kernel, and what it has become for the device that it was compiled for. */
interface WorkerKernel extends KernelCode {
  readonly kernel: Kernel;
  readonly assembled: AssembledKernel;
}

type WorkerStep = Step & WorkerKernel;

/** A program where it is loaded. */
interface Loaded {
  readonly device: WorkerDevice;
  readonly id: number;
  /** Bytes of scratch arrays that a helper needs for it; null where there is nothing to help with. */
  readonly stride: number | null;
}

const notAlone = (): void => {
  throw new FluxionError(backend, "expected a kernel to run as part of a program");
};

/** Argsorts are the worker's own. */
const sortsOf = ({ routines }: Assembly): Map<string, Sort> =>
  new Map(
    [...routines].flatMap(([name, { statement, buffers }]) =>
      statement.sort === null
        ? []
        : [
            [
              name,
              { ...statement.sort, array: arrayConstructor(buffers[statement.args[0]!.buffer]!.dtype).name },
            ] as const,
          ],
    ),
  );

const tasksOf = (kernels: readonly AssembledKernel[]): (Task | undefined)[] => {
  const tasks: Task[] = [];
  for (const { made } of kernels)
    for (const { divided } of [...made.phases, ...made.inner]) {
      if (divided === null || made.list === null) continue;
      const own = made.count - made.panels.length;
      const scratch = made.panels.map((_, i) => made.list! + 4 * (own + i));
      const { parts, shares, isRepeatable, panels, number } = divided;
      const scratchBytes = panels.map((n) => aligned(8 * n));
      const stride = scratchBytes.reduce((sum, n) => sum + n, 0);
      tasks[number] = { list: made.list, parts, scratch, shares, isRepeatable, scratchBytes, stride };
    }
  return tasks;
};

/** What the worker cannot do itself, of what a kernel leaves to JavaScript. */
const beyondWorker = (assembly: Assembly, calls: readonly string[]): string[] => {
  const sorts = new Set([...assembly.routines.values()].map(({ statement: s }) => (s.sort ? s.name : "")));
  return calls.filter((c) => !sorts.has(c));
};

/** For reading: what of a kernel does not run in the worker. */
const where = (calls: readonly string[]): string => {
  if (calls.length === 0) return "";
  return `; runs on the calling thread${calls.every(isRare) ? " where an element is beyond its formula" : ""}`;
};

class WorkerTranslator implements Translator {
  readonly backend = backend;
  readonly elementBytes = bytesPerElement;
  readonly joinsRows: boolean = true;
  private readonly device: WorkerDevice;
  private readonly assembly: Assembly;

  constructor(private readonly deviceNow: () => WorkerDevice) {
    this.device = deviceNow();
    this.assembly = new Assembly(this.device);
  }

  kernel(kernel: Kernel): WorkerKernel {
    const assembled = this.assembly.kernel(kernel);
    const calls = beyondWorker(this.assembly, assembled.calls);
    return {
      ...assembled,
      calls,
      source: `${assembled.source}${where(calls)}`,
      run: notAlone,
      kernel,
      assembled,
    };
  }

  runner(code: Code): Runner {
    const steps = code.steps as readonly WorkerStep[];
    const runner = new WorkerRunner({ ...code, steps }, this.deviceNow);
    runner.place(
      this.device,
      this.assembly,
      steps.map((s) => s.assembled),
    );
    return runner;
  }
}

type WorkerCode = Omit<Code, "steps"> & { readonly steps: readonly WorkerStep[] };

class WorkerRunner implements Runner {
  private loaded: Loaded | null = null;

  constructor(
    readonly code: WorkerCode,
    private readonly deviceNow: () => WorkerDevice,
  ) {}

  /** Sends the program to a device. */
  place(device: WorkerDevice, assembly: Assembly, kernels: readonly AssembledKernel[]): Loaded {
    const { slots, steps } = this.code;
    const table = assembly.own(4 * slots.length);
    const entries = kernels.map(({ made }, i) =>
      entry(assembly, `s${i}`, slots, [{ made, slots: steps[i]!.slots }]),
    );
    const bytes = assembly.finish(entries);
    const tasks = tasksOf(kernels);
    const strides = device.limits.shared ? tasks.flatMap((t) => (t?.shares === true ? [t.stride] : [])) : [];
    const program = {
      bytes,
      at: strides.length > 0 ? assembly.own(bytes.length) : 0,
      long: worksLong(bytes, assembly.work),
      table,
      tasks,
      sorts: Object.fromEntries(sortsOf(assembly)),
      away: steps.map(({ calls }) => !calls.every(isRare)),
    };
    const id = device.driver.load(program, stepsHere(this.code));
    const stride = strides.length > 0 ? Math.max(...strides) : null;
    programs.register(this, { device, id, parts: assembly.parts });
    return (this.loaded = { device, id, stride });
  }

  /** The program on the present device: after a loss it is made again, for its places are others there. */
  private present(): Loaded {
    const device = this.deviceNow();
    if (this.loaded?.device === device) return this.loaded;
    const assembly = new Assembly(device);
    return this.place(
      device,
      assembly,
      this.code.steps.map((s) => assembly.kernel(s.kernel)),
    );
  }

  /** The same, with helpers where some are wanted. */
  private ready(): Loaded {
    const loaded = this.present();
    if (loaded.stride !== null) loaded.device.crew.tend(loaded.stride);
    return loaded;
  }

  run(inputs: readonly Stored[]): Stored[] {
    const { device, id } = this.ready();
    const call = device.open(this.code, inputs);
    device.driver.run(id, tableOf(this.code, call), call.arena);
    return device.close(this.code, call, inputs);
  }

  timed(): number[] {
    throw new FluxionError(
      "profile",
      `expected a backend of the calling thread, got ${backend}, which is told of asynchronously: await lowered.profileAsync()`,
    );
  }

  timedLater(inputs: readonly Stored[]): Promise<number[]> {
    const { device, id } = this.ready();
    const call = device.open(this.code, inputs);
    const times = device.driver.time(id, tableOf(this.code, call), call.arena);
    device.close(this.code, call, inputs);
    return times;
  }
}

/** The addresses of slots that are not in the arena, which the program finds by itself. */
const tableOf = ({ slots }: Code, { addresses }: Opened): number[] =>
  slots.map((s, i) => (s._tag === "Arena" ? 0 : addresses[i]!));

/** Where the steps are that the worker leaves to this thread. It knows the code alone, so that runners are collected. */
const stepsHere = ({ slots, steps }: WorkerCode): ((request: Request) => StepHere) => {
  const runners = new Map<number, Runner>();
  return ({ step: number, addresses, arena }) => {
    const { kernel, slots: own } = steps[number]!;
    let runner = runners.get(number);
    if (runner === undefined) runners.set(number, (runner = runnerHere(kernel)));
    const places = kernel.buffers.map(({ dtype, length }, i) => {
      const slot = slots[own[i]!]!;
      const at = slot._tag === "Arena" ? arena + slot.offset : addresses[own[i]!]! >>> 0;
      return { at, bytes: length * bytesPerElement(dtype) };
    });
    const isRead = (_: unknown, i: number): boolean => !kernel.buffers[i]!.written;
    const read = kernel.buffers.filter(isRead);
    return {
      reads: places.filter(isRead),
      writes: places.filter((_, i) => kernel.buffers[i]!.written),
      run: (raw) =>
        runner.run(
          raw.map((bytes, i) => layout.decode(read[i]!.dtype, bytes, read[i]!.length)),
        ) as TypedArray[], // of this thread
    };
  };
};

const programs = new FinalizationRegistry<Omit<Loaded, "stride"> & { readonly parts: readonly Part[] }>(
  ({ device, id, parts }) => {
    device.driver.drop(id);
    for (const { at, bytes } of parts) device.release(at, bytes);
  },
);

export const workerTranslator = (deviceNow: () => WorkerDevice): Translator =>
  new WorkerTranslator(deviceNow);
