/** What tests of programs begin with that run on a device of their own. */
import { afterAll, beforeAll, describe, expect } from "vitest";
import { getBackend, jit, setBackend, type Tensor } from "../../src/index.js";
import type { Driver } from "../../src/jit/backends/wgsl/driver.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { on } from "../backend.js";
import { syncDriver } from "./sync-driver.js";

export type F = (...xs: Tensor[]) => Tensor;

/** A device that ends with the file's tests, after which the backend is what it was. */
export const ownDevice = (options?: Parameters<typeof syncDriver>[0]): Driver => {
  const before = getBackend();
  const device = syncDriver(options);
  afterAll(() => {
    setBackend(before);
    device.destroy();
  });
  return device;
};

/** A suite for each kind of adapter that programs may be made for, whatever the device is. */
export const onEachKind = (title: string, device: Driver, body: (software: boolean) => void): void => {
  describe.each([
    ["on a graphics card", false],
    ["in software", true],
  ] as const)(`${title}%s`, (_, software) => {
    beforeAll(() => {
      useDriver(Object.create(device, { software: { value: software } }) as Driver);
    });
    body(software);
  });
};

/** A jitted program's results on the device. */
export const onDevice = (f: F, ...xs: readonly Tensor[]) =>
  on("webgpu", () => jit(f)(...xs).dataSync() as ArrayLike<number>);

export const byJavaScript = (f: F, ...xs: readonly Tensor[]) =>
  on("js", () => f(...xs).dataSync() as ArrayLike<number>);

/** The shaders of a program. */
export const sourceOf = (f: F, ...xs: readonly Tensor[]): string =>
  on("webgpu", () =>
    jit(f)
      .lower(...xs)
      .kernels.map((k) => k.source)
      .join("\n"),
  );

/** Elements are the wanted ones, or off by a share of the largest finite one at most. */
export const expectWithin = (share: number, got: ArrayLike<number>, want: ArrayLike<number>): void => {
  expect(got.length).toBe(want.length);
  const largest = Math.max(...Array.from(want, (w) => (Number.isFinite(w) ? Math.abs(w) : 0)));
  Array.from(got).forEach((g, i) => {
    const w = want[i]!;
    if (Object.is(g, w) || g === w) return;
    expect(Math.abs(g - w), `element ${i}: ${g}, ${w}`).toBeLessThanOrEqual(share * largest);
  });
};
