/** Words and their pronunciations as numbers: an extract of CMUdict. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { tensor, type Tensor } from "fluxion";

/** A word and all pronunciations that the dictionary has of it, as phonemes. */
export interface Entry {
  readonly word: string;
  readonly ways: readonly (readonly string[])[];
}

/** Letters and phonemes of the longest entries. */
export const longest = 10;

/** Letters are 1 to 26; 0 is padding. */
export const letters = 27;

/** The 39 phonemes of CMUdict (ARPABET without stress). */
export const phonemes: readonly string[] =
  "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split(
    " ",
  );

/** The token after the last phoneme, and before the first. */
export const end: number = phonemes.length;

/** Tokens that the decoder may write. */
export const vocabulary: number = phonemes.length + 1;

const numberOf = new Map(phonemes.map((p, i) => [p, i]));

/** The lines of the extract, in their random order. */
export const readEntries = (file: URL = new URL("data/words.txt.gz", import.meta.url)): readonly Entry[] =>
  gunzipSync(readFileSync(file))
    .toString("latin1")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const space = line.indexOf(" ");
      const ways = line.slice(space + 1).split("|");
      return { word: line.slice(0, space), ways: ways.map((way) => way.split(" ")) };
    });

/** Words as tensors: int32 `[words, longest]` letters and `[words]` lengths. */
export interface Spellings {
  readonly letters: Tensor;
  readonly lengths: Tensor;
}

/** What the decoder is to write: int32 `[words, longest + 1]`, with the end token, and lengths that count it. */
export interface Targets {
  readonly tokens: Tensor;
  readonly lengths: Tensor;
}

const table = (rows: readonly (readonly number[])[], width: number, padding: number): Tensor =>
  tensor(
    Int32Array.from(rows.flatMap((row) => [...row, ...new Array<number>(width - row.length).fill(padding)])),
    { shape: [rows.length, width] },
  );

const lengthsOf = (rows: readonly { readonly length: number }[]): Tensor =>
  tensor(
    Int32Array.from(rows, (row) => row.length),
    { shape: [rows.length] },
  );

/** Throws for words that are empty, too long, or have other letters than A to Z. */
export const spell = (words: readonly string[]): Spellings => {
  for (const word of words)
    if (!/^[A-Z]+$/.test(word) || word.length > longest)
      throw new Error(`expected words of 1 to ${longest} letters A to Z, got ${JSON.stringify(word)}`);
  const rows = words.map((word) => Array.from(word, (c) => c.charCodeAt(0) - 64));
  return { letters: table(rows, longest, 0), lengths: lengthsOf(words) };
};

/** The first pronunciation of each entry, to be learnt. */
export const targetsOf = (entries: readonly Entry[]): Targets => {
  const rows = entries.map(({ ways }) => [...ways[0]!.map((p) => numberOf.get(p)!), end]);
  return { tokens: table(rows, longest + 1, end), lengths: lengthsOf(rows) };
};

/** Phonemes from the tokens before the end. */
export const readTokens = (tokens: readonly number[], length: number): string[] =>
  tokens.slice(0, length).map((t) => phonemes[t]!);
