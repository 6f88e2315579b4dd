/**
 * Contractions by subgroup matrices: the device's own where it has them (lavapipe does, which `.ci/run` fetches), and those of
 * graphics cards, played. Sums of small whole numbers are exact, whatever the order: they have to be equal to the last bit.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  cast,
  cond,
  conv,
  type DType,
  grad,
  greater,
  matmul,
  mul,
  random,
  relu,
  mod,
  scan,
  sum,
  type Tensor,
  tensor,
  where,
} from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import type { Driver } from "../../src/jit/backends/wgsl/driver.js";
import type { Matrices } from "../../src/jit/backends/wgsl/matrix.js";
import { withPlayed } from "./played-matrices.js";
import { inJavaScript } from "../arguments.js";
import { byJavaScript, type F, onDevice, ownDevice, sourceOf } from "./own-device.js";

const device = ownDevice({ software: false });

const normal = (seed: number, dtype: DType, ...shape: number[]): Tensor =>
  inJavaScript(() => cast(random.normal(random.key(seed), shape), dtype));

/** Whole numbers from -2 to 2. */
const whole = (seed: number, dtype: DType, ...shape: number[]): Tensor =>
  inJavaScript(() => cast(random.randint(random.key(seed), shape, -2, 3), dtype));

const multiplies = "subgroupMatrixMultiplyAccumulate";

const both = (f: F, xs: readonly Tensor[]): [ArrayLike<number>, ArrayLike<number>] => {
  expect(sourceOf(f, ...xs)).toContain(multiplies);
  return [byJavaScript(f, ...xs), onDevice(f, ...xs)];
};

const expectEqual = (f: F, ...xs: readonly Tensor[]): void => {
  const [want, got] = both(f, xs);
  expect(Array.from(got)).toEqual(Array.from(want));
};

/** Within a rounding of float16 of what is exact there, and of float32 sums. */
const expectClose = (f: F, ...xs: readonly Tensor[]): void => {
  const [want, got] = both(f, xs);
  const largest = Math.max(...Array.from(want, Math.abs));
  Array.from(got).forEach((g, i) => {
    const w = want[i]!;
    expect(Math.abs(g - w), `element ${i}: ${g}, ${w}`).toBeLessThanOrEqual(
      2 ** -9 * Math.abs(w) + 1e-5 * largest,
    );
  });
};

const f16 = (subgroup: number, rows: number, columns: number, depth: number): Matrices => ({
  subgroup,
  asked: false,
  shapes: [{ component: "f16", rows, columns, depth }],
});

const f32 = (subgroup: number, rows: number, columns: number, depth: number): Matrices => ({
  subgroup,
  asked: false,
  shapes: [{ component: "f32", rows, columns, depth }],
});

describe("the device", () => {
  test("has the matrices of the software drivers, which the tests run on where there is no graphics card", () => {
    const driver = process.env["VK_ICD_FILENAMES"] ?? "";
    if (/swiftshader/.test(driver)) expect(device.matrices).toBeNull();
    // What scripts/lavapipe.sh makes.
    else if (/(^|\/)icd\.json$/.test(driver)) expect(device.matrices).toEqual(f16(8, 8, 8, 8));
    else expect(device.matrices === null || device.matrices.shapes.length > 0).toBe(true);
  });
});

const own: readonly (readonly [string, Matrices, () => Driver])[] =
  device.matrices === null ? [] : [["the device's own", device.matrices, () => device]];

/** Where adapters have subgroups of several sizes, shaders ask for one. */
const asking: typeof own = own.map(([, m]) => {
  const matrices = { ...m, asked: true };
  return [
    "the device's own, of subgroups that are asked for",
    matrices,
    () => Object.create(device, { matrices: { value: matrices } }) as Driver,
  ];
});

const played = (
  [
    ["16 × 8 × 8 float16s, subgroups of 64", f16(64, 16, 8, 8)],
    ["16 × 16 × 16 float16s, subgroups of 32", f16(32, 16, 16, 16)],
    ["8 × 16 × 16 float16s, subgroups of 16", f16(16, 8, 16, 16)],
    ["8 × 8 × 8 float32s, subgroups of 32", f32(32, 8, 8, 8)],
  ] as const
).map(([name, m]) => [`played, ${name}`, m, () => withPlayed(device, m)] as const);

/** All that is tested, on the device's own; where it has none, on the first of those played, the products alone on the others. */
const [first, ...others] = own.length > 0 ? [...own, ...asking] : played;

const extents: readonly (readonly [number, number, number])[] = [
  [64, 64, 64],
  [130, 70, 33],
  [16, 300, 16],
  [257, 19, 40],
  [17, 33, 200],
];

const dtypeOf = ({ shapes: [s] }: Matrices): DType => (s!.component === "f16" ? "float16" : "float32");

describe.each(others)("%s:", (_, matrices, driver) => {
  const dtype = dtypeOf(matrices);

  test.each([extents[1]!, extents[4]!, [20, 1100, 24] as const])("%i × %i × %i", (m, k, n) => {
    useDriver(driver());
    const source = sourceOf((y) => matmul(y, y), whole(1, dtype, 64, 64));
    expect(source.includes(`@subgroup_size(${matrices.subgroup})`)).toBe(matrices.asked);
    expectEqual((x, y) => matmul(x, y), whole(1, dtype, m, k), whole(2, dtype, k, n));
  });
});

