/** Surnames and the languages that they come from: read, spelt with few letters, and split without giveaways. */
import { readFileSync } from "node:fs";

export interface Surname {
  /** As it is written. */
  readonly written: string;
  /** In the alphabet below. */
  readonly spelt: string;
  /** Position in the list of languages. */
  readonly language: number;
}

export interface Surnames {
  readonly languages: readonly string[];
  readonly names: readonly Surname[];
}

/** What names are spelt with. */
export const alphabet = "abcdefghijklmnopqrstuvwxyz '-";

const letters: Readonly<Record<string, string>> = { ß: "ss", ł: "l", đ: "dj", ı: "i", ø: "o", æ: "ae" };

/** Small letters without accents, so that no single mark gives a language away. Other characters are dropped. */
export const spell = (name: string): string =>
  [...name.toLowerCase().normalize("NFD")]
    .map((c) => letters[c] ?? c)
    .join("")
    .replace(/[^a-z '-]/g, "")
    .trim();

/** Lines `language: name, name, …`. Names that several languages have are dropped: they have no right answer. */
export const parseSurnames = (text: string): Surnames => {
  const lines = text.split("\n").filter((line) => line !== "");
  const lists = lines.map((line) => {
    const written = line.slice(line.indexOf(": ") + 2).split(", ");
    return new Map(written.map((name) => [spell(name), name])); // each spelling once
  });
  const isShared = (spelt: string): boolean => lists.filter((list) => list.has(spelt)).length > 1;
  return {
    languages: lines.map((line) => line.slice(0, line.indexOf(":"))),
    names: lists.flatMap((list, language) =>
      [...list]
        .filter(([spelt]) => spelt !== "" && !isShared(spelt))
        .map(([spelt, written]) => ({ written, spelt, language })),
    ),
  };
};

export const readSurnames = (file: URL = new URL("data/surnames.txt", import.meta.url)): Surnames =>
  parseSurnames(readFileSync(file, "utf8"));

/** FNV-1a. */
const hash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
};

/** A fifth of the names is held out. */
const parts = 5;

/**
 * The part of a name, from 0 to 4: names that begin with the same four letters are in the same one, so that Novák in
 * training does not give Nováková away.
 */
export const partOf = ({ spelt }: Surname): number => hash(spelt.slice(0, 4)) % parts;

export interface Split {
  readonly train: readonly Surname[];
  readonly heldOut: readonly Surname[];
}

/** One part is held out. */
export const split = (names: readonly Surname[], held = 0): Split => ({
  train: names.filter((n) => partOf(n) !== held),
  heldOut: names.filter((n) => partOf(n) === held),
});
