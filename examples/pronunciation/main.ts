/**
 * Says how English words are pronounced: a recurrent encoder and decoder with attention learn it from 24,000 words of
 * CMUdict and are asked for 1,000 others, by beam search.
 *
 *     npx tsx examples/pronunciation/main.ts                 up to two minutes; writes attention.svg beside this file
 *     npx tsx examples/pronunciation/main.ts --quick         seconds; a smaller model and fewer words
 *     npx tsx examples/pronunciation/main.ts --backend js    another backend (default: wasm where there is one)
 *     npx tsx examples/pronunciation/main.ts --svg FILE      writes the picture elsewhere
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type BackendName, getBackend, setBackend } from "fluxion";
import { drawSvg, drawText } from "./picture.js";
import type { Score } from "./score.js";
import { full, modest, quick, run, type Sample } from "./training.js";

const beside = fileURLToPath(new URL("attention.svg", import.meta.url));
const { values } = parseArgs({
  options: {
    quick: { type: "boolean" },
    backend: { type: "string" },
    svg: { type: "string", default: beside },
  },
});

/** The backend asked for, or the fastest that this engine has. */
const choose = (name: string | undefined): void => {
  if (name !== undefined) return setBackend(name as BackendName); // which says what there is
  try {
    setBackend("wasm");
  } catch {
    setBackend("js");
  }
};

choose(values.backend);
const work = values.quick === true ? quick : getBackend() === "js" ? modest : full;
console.log(`learning ${work.words} words with the ${getBackend()} backend`);
const report = await run(work, (line) => console.log(line));

const sample = ({ word, ways, found }: Sample): string => {
  const guesses = found.slice(0, 3).map(({ said, score }) => {
    const right = ways.some((way) => way.join(" ") === said.join(" "));
    return `${right ? "✓" : " "} ${said.join(" ").padEnd(24)} ${score.toFixed(2)}`;
  });
  return `${word.padEnd(12)}${guesses.join("   ")}`;
};
console.log("\nWords that it has not seen, and the best that beam search found (✓: as in the dictionary):\n");
for (const s of report.samples.slice(0, 12)) console.log(sample(s));

console.log("\nLetters that the decoder looked at before each phoneme:\n");
for (const looks of report.looks.slice(0, 2)) console.log(`${drawText(looks)}\n`);
writeFileSync(values.svg, drawSvg("Letters looked at before each phoneme", report.looks));

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`.padStart(8);
const row = (name: string, { exact, phonemeErrors }: Score): string =>
  `${name.padEnd(26)}${percent(exact)}${percent(phonemeErrors).padStart(18)}`;
console.log(`${work.heldOut} words held out:`.padEnd(26) + "   exact    phoneme errors");
console.log(row("  likeliest next phoneme", report.greedy));
console.log(row(`  beam search (${work.beams} beams)`, report.beam));
console.log(`\n${report.seconds.toFixed(1)} s; picture in ${values.svg}`);
