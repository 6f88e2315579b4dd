/** Names in shaders: none is one of WGSL's own, however many there are. */
import { expect, test } from "vitest";
import { add, cast, greater, mul, scan, sum, type Tensor, zeros } from "../../src/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { normal } from "../arguments.js";
import { byJavaScript, expectWithin, onDevice, ownDevice, sourceOf } from "./own-device.js";

useDriver(ownDevice({ software: false }));

/** Counts in a loop, one by one: axes of the loops inside have numbers that grow, from others on for each `before`. */
const counting =
  (before: number) =>
  (xs: Tensor): Tensor => {
    const step = (c: Tensor, x: Tensor): readonly [Tensor, Tensor] => {
      let y = c;
      for (let i = 0; i < before; i++) y = add(y, sum(mul(x, y)));
      for (let i = 0; i < 12; i++) {
        const count = sum(cast(greater(mul(x, y), 0), "int32"), { axis: 1 });
        y = add(mul(y, 0.5), cast(count, "float32").reshape([2, 1]));
      }
      return [y, y];
    };
    return scan(step, zeros([2, 40]), xs)[1];
  };

const loops: string[] = [];

test.each([0, 1, 2])("loops around conversions to int32, whatever their numbers (%i)", (before) => {
  const xs = normal(1, 3, 2, 40);
  loops.push(...(sourceOf(counting(before), xs).match(/\b[a-z]32 = 0;/g) ?? []));
  expectWithin(1e-5, onDevice(counting(before), xs), byJavaScript(counting(before), xs));
});

test("one of these is the 32nd", () => {
  expect(loops).toContain("j32 = 0;");
});
