/** Programs in a worker: computing returns at once, reading waits, and the values are those of the calling thread. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  add,
  cast,
  cond,
  exp,
  getBackend,
  getThreads,
  grad,
  greater,
  initBackend,
  jit,
  matmul,
  memoryStats,
  mul,
  ones,
  random,
  scan,
  setBackend,
  sin,
  sort,
  sum,
  take,
  tan,
  tanh,
  tensor,
  type Tensor,
  type TypedArray,
  topK,
  whileLoop,
  zeros,
} from "../../../src/index.js";
import { useWorker as useBackend } from "../../../src/jit/backend.js";
import { WorkerDevice } from "../../../src/jit/backends/wasm/worker/device.js";
import { WorkerDriver } from "../../../src/jit/backends/wasm/worker/driver.js";
import { startWorker, workerBackend } from "../../../src/jit/backends/wasm/worker/index.js";
import { type Listener, opener, type Port } from "../../../src/jit/backends/wasm/worker/port.js";
import * as nn from "../../../src/nn/index.js";
import { values } from "../../browser/tasks/values.js";
import { on } from "../../backend.js";

const before = getBackend();
beforeAll(() => initBackend("wasm-worker"));
beforeEach(() => {
  setBackend("wasm-worker");
});
afterAll(() => {
  setBackend(before);
});

const useWorker = (driver: WorkerDriver): void => {
  useBackend(workerBackend(driver));
};

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data());
const here = (f: () => Tensor): number[] => on("wasm", () => Array.from(f().dataSync()));

describe("values are those of the calling thread, bit for bit", () => {
  const normal = (seed: number, ...shape: number[]): Tensor => random.normal(random.key(seed), shape);
  const more: Readonly<Record<string, () => Tensor>> = {
    ...values,
    "a product in parts": () => matmul(normal(0, 200, 300), normal(1, 300, 170)),
    "a sum in parts": () => sum(normal(0, 300_000)),
    bools: () => greater(normal(0, 100), 0),
    "narrow integers": () => cast(mul(normal(0, 100), 50), "int8"),
    float64: () => exp(cast(normal(0, 100), "float64")),
    float16: () => sort(exp(cast(normal(0, 100), "float16"))),
    "bytes sorted": () => sort(cast(mul(normal(0, 100), 50), "int8"), { descending: true }),
    "lines of a sort": () => sort(normal(0, 40, 30, 5), { axis: 1 }),
    "NaN sorted": () => sort(tensor([2, NaN, -0, 0, -Infinity, NaN, 1])),
    "the largest": () => topK(normal(0, 20, 50), 7)[0],
    permutation: () => random.permutation(random.key(5), 1000),
    branches: () => cond(tensor(false), sin, tanh, normal(0, 10)),
  };

  test.each(Object.entries(more))("%s", async (_, value) => {
    const { dtype, size } = value();
    const got = await value().data();
    expect([...got]).toEqual(here(value));
    expect(got.length).toBe(size);
    expect(got.constructor).toBe(on("wasm", () => zeros([1], { dtype }).dataSync().constructor));
  });

  test("of training", async () => {
    const model = nn.sequential(nn.dense(32), tanh, nn.dropout(0.2), nn.dense(10));
    const learning = { model, optimizer: nn.adam(1e-2) };
    const train = async (): Promise<number[]> => {
      const step = jit(nn.trainStep(learning), { donate: [0, 2] });
      const batch = {
        inputs: random.normal(random.key(0), [64, 16]),
        labels: random.randint(random.key(1), [64], 0, 10),
      };
      let now = nn.initTraining(model, learning.optimizer, random.key(2), batch.inputs);
      const losses: number[] = [];
      for (let i = 0; i < 30; i++) {
        const { loss, ...next } = step(now.params, now.state, now.optimizer, random.key(i), batch);
        losses.push(...(await loss.data()));
        now = { ...now, ...next };
      }
      return losses;
    };
    const there = await train();
    setBackend("wasm");
    expect(there).toEqual(await train());
    expect(there[29]).toBeLessThan(there[0]!);
  });
});

describe("reading", () => {
  test("waits for the worker, while the event loop goes on", async () => {
    const big = jit((x: Tensor) => sum(matmul(x, matmul(x, x))));
    const y = big(ones([400, 400]));
    let turns = 0;
    const count = (): void => void (turns = turns + 1);
    setImmediate(count);
    const reading = y.data();
    expect(turns).toBe(0);
    expect(() => y.dataSync()).toThrow("on a device"); // it has not been computed, or not been told of
    expect(Array.from(await reading)).toEqual([400 ** 4]);
    expect(turns).toBe(1);
  });

  test("at once is refused, and says what to do", () => {
    expect(() => add(tensor([1, 2]), 1).toArray()).toThrow(
      "toArray: expected elements in JavaScript's memory, got 2 of float32 on a device, which is read asynchronously: await x.data() first",
    );
  });

  test("at once is fine after it", async () => {
    const y = add(tensor([1, 2]), 1);
    await y.data();
    expect(y.toArray()).toEqual([2, 3]);
  });

  test("what checked asks for is refused, and says what to do", () => {
    const f = jit((x: Tensor, i: Tensor) => take(x, i), { checked: true });
    expect(() => f(tensor([1, 2]), tensor([5], { dtype: "int32" }))).toThrow(
      'jit: expected a backend of the CPU where checked is set, got wasm-worker, whose results are read asynchronously: leave checked out, or setBackend("wasm")',
    );
  });

  test("keeps the order: what is read is what was there when it was asked for", async () => {
    const step = jit((w: Tensor) => add(w, 1), { donate: [0] });
    const total = jit((x: Tensor) => sum(x));
    let w = step(zeros([5000]));
    const seen: Promise<TypedArray>[] = [];
    for (let i = 0; i < 20; i++) {
      w = step(w);
      seen.push(total(w).data());
    }
    const sums = (await Promise.all(seen)).map(([x]) => x);
    expect(sums).toEqual(Array.from({ length: 20 }, (_, i) => 5000 * (i + 2)));
  });

  test("never gives what a later call has written, however soon an argument is donated", async () => {
    const step = jit((w: Tensor) => add(w, 1), { donate: [0] });
    const seen: number[] = [];
    for (let turns = 0; turns < 12; turns++) {
      const w = step(zeros([5000]));
      const reading = w.data();
      for (let t = 0; t < turns; t++) await Promise.resolve();
      step(step(step(w))); // the second one writes where w was
      seen.push((await reading)[0]!);
    }
    expect(seen).toEqual(seen.map(() => 1));
  });
});

describe("results", () => {
  test("stay in the worker between calls", async () => {
    const step = jit((w: Tensor) => add(mul(w, 0.5), 1));
    let w = zeros([1000]);
    for (let i = 0; i < 50; i++) w = step(w);
    expect((await w.data())[999]).toBeCloseTo(2, 5);
  });

  test("come back to other backends after they were read, and only then", async () => {
    const [x, y] = [exp(tensor([0, 1])), exp(tensor([0, 2]))];
    await y.data();
    jit((v: Tensor) => add(v, 1))(x);
    setBackend("wasm");
    expect(add(y, 0).toArray()).toEqual([1, Math.fround(Math.exp(2))]);
    expect(() => add(x, 0).toArray()).toThrow("await x.data() first");
  });

  test("that are slices are copied there", async () => {
    const x = add(tensor([1, 2, 3, 4, 5, 6]), 1).reshape([3, 2]);
    const y = jit((v: Tensor) => mul(v, 1))(x);
    expect(await numbers(y.at(1))).toEqual([4, 5]);
  });

  test("that are donated make room at once", async () => {
    const step = jit((w: Tensor) => add(w, 1), { donate: [0] });
    let w = step(add(zeros([100_000]), 0));
    const { used, resident } = memoryStats();
    for (let i = 0; i < 200; i++) {
      w = step(w);
      expect(memoryStats()).toMatchObject({ used, resident });
    }
    expect((await w.data())[99_999]).toBe(201);
  });

  test("are freed when they were dropped", async () => {
    // 750 MB of results through a worker that holds 256.
    useWorker(Object.create(await startWorker(), { capacity: { value: 1 << 28 } }) as WorkerDriver);
    const step = jit((x: Tensor) => add(x, 1));
    let x = zeros([1 << 16]);
    for (let i = 0; i < 3000; i++) {
      x = step(x);
      if (i % 10 === 9) await sum(x).data();
    }
    expect((await x.data())[5]).toBe(3000);
    expect(memoryStats().used).toBeLessThanOrEqual(1 << 28);
  }, 60_000);

  test("that nothing frees are an error that says what to do", async () => {
    useWorker(Object.create(await startWorker(), { capacity: { value: 1 << 24 } }) as WorkerDriver);
    const step = jit((x: Tensor) => add(x, 1));
    let x = zeros([1 << 20]);
    expect(() => {
      for (let i = 0; i < 10; i++) x = step(x);
    }).toThrow(
      /wasm-worker: expected \d+ bytes of device memory, got 16777216 at most: await something now and then/,
    );
    useWorker(await startWorker());
  });
});

describe("what needs the library runs on the calling thread, in its order, and says so", () => {
  test("routines and functions without a formula", async () => {
    // A jitted function stays where it was compiled.
    const make = () =>
      jit((x: Tensor) =>
        add(mul(random.orthogonal(random.key(3), 3), sin(x)), random.gamma(random.key(0), 2, [3, 3])),
      );
    const f = make();
    const x = tensor([1, 3, 2]);
    const { kernels } = f.lower(x);
    expect(kernels.flatMap((k) => k.calls).sort()).toEqual(["orthogonalSample"]);
    expect(kernels.find((k) => k.calls.length > 0)!.source).toContain("; runs on the calling thread");
    const y = f(x);
    const z = add(y, y); // waits in the worker
    const wanted = here(() => mul(make()(x), 2));
    expect(await numbers(z)).toEqual(wanted);
    expect(await numbers(y)).toEqual(wanted.map((v) => v / 2));
  });

  test("and leaves nothing in the calling thread's memory", async () => {
    const draw = jit((key: Tensor) => random.gamma(key, 2, [20_000]));
    const used = (): number => on("wasm", () => memoryStats().used);
    await draw(random.key(0)).data();
    const before = used();
    for (let i = 0; i < 5; i++) await draw(random.key(i)).data();
    expect(used()).toBe(before);
  });

  test("elements beyond a formula, where there are any", async () => {
    const make = () => jit((x: Tensor) => mul(tan(add(x, 0)), 2));
    const f = make();
    const { kernels } = f.lower(zeros([4], { dtype: "float64" }));
    expect(kernels.flatMap((k) => k.calls)).toEqual(["tan (beyond its formula)"]);
    expect(kernels[0]!.source).toContain(
      "; runs on the calling thread where an element is beyond its formula",
    );
    for (const angles of [
      [0.5, 1, 2, 30],
      [0.5, -1e7, 1e300, 3],
    ]) {
      const x = tensor(angles, { dtype: "float64" });
      expect(await numbers(f(x))).toEqual(here(() => make()(x)));
    }
  });

  test("sorting does not", () => {
    const { kernels } = jit(sort).lower(zeros([5]));
    expect(kernels.map((k) => k.name)).toContain("argsort");
    expect(kernels.flatMap((k) => k.calls)).toEqual([]);
  });
});

describe("loops", () => {
  test("differentiate", async () => {
    const f = jit((w: Tensor) => {
      const [carry] = scan(
        (c: Tensor, x: Tensor) => [add(mul(c, w), x), c] as const,
        zeros([3]),
        ones([20, 3]),
      );
      return sum(carry);
    });
    expect((await grad(f)(tensor(0.5)).data())[0]).toBeCloseTo(12, 2);
  });

  test("of unknown length", async () => {
    const many = whileLoop(
      (x: Tensor) => x.less(1e6),
      (x: Tensor) => x.mul(2),
      tensor(1),
    );
    expect(await numbers(many)).toEqual([2 ** 20]);
  });
});

describe("workers", () => {
  /** A worker, its end, of which only the operating system tells, and what resolves when it has ended. */
  const mortal = async (): Promise<readonly [WorkerDriver, () => void, Promise<void>]> => {
    const open = await opener();
    let port: Port | null = null;
    let driver: WorkerDriver | null = null;
    const ended = new Promise<void>((resolve) => {
      const tell = (listener: Listener): Listener => ({
        answered: (answer) => listener.answered(answer),
        ended: (why) => {
          listener.ended(why);
          resolve();
        },
      });
      driver = new WorkerDriver((listener) => (port = open(tell(listener))));
    });
    await driver!.up();
    return [driver!, () => port!.end(), ended];
  };

  const lostWorker = async (): Promise<WorkerDriver> => {
    const driver = await startWorker();
    driver.destroy();
    return driver;
  };

  test("that end reject every read; initBackend gets a fresh one, where compiled functions go on", async () => {
    const [driver, end] = await mortal();
    useWorker(driver);
    const f = jit((x: Tensor) => add(x, 1));
    const x = f(ones([2]));
    await x.data();
    const y = f(x);
    end();
    const message =
      'wasm-worker: the worker was lost (it has ended), and what was not read is lost: await initBackend("wasm-worker") for a fresh one';
    await expect(y.data()).rejects.toThrow(message);
    await expect(f(y).data()).rejects.toThrow(message);
    expect(driver.isLost).toBe(true);
    await initBackend("wasm-worker");
    expect(await numbers(f(ones([2])))).toEqual([2, 2]);
    expect(await numbers(f(x))).toEqual([3, 3]); // it was read
    expect(() => f(y)).toThrow(
      "wasm-worker: expected a tensor of this device, got one of a device before it: read it with await x.data() first",
    );
  });

  test("that run out of memory reject every read", async () => {
    const driver = await startWorker();
    const device = new WorkerDevice(Object.create(driver, { capacity: { value: 2 ** 34 } }) as WorkerDriver);
    const at = device.allocate(64);
    device.allocate(2 ** 33);
    const message =
      /the worker failed \(out of memory: expected \d+ bytes of WebAssembly memory, got \d+ and no more\)/;
    await expect(device.fetch(at, "float32", 1)).rejects.toThrow(message);
    await expect(device.fetch(at, "float32", 1)).rejects.toThrow(message);
    expect(device.isLost).toBe(true);
  });

  test("that lack a step, because it fails on the calling thread, reject every read", async () => {
    const [driver, , ended] = await mortal();
    useWorker(driver);
    const f = jit((x: Tensor) => add(random.orthogonal(random.key(0), 2), x));
    await f(zeros([2])).data();
    const { sqrt } = Math;
    Math.sqrt = () => {
      throw new Error("no roots today");
    };
    try {
      await expect(f(zeros([2])).data()).rejects.toThrow(
        "the worker lacks a step of a program (no roots today)",
      );
    } finally {
      Math.sqrt = sqrt;
    }
    await ended; // it holds no memory any more
    await initBackend("wasm-worker");
    expect(await numbers(f(zeros([2])))).toHaveLength(4);
  });

  test("that cannot be started are an error that says so", () => {
    const driver = new WorkerDriver((listener) => {
      queueMicrotask(() => {
        listener.ended("denied");
      });
      return { post: () => undefined, keepAlive: () => undefined, end: () => undefined };
    });
    return expect(driver.up()).rejects.toThrow(/^wasm-worker: the worker was lost \(denied\)$/);
  });

  test("are one where initBackend is called again before it is up", async () => {
    useWorker(await lostWorker());
    const spawned = vi.spyOn(WorkerDriver.prototype, "up");
    await Promise.all([initBackend("wasm-worker"), initBackend("wasm-worker")]);
    expect(spawned).toHaveBeenCalledTimes(1);
    spawned.mockRestore();
    expect(await numbers(add(ones([2]), 1))).toEqual([2, 2]);
  });

  test("that cannot be started leave the next call of initBackend to try again; the last call decides", async () => {
    useWorker(await lostWorker());
    const up = vi.spyOn(WorkerDriver.prototype, "up").mockRejectedValueOnce(new Error("not today"));
    const [first, second, third] = await Promise.allSettled([
      initBackend("wasm-worker"),
      initBackend("wasm-worker"),
      initBackend("js"),
    ]);
    up.mockRestore();
    expect(first.status).toBe("rejected");
    expect(second.status).toBe("fulfilled");
    expect(third.status).toBe("fulfilled");
    expect(getBackend()).toBe("js");
    setBackend("wasm-worker");
    expect(await numbers(add(ones([2]), 1))).toEqual([2, 2]);
  });

  test("to which shared memory may not be sent have one of their own, and one thread", async () => {
    const open = await opener();
    const driver = new WorkerDriver((listener) => {
      const port = open(listener);
      const post: Port["post"] = (command, transfer) => {
        if (command.op === "begin" && command.memory !== null) throw new DOMException("no", "DataCloneError");
        port.post(command, transfer);
      };
      return { ...port, post };
    });
    await driver.up();
    useWorker(driver);
    expect(driver.memory).toBe(null);
    expect(getThreads()).toBe(1);
    expect(await numbers(sum(ones([300, 300])))).toEqual([90_000]);
    useWorker(await startWorker());
  });

  test("are kept by initBackend while they work", async () => {
    await initBackend("wasm-worker");
    const x = add(ones([2]), 1);
    jit((v: Tensor) => mul(v, 2))(x);
    await initBackend("wasm-worker");
    expect(await numbers(mul(x, 2))).toEqual([4, 4]);
  });
});

describe("profile", () => {
  test("is measured by the worker", async () => {
    const lowered = jit((x: Tensor) => matmul(x, x)).lower(ones([64, 64]));
    expect(() => lowered.profile()).toThrow("await lowered.profileAsync()");
    const { kernels, totalMs } = await lowered.profileAsync(3);
    expect(kernels.map((k) => k.name)).toEqual(["dot"]);
    expect(kernels[0]!.ms).toBeGreaterThan(0);
    expect(totalMs).toBe(kernels[0]!.ms);
  });
});
