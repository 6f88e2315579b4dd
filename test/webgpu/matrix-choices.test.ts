/** Subgroup matrices among the ways to compute a contraction: chosen, measured, turned off, and left alone where they do not work. */
import { beforeEach, describe, expect, test } from "vitest";
import {
  cast,
  initBackend,
  jit,
  matmul,
  random,
  setBackend,
  type Tensor,
  type Tuning,
} from "../../src/index.js";
import { acquire } from "../../src/jit/backends/wgsl/acquire.js";
import {
  candidatesFor,
  type Choice,
  isMatrixChoice,
  type Matrix,
  nameOf,
  usualChoice,
} from "../../src/jit/backends/wgsl/choices.js";
import type { Driver } from "../../src/jit/backends/wgsl/driver.js";
import type { Gpu, GpuAdapter, GpuDevice } from "../../src/jit/backends/wgsl/gpu.js";
import type { GpuDriver } from "../../src/jit/backends/wgsl/gpu-driver.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { type Matrices, matrixFeature } from "../../src/jit/backends/wgsl/matrix.js";
import { layoutOf, matrixBytes, sidesOf } from "../../src/jit/backends/wgsl/matrix-tiles.js";
import { matricesOf } from "../../src/jit/backends/wgsl/matrix-probe.js";
import { Tunings } from "../../src/jit/backends/wgsl/tuning.js";
import { gpu } from "./gpu.js";
import { withPlayed } from "./played-matrices.js";
import { inJavaScript } from "../arguments.js";
import { byJavaScript, ownDevice } from "./own-device.js";

const device = ownDevice({ software: false });

const eights: Matrices = {
  subgroup: 32,
  asked: false,
  shapes: [{ component: "f16", rows: 8, columns: 8, depth: 8 }],
};
const matrices = device.matrices ?? eights;
const matrix: Matrix = { ...matrices, shape: matrices.shapes[0]! };
const base = device.matrices === null ? withPlayed(device, eights) : device;

let adapters = 0;
/** The device as an adapter that nothing was chosen for yet. */
const fresh = (): string => {
  const name = `matrices ${adapters++}`;
  useDriver(Object.create(base, { name: { value: name } }) as Driver);
  setBackend("webgpu");
  return name;
};

beforeEach(() => {
  fresh();
});

const whole = (seed: number, ...shape: number[]): Tensor =>
  inJavaScript(() => cast(random.randint(random.key(seed), shape, -2, 3), "float16"));

const x = whole(1, 70, 48);
const y = whole(2, 48, 50);
const want = Array.from(byJavaScript((a, b) => matmul(a!, b!), x, y));
const kind = "1x128x64x64 deep+ wide+ f16";
const extent = { batch: 1, rows: 70, columns: 50, depth: 48 };
const product = (): [source: string, got: number[]] => {
  const f = jit((a: Tensor, b: Tensor) => matmul(a, b));
  const source = f
    .lower(x, y)
    .kernels.map((k) => k.source)
    .join("\n");
  return [source, Array.from(f(x, y).dataSync())];
};
const multiplies = "subgroupMatrixMultiplyAccumulate";

const always = (adapter: string, choice: Choice): Tuning => ({
  version: 1,
  adapters: { [adapter]: { [kind]: { ...choice, ms: 1, usualMs: 1 } } },
});

