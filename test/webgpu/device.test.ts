/** WebGPU as programs in Node use it: computing returns at once, reading waits. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  add,
  arange,
  cast,
  cond,
  exp,
  getBackend,
  grad,
  initBackend,
  jit,
  less,
  matmul,
  memoryStats,
  mul,
  ones,
  random,
  scan,
  setBackend,
  sum,
  take,
  type Tensor,
  tensor,
  whileLoop,
  zeros,
} from "../../src/index.js";
import type { Dispatch } from "../../src/jit/backends/wgsl/driver.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { acquire } from "../../src/jit/backends/wgsl/acquire.js";
import { Device } from "../../src/jit/backends/wgsl/device.js";
import type { Gpu } from "../../src/jit/backends/wgsl/gpu.js";
import { gpu } from "./gpu.js";

const before = getBackend();
beforeAll(async () => {
  useDriver(await acquire(gpu));
  await initBackend("webgpu");
});
afterAll(() => {
  setBackend(before);
});

const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data());

describe("reading", () => {
  test("waits for the device", async () => {
    expect(getBackend()).toBe("webgpu");
    const x = tensor([1, 2, 3]);
    expect(await numbers(add(mul(x, x), 1))).toEqual([2, 5, 10]);
    expect(await numbers(cast(x, "bool"))).toEqual([1, 1, 1]);
    expect(await x.data()).toBeInstanceOf(Float32Array);
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
    expect(y.toString()).toContain("[2, 3]");
  });

  test("float64 inside loops and branches is refused as well", async () => {
    const refused = /^webgpu: expected float32, integers and bools, got float64/;
    const precise = (x: Tensor): Tensor => cast(exp(cast(x, "float64")), "float32");
    const x = tensor([0.5, 1]);
    await expect(cond(tensor(true), precise, (v: Tensor) => v, x).data()).rejects.toThrow(refused);
    const looped = whileLoop((v: Tensor) => less(sum(v), 10), precise, x);
    await expect(looped.data()).rejects.toThrow(refused);
    const many = scan((c: Tensor, v: Tensor) => [precise(add(c, v)), null] as const, tensor(0), x)[0];
    await expect(many.data()).rejects.toThrow(refused);
  });

  test("what checked asks for is refused, and says what to do", () => {
    const f = jit((x: Tensor, i: Tensor) => take(x, i), { checked: true });
    expect(() => f(tensor([1, 2]), tensor([5], { dtype: "int32" }))).toThrow(
      'jit: expected a backend of the CPU where checked is set, got webgpu, whose results are read asynchronously: leave checked out, or setBackend("wasm")',
    );
  });

  test("float64 is refused, and says what to do", async () => {
    await expect(add(tensor([1], { dtype: "float64" }), 1).data()).rejects.toThrow(
      'webgpu: expected float32, integers and bools, got float64 in add: cast(x, "float32"), or setBackend("wasm") for float64',
    );
  });
});

describe("results", () => {
  test("stay on the device between calls", async () => {
    const step = jit((w: Tensor) => add(mul(w, 0.5), 1));
    let w = zeros([1000]);
    for (let i = 0; i < 50; i++) w = step(w);
    expect((await w.data())[999]).toBeCloseTo(2, 5);
  });

  test("come back to other backends after they were read", async () => {
    const y = exp(tensor([0, 1]));
    await y.data();
    setBackend("wasm");
    try {
      expect(add(y, 0).toArray()).toEqual([1, Math.fround(Math.E)]);
    } finally {
      setBackend("webgpu");
    }
  });

  test("are the CPU's for random bits", async () => {
    const on = async (): Promise<number[]> => numbers(random.bits(random.key(7), [33]));
    const there = await on();
    setBackend("js");
    const here = random.bits(random.key(7), [33]).dataSync();
    setBackend("webgpu");
    expect(there).toEqual(Array.from(here));
  });

  test("are freed when they were dropped", async () => {
    // 80 MB of results through a device that holds 16.
    const driver = await acquire(gpu);
    useDriver(Object.create(driver, { capacity: { value: 1 << 22 } }) as typeof driver);
    const step = jit((x: Tensor) => add(x, 1));
    let x = zeros([1 << 16]);
    for (let i = 0; i < 300; i++) {
      x = step(x);
      if (i % 10 === 9) await sum(x).data();
    }
    expect((await x.data())[5]).toBe(300);
  }, 60_000);

  test("that nothing frees are an error that says what to do", async () => {
    const driver = await acquire(gpu);
    useDriver(Object.create(driver, { capacity: { value: 1 << 22 } }) as typeof driver);
    const step = jit((x: Tensor) => add(x, 1));
    let x = zeros([1 << 20]);
    expect(() => {
      for (let i = 0; i < 10; i++) x = step(x);
    }).toThrow(
      /webgpu: expected \d+ bytes of device memory, got 16777216 at most: await something now and then/,
    );
    useDriver(await acquire(gpu));
  });

  test("that do not fit take no room from those that do", async () => {
    const driver = await acquire(gpu);
    useDriver(Object.create(driver, { capacity: { value: 1 << 20 } }) as typeof driver);
    const x = jit(() => add(zeros([200_000]), 1))();
    const many = jit((y: Tensor) => [1, 2, 3, 4, 5, 6].map((by) => mul(y, by)));
    for (let i = 0; i < 3; i++) expect(() => many(x)).toThrow("4194304 at most");
    expect((await add(x, 1).data())[5]).toBe(2);
    useDriver(await acquire(gpu));
  });
});

describe("reading, once it was asked for,", () => {
  test("comes before all that is asked for later, if it is the tensor's donation", async () => {
    const step = jit((x: Tensor) => add(x, 1), { donate: [0] });
    const reads: Promise<ArrayLike<number>>[] = [];
    let x = jit(() => add(zeros([1000]), 1))();
    for (let i = 0; i < 20; i++) {
      reads.push(x.data());
      x = step(x);
    }
    expect((await Promise.all(reads)).map((data) => data[999])).toEqual(reads.map((_, i) => i + 1));
    expect((await x.data())[0]).toBe(21);
  });

  test("rejects, and does not throw, where something is wrong", async () => {
    const step = jit((x: Tensor) => add(x, 1), { donate: [0] });
    const x = jit(() => add(zeros([3]), 1))();
    step(x);
    const reading = x.data();
    await expect(reading).rejects.toThrow("that was donated to a jitted call");
  });
});

describe("limits", () => {
  test("more workgroups than one dimension has", async () => {
    // A graphics card gets an invocation for each element.
    const driver = await acquire(gpu);
    let most = 0;
    const run = (list: readonly Dispatch[]): void => {
      most = Math.max(most, ...list.map((d) => d.groups));
      driver.run(list);
    };
    useDriver(Object.create(driver, { software: { value: false }, run: { value: run } }) as typeof driver);
    const n = 65536 * 256 + 3;
    const data = await add(cast(arange(0, n), "float32"), 1).data();
    expect(most).toBeGreaterThan(65535);
    expect([data[0], data[1 << 20], data[n - 1]]).toEqual([1, (1 << 20) + 1, Math.fround(n)]);
    useDriver(await acquire(gpu));
  });

  test("more arrays than a shader may bind", async () => {
    const xs = Array.from({ length: 150 }, (_, i) => tensor([i, i + 1]));
    const f = jit((...many: Tensor[]) => many.map((x) => add(x, 1)));
    const ys = f(...xs) as readonly Tensor[];
    expect(await numbers(ys[149]!)).toEqual([150, 151]);
    expect(await numbers(ys[0]!)).toEqual([1, 2]);
  });
});

describe("kernels that have no shader", () => {
  test("run in JavaScript in the middle of a program, and say so", async () => {
    const f = jit((key: Tensor, x: Tensor) => add(mul(random.orthogonal(key, 3), x), 10));
    const args = [random.key(3), tensor([1, 3, 2])] as const;
    const { kernels } = f.lower(...args);
    expect(kernels.map((k) => k.backend)).toEqual(kernels.map(() => "webgpu"));
    expect(kernels.flatMap((k) => k.calls)).toEqual(["orthogonalSample is a routine of the CPU"]);
    const y = f(...args);
    const got = await numbers(add(y, y));
    setBackend("js");
    const want = add(mul(random.orthogonal(random.key(3), 3), tensor([1, 3, 2])), 10).dataSync();
    setBackend("webgpu");
    got.forEach((g, i) => {
      expect(g).toBeCloseTo(2 * want[i]!, 4);
    });
  });
});

describe("loops", () => {
  test("are one submission, and differentiate", async () => {
    const f = jit((w: Tensor) => {
      const [carry] = scan(
        (c: Tensor, x: Tensor) => [add(mul(c, w), x), c] as const,
        zeros([3]),
        ones([20, 3]),
      );
      return sum(carry);
    });
    expect(f.lower(tensor(0.5)).kernels.length).toBeLessThan(6);
    expect((await f(tensor(0.5)).data())[0]).toBeCloseTo(6, 4);
    expect((await grad(f)(tensor(0.5)).data())[0]).toBeCloseTo(12, 2);
  });
});

describe("devices", () => {
  test("that are lost reject the next read; initBackend gets a fresh one", async () => {
    const driver = await acquire(gpu);
    useDriver(driver);
    const x = matmul(ones([4, 4]), ones([4, 4]));
    await x.data();
    const y = add(x, 1);
    driver.destroy();
    await expect(y.data()).rejects.toThrow(/lost|destroyed/i);
    await initBackend("webgpu", { gpu });
    expect((await add(ones([2]), 1).data())[0]).toBe(2);
  });

  test("that run out of memory reject every read; initBackend gets a fresh one", async () => {
    class GPUOutOfMemoryError {
      readonly message = "vkAllocateMemory failed";
    }
    let fail = (): void => undefined;
    // A device that tells its listeners what the test wants.
    const telling: Gpu = {
      requestAdapter: async () => {
        const adapter = (await gpu.requestAdapter())!;
        return {
          info: adapter.info!,
          features: adapter.features,
          limits: adapter.limits,
          requestDevice: async (options) => {
            const device = await adapter.requestDevice(options);
            device.addEventListener = (_, listener) => {
              fail = () => {
                listener({ error: new GPUOutOfMemoryError() });
              };
            };
            return device;
          },
        };
      },
    };
    useDriver(await acquire(telling));
    const x = add(ones([2]), 1);
    fail();
    const message = 'the device ran out of memory (vkAllocateMemory failed): await initBackend("webgpu")';
    await expect(x.data()).rejects.toThrow(message);
    await expect(add(x, 1).data()).rejects.toThrow(message);
    await initBackend("webgpu", { gpu });
    expect((await add(ones([2]), 1).data())[0]).toBe(2);
  });

  test("on which a step failed reject every read: what followed was not computed", async () => {
    const device = new Device(await acquire(gpu));
    const at = device.allocate(64);
    device.later(() => Promise.reject(new Error("no such thing")));
    device.inOrder(() => {
      throw new Error("expected nothing to be done after a failure");
    });
    const message = "a step of a program failed (no such thing), and what followed was not computed";
    await expect(device.fetch(at, "float32", 1)).rejects.toThrow(message);
    await expect(device.fetch(at, "float32", 1)).rejects.toThrow(message);
    expect(device.isLost).toBe(true);
  });

  test("that refuse a shader reject every read", async () => {
    const driver = await acquire(gpu);
    driver.run([{ shader: "fn main( {", groups: 1, words: [0] }]);
    await expect(driver.read(0, 1)).rejects.toThrow("the device refused a program");
    await expect(driver.read(0, 1)).rejects.toThrow("the device refused a program");
    expect(driver.isLost).toBe(true);
  });

  test("of another gpu take the place of the one in use", async () => {
    await initBackend("webgpu", { gpu });
    const x = add(ones([2]), 1);
    await x.data();
    const other: Gpu = { requestAdapter: (options) => gpu.requestAdapter(options) };
    await initBackend("webgpu", { gpu: other });
    expect(await numbers(add(x, 1))).toEqual([3, 3]); // it was read
    await initBackend("webgpu", { gpu });
  });

  test("that are not there are an error that says so", async () => {
    const none = { requestAdapter: () => Promise.resolve(null) };
    const lost = await acquire(gpu);
    useDriver(lost);
    lost.destroy();
    await add(ones([1]), 1)
      .data()
      .catch(() => undefined);
    await expect(initBackend("webgpu", { gpu: none })).rejects.toThrow(
      "initBackend: expected a WebGPU adapter, got none: the system has no driver that WebGPU accepts",
    );
    await initBackend("webgpu", { gpu });
  });
});

describe("profile", () => {
  test("is measured by the device's clock", async () => {
    const lowered = jit((x: Tensor) => matmul(x, x)).lower(ones([64, 64]));
    expect(() => lowered.profile()).toThrow("await lowered.profileAsync()");
    const { kernels, totalMs } = await lowered.profileAsync(3);
    expect(kernels.map((k) => k.name)).toEqual(["dot"]);
    expect(kernels[0]!.ms).toBeGreaterThan(0);
    expect(kernels[0]!.gigabytesPerSecond).toBeGreaterThan(0);
    expect(kernels[0]!.gigaflopsPerSecond * kernels[0]!.ms * 1e6).toBeCloseTo(2 * 64 ** 3, 3);
    expect(totalMs).toBe(kernels[0]!.ms);
  });

  test("on a device without a clock is refused, and takes no memory", async () => {
    const driver = await acquire(gpu);
    useDriver(Object.create(driver, { time: { value: undefined } }) as typeof driver);
    const lowered = jit((x: Tensor) => matmul(x, x)).lower(ones([64, 64]));
    const { used } = memoryStats();
    for (let i = 0; i < 3; i++)
      await expect(lowered.profileAsync(1)).rejects.toThrow("expected a device with a clock");
    expect(memoryStats().used).toBe(used);
    useDriver(await acquire(gpu));
  });
});
