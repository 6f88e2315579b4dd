/** Reductions by subgroups: the same bits as by shared memory, whatever the size of subgroups. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  all,
  any,
  argmax,
  argmin,
  cast,
  type DType,
  grad,
  greater,
  jit,
  less,
  logsumexp,
  max,
  mean,
  min,
  mul,
  prod,
  scan,
  softmax,
  stack,
  sum,
  type Tensor,
  tensor,
  variance,
  where,
  whileLoop,
  zeros,
} from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import type { Driver } from "../../src/jit/backends/wgsl/driver.js";
import { on } from "../backend.js";
import { inJavaScript, normal } from "../arguments.js";
import { byJavaScript, ownDevice, sourceOf } from "./own-device.js";

const device = ownDevice({ software: false });

/** Programs for subgroups of a size, on the device. */
const withSubgroups = (subgroup: number): Driver =>
  Object.create(device, { subgroup: { value: subgroup } }) as Driver;

/**
 * Subgroups of any size, played by shared memory: shuffles are functions that put a register where all see it. The rest of
 * the shader is the one that a graphics card with such subgroups gets.
 */
const played = (shader: string): string => {
  const types = new Map(
    Array.from(shader.matchAll(/var (\w+)(?:: (\w+))? = /g), (m) => [m[1]!, m[2] ?? "i32"]),
  );
  const body = shader
    .replace("enable subgroups;\n", "")
    .replace(
      /subgroupShuffleXor\((u32\()?(\w+)\)?, (\d+)u\)/g,
      (_, bool: string | undefined, x: string, d: string) =>
        bool === undefined ? `play_${types.get(x)!}(${x}, lid, ${d}u)` : `play_u32(u32(${x}), lid, ${d}u)`,
    );
  const functions = ["f32", "i32", "u32"].map(
    (t) => `fn play_${t}(x: ${t}, lid: u32, d: u32) -> ${t} {
  played[lid] = bitcast<u32>(x);
  workgroupBarrier();
  let y = bitcast<${t}>(played[lid ^ d]);
  workgroupBarrier();
  return y;
}`,
  );
  return `var<workgroup> played: array<u32, 256>;\n${functions.join("\n")}\n${body}`;
};

const withPlayed = (subgroup: number): Driver =>
  Object.create(device, {
    subgroup: { value: subgroup },
    run: {
      value: ((list) => {
        device.run(list.map((d) => ({ ...d, shader: played(d.shader) })));
      }) satisfies Driver["run"],
    },
  }) as Driver;

/** The function on data of its own, as bits. */
interface Case {
  readonly name: string;
  readonly f: (x: Tensor) => Tensor;
  readonly shape?: readonly number[];
  readonly dtype?: DType;
}

const integers: readonly DType[] = ["int32", "uint32", "int8", "uint8"];

/** NaN, infinities, zeros of both signs and ties among numbers. */
const special = (x: Tensor): Tensor => {
  const columns = x.shape[1]!;
  const at = (k: number): Tensor => tensor(Array.from({ length: columns }, (_, i) => i === k % columns));
  return where(at(70), NaN, where(at(130), Infinity, where(at(3), -0, where(at(9), 0, x))));
};

const cases: readonly Case[] = [
  { name: "sum", f: (x) => sum(x, { axis: 1 }) },
  { name: "sum to one", f: (x) => sum(x), shape: [300] },
  { name: "sum in parts", f: (x) => add(mul(sum(x), 2), max(x)), shape: [70_001] },
  { name: "sum of rows shorter than a workgroup", f: (x) => sum(mul(x, x), { axis: 1 }), shape: [9, 70] },
  { name: "prod", f: (x) => prod(add(1, mul(x, 0.01)), { axis: 1 }) },
  {
    name: "max and min of specials",
    f: (x) => stack([max(special(x), { axis: 1 }), min(special(x), { axis: 1 })]),
  },
  { name: "max of zeros of both signs", f: (x) => max(where(greater(x, 0), 0, -0), { axis: 1 }) },
  { name: "argmax", f: (x) => argmax(x, { axis: 1 }) },
  { name: "argmin", f: (x) => argmin(x, { axis: 1 }) },
  { name: "argmax with NaN", f: (x) => argmax(special(x), { axis: 1 }) },
  { name: "argmax of ties", f: (x) => argmax(greater(x, 0.5), { axis: 1 }) },
  { name: "argmin of equals", f: (x) => argmin(mul(x, 0), { axis: 1 }) },
  {
    name: "any and all",
    f: (x) => stack([any(greater(x, 2.9), { axis: 1 }), all(greater(x, -2.5), { axis: 1 })]),
  },
  ...integers.flatMap((dtype): Case[] => [
    { name: `sum of ${dtype}`, f: (x) => sum(x, { axis: 1 }), dtype },
    { name: `prod of ${dtype}`, f: (x) => prod(add(mul(x, 2), 1), { axis: 1 }), dtype },
    { name: `argmax of ${dtype}`, f: (x) => argmax(x, { axis: 1 }), dtype },
  ]),
  { name: "softmax", f: (x) => softmax(x) },
  { name: "softmax's gradient", f: (x) => grad((v: Tensor) => sum(mul(softmax(v), v)))(x) },
  { name: "logsumexp", f: (x) => logsumexp(x, { axis: 1 }) },
  { name: "mean and variance", f: (x) => stack([mean(x, { axis: 1 }), variance(x, { axis: 1 })]) },
  {
    name: "more accumulators than go at once",
    f: (x) =>
      stack([
        sum(x, { axis: 1 }),
        max(x, { axis: 1 }),
        min(x, { axis: 1 }),
        sum(mul(x, x), { axis: 1 }),
        cast(argmax(x, { axis: 1 }), "float32"),
        sum(mul(mul(x, x), x), { axis: 1 }),
      ]),
  },
  {
    name: "a loop with reductions in its step",
    f: (x) => scan((c: Tensor, v: Tensor) => [add(softmax(add(c, v)), max(v)), sum(c)], zeros([300]), x)[1],
  },
  {
    name: "a loop that a reduction ends",
    f: (x) =>
      whileLoop(
        (c: Tensor) => less(sum(mul(c, c)), 1e9),
        (c: Tensor) => mul(c, add(2, mean(c))),
        x,
      ),
    shape: [300],
  },
];