describe("choices", () => {
  const usual = usualChoice(extent, true, matrix);
  const all = candidatesFor(extent, usual, matrix);

  test("are matrices in the first place, and tiles and blocks beside them", () => {
    expect(isMatrixChoice(usual)).toBe(true);
    expect(all.filter(isMatrixChoice).length).toBeGreaterThan(2);
    expect(all.some((c) => c.shared && !isMatrixChoice(c))).toBe(true);
    expect(all.some((c) => !c.shared)).toBe(true);
    expect(new Set(all.map(nameOf)).size).toBe(all.length);
  });

  // The others are tested with what is not played.
  const here = device.matrices === null ? all.filter(isMatrixChoice) : all;

  test.each(here.map((c) => [nameOf(c), c] as const))("%s gives the same numbers", async (_, choice) => {
    await initBackend("webgpu", { tuning: always(fresh(), choice) });
    const [source, got] = product();
    expect(source.includes(multiplies)).toBe(isMatrixChoice(choice));
    expect(got).toEqual(want);
  });

  test("cover the product, and fit in shared memory, whatever the matrices", () => {
    const shapes = [
      [8, 8, 8],
      [16, 16, 16],
      [8, 16, 16],
      [32, 8, 16],
    ] as const;
    for (const [rows, columns, depth] of shapes)
      for (const subgroup of [4, 8, 16, 32, 64, 128])
        for (const side of [16, 40, 1000]) {
          const m: Matrix = { shape: { component: "f16", rows, columns, depth }, subgroup, asked: false };
          const e = { batch: 1, rows: side, columns: 3 * side, depth: 256 };
          const c = usualChoice(e, true, m);
          if (!isMatrixChoice(c)) continue; // the smallest do not fit
          const layout = layoutOf(e, c, m.shape, subgroup);
          expect(layout.down * layout.across * subgroup).toBe(256);
          expect(matrixBytes(layout)).toBeLessThanOrEqual(16384);
          const sides = sidesOf(layout);
          expect(sides.rows * sides.columns).toBe((256 / subgroup) * c.rows * c.columns * rows * columns);
        }
  });

  test("from elsewhere that there is no memory for are not taken", async () => {
    const large: Choice = { shared: true, matrices: true, rows: 8, columns: 8, depth: 32, parts: 1 };
    await initBackend("webgpu", { tuning: always(fresh(), large) });
    const [source, got] = product();
    fresh();
    expect(source).toBe(product()[0]);
    expect(got).toEqual(want);
  });
});

describe("tune", () => {
  test("measures matrices beside the others, and what it finds survives JSON", async () => {
    const adapter = fresh();
    const tuning = await jit((a: Tensor, b: Tensor) => matmul(a, b))
      .lower(x, y)
      .tune();
    expect(Object.keys(tuning.adapters[adapter]!)).toEqual([kind]);
    const found = tuning.adapters[adapter]![kind]!;
    const [source, got] = product();
    expect(source.includes(multiplies)).toBe(isMatrixChoice(found));
    expect(got).toEqual(want);
    const tunings = new Tunings();
    tunings.load(
      "initBackend",
      JSON.parse(JSON.stringify(always("card", usualChoice(extent, true, matrix)))),
    );
    expect(JSON.parse(JSON.stringify(tunings.save()))).toEqual(
      always("card", usualChoice(extent, true, matrix)),
    );
  }, 300_000);

  test("by hand: what is not a choice is refused", async () => {
    const wrong = {
      shared: true,
      matrices: "yes",
      rows: 1,
      columns: 1,
      depth: 16,
      parts: 1,
    } as unknown as Choice;
    await expect(initBackend("webgpu", { tuning: always("card", wrong) })).rejects.toThrow(
      `initBackend: expected tuning.adapters["card"]["${kind}"].matrices to be true or left out, got "yes"`,
    );
  });
});

describe("subgroupMatrices", () => {
  test("turns them off and on, for functions that were compiled before as well", async () => {
    const f = jit((a: Tensor, b: Tensor) => matmul(a, b));
    const source = (): string => f.lower(x, y).kernels[0]!.source;
    expect(source()).toContain(multiplies);
    expect(Array.from(f(x, y).dataSync())).toEqual(want);
    await initBackend("webgpu", { subgroupMatrices: false });
    expect(source()).not.toContain(multiplies);
    expect(Array.from(f(x, y).dataSync())).toEqual(want);
    await initBackend("webgpu");
    expect(source()).not.toContain(multiplies);
    await initBackend("webgpu", { subgroupMatrices: true });
    expect(source()).toContain(multiplies);
    expect(Array.from(f(x, y).dataSync())).toEqual(want);
  });

  test("is for webgpu", async () => {
    await expect(initBackend("js", { subgroupMatrices: false })).rejects.toThrow(
      'initBackend: expected subgroupMatrices for "webgpu" only, got it for "js"',
    );
  });
});

