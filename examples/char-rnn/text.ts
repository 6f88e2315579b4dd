/** The text: read, tidied up, turned into numbers, and cut into streams. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** Chapters 1 to 42 of Moby-Dick. */
export const readBook = (file: URL = new URL("data/moby-dick.txt.gz", import.meta.url)): string =>
  gunzipSync(readFileSync(file)).toString("utf8");

/** Lines of a paragraph are joined, so that nobody has to guess where they broke; quotation marks become straight. */
export const tidy = (text: string): string =>
  text
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replace(/\s+/g, " "))
    .filter((paragraph) => paragraph !== "")
    .join("\n");

/** The characters of a text in order, and their numbers. */
export interface Alphabet {
  readonly symbols: readonly string[];
  /** Throws for a character that is not in the alphabet. */
  encode(text: string): Int32Array<ArrayBuffer>;
  decode(codes: ArrayLike<number>): string;
}

export const alphabetOf = (text: string): Alphabet => {
  const symbols = [...new Set(text)].sort();
  const codes = new Map(symbols.map((s, i) => [s, i]));
  const code = (s: string): number => {
    const found = codes.get(s);
    if (found === undefined) throw new Error(`expected characters of the alphabet, got ${JSON.stringify(s)}`);
    return found;
  };
  return {
    symbols,
    encode: (t) => Int32Array.from([...t], code),
    decode: (list) => Array.from(list, (c) => symbols[c]).join(""),
  };
};

/** Windows of several streams through a text: in each row a window, and the characters that follow each of its. */
export interface Window {
  readonly inputs: Int32Array<ArrayBuffer>;
  readonly labels: Int32Array<ArrayBuffer>;
}

/**
 * The text as so many streams of equal length side by side, in windows: `inputs` and `labels` are `[streams, length]`.
 * A stream that comes to the end of its part goes on with the next one's, and the last with the beginning: the state
 * of a recurrent network fits the next window for ever.
 */
export function* windows(codes: Int32Array, streams: number, length: number): Generator<Window, never> {
  const part = Math.floor(codes.length / streams);
  const rows = (at: number): Int32Array<ArrayBuffer> =>
    Int32Array.from(
      { length: streams * length },
      (_, i) => codes[(Math.floor(i / length) * part + at + (i % length)) % codes.length]!,
    );
  for (let at = 0; ; at += length) yield { inputs: rows(at), labels: rows(at + 1) };
}
