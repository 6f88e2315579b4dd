import { describe, expect, test } from "vitest";
import { pow } from "../../../src/ir/primitives/transcendental.js";
import { gradOf, read, scalar } from "../values.js";

describe("pow", () => {
  // Found by the law "jvp of jvp": the rule for d/dx replaced the exponent y - 1 by 1 wherever y = 0, which is right
  // for d/dx (0 either way) and wrong for its derivative by y.
  test("d²/dxdy at y = 0 is 1/x", () => {
    const mixed = gradOf((y) => gradOf((x) => pow(x, y), scalar(2)), scalar(0));
    expect(read(mixed)).toEqual([[0.5]]);
  });

  test("d/dx is 0 where x = y = 0, not 0 · 0⁻¹", () => {
    expect(read(gradOf((x) => pow(x, scalar(0)), scalar(0)))).toEqual([[0]]);
  });

  test("d/dx of x² and x at 0, and the second derivatives", () => {
    const by = (y: number) => (x: ReturnType<typeof scalar>) => pow(x, scalar(y));
    expect(
      read(
        gradOf(by(2), scalar(0)),
        gradOf((x) => gradOf(by(2), x), scalar(0)),
      ),
    ).toEqual([[0], [2]]);
    expect(
      read(
        gradOf(by(1), scalar(0)),
        gradOf((x) => gradOf(by(1), x), scalar(0)),
      ),
    ).toEqual([[1], [0]]);
  });
});
