/**
 * Forecasts a chaotic pendulum with a stacked LSTM (50 → 50 → dense 1, mean squared error, Adam), against two naive
 * forecasts in the same run. The motion is integrated by Runge–Kutta in a scan.
 *
 *     npx tsx examples/lstm-regression/main.ts             about a minute; writes forecast.svg
 *     npx tsx examples/lstm-regression/main.ts --quick     seconds; a smaller model and series
 *     npx tsx examples/lstm-regression/main.ts --svg FILE  writes the picture elsewhere
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { full, quick, run } from "./forecast.js";
import { drawSvg, drawText, type Line } from "./plot.js";

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, svg: { type: "string", default: "forecast.svg" } },
});
const report = await run(values.quick === true ? quick : full, (line) => console.log(line));

const lines: readonly Line[] = [
  { name: "pendulum", mark: "·", colour: "#888888", values: report.truth },
  { name: "forecast", mark: "●", colour: "#c0392b", values: report.forecast },
];
console.log(`\nAngular velocity, and ${report.shown} steps forecast from the model's own predictions:\n`);
console.log(drawText(lines));
writeFileSync(values.svg, drawSvg("A driven pendulum's angular velocity", lines));

const row = (name: string, error: number): string => `${name.padEnd(28)}${error.toFixed(4)}`;
console.log("\nRoot mean squared error of the next sample, held out:");
console.log(row("  stacked LSTM", report.model));
console.log(row("  the last sample again", report.persistence));
console.log(row("  the line through two", report.extrapolation));
console.log(`\n${report.seconds.toFixed(1)} s; picture in ${values.svg}`);