describe("a device", () => {
  test("that refuses a program, or takes it, works on", async () => {
    const driver = (await acquire(gpu)) as GpuDriver;
    expect(await driver.takes([{ shader: "fn main() { nonsense }", groups: 1, words: [64] }])).toBe(false);
    const shader = `@group(0) @binding(0) var<storage, read_write> heap: array<u32>;
@group(0) @binding(1) var<storage, read> at: array<i32>;
@compute @workgroup_size(1) fn main() { heap[at[0]] = 7u; }`;
    expect(await driver.takes([{ shader, groups: 1, words: [64] }])).toBe(true);
    expect(Array.from(await driver.read(64, 1))).toEqual([7]);
    driver.destroy();
  });

  test("has no matrices that its adapter does not name, nor subgroups of several sizes but the one that it asks for, nor products that come out wrong", async () => {
    const driver = (await acquire(gpu)) as GpuDriver;
    const config = { componentType: "f16", resultComponentType: "f32", M: 8, N: 8, K: 8 };
    const of = (info: object): Promise<Matrices | null> =>
      matricesOf(driver, { info } as unknown as GpuAdapter);
    expect(await of({})).toBeNull();
    expect(await of({ subgroupMinSize: 8, subgroupMaxSize: 8 })).toBeNull();
    const several = { subgroupMinSize: 4, subgroupMaxSize: 16, subgroupMatrixConfigs: [config] };
    const asked = driver.matrices !== null && driver.sizesSubgroups;
    expect(await of(several)).toEqual(asked ? { ...driver.matrices, asked: true } : null);
    Object.defineProperty(driver, "sizesSubgroups", { value: false });
    expect(await of(several)).toBeNull();
    // Not the size of its subgroups.
    const wrong = driver.subgroup === 16 ? 32 : 16;
    expect(
      await of({ subgroupMinSize: wrong, subgroupMaxSize: wrong, subgroupMatrixConfigs: [config] }),
    ).toBeNull();
    const sums = { ...config, resultComponentType: "f16" };
    expect(await of({ subgroupMinSize: 8, subgroupMaxSize: 8, subgroupMatrixConfigs: [sums] })).toBeNull();
    // A shape that no adapter has.
    const odd = { ...config, M: 8, N: 8, K: 32 };
    const size = driver.subgroup;
    const both = { subgroupMinSize: size, subgroupMaxSize: size, subgroupMatrixConfigs: [odd, config] };
    if (driver.matrices === null) expect(await of(both)).toBeNull();
    else expect(await of(both)).toEqual(driver.matrices);
    driver.write(64, Uint32Array.of(5));
    expect(Array.from(await driver.read(64, 1))).toEqual([5]);
    driver.destroy();
  });

  test("that the experiment costs is followed by another, which goes without", async () => {
    const has = ({ has }: GpuAdapter["features"]): GpuAdapter["features"] => ({
      has: (f) => f === matrixFeature || has(f),
    });
    const asked: (readonly string[])[] = [];
    const requestDevice = async (
      adapter: GpuAdapter,
      options: { requiredFeatures: readonly string[] },
    ): Promise<GpuDevice> => {
      asked.push(options.requiredFeatures);
      const requiredFeatures = options.requiredFeatures.filter((f) => f !== matrixFeature);
      const real = await adapter.requestDevice({ ...options, requiredFeatures });
      if (requiredFeatures.length === options.requiredFeatures.length) return real;
      return changed(real, {
        features: has(bound(real.features)),
        pushErrorScope: () => {
          real.destroy();
        },
      });
    };
    const source: Gpu = {
      requestAdapter: async (options) => {
        const adapter = (await gpu.requestAdapter(options))!;
        const info = {
          subgroupMinSize: 4,
          subgroupMaxSize: 4,
          subgroupMatrixConfigs: [{ componentType: "f32", resultComponentType: "f32", M: 8, N: 8, K: 8 }],
        };
        return changed(adapter, {
          info,
          features: has(bound(adapter.features)),
          requestDevice: (o: object) => requestDevice(adapter, o as { requiredFeatures: readonly string[] }),
        });
      },
    };
    const driver = await acquire(source);
    expect(asked.map((f) => f.includes(matrixFeature))).toEqual([true, false]);
    expect(driver.matrices).toBeNull();
    driver.write(64, Uint32Array.of(5));
    expect(Array.from(await driver.read(64, 1))).toEqual([5]);
    driver.destroy();
  });
});

const bound = (features: GpuAdapter["features"]): GpuAdapter["features"] => ({ has: (f) => features.has(f) });

/** An object of the device's interface with some members of its own: the others are the first one's. */
const changed = <T extends object>(of: T, members: Partial<Record<keyof T, unknown>>): T =>
  new Proxy(of, {
    get: (target, key) => {
      if (key in members) return members[key as keyof T];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
