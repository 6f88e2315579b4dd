/**
 * Contractions large enough for packed register tiles: every view that packing can read in place, every epilogue,
 * any number of batch, row, column and depth axes, at sizes that fill tiles and blocks and that do not.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectClose } from "../../property-tests/arrays.js";
import { backends } from "../../property-tests/backends.js";
import { random } from "../../property-tests/random.js";
import type { Aval } from "../../src/ir/aval.js";
import { threefry2x32 } from "../../src/ir/primitives/bits.js";
import { cast, max } from "../../src/ir/primitives/arithmetic.js";
import { add } from "../../src/ir/primitives/elementwise.js";
import { dot } from "../../src/ir/primitives/dot.js";
import { broadcast, full, fullLike, permute } from "../../src/ir/primitives/layout.js";
import { argsort } from "../../src/ir/primitives/sort.js";
import { reshape } from "../../src/ir/primitives/views.js";
import { windows } from "../../src/ir/primitives/windows.js";
import { applyAll, type Expr } from "../../src/ir/expr.js";
import { printProgram } from "../../src/ir/print.js";
import type { Program } from "../../src/ir/program.js";
import { condPrimitive } from "../../src/transforms/loops/cond.js";
import { scanNode } from "../../src/transforms/loops/scan.js";
import { contraction } from "./contractions.js";
import { call, codeOf, float, programOf, valuesOf } from "./run.js";

/**
 * js adds products in float64. wasm adds them in float32, as every BLAS does: each of up to 1023 roundings errs by half
 * an ulp of a partial sum, which may be ten times the final one.
 */
const doubt: Record<string, number> = { js: 0, wasm: 1e-5 };

const agree = (program: Program, seed: number, tolerance = 2e-6): void => {
  const args = program.params.map((p, i) => valuesOf(p.aval, random(seed + i)));
  const expected = call(program, args);
  for (const b of backends) {
    const allowed = tolerance + doubt[b.name]!;
    expectClose(`${b.name}\n${printProgram(program)}\n`, b.run(program, args), expected, allowed);
  }
};

describe("random contractions", () => {
  test("equal the interpreter", () => {
    let tiled = 0;
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const program = contraction(seed);
        if (codeOf(program).steps.some((s) => s.source.includes("pa[q + 0]"))) tiled++;
        agree(program, seed);
      }),
      { seed: 7, numRuns: Number(process.env["FLUXION_RUNS"] ?? 1) * 150 },
    );
    expect(tiled).toBeGreaterThan(50);
  });
});

describe("sizes around tiles and blocks", () => {
  test.each([
    [3, 3, 500],
    [4, 4, 256],
    [4, 4, 257],
    [5, 257, 9],
    [9, 255, 511],
    [64, 256, 256],
    [31, 300, 33],
    [17, 19, 1023],
    [509, 11, 13],
  ])("%i×%i over %i", (m, n, k) => {
    const program = programOf([float(m, k), float(k, n)], (x, y) =>
      dot(x, y, { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] }),
    );
    agree(program, m, 1e-6);
  });
});

describe("convolution as a contraction over windows", () => {
  test.each([
    { stride: 1, dilation: 1 },
    { stride: 2, dilation: 1 },
    { stride: 1, dilation: 2 },
    { stride: 3, dilation: 2 },
  ])("stride $stride, dilation $dilation, bias and relu in one kernel", ({ stride, dilation }) => {
    const program = programOf([float(2, 3, 15, 14), float(8, 3, 3, 3), float(8)], (x, w, b) => {
      const patches = windows(x, {
        axes: [2, 3],
        sizes: [3, 3],
        strides: [stride, stride],
        dilations: [dilation, dilation],
      });
      const y = dot(patches, w, {
        lhsBatch: [],
        rhsBatch: [],
        lhsContract: [1, 4, 5],
        rhsContract: [1, 2, 3],
      });
      const image = permute(y, [0, 3, 1, 2]);
      const biased = add(image, broadcast(b, image.shape, [1]));
      return max(biased, fullLike(biased, 0));
    });
    expect(codeOf(program).steps).toHaveLength(1);
    agree(program, 3, 1e-6);
  });
});

describe("what went wrong once", () => {
  const batched = { lhsBatch: [0, 1], rhsBatch: [0, 1], lhsContract: [3], rhsContract: [3] };

  test("the variable of the second batch axis was hidden by a tile's bound", () => {
    agree(
      programOf([float(2, 3, 16, 20), float(2, 3, 16, 20)], (x, y) => dot(x, y, batched)),
      1,
    );
  });

  test("random bits in a float64 contraction, float64 operands and results in a float32 one", () => {
    const contract = { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] };
    const word: Aval = { shape: [50, 9], dtype: "uint32" };
    const bits = programOf([{ shape: [7, 50], dtype: "float64" }, word], (x, k) =>
      dot(x, cast(threefry2x32(k, k, k, k, "first"), "float64"), contract),
    );
    agree(bits, 1);
    const wide = programOf([{ shape: [7, 50], dtype: "float64" }, float(50, 9)], (x, y) =>
      cast(dot(cast(x, "float32"), y, contract), "float64"),
    );
    agree(wide, 1);
  });

  test("a reshape that joins parts of rows and columns cannot take the contraction's place", () => {
    const program = programOf([float(8, 300), float(12, 300), float(6)], (x, y, b) => {
      const product = dot(x, y, { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [1] });
      const shuffled = permute(reshape(product, [16, 6]), [1, 0]);
      return add(shuffled, broadcast(b, [6, 16], [0]));
    });
    agree(program, 1);
  });

  test("a reshape that took the contraction's place is what loops and routines read", () => {
    const flat = (x: Expr, y: Expr): Expr => reshape(dot(x, y, product), [12, 5]);
    const product = { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [0] };
    const operands = [float(6, 7), float(7, 10)];
    agree(
      programOf(operands, (x, y) => argsort(flat(x, y), 1)),
      1,
    );
    const step = programOf([float(5), float(5)], (c, row) => [add(c, row), add(c, row)]);
    agree(
      programOf(operands, (x, y) => scanNode([], [full([5], "float32", 1)], [flat(x, y)], step, 12, false)),
      2,
    );
    const branch = programOf([float(12, 5)], (p) => add(p, fullLike(p, 1)));
    agree(
      programOf([{ shape: [], dtype: "int32" }, ...operands], (i, x, y) =>
        applyAll(condPrimitive, [i, flat(x!, y!)], { branches: [branch, branch] }),
      ),
      3,
    );
  });
});
