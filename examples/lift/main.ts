/**
 * What `lift` does with ordinary JavaScript: five programs written for one number, run on many.
 *
 *     npx tsx examples/lift/main.ts
 */
import { tensor } from "fluxion";
import { train } from "./activation.js";
import { call, greeks } from "./black-scholes.js";
import { longest } from "./collatz.js";
import { draw, picture } from "./mandelbrot.js";
import { root, slopes } from "./newton.js";

console.log("The Mandelbrot set:\n");
console.log(draw(picture(78, 30, 200), 200));

const { start, steps } = longest(100_000);
console.log(`\nCollatz: below 100,000, ${start} takes the most steps to 1: ${steps}.`);

const [p, q] = [tensor([1, 1, 2]), tensor([2, 10, 12])];
const [byP, byQ] = slopes(p, q);
console.log("\nRoots of x³ + p x = q, and their slopes:");
const list = (x: { toArray(): unknown }): string =>
  (x.toArray() as number[]).map((v) => v.toFixed(4).padStart(9)).join("");
console.log(`  x      ${list(root(p, q))}\n  dx/dp  ${list(byP)}\n  dx/dq  ${list(byQ)}`);

const spot = tensor([80, 90, 100, 110, 120], { dtype: "float64" });
const [strike, volatility, rate, years] = [100, 0.25, 0.03, 0.5].map((v) =>
  tensor([v, v, v, v, v], { dtype: "float64" }),
);
const option: Parameters<typeof greeks> = [spot, strike!, volatility!, rate!, years!];
console.log("\nCalls at 100 in half a year, and their Greeks:");
console.log(`  spot   ${list(spot)}\n  price  ${list(call(...option))}`);
for (const [name, values] of Object.entries(greeks(...option)))
  console.log(`  ${name.padEnd(7)}${list(values)}`);

const { losses, accuracy, depth, steepness } = train(150);
console.log("\nA convolutional network whose activation is learnt, too:");
console.log(
  `  loss ${losses[0]!.toFixed(3)} → ${losses[losses.length - 1]!.toFixed(3)}, accuracy ${accuracy.toFixed(3)}`,
);
console.log(`  x > 0 ? x : ${depth.toFixed(3)} · tanh(${steepness.toFixed(3)} x)`);
