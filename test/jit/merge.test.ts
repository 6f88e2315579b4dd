/** Merging loops changes how often a kernel loops, never what it computes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chance, integer, type Random, random } from "../../property-tests/random.js";
import { range, sizeOf, stridesOf } from "../../src/ir/aval.js";
import { type Expr, param } from "../../src/ir/expr.js";
import { add } from "../../src/ir/primitives/arithmetic.js";
import { broadcast, inverse, permute } from "../../src/ir/primitives/layout.js";
import { flip, pad, reshape, slice } from "../../src/ir/primitives/views.js";
import { jsKernel } from "../../src/jit/backends/js/kernel.js";
import { indexOf, KernelBuilder } from "../../src/jit/builder.js";
import { flatIndex } from "../../src/jit/index-expression.js";
import type { Statement } from "../../src/jit/kernel.js";
import { mergeLoops } from "../../src/jit/merge.js";
import { float, valuesOf } from "./run.js";

/** One nest that stores `e`, element by element. */
const nestOf = (e: Expr): KernelBuilder => {
  const b = new KernelBuilder({ isBuffer: (x) => x.tag === "Param" });
  const axes = b.axes(e.shape);
  b.nest(axes, () => {
    const index = indexOf(axes);
    b.store(e, flatIndex(index, stridesOf(e.shape)), b.compute(e, index));
  });
  return b;
};

/** The sizes of the loops, outermost first, along the only path. */
const loops = (body: readonly Statement[]): number[] =>
  body.flatMap((s) =>
    s._tag === "Nest"
      ? [...s.axes.map((a) => a.size), ...loops(s.body)]
      : s._tag === "Guard"
        ? loops(s.body)
        : [],
  );

const run = (b: KernelBuilder, body: readonly Statement[]): Float32Array => {
  const kernel = jsKernel({ name: "test", buffers: b.buffers.uses, body });
  let out = new Float32Array(0);
  const buffers = b.buffers.expressions.map((e, i) => {
    if (!b.buffers.uses[i]!.written) return valuesOf(e.aval, random(i)).data;
    return (out = new Float32Array(b.buffers.uses[i]!.length).fill(NaN));
  });
  kernel.run(...buffers, ...kernel.extra);
  return out;
};

const merged = (e: Expr): number[] => loops(mergeLoops(nestOf(e).statements));

describe("loops", () => {
  const x = param(float(4, 5, 6));
  const y = param(float(6));
  const repeated = (a: Expr): Expr => broadcast(a, [4, 5, 6], [2]);
  test.each([
    ["over contiguous operands become one", add(x, x), [120]],
    ["of a bias keep the bias's axis", add(x, repeated(y)), [20, 6]],
    ["of a value for each row keep the row", add(x, broadcast(param(float(4)), [4, 5, 6], [0])), [4, 30]],
    ["over a transposed operand stay", permute(x, [2, 1, 0]), [6, 5, 4]],
    ["over one with two axes moved together merge them", permute(x, [2, 0, 1]), [6, 20]],
    ["of a reshape vanish into it", reshape(add(x, x), [8, 15]), [120]],
    ["of a slice merge what is whole", slice(x, [1, 0, 0], [2, 5, 6]), [60]],
    ["of a slice stay where rows are cut", slice(x, [0, 0, 1], [4, 5, 3]), [20, 3]],
    ["of a flip stay along the flipped axis", flip(x, [1]), [4, 5, 6]],
    ["of a flip of all merge", flip(x, [0, 1, 2]), [120]],
    ["of a padded axis stay", pad(x, { low: [0, 1, 0], high: [0, 1, 0] }), [4, 7, 6]],
  ])("%s", (_, e, want) => {
    expect(merged(e)).toEqual(want);
  });
});

/** A view, or a sum of views, of contiguous params. */
const grow = (r: Random, shape: readonly number[], depth: number): Expr => {
  if (depth === 0) return param(float(...shape));
  const more = (s: readonly number[]): Expr => grow(r, s, depth - 1);
  switch (integer(r, 0, 5)) {
    case 0: {
      const order = range(shape.length);
      for (let i = order.length - 1; i > 0; i--) {
        const k = integer(r, 0, i);
        [order[i], order[k]] = [order[k]!, order[i]!];
      }
      return permute(more(order.map((p) => shape[p]!)), inverse(order));
    }
    case 1: {
      const kept = range(shape.length).filter(() => chance(r, 0.6));
      return broadcast(more(kept.map((a) => shape[a]!)), shape, kept);
    }
    case 2:
      return flip(
        more(shape),
        range(shape.length).filter(() => chance(r, 0.5)),
      );
    case 3: {
      const stride = shape.map(() => integer(r, 1, 2));
      return slice(
        more(shape.map((n, i) => n * stride[i]!)),
        shape.map(() => 0),
        shape,
        stride,
      );
    }
    case 4:
      return reshape(more([sizeOf(shape)]), shape);
    default:
      return add(more(shape), more(shape));
  }
};

test("merged kernels compute what unmerged ones do, to the bit", () => {
  let fewer = 0;
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      fc.nat(),
      (shape, seed) => {
        const e = grow(random(seed), shape, 3);
        if (e.tag === "Param") return;
        const b = nestOf(e);
        const body = mergeLoops(b.statements);
        if (loops(body).length < loops(b.statements).length) fewer++;
        expect(sizeOf(loops(body))).toBe(e.size);
        expect(run(b, body)).toEqual(run(b, b.statements));
      },
    ),
    { seed: 3, numRuns: 300 },
  );
  expect(fewer).toBeGreaterThan(50);
});
