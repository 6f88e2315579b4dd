/** A kernel with more arrays than a function has room for as parameters. */
import { expect, test } from "vitest";
import { add, jit, mul, scan, sum, tensor, type Tensor } from "../../../src/index.js";
import { on } from "../../backend.js";

/** A loop that carries so many vectors, each a step behind the next. */
const carried = (n: number): number[] =>
  on("wasm", () => {
    const start = Array.from({ length: n }, (_, i) => tensor([i, i + 0.5, -i]));
    const run = jit((c: Tensor[]) =>
      scan(
        (state: Tensor[]) => [state.map((x, i) => add(mul(x, 0.5), state[(i + 1) % n]!)), null] as const,
        c,
        null,
        {
          length: 3,
        },
      )[0].map((x) => sum(x)),
    );
    return run(start).map((x) => x.item());
  });

test.each([20, 70, 150, 600])("a carry of %i arrays", (n) => {
  let want = Array.from({ length: n }, (_, i) => i + 0.5);
  for (let k = 0; k < 3; k++) want = want.map((x, i) => x * 0.5 + want[(i + 1) % n]!);
  carried(n).forEach((x, i) => expect(Math.abs(x - want[i]!)).toBeLessThan(1e-3 * (1 + Math.abs(want[i]!))));
});
