/** Helpers of the worker that end, hang or cannot compute: what was told completes, and others take their place. */
import { Worker } from "node:worker_threads";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type * as host from "../../../src/jit/backends/wasm/threads/host.js";
import type { Spawn, Thread } from "../../../src/jit/backends/wasm/threads/host.js";
import { nodeSource } from "../../../src/jit/backends/wasm/threads/worker.js";

type Host = typeof host;

/** What helpers run in place of computing a part; whether none can be started; those that were started. */
const staged = vi.hoisted(() => ({
  instead: null as string | null,
  refuses: false,
  threads: [] as { end: () => void }[],
}));

vi.mock("../../../src/jit/backends/wasm/threads/host.js", async (original): Promise<Host> => {
  const actual = await original<Host>();
  const spawn: Spawn = (start, ended) => {
    if (staged.refuses) throw new Error("no more threads");
    const source =
      staged.instead === null ? nodeSource : nodeSource.replace("compute(part);", staged.instead);
    const worker = new Worker(source, { eval: true, workerData: start });
    worker.on("error", () => undefined);
    worker.on("exit", ended);
    worker.unref();
    const thread: Thread = { end: () => void worker.terminate() };
    staged.threads.push(thread);
    return thread;
  };
  return { ...actual, spawner: () => spawn };
});

vi.resetModules(); // set-up files have loaded the library already
const fluxion = await import("../../../src/index.js");
const {
  exp,
  getThreads,
  grad,
  initBackend,
  jit,
  lgamma,
  matmul,
  maxPool,
  mul,
  setBackend,
  setThreads,
  square,
  sum,
  tensor,
} = fluxion;
const { useWorker } = await import("../../../src/jit/backend.js");
const { startWorker, workerBackend } = await import("../../../src/jit/backends/wasm/worker/index.js");
const { bitsOf, helpersNow, until, useHelpers } = await import("./threads.js");
type Tensor = ReturnType<typeof tensor>;

const n = 200;
const x = tensor(
  Float32Array.from({ length: n * n }, (_, i) => ((i * 37) % 101) / 101),
  { shape: [n, n] },
);
const make = () => jit((a: Tensor) => exp(matmul(a, mul(a, 0.01))));
let product: ReturnType<typeof make>;
let expected: string;
const bits = async (): Promise<string> => bitsOf([await product(x).data()]);

beforeAll(() => {
  setBackend("wasm");
  setThreads(1);
  expected = bitsOf([make()(x).dataSync()]);
});
beforeEach(async () => {
  staged.threads.length = 0;
  useWorker(workerBackend(await startWorker()));
  await initBackend("wasm-worker");
  product = make();
});
afterEach(() => {
  Object.assign(staged, { instead: null, refuses: false });
  setThreads(1);
});

const helps = async (): Promise<void> => {
  await until(async () => {
    expect((await bits()) === expected).toBe(true);
    return helpersNow().helped > 0;
  });
};

/** Whether the first team of the worker has been given up. */
const hasAnother = (): boolean => (helpersNow().team?.id ?? 0) > 0;

/** Whether the present team is another one, or none. */
const isAnother = (id: number): boolean => helpersNow().team?.id !== id;

describe("a helper that ends", () => {
  test("is missed by no program, and replaced", async () => {
    await useHelpers(3);
    await helps();
    const { id } = helpersNow().team!;
    const readings = Array.from({ length: 20 }, () => bits());
    helpersNow().team!.workers.threads[0]!.end();
    for (const b of await Promise.all(readings)) expect(b === expected).toBe(true);
    await until(async () => (await bits()) === expected && isAnother(id));
    await useHelpers(3);
    await helps();
  });

  test("within its part is noticed at once: all is computed again", async () => {
    staged.instead = "process.exit();";
    setThreads(3);
    await until(async () => {
      expect((await bits()) === expected).toBe(true);
      return hasAnother();
    });
    expect(staged.threads.length).toBeGreaterThan(2);
    staged.instead = null;
    await useHelpers(3);
    await helps();
  });

  test("again and again, leaves the worker alone with its programs", async () => {
    staged.instead = "process.exit();";
    setThreads(2);
    await until(async () => {
      expect((await bits()) === expected).toBe(true);
      return staged.threads.length === 3;
    });
    await until(async () => {
      await bits();
      return helpersNow().team === null;
    });
    for (let i = 0; i < 20; i++) expect((await bits()) === expected).toBe(true);
    expect(staged.threads.length).toBe(3);
    expect(getThreads()).toBe(1);
  });
});

