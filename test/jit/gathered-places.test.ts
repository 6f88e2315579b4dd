/** Gathers through views: places that mix loops with elements of an index array. */
import { expect, test } from "vitest";
import { backends } from "../../property-tests/backends.js";
import { arrayOf } from "../../property-tests/arrays.js";
import { gather } from "../../src/ir/primitives/indexed.js";
import { broadcast, permute } from "../../src/ir/primitives/layout.js";
import { reshape, sliceAxis } from "../../src/ir/primitives/views.js";
import { call, float, programOf } from "./run.js";

test("a quotient of a sum of a loop's variable and an element is computed after its parts", () => {
  for (const outOfBounds of ["clip", "drop"] as const) {
    // Element [i, j] is rows[floor((4 + 3i + at[j]) / 8)].
    const program = programOf([float(5), { shape: [8, 1], dtype: "int32" }], (rows, at) => {
      const repeated = reshape(broadcast(rows!, [5, 8], [0]), [40]);
      const shifted = reshape(sliceAxis(repeated, 0, 4, 15), [5, 3]);
      return permute(gather(shifted, at!, { axes: [1], batch: 0, outOfBounds }), [1, 0]);
    });
    const [rows, at] = program.params;
    const args = [arrayOf(rows!, [1, 2, 3, 4, 5]), arrayOf(at!, [0, 1, 2, 0, -1, 2, 3, 1])];
    for (const b of backends) expect(b.run(program, args)).toEqual(call(program, args));
  }
});

test("elements below a quotient or a remainder differ from lane to lane", () => {
  const program = programOf([float(8, 8), { shape: [8, 1], dtype: "int32" }], (x, at) => {
    const shifted = sliceAxis(reshape(permute(x!, [1, 0]), [64]), 0, 3, 35);
    const taken = gather(reshape(shifted, [7, 5]), at!, { axes: [1], batch: 0, outOfBounds: "clip" });
    return permute(taken, [1, 0]);
  });
  const [x, at] = program.params;
  const args = [arrayOf(x!, [...Array(64).keys()]), arrayOf(at!, [0, 1, 2, 3, -1, 2, 4, 0])];
  for (const b of backends) expect(b.run(program, args)).toEqual(call(program, args));
});
