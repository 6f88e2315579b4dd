/** Ways to compute contractions: all give the same bits; the fastest is found, kept for the adapter, saved and given again. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  add,
  conv,
  getBackend,
  initBackend,
  jit,
  type Lowered,
  matmul,
  relu,
  scan,
  setBackend,
  tanh,
  type Tensor,
  type Tuning,
  zeros,
} from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { acquire } from "../../src/jit/backends/wgsl/acquire.js";
import { candidatesFor, type Choice, nameOf, usualChoice } from "../../src/jit/backends/wgsl/choices.js";
import type { Driver } from "../../src/jit/backends/wgsl/driver.js";
import { Tunings } from "../../src/jit/backends/wgsl/tuning.js";
import { normal } from "../arguments.js";
import { gpu } from "./gpu.js";

const before = getBackend();
let device: Driver;
beforeAll(async () => {
  device = await acquire(gpu);
});
afterAll(() => {
  setBackend(before);
});

let adapters = 0;
/** The device as an adapter that nothing was chosen for yet. */
const fresh = (of: Partial<Driver> = {}): string => {
  const name = of.name ?? `adapter ${adapters++}`;
  for (const [key, value] of Object.entries({ software: false, ...of, name }))
    Object.defineProperty(device, key, { value, configurable: true });
  useDriver(device);
  setBackend("webgpu");
  return name;
};

const bits = async (x: Tensor): Promise<readonly number[]> => {
  const data = await x.data();
  return Array.from(new Int32Array(data.buffer, data.byteOffset, data.length));
};

const product = (x: Tensor, y: Tensor): Tensor => relu(add(matmul(x, y), 1));

/** A tuning that makes one choice for all that is asked. */
const always = (adapter: string, kinds: readonly string[], choice: Choice): Tuning => ({
  version: 1,
  adapters: { [adapter]: Object.fromEntries(kinds.map((k) => [k, { ...choice, ms: 1, usualMs: 1 }])) },
});

const kindsOf = async (lowered: Lowered, adapter: string): Promise<string[]> =>
  Object.keys((await lowered.tune()).adapters[adapter] ?? {});

describe("every choice", () => {
  const extents: readonly (readonly [number, number, number])[] = [
    [70, 40, 50],
    [3, 2100, 40],
    [130, 33, 17],
  ];

  test.each(extents)(
    "of a product of %i × %i × %i has the usual's bits, where it cuts no sum",
    async (m, k, n) => {
      fresh();
      const [x, y] = [normal(1, m, k), normal(2, k, n)];
      const extent = { batch: 1, rows: m, columns: n, depth: k };
      const want = new Map<number, readonly number[]>();
      const seen = new Set<string>();
      for (const choice of candidatesFor(extent, usualChoice(extent, true))) {
        const adapter = fresh();
        const lowered = jit(product).lower(x, y);
        const kinds = [`1x${up(m)}x${up(n)}x${up(k)} deep wide`];
        await initBackend("webgpu", { tuning: always(adapter, kinds, choice) });
        const source = jit(product)
          .lower(x, y)
          .kernels.map((kernel) => kernel.source)
          .join("\n");
        if (nameOf(choice) !== nameOf(usualChoice(extent, true)))
          expect(source).not.toBe(lowered.kernels[0]!.source);
        seen.add(source);
        const got = await bits(jit(product)(x, y));
        const parts = choice.shared ? choice.parts : 1;
        if (!want.has(parts)) want.set(parts, got);
        expect(got, nameOf(choice)).toEqual(want.get(parts));
      }
      expect(seen.size).toBeGreaterThan(3);
    },
    300_000,
  );

  const up = (n: number): number => 2 ** Math.ceil(Math.log2(n));
});

describe("tune", () => {
  beforeEach(() => {
    fresh();
  });

  test("measures the contractions of a program; programs made afterwards go the fastest way", async () => {
    const adapter = fresh();
    const [x, y] = [normal(1, 64, 48), normal(2, 48, 64)];
    const f = jit(product);
    const first = await bits(f(x, y));
    const tuning = await f.lower(x, y).tune();
    expect(Object.keys(tuning.adapters[adapter]!)).toEqual(["1x64x64x64 deep wide"]);
    const [chosen] = Object.values(tuning.adapters[adapter]!);
    expect(chosen!.ms).toBeGreaterThan(0);
    expect(chosen!.ms).toBeLessThanOrEqual(chosen!.usualMs);
    // The function was called before: it is made again.
    expect(await bits(f(x, y))).toEqual(first);
    const { source } = jit(product).lower(x, y).kernels[0]!;
    const tile = chosen!.shared ? `array<f32, ${chosen!.depth * (16 * chosen!.rows + 1)}>` : "s0 = fma(";
    expect(source).toContain(tile);
    expect(source.includes("tile_a")).toBe(chosen!.shared);
  }, 300_000);

  test("finds those inside loops, and convolutions", async () => {
    const adapter = fresh();
    const w = normal(3, 64, 64);
    const loop = jit(
      (c: Tensor, xs: Tensor) =>
        scan((h: Tensor, x: Tensor) => [tanh(add(matmul(h, w), x)), null] as const, c, xs)[0],
    ).lower(zeros([64, 64]), zeros([2, 64, 64]));
    expect(await kindsOf(loop, adapter)).toHaveLength(1);
    const image = jit((x: Tensor, k: Tensor) => conv(x, k, { padding: "SAME" })).lower(
      zeros([1, 4, 12, 12]),
      zeros([8, 4, 3, 3]),
    );
    expect((await kindsOf(image, adapter)).length).toBeGreaterThan(1);
  }, 300_000);

  test("measures without the device's clock as well, and blocks on software", async () => {
    const adapter = fresh({ software: true });
    const clock = device.time;
    Object.defineProperty(device, "time", { value: undefined });
    const tuning = await jit(product)
      .lower(zeros([32, 32]), zeros([32, 32]))
      .tune();
    const [chosen] = Object.values(tuning.adapters[adapter]!);
    expect(chosen!.shared).toBe(false);
    Object.defineProperty(device, "time", { value: clock });
  }, 300_000);

  test("of what is too small for tiles chooses nothing", async () => {
    const adapter = fresh();
    expect(
      (
        await jit(matmul)
          .lower(zeros([2, 2]), zeros([2, 2]))
          .tune()
      ).adapters[adapter],
    ).toBeUndefined();
  });

  test("is refused by other backends", async () => {
    setBackend("js");
    await expect(
      jit(matmul)
        .lower(zeros([2, 2]), zeros([2, 2]))
        .tune(),
    ).rejects.toThrow('tune: expected the backend "webgpu", got "js", which has nothing to choose');
  });
});

