import { describe, expect, it } from "vitest";
import { quick, run } from "../../../examples/lstm-regression/forecast.js";
import { angularVelocity } from "../../../examples/lstm-regression/pendulum.js";
import { drawSvg, drawText } from "../../../examples/lstm-regression/plot.js";

describe("lstm-regression", () => {
  it("integrates the pendulum: half the step changes nothing that is seen at first", () => {
    const [coarse, fine] = [angularVelocity(20, 0.05, 2), angularVelocity(20, 0.05, 4)].map((x) =>
      x.dataSync(),
    );
    coarse!.forEach((v, i) => expect(v).toBeCloseTo(fine![i]!, 6));
  });

  it("beats both naive forecasts in quick mode", async () => {
    const report = await run(quick);
    expect(report.model).toBeLessThan(report.persistence / 2);
    expect(report.model).toBeLessThan(report.extrapolation);
    expect(report.forecast.length).toBe(report.truth.length);
  }, 60_000);

  it("draws lines as text", () => {
    const line = { name: "a", mark: "*", colour: "red", values: [0, 1, NaN, 0] };
    expect(drawText([line], 2)).toBe("   1.0 │ *\n       │*  *\n       └────\n        * a");
  });

  it("draws lines as SVG, with gaps and escaped names", () => {
    const svg = drawSvg("t", [{ name: "a<b", mark: "*", colour: "red", values: [0, 1, NaN, 0] }], 160, 120);
    expect(svg).toContain('d="M40.0 100.0L73.3 50.0M140.0 100.0"');
    expect(svg).toContain("a&lt;b");
  });
});
