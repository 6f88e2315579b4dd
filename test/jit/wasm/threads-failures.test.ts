/** Workers that end, hang or cannot compute: the call completes, and others take their place. */
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type * as host from "../../../src/jit/backends/wasm/threads/host.js";
import type { Spawn } from "../../../src/jit/backends/wasm/threads/host.js";
import { nodeSource } from "../../../src/jit/backends/wasm/threads/worker.js";

type Host = typeof host;

/** What workers run in place of computing a part. */
const instead = vi.hoisted(() => ({ text: null as string | null }));

vi.mock("../../../src/jit/backends/wasm/threads/host.js", async (original): Promise<Host> => {
  const actual = await original<Host>();
  const faulty: Spawn = (start, ended) => {
    const worker = new Worker(nodeSource.replace("compute(part);", instead.text!), {
      eval: true,
      workerData: start,
    });
    worker.on("exit", ended);
    worker.unref();
    return { end: () => void worker.terminate() };
  };
  return { ...actual, spawner: () => (instead.text === null ? actual.spawner() : faulty) };
});

vi.resetModules(); // set-up files have loaded the library already
const { exp, getThreads, grad, jit, matmul, maxPool, memoryStats, mul, setBackend, square, sum, tensor } =
  await import("../../../src/index.js");
const { dismiss, presentTeam, setCrew } = await import("../../../src/jit/backends/wasm/threads/crew.js");
const { Team } = await import("../../../src/jit/backends/wasm/threads/team.js");
const { theHeap } = await import("../../../src/jit/backends/wasm/heap.js");
const { bitsOf, useThreads } = await import("./threads.js");
type Tensor = ReturnType<typeof tensor>;

const n = 200;
const x = tensor(
  Float32Array.from({ length: n * n }, (_, i) => ((i * 37) % 101) / 101),
  { shape: [n, n] },
);
const product = jit((a: Tensor) => exp(matmul(a, mul(a, 0.01))));
const bits = (): string => bitsOf([product(x).dataSync()]);
let expected: string;

beforeEach(() => {
  setBackend("wasm");
  dismiss();
  setCrew(1);
  expected = bits();
});
afterEach(() => {
  dismiss();
  instead.text = null;
  setCrew(1);
});