describe.each([first!])("%s:", (_, matrices, driver) => {
  const { component, rows, columns, depth } = matrices.shapes[0]!;
  const dtype = dtypeOf(matrices);
  const use = (): void => {
    useDriver(driver());
  };

  test("are what a large product of such elements goes by, and no other", () => {
    use();
    const x = whole(1, dtype, 64, 64);
    const source = sourceOf((y) => matmul(y, y), x);
    expect(source).toContain(`tile_a: array<${component},`);
    expect(source).toContain(`subgroup_matrix_left<${component}, ${depth}, ${rows}>`);
    expect(source).toContain(`subgroup_matrix_result<f32, ${columns}, ${rows}>`);
    const small = whole(1, dtype, 64, depth - 1);
    expect(sourceOf((y) => matmul(y, y.transpose()), small)).not.toContain(multiplies);
    if (component === "f32") return;
    const wide = (y: Tensor): Tensor => cast(y, "float32");
    const none: readonly (readonly [F, DType])[] = [
      [(y, z) => matmul(wide(y), z), "float32"],
      [(y, z) => matmul(wide(y), wide(z)), "int32"],
      [(y, z) => matmul(wide(y), where(greater(wide(z), 0), wide(z), 0.1)), "float16"],
    ];
    for (const [f, other] of none)
      expect(sourceOf(f, x, whole(2, other, 64, 64)), String(f)).not.toContain(multiplies);
    const moved: F = (y, z) => matmul(wide(y), where(greater(wide(z), 0), wide(z), 0.5));
    expect(sourceOf(moved, x, whole(2, "float16", 64, 64))).toContain(multiplies);
  });

  test.each(extents)("%i × %i × %i", (m, k, n) => {
    use();
    expectEqual((x, y) => matmul(x, y), whole(1, dtype, m, k), whole(2, dtype, k, n));
    expectClose((x, y) => matmul(x, y), normal(1, dtype, m, k), normal(2, dtype, k, n));
  });

  test("a depth in parts", () => {
    use();
    const [x, y] = [whole(1, dtype, 40, 2100), whole(2, dtype, 2100, 30)];
    expect(sourceOf((a, b) => matmul(a, b), x, y)).toContain("scratch +");
    expectEqual((a, b) => matmul(a, b), x, y);
  });

  test("any sizes and batches", { timeout: 120_000 }, () => {
    use();
    const size = (least: number): fc.Arbitrary<number> => fc.integer({ min: least, max: 90 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), size(16), size(16), size(16), (b, m, k, n) => {
        expectEqual((x, y) => matmul(x, y), whole(1, dtype, b, m, k), whole(2, dtype, b, k, n));
      }),
      { seed: 5, numRuns: own.length > 0 ? 12 : 3 },
    );
  });

  test("operands that are computed on the way, transposed, and what follows from sums", () => {
    use();
    expectEqual(
      (x, y) => relu(add(matmul(relu(x), mul(y, 2).transpose()), 1)),
      whole(3, dtype, 70, 40),
      whole(4, dtype, 50, 40),
    );
    // A product that float16 has to round is rounded before it is multiplied.
    expectClose(
      (x, y) => matmul(mul(x, x), mul(y, 1.7).transpose()),
      normal(3, dtype, 70, 40),
      normal(4, dtype, 50, 40),
    );
  });

  test("float32s that a program makes float16s", () => {
    use();
    expectClose(
      (x, y) => cast(matmul(cast(x, "float16"), cast(y, "float16")), "float32"),
      normal(3, "float32", 40, 40),
      normal(4, "float32", 40, 40),
    );
  });

  test("infinities and NaN, and nothing of them beyond the edge", () => {
    use();
    const x = whole(1, dtype, 33, 17);
    const at = cast(tensor(Array.from({ length: 17 }, (_, i) => i === 16)), dtype);
    const [want, got] = both(
      (a, b) => matmul(a, b),
      [
        inJavaScript(() => relu(add(x, 3))),
        inJavaScript(() => add(x, add(mul(at, Infinity), 0)).transpose()),
      ],
    );
    expect(Array.from(got)).toEqual(Array.from(want));
  });

  test("convolutions, their gradients with them", { timeout: 120_000 }, () => {
    use();
    const x = whole(1, dtype, 2, 4, 12, 12);
    const w = whole(2, dtype, 16, 4, 3, 3);
    const loss = (a: Tensor, b: Tensor): Tensor => sum(mul(conv(a, b, { padding: "SAME" }), 0.5));
    expectEqual((a, b) => conv(a, b, { padding: "SAME" }), x, w);
    const slope: F = (a, b) => grad(loss, { argnums: 1 })(a!, b!);
    expect(Array.from(onDevice(slope, x, w))).toEqual(Array.from(byJavaScript(slope, x, w)));
  });

  test("inside loops and branches", { timeout: 120_000 }, () => {
    use();
    const w = whole(3, dtype, 64, 64);
    const x = whole(4, dtype, 64, 64);
    const step = (c: Tensor): Tensor => add(mod(matmul(c, w), 5), -2);
    expectEqual((c) => scan((h: Tensor) => [step(h), null] as const, c, null, { length: 4 })[0], x);
    for (const taken of [true, false]) {
      const flag = tensor(taken);
      expectEqual(
        (p, c) =>
          cond(
            p,
            (v: Tensor) => matmul(v, w),
            (v: Tensor) => step(v),
            c,
          ),
        flag,
        x,
      );
    }
  });
});