describe("a helper that hangs", () => {
  test.each(["w[1000] = 0; for (;;) wait(w, 1000, 0);", "for (;;);"])(
    "is given up, and all is computed again, with what was told meanwhile in its order: %s",
    async (instead) => {
      staged.instead = instead;
      setThreads(2);
      const step = jit((a: Tensor) => matmul(a, mul(a, 0.001)), { donate: [0] });
      const total = jit((a: Tensor) => sum(a));
      const steps = async (): Promise<string> => {
        let a = mul(x, 1);
        const seen = [];
        for (let i = 0; i < 5; i++) {
          a = step(a);
          seen.push(total(a).data());
        }
        return bitsOf([...(await Promise.all(seen)), await a.data()]);
      };
      const all: string[] = [];
      await until(async () => {
        all.push(await steps());
        return hasAnother();
      });
      staged.instead = null;
      setThreads(1);
      all.push(await steps());
      expect(new Set(all).size).toBe(1);
      await useHelpers(2);
      await helps();
    },
  );
});

describe("a helper that cannot compute a part", () => {
  test("leaves it to the worker", async () => {
    staged.instead = 'throw new Error("no");';
    await useHelpers(3);
    for (let i = 0; i < 30; i++) expect((await bits()) === expected).toBe(true);
    expect(helpersNow().helped).toBe(0);
  });

  test("is given up where the part adds to what is there", async () => {
    const image = tensor(
      Float32Array.from({ length: 64 * 3 * 34 * 34 }, (_, i) => (i * 7) % 11),
      { shape: [64, 3, 34, 34] },
    );
    const f = jit(grad((a: Tensor) => sum(square(maxPool(a, [2, 2], { stride: 2 })))));
    const alone = bitsOf([await f(image).data()]);
    staged.instead = 'throw new Error("no");';
    await useHelpers(2);
    const { id } = helpersNow().team!;
    await until(async () => {
      expect(bitsOf([await f(image).data()]) === alone).toBe(true);
      return isAnother(id);
    });
  });

  test("for it needs the calling thread, leaves that to it", async () => {
    const f = jit((a: Tensor) => lgamma(a));
    const some = tensor(
      Float32Array.from({ length: 100_000 }, (_, i) => (i % 1000 === 0 ? -1.5 : 1 + (i % 7))),
    );
    const wanted = bitsOf([await f(some).data()]);
    await useHelpers(3);
    for (let i = 0; i < 10; i++) expect(bitsOf([await f(some).data()]) === wanted).toBe(true);
  });
});

describe("helpers", () => {
  test("that cannot be started leave the worker alone with its programs", async () => {
    staged.refuses = true;
    setThreads(4);
    for (let i = 0; i < 50; i++) expect((await bits()) === expected).toBe(true);
    expect(helpersNow().ready).toBe(0);
    expect(getThreads()).toBe(1);
    staged.refuses = false;
    await useHelpers(2); // setting the number tries again
    expect(getThreads()).toBe(2);
    await helps();
  });

  test("that hang hold up no worker that is ended", async () => {
    staged.instead = "for (;;);";
    const driver = await startWorker();
    useWorker(workerBackend(driver));
    const stalled = new Promise<void>((resolve) => {
      const close = () => undefined;
      driver.foremen.push({ answered: ({ tag }) => void (tag === "stalled" && resolve()), close });
    });
    setThreads(2);
    const readings: Promise<unknown>[] = [];
    const reading = setInterval(() => {
      readings.push(
        product(x)
          .data()
          .catch((error: unknown) => error),
      );
    }, 5);
    await stalled;
    clearInterval(reading);
    const last = product(x).data();
    driver.destroy();
    await expect(last).rejects.toThrow("was ended");
    await Promise.all(readings);
    staged.instead = null;
    await initBackend("wasm-worker");
    expect((await bits()) === expected).toBe(true);
  });

  test("end with the worker that they help", async () => {
    const driver = await startWorker();
    const backend = workerBackend(driver);
    useWorker(backend);
    await useHelpers(3);
    await helps();
    const { workers } = helpersNow().team!;
    const reading = product(x).data();
    driver.destroy();
    await expect(reading).rejects.toThrow("was ended");
    await new Promise<void>((resolve) => {
      workers.whenEnded(resolve);
    });
    await initBackend("wasm-worker");
    await useHelpers(2);
    await helps();
  });

  test("come and go while programs run", async () => {
    await useHelpers(2);
    const readings: Promise<string>[] = [];
    for (let i = 0; i < 60; i++) {
      setThreads(1 + (i % 3));
      readings.push(bits());
      if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 3));
    }
    for (const b of await Promise.all(readings)) expect(b === expected).toBe(true);
    await useHelpers(3);
    await helps();
  });
});
