/** What this environment has for threads. */
import { nodeSource, webSource } from "./worker.js";

/** What a worker starts with. */
export interface Start {
  readonly memory: WebAssembly.Memory;
  /** Address of the words in `control.ts`. */
  readonly control: number;
  readonly number: number;
}

export interface Thread {
  /** Ends it, at once or soon. */
  end(): void;
}

/** Starts a worker; `ended` is called when it has ended, whyever. */
export type Spawn = (start: Start, ended: () => void) => Thread;

/** What this library uses of Node's workers. */
export interface NodeWorker {
  on(event: "error" | "exit" | "message", listener: (value: unknown) => void): void;
  postMessage(message: unknown, transfer: readonly ArrayBufferLike[]): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

export interface WorkerThreads {
  readonly Worker: new (source: string, options: object) => NodeWorker;
}

interface OperatingSystem {
  readonly availableParallelism?: () => number;
  readonly cpus: () => readonly unknown[];
}

/** A module of Node's, where it can be had at once (Node ≥ 20.16, Bun, Deno) or `require` is there. */
const builtin = <T>(name: string): T | null => {
  const { process, require } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
    require?: (name: string) => unknown;
  };
  const found = process?.getBuiltinModule?.(name) ?? (process === undefined ? undefined : require?.(name));
  return (found as T | undefined) ?? null;
};

export const isNode = (): boolean =>
  (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;

let imported: WorkerThreads | null = null;

/** Node's workers. Older Node gives its modules to ES modules only later. */
export const workerThreadsLater = async (): Promise<WorkerThreads> =>
  (imported ??=
    builtin<WorkerThreads>("node:worker_threads") ??
    ((await import(
      /* webpackIgnore: true */ /* @vite-ignore */ ["node", "worker_threads"].join(":")
    )) as WorkerThreads));

/** The same where they can be had at once; until then there is one thread. */
const workerThreads = (): WorkerThreads | null => {
  const found = imported ?? builtin<WorkerThreads>("node:worker_threads");
  if (found === null) workerThreadsLater().catch(() => undefined);
  return found;
};

const inNode =
  ({ Worker }: WorkerThreads): Spawn =>
  (start, ended) => {
    const worker = new Worker(nodeSource, {
      eval: true,
      workerData: start,
      execArgv: [],
      name: "fluxion",
      trackUnmanagedFds: false,
    });
    worker.on("error", () => undefined); // "exit" follows
    worker.on("exit", ended);
    worker.unref();
    return { end: () => void worker.terminate() };
  };

/** Browsers do not say when a worker that is told to end has ended. */
const endsWithinMs = 1000;

const inBrowser: Spawn = (start, ended) => {
  const url = URL.createObjectURL(new Blob([webSource], { type: "text/javascript" }));
  const worker = new Worker(url, { name: "fluxion" });
  worker.onerror = () => {
    worker.terminate();
    ended();
  };
  worker.postMessage(start);
  return {
    end: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
      setTimeout(ended, endsWithinMs);
    },
  };
};

/** How workers are started here; null where they cannot be, or not yet. */
export const spawner = (): Spawn | null => {
  if (isNode()) {
    const threads = workerThreads();
    return threads === null ? null : inNode(threads);
  }
  return typeof Worker === "function" && typeof Blob === "function" ? inBrowser : null;
};

let sleeps: boolean | null = null;

/** Whether this thread may sleep: a browser's main thread may not. */
export const maySleep = (): boolean => (sleeps ??= triesToSleep());

const triesToSleep = (): boolean => {
  if (typeof SharedArrayBuffer !== "function") return false;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1);
    return true;
  } catch {
    return false;
  }
};

/** Processors that programs may use. */
export const processors = (): number => {
  if (!isNode()) return (globalThis as { navigator?: Navigator }).navigator?.hardwareConcurrency ?? 1;
  const os = builtin<OperatingSystem>("node:os");
  return os === null ? 2 : (os.availableParallelism?.() ?? os.cpus().length);
};
