/** Loops in one kernel whose bodies share expressions, as those that differentiation splits do. */
import { expect, test } from "vitest";
import { backends } from "../../property-tests/backends.js";
import { type Expr, param } from "../../src/ir/expr.js";
import { lt, select } from "../../src/ir/primitives/arithmetic.js";
import { add } from "../../src/ir/primitives/elementwise.js";
import { fullLike } from "../../src/ir/primitives/layout.js";
import { scanNode } from "../../src/transforms/loops/scan.js";
import { call, float, programOf, valuesOf } from "./run.js";

test("what one loop's body stores is not where another's looks for it", () => {
  const [x, y] = [param(float(5)), param(float(5))];
  const below = lt(x, y);
  const chosen = select(below, x, add(y, fullLike(y, 1)));
  const rows = (result: Expr, least: Expr, xs: Expr, reverse: boolean): Expr =>
    scanNode([least], [], [xs], { params: [y, x], results: [result] }, 4, reverse)[0]!;
  const both = programOf([float(5), float(4, 5), float(5)], (c, xs, least) => [
    add(c!, fullLike(c!, 1)),
    rows(below, least!, xs!, true),
    rows(chosen, least!, xs!, false),
  ]);
  const program = programOf([float(5), float(2, 4, 5), float(2, 5)], (c, xs, ys) =>
    scanNode([], [c!], [xs!, ys!], both, 2, false),
  );
  const args = program.params.map((p) => valuesOf(p.aval));
  const want = call(program, args);
  for (const b of backends) expect(b.run(program, args)).toEqual(want);
});
