/** Loops of unknown length, and what their results are held to. */
import { expect } from "vitest";
import { add, jit, less, type Tensor, tensor, whileLoop } from "../../src/index.js";
import { on } from "../backend.js";
import { expectWithin, type F, onDevice } from "./own-device.js";

export const whole = (n: number): Tensor => tensor(n, { dtype: "int32" });

/** So many rounds of a function. */
export const times = (n: Tensor, f: (x: Tensor) => Tensor, x: Tensor): Tensor =>
  whileLoop(
    ([i]: readonly [Tensor, Tensor]) => less(i, n),
    ([i, v]: readonly [Tensor, Tensor]) => [add(i, 1), f(v)] as const,
    [whole(0), x] as const,
  )[1];

/** Results that are not all zero, within a share of the largest of WebAssembly's. */
export const expectLikeWasm = (share: number, f: F, ...xs: readonly Tensor[]): void => {
  const want = on("wasm", () => jit(f)(...xs).dataSync());
  expect(Array.from(want).some((w) => w !== 0)).toBe(true);
  expectWithin(share, onDevice(f, ...xs), want);
};
