/** Sorting on the device: counting for short lines, a network for long ones, both stable. */
import { describe, expect, test } from "vitest";
import {
  argsort,
  cast,
  jit,
  random,
  reshape,
  scan,
  setBackend,
  sort,
  type Tensor,
  tensor,
  topK,
  zeros,
} from "../../src/index.js";

const special = [3, -0, NaN, 0, -Infinity, 2.5, Infinity, -1, 3, 1e-40, NaN, -2.5, 0];

const here = (f: () => Tensor): number[] => {
  setBackend("js");
  const data = Array.from(f().dataSync());
  setBackend("webgpu");
  return data;
};

const expectSame = (f: () => Tensor): void => {
  const { kernels } = jit(f).lower();
  for (const k of kernels) expect(k.calls).toEqual([]);
  expect(Array.from(f().dataSync())).toEqual(here(f));
};

describe("argsort", () => {
  test.each([false, true])("of special values, descending: %s", (descending) => {
    expectSame(() => argsort(tensor(special), { descending }));
    expectSame(() => argsort(cast(tensor([3, -1, 2, -128, 127]), "int8"), { descending }));
    expectSame(() => argsort(cast(tensor([3, 1, 2 ** 32 - 1, 0]), "uint32"), { descending }));
    expectSame(() => argsort(tensor([true, false, true, false]), { descending }));
  });

  test.each([1025, 3000, 4096])("of a line of %i", (n) => {
    const ties = random.randint(random.key(1), [n], 0, 50);
    const x = random.normal(random.key(2), [n]);
    x.dataSync();
    ties.dataSync();
    expectSame(() => argsort(ties));
    expectSame(() => argsort(ties, { descending: true }));
    expectSame(() => sort(x));
  });

  test("along any axis", () => {
    const x = reshape(random.normal(random.key(3), [2 * 7 * 5]), [2, 7, 5]);
    x.dataSync();
    for (const axis of [0, 1, 2]) expectSame(() => argsort(x, { axis }));
    const long = reshape(random.normal(random.key(4), [3 * 1500 * 2]), [3, 1500, 2]);
    long.dataSync();
    expectSame(() => argsort(long, { axis: 1 }));
    expectSame(() => topK(long.at(0), 7, { axis: 0 })[0]);
  });

  test("inside a loop", () => {
    const xs = random.normal(random.key(5), [6, 20]);
    xs.dataSync();
    expectSame(() => scan((c: Tensor, x: Tensor) => [sort(x.add(c)), c] as const, zeros([20]), xs)[0]);
  });
});
