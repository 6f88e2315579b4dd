/**
 * Tells from which language a surname comes: a bidirectional recurrent network that reads it letter by letter, beside
 * logistic regressions on bags of letters and of pairs of letters, trained in the same run.
 *
 *     npx tsx examples/names/main.ts           a minute and a half
 *     npx tsx examples/names/main.ts --quick   ten seconds; fewer names and a smaller network
 */
import { parseArgs } from "node:util";
import { comparison, examples, scores } from "./report.js";
import { full, quick, run } from "./run.js";
import { readSurnames } from "./surnames.js";

const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
const data = readSurnames();
const size = values.quick === true ? quick : full;
const report = await run(data, size, (line) => console.log(line));

console.log(`\n${report.trained} names learnt, ${report.heldOut} held out:\n`);
console.log(comparison(report.contestants));
console.log(`\nThe network by language:\n`);
console.log(scores(report.contestants.at(-1)!.confusion, data.languages));
console.log(`\nSome of its answers:\n`);
console.log(examples(report.answers, data.languages));
console.log(`\n${report.seconds.toFixed(1)} s`);
