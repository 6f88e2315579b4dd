/**
 * Makes data/surnames.txt: the surnames of some languages from the package @faker-js/faker.
 *
 *     node examples/names/make-surnames.mjs DIR
 *
 * DIR holds the unpacked package. Equal input gives equal bytes: a line for each language, names sorted.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL, URL } from "node:url";

const languages = {
  Croatian: "hr",
  Czech: "cs_CZ",
  German: "de",
  Italian: "it",
  Latvian: "lv",
  Polish: "pl",
  Romanian: "ro",
  Spanish: "es",
  Turkish: "tr",
};

const source = process.argv[2];
if (source === undefined) throw new Error("usage: make-surnames.mjs DIR");
const { allLocales } = await import(pathToFileURL(resolve(source, "dist/index.js")).href);

/** Older versions have one list, newer ones one for each gender and one for all. */
const namesOf = (list) => [...new Set(Array.isArray(list) ? list : Object.values(list).flat())].sort();

const lines = Object.entries(languages).map(
  ([language, locale]) => `${language}: ${namesOf(allLocales[locale].person.last_name).join(", ")}\n`,
);
writeFileSync(new URL("data/surnames.txt", import.meta.url), lines.join(""));