const argumentOf = ({ shape = [6, 300], dtype = "float32" }: Case): Tensor => {
  const floats = normal(7, ...shape);
  return dtype === "float32" ? floats : inJavaScript(() => cast(mul(floats, 40), dtype));
};

const resultOf = (driver: Driver, c: Case): readonly [Tensor, string] => {
  const x = argumentOf(c);
  useDriver(driver);
  return on("webgpu", () => {
    const y = jit(c.f)(x);
    y.dataSync();
    return [y, sourceOf(c.f, x)];
  });
};

const bitsOf = (x: Tensor): readonly number[] => {
  const data = x.dataSync();
  // One NaN is as good as another.
  return data instanceof Float32Array
    ? Array.from(data, (v, i) => (Number.isNaN(v) ? NaN : new Int32Array(data.buffer, data.byteOffset)[i]!))
    : Array.from(data as ArrayLike<number>);
};

describe("the device", () => {
  test("has subgroups of a size that WGSL knows, or none", () => {
    expect([1, 4, 8, 16, 32, 64, 128]).toContain(device.subgroup);
  });

  test("has those of the software drivers, which the tests run on where there is no graphics card", () => {
    const driver = process.env["VK_ICD_FILENAMES"] ?? "";
    if (/swiftshader/.test(driver)) expect(device.subgroup).toBe(4);
    else expect(device.subgroup).toBeGreaterThanOrEqual(1);
  });
});

describe("reductions by subgroups", () => {
  const shared = new Map<string, Tensor>();
  beforeAll(() => {
    for (const c of cases) {
      const [y, source] = resultOf(withSubgroups(1), c);
      expect(source).not.toContain("subgroup");
      shared.set(c.name, y);
    }
  }, 120_000);

  test.each(cases)("$name, without them, is what JavaScript computes", (c) => {
    const want = byJavaScript(c.f, argumentOf(c));
    const got = shared.get(c.name)!.dataSync() as ArrayLike<number>;
    expect(got.length).toBe(want.length);
    Array.from(got).forEach((g, i) => {
      const w = want[i]!;
      if (Object.is(g, w) || g === w) return;
      expect(Math.abs(g - w), `element ${i}: ${g}, ${w}`).toBeLessThanOrEqual(
        1e-5 * Math.max(1, Math.abs(w)),
      );
    });
  });

  const own = [4, 8, 16, 32, 64, 128].filter((n) => n <= device.subgroup);

  describe.each(own)("of the device, %i at least", (size) => {
    test.each(cases)("$name has the bits of shared memory", (c) => {
      const [y, source] = resultOf(withSubgroups(size), c);
      expect(source).toContain("subgroupShuffleXor");
      expect(source.split("workgroupBarrier").length).toBeLessThanOrEqual(
        resultOf(withSubgroups(1), c)[1].split("workgroupBarrier").length,
      );
      expect(bitsOf(y)).toEqual(bitsOf(shared.get(c.name)!));
    });
  });

  describe.each([4, 8, 16, 32, 64, 128])("played, of %i", (size) => {
    test.each(cases)("$name has the bits of shared memory", (c) => {
      const [y] = resultOf(withPlayed(size), c);
      expect(bitsOf(y)).toEqual(bitsOf(shared.get(c.name)!));
    });
  });
});
