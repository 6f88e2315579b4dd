/**
 * docs/for-numpy-users.md and docs/for-jax-users.md are complete and true: every public function of NumPy and JAX is
 * exported here under its own name or has a place in a table, and what the tables offer instead exists.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as fluxion from "fluxion";
import * as data from "fluxion/data";
import * as io from "fluxion/io";
import * as nn from "fluxion/nn";
import { root } from "../doc-examples/all.js";

const read = (file: string): string => readFileSync(`${root}/${file}`, "utf8");

type Names = Readonly<Record<string, readonly string[]>>;
const names = JSON.parse(read("test/names/names.json")) as Names;

const numpyPage = read("docs/for-numpy-users.md");
const jaxPage = read("docs/for-jax-users.md");

/** `expand_dims` and `expandDims`, `isclose` and `isClose` are one name. */
const plain = (name: string): string => name.replaceAll("_", "").toLowerCase();

const namesOf = (module: object): ReadonlySet<string> => new Set(Object.keys(module).map(plain));

const spaces: readonly (readonly [space: string, page: string, prefix: string, exports: object])[] = [
  ["numpy", numpyPage, "", fluxion],
  ["numpy.linalg", numpyPage, "", fluxion],
  ["jax", jaxPage, "jax.", fluxion],
  ["jax.lax", jaxPage, "lax.", fluxion],
  ["jax.nn", jaxPage, "nn.", fluxion],
  ["jax.random", jaxPage, "random.", fluxion.random],
  ["jax.tree", jaxPage, "tree.", fluxion.tree],
];

describe.each(spaces)("%s", (space, page, prefix, exports) => {
  const own = namesOf(exports);
  const listed = (name: string): boolean => page.includes(`\`${prefix}${name}\``);

  test("every function is exported or listed", () => {
    expect(names[space]!.length).toBeGreaterThan(10);
    expect(names[space]!.filter((n) => !own.has(plain(n)) && !listed(n))).toEqual([]);
  });

  test("nothing exported is listed as missing", () => {
    const rows = page.slice(page.indexOf("## Left out")).split("\n");
    const missing = rows.flatMap((row) => (row.startsWith("| `") ? [row.split("|")[1]!] : [])).join();
    expect(names[space]!.filter((n) => own.has(plain(n)) && missing.includes(`\`${prefix}${n}\``))).toEqual(
      [],
    );
  });
});

test("every initialiser of jax.nn has its counterpart", () => {
  const own = namesOf(nn.init);
  const renamed = (n: string): string => n.replace("kaiming", "he").replace("xavier", "glorot");
  expect(names["jax.nn.initializers"]!.filter((n) => !own.has(plain(renamed(n))))).toEqual([]);
});

/** The names that the right-hand cells of the first table offer: identifiers at the start of a piece of code. */
const offered = (page: string): readonly string[] =>
  page
    .slice(page.indexOf("## Under another name"), page.indexOf("## Left out"))
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("|---"))
    .flatMap((line) => [...line.split("|")[2]!.matchAll(/`([A-Za-z]\w*(?:\.\w+)*)/g)].map((m) => m[1]!));

const exists = (path: string): boolean => {
  if (path.startsWith("x.")) return path.slice(2) in fluxion.tensor(0);
  const [first, second] = path.split(".") as [string, string?];
  const home = [fluxion, nn, data, io].find((m) => first in m) as
    Readonly<Record<string, unknown>> | undefined;
  return home !== undefined && (second === undefined || second in (home[first] as object));
};

test.each([
  ["docs/for-numpy-users.md", numpyPage],
  ["docs/for-jax-users.md", jaxPage],
])("what %s offers exists", (_, page) => {
  const prose = ["Fluxion", "fluxion", "await", "kaiming", "xavier", "he", "glorot"];
  const found = offered(page);
  expect(found.length).toBeGreaterThan(40);
  expect(found.filter((n) => !prose.includes(n) && !exists(n))).toEqual([]);
});