describe("a tuning", () => {
  const good = {
    version: 1,
    adapters: {
      card: {
        "1x64x64x64 deep wide": {
          shared: true,
          rows: 4,
          columns: 4,
          depth: 16,
          parts: 1,
          ms: 0.5,
          usualMs: 0.7,
        },
        "1x32x32x32 deep wide": { shared: false, rows: 4, columns: 2, ms: 0.5, usualMs: 0.5 },
      },
      other: { "1x64x64x64 deep wide": { shared: false, rows: 4, columns: 4, ms: 1, usualMs: 1 } },
    },
  } as const satisfies Tuning;

  test("survives JSON, those of other adapters with it", () => {
    const tunings = new Tunings();
    tunings.load("initBackend", JSON.parse(JSON.stringify(good)));
    expect(JSON.parse(JSON.stringify(tunings.save()))).toEqual(good);
  });

  test("given to initBackend is what programs go by, on a fresh device of the adapter too", async () => {
    const adapter = fresh();
    const tuning = { version: 1, adapters: { [adapter]: good.adapters.card } } as const;
    await initBackend("webgpu", { tuning });
    const source = (): string => jit(matmul).lower(zeros([60, 60]), zeros([60, 60])).kernels[0]!.source;
    expect(source()).toContain(`tile_a: array<f32, ${16 * (16 * 4 + 1)}>`);
    fresh();
    expect(source()).not.toContain(`tile_a: array<f32, ${16 * (16 * 4 + 1)}>`);
    fresh({ name: adapter });
    expect(source()).toContain(`tile_a: array<f32, ${16 * (16 * 4 + 1)}>`);
  });

  const withChoice = (change: object): unknown => ({
    version: 1,
    adapters: { card: { kind: { ...good.adapters.card["1x64x64x64 deep wide"], ...change } } },
  });
  const at = 'tuning.adapters["card"]["kind"]';

  test.each<readonly [string, unknown, string]>([
    ["no object", 5, "tuning to be what lowered.tune() gave, an object, got 5"],
    ["null", null, "tuning to be what lowered.tune() gave, an object, got null"],
    [
      "another version",
      { version: 7, adapters: {} },
      "a tuning of version 1, got 7: await lowered.tune() for a new one",
    ],
    [
      "no adapters",
      { version: 1 },
      "tuning.adapters to be what lowered.tune() gave, an object, got undefined",
    ],
    [
      "a list",
      { version: 1, adapters: [] },
      "tuning.adapters to be what lowered.tune() gave, an object, got []",
    ],
    [
      "no choice",
      { version: 1, adapters: { card: { kind: "fast" } } },
      `${at} to be what lowered.tune() gave, an object, got "fast"`,
    ],
    ["huge tiles", withChoice({ rows: 1e9 }), `${at}.rows to be one of 1, 2, 3, 4, 8, got 1000000000`],
    ["text", withChoice({ columns: "4]; evil" }), `${at}.columns to be one of 1, 2, 3, 4, 8, got "4]; evil"`],
    ["no depth", withChoice({ depth: undefined }), `${at}.depth to be one of 8, 16, got undefined`],
    [
      "too much memory",
      withChoice({ rows: 8, columns: 8 }),
      `${at} to need 16384 bytes of shared memory at most, got 16512`,
    ],
    ["half a part", withChoice({ parts: 0.5 }), `${at}.parts to be a positive integer, got 0.5`],
    ["no time", withChoice({ ms: NaN }), `${at}.ms to be a time in milliseconds, got null`],
    ["neither way", withChoice({ shared: "yes" }), `${at}.shared to be true or false, got "yes"`],
  ])("that is %s is refused, and nothing of it taken", async (_, tuning, message) => {
    fresh();
    await expect(initBackend("webgpu", { tuning: tuning as Tuning })).rejects.toThrow(
      `initBackend: expected ${message}`,
    );
    const tunings = new Tunings();
    expect(() => {
      tunings.load("initBackend", tuning);
    }).toThrow();
    expect(tunings.save().adapters).toEqual({});
  });

  test("asks for no more parts than there is memory for", async () => {
    const adapter = fresh();
    const many: Choice = { shared: true, rows: 1, columns: 1, depth: 8, parts: 1e9 };
    await initBackend("webgpu", { tuning: always(adapter, ["1x16x16x64 deep wide"], many) });
    const [x, y] = [normal(1, 16, 64), normal(2, 64, 16)];
    const got = await jit(matmul)(x, y).data();
    setBackend("js");
    const want = matmul(x, y).dataSync();
    got.forEach((g, i) => {
      expect(g).toBeCloseTo(want[i]!, 4);
    });
  });

  test("is for webgpu", async () => {
    await expect(initBackend("js", { tuning: good })).rejects.toThrow(
      'initBackend: expected a tuning for "webgpu" only, got one for "js"',
    );
  });
});
