/**
 * A language model of characters: gated recurrent units that learn Moby-Dick, with samples as they learn, and their
 * bits per character on chapters that they have not seen beside those of n-grams counted in the same run.
 *
 *     npx tsx examples/char-rnn/main.ts           a minute and a half
 *     npx tsx examples/char-rnn/main.ts --quick   ten seconds; a smaller model and text
 */
import { parseArgs } from "node:util";
import { full, quick, run } from "./run.js";
import { readBook, tidy } from "./text.js";

const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
const report = run(tidy(readBook()), values.quick === true ? quick : full, (line) => console.log(line));

const row = (name: string, bits: number): string => `  ${name.padEnd(28)}${bits.toFixed(3)}`;
console.log("\nBits per character, held out:");
for (const { order, bits } of report.nGrams) console.log(row(`${order}-grams, Kneser–Ney`, bits));
console.log(row(`GRU, ${report.parameters.toLocaleString("en")} parameters`, report.model));
console.log(`\n${report.epochs.toFixed(1)} times through the text in ${report.seconds.toFixed(1)} s`);