/** Until workers have been told to end and have. */
const until = async (holds: () => boolean): Promise<void> => {
  const end = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("it does not happen");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const helps = async (): Promise<void> => {
  const before = presentTeam()!.helped;
  await until(() => {
    expect(bits() === expected).toBe(true);
    return presentTeam()!.helped > before;
  });
};

describe("a worker that ends", () => {
  test("is missed by no call, and replaced", async () => {
    await useThreads(3);
    await helps();
    const first = presentTeam()!;
    first.threads[0]!.end();
    for (let i = 0; i < 20; i++) expect(bits() === expected).toBe(true);
    await until(() => first.isBroken);
    await useThreads(3);
    expect(presentTeam() === first).toBe(false);
    await helps();
  });

  test("takes the whole team with it, whose memory is free again", async () => {
    await useThreads(2);
    bits();
    const total = memoryStats().total;
    for (let i = 0; i < 5; i++) {
      await useThreads(3);
      bits();
      await useThreads(2);
      bits();
    }
    expect(memoryStats().total).toBe(total);
  });
});

describe("workers that end again and again", () => {
  test("leave the calling thread alone, until a number is set", async () => {
    instead.text = "process.exit();";
    setCrew(2);
    expect(getThreads()).toBe(2);
    await until(() => {
      expect(bits() === expected).toBe(true);
      return getThreads() === 1;
    });
    instead.text = null;
    await useThreads(2);
    expect(getThreads()).toBe(2);
    await helps();
  });
});

describe("a worker that hangs", () => {
  test("is given up: all is computed again, and its memory is kept until it has ended", async () => {
    /** Not held by results, which are collected some time. */
    const used = (): number => memoryStats().used - memoryStats().resident;
    const [before, module] = [used(), 32_000];
    instead.text = "w[1000] = 0; for (;;) wait(w, 1000, 0);";
    await useThreads(2);
    const team = presentTeam()!;
    for (let i = 0; i < 100 && presentTeam() === team; i++) expect(bits() === expected).toBe(true);
    expect(presentTeam() === null).toBe(true);
    expect(used()).toBeGreaterThan(before + 4 * n * n);
    instead.text = null;
    await until(() => used() <= before + module);
    await useThreads(2);
    await helps();
  });

  test("in a busy loop, too", async () => {
    instead.text = "for (;;);";
    await useThreads(2);
    const team = presentTeam()!;
    for (let i = 0; i < 100 && presentTeam() === team; i++) expect(bits() === expected).toBe(true);
    expect(presentTeam() === null).toBe(true);
    instead.text = null;
    await useThreads(2);
    await helps();
  });
});

test("a computer that was put to sleep is no worker that hangs", async () => {
  await useThreads(2);
  const team = presentTeam()!;
  let [calls, asleep] = [0, 0];
  const { now } = performance;
  const jumping = vi.spyOn(performance, "now").mockImplementation(() => {
    if (++calls % 50 === 0) asleep += 60_000;
    return now.call(performance) + asleep;
  });
  try {
    const { helped } = team;
    for (let i = 0; i < 300 || team.helped === helped; i++) expect(bits() === expected).toBe(true);
    expect(presentTeam() === team).toBe(true);
  } finally {
    jumping.mockRestore();
  }
});

describe("a worker that cannot compute a part", () => {
  test("leaves it to the calling thread", async () => {
    instead.text = 'throw new Error("no");';
    await useThreads(3);
    for (let i = 0; i < 30; i++) expect(bits() === expected).toBe(true);
    expect(presentTeam()!.helped).toBe(0);
  });

  test("is given up where the part adds to what is there", async () => {
    const image = tensor(
      Float32Array.from({ length: 64 * 3 * 34 * 34 }, (_, i) => (i * 7) % 11),
      {
        shape: [64, 3, 34, 34],
      },
    );
    const f = jit(grad((a: Tensor) => sum(square(maxPool(a, [2, 2], { stride: 2 })))));
    const alone = bitsOf([f(image).dataSync()]);
    instead.text = 'throw new Error("no");';
    await useThreads(2);
    const team = presentTeam()!;
    for (let i = 0; i < 100 && presentTeam() === team; i++)
      expect(bitsOf([f(image).dataSync()]) === alone).toBe(true);
    expect(presentTeam() === team).toBe(false);
  });
});

describe("the calling thread", () => {
  const job = (compute: (part: number) => void) => ({
    program: { id: -1, at: 0, bytes: 0 },
    function: 0,
    compute: (_list: number, from: number) => compute(from),
    list: 0,
    parts: 5,
    isRepeatable: true,
    scratch: [0, 0, 0] as const,
    scratchBytes: [0, 0, 0] as const,
  });

  test("computes every part where no worker comes", () => {
    const team = new Team(theHeap(), 1, () => ({ end: () => undefined }));
    const parts: number[] = [];
    expect(team.run(job((p) => parts.push(p)))).toBe(0);
    expect(parts).toEqual([0, 1, 2, 3, 4]);
    expect(team.helped).toBe(0);
  });

  test("throws what a part throws, and goes on with the next job", () => {
    const team = new Team(theHeap(), 1, () => ({ end: () => undefined }));
    const failing = job((p) => {
      if (p === 2) throw new RangeError("part 2");
    });
    expect(() => team.run(failing)).toThrow(new RangeError("part 2"));
    const parts: number[] = [];
    team.run(job((p) => parts.push(p)));
    expect(parts).toEqual([0, 1, 2, 3, 4]);
  });

  test("does it alone where workers cannot be started", async () => {
    setCrew(4);
    vi.stubGlobal("process", { ...process, getBuiltinModule: undefined });
    try {
      for (const end = performance.now() + 50; performance.now() < end;)
        expect(bits() === expected).toBe(true);
      expect(presentTeam()).toBe(null);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
