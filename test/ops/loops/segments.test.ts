/** Scans that keep the carry between segments only: the same numbers, in less memory. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  add,
  grad,
  jit,
  mul,
  random,
  scan,
  sin,
  square,
  sum,
  tensor,
  type Tensor,
  vmap,
} from "../../../src/index.js";

type Options = Parameters<typeof scan>[3];

const w = tensor([0.3, -0.7], { dtype: "float64" });

/** All that a scan gives, in one number: the last carry, and every y with a weight of its own. */
const loss =
  (length: number, options: Options) =>
  (c: Tensor, xs: Tensor): Tensor => {
    const weights = random.normal(random.key(5), [length, 2], { dtype: "float64" });
    const [last, ys] = scan(
      (a: Tensor, x: Tensor) => [sin(add(mul(a, w), x)), mul(square(a), x)] as const,
      c,
      xs,
      options,
    );
    return add(sum(square(last)), sum(mul(ys, weights)));
  };

const expectNear = (got: Tensor, want: Tensor): void => {
  const [a, b] = [got.dataSync(), want.dataSync()];
  expect(a.length).toBe(b.length);
  a.forEach((v, i) => expect(Math.abs(v - b[i]!)).toBeLessThan(1e-10));
};

describe("scan with checkpoint", () => {
  test("equals scan, in value and in first and second derivatives, for any length and segment", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 11 }),
        fc.oneof(fc.constant(true), fc.integer({ min: 1, max: 13 })),
        fc.boolean(),
        (length, checkpoint, reverse) => {
          const c = tensor([0.2, -0.4], { dtype: "float64" });
          const xs = random.normal(random.key(length), [length, 2], { dtype: "float64" });
          const [plain, kept] = [loss(length, { reverse }), loss(length, { reverse, checkpoint })];
          expectNear(kept(c, xs), plain(c, xs));
          for (const argnums of [0, 1]) {
            expectNear(grad(kept, { argnums })(c, xs), grad(plain, { argnums })(c, xs));
            const twice = (f: typeof plain) => (a: Tensor, b: Tensor) =>
              sum(square(grad(f, { argnums })(a, b)));
            expectNear(grad(twice(kept))(c, xs), grad(twice(plain))(c, xs));
          }
          const batch = random.normal(random.key(7), [3, length, 2], { dtype: "float64" });
          const over = (f: typeof plain): Tensor => vmap((b: Tensor) => grad(f)(c, b))(batch);
          expectNear(over(kept), over(plain));
        },
      ),
      { seed: 3, numRuns: 12 },
    );
  });

  test("without xs, and with trees as carry", () => {
    const body = ([a, b]: [Tensor, Tensor]): [[Tensor, Tensor], null] => [[b, sin(add(a, b))], null];
    const run = (options: object) => (a: Tensor) =>
      sum(scan(body, [a, mul(a, 0.5)], null, { length: 7, ...options })[0][1]);
    const x = tensor([0.1, 0.4, -2], { dtype: "float64" });
    expectNear(grad(run({ checkpoint: 3 }))(x), grad(run({}))(x));
  });

  test("memory of the gradient grows with the root of the length", () => {
    const arena = (length: number, checkpoint: boolean): number =>
      jit(
        grad((c: Tensor) =>
          sum(
            scan((a: Tensor) => [sin(mul(sin(a), 1.1)), null] as const, c, null, { length, checkpoint })[0],
          ),
        ),
      ).lower(tensor(new Float32Array(1000))).memory.arena;
    const [short, long] = [arena(100, true), arena(1600, true)];
    expect(long / short).toBeLessThan(6); // √16 and a little
    expect(arena(1600, false) / long).toBeGreaterThan(8);
  });

  test("refuses what is no number of steps", () => {
    expect(() => loss(4, { checkpoint: 0 })(w, random.normal(random.key(1), [4, 2]))).toThrow(
      "scan: expected checkpoint to be true or a positive number of steps, got 0",
    );
  });
});
