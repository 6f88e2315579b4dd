/// <reference types="vite/types/importMeta.d.ts" />
/** Runs examples against the sources, as a reader would run them against the package. */
import { difference, Rounded } from "./compare.js";
import type { Example } from "./extract.js";
import { instrument } from "./instrument.js";

type Namespace = Readonly<Record<string, unknown>>;

const sources = import.meta.glob<Namespace>("../../src/**/*.ts");

/** A module of src/, by its path from the root; none while it is not written. */
const source = async (path: string): Promise<Namespace> => (await sources[`../../${path}`]?.()) ?? {};

const entries: Readonly<Record<string, string>> = {
  fluxion: "src/index.ts",
  "fluxion/nn": "src/nn/index.ts",
  "fluxion/data": "src/data/index.ts",
  "fluxion/io": "src/io/index.ts",
  "fluxion/eslint": "src/eslint/index.ts",
};

const load = async (specifier: string): Promise<Namespace> => {
  const entry = entries[specifier];
  if (entry !== undefined) return source(entry);
  if (specifier.startsWith(".")) throw new Error(`examples import packages, not files: ${specifier}`);
  return (await import(/* @vite-ignore */ specifier)) as Namespace;
};

/** The entry point that a file belongs to, whose exports its examples may use by name. */
const entryOf = (file: string): string => {
  const folder = /^src\/(nn|data|io|eslint)\//.exec(file)?.[1];
  return folder === undefined ? "src/index.ts" : `src/${folder}/index.ts`;
};

const identifier = /^[A-Za-z_$][\w$]*$/;
const reserved = new Set([
  "default",
  "delete",
  "var",
  "with",
  "switch",
  "case",
  "in",
  "if",
  "do",
  "eval",
  "arguments",
]);

/** What an example can name without importing it: nearer names hide farther ones. */
const scopeOf = async (file: string): Promise<Namespace> => {
  const scope = {
    ...(await source("src/index.ts")),
    nn: await source("src/nn/index.ts"),
    data: await source("src/data/index.ts"),
    io: await source("src/io/index.ts"),
    ...(await source(entryOf(file))),
    ...(await source(file)),
  };
  return Object.fromEntries(Object.entries(scope).filter(([k]) => identifier.test(k) && !reserved.has(k)));
};

const silent = (): void => undefined;
const quietConsole = { ...console, log: silent, info: silent, warn: silent, error: silent, table: silent };

/** The functions that an instrumented example calls; `first` is the line its own line 0 has in the file. */
const checks = (file: string, first: number): Namespace => {
  const compare = (near: boolean) => (actual: unknown, expected: unknown, line: number) => {
    const found = difference(actual, expected, near);
    if (found !== null) throw new Error(`${file}:${String(first + line)}: ${found}`);
  };
  return {
    $equal: compare(false),
    $near: compare(true),
    $rounded: (value: number, decimals: number) => new Rounded(value, decimals),
    $throws: async (f: () => Promise<unknown>, text: string, line: number) => {
      const message = await f().then(
        () => null,
        (e: unknown) => (e instanceof Error ? e.message : String(e)),
      );
      if (message?.includes(text) === true) return;
      const wanted = text === "" ? "an error" : `an error saying ${text}`;
      throw new Error(`${file}:${String(first + line)}: expected ${wanted}, got ${message ?? "nothing"}`);
    },
  };
};

type AsyncFunctionConstructor = new (...args: string[]) => (...args: unknown[]) => Promise<void>;
const AsyncFunction = (async () => Promise.resolve()).constructor as AsyncFunctionConstructor;

/** Runs one example; rejects where it throws, breaks a promise, or shows nothing where it must. */
export const execute = async (example: Example): Promise<void> => {
  const { code, imports, asserts } = instrument(example.code);
  if (example.mustAssert && !asserts) throw new Error("example asserts nothing");
  const modules = new Map<string, Namespace>();
  for (const specifier of imports) modules.set(specifier, { __esModule: true, ...(await load(specifier)) });
  const importsFluxion = imports.some((s) => s in entries);
  const scope = {
    ...(importsFluxion ? {} : await scopeOf(example.file)),
    ...checks(example.file, example.line),
    require: (specifier: string) => modules.get(specifier),
    exports: {},
    console: quietConsole,
  };
  const run = new AsyncFunction(...Object.keys(scope), `return (async () => {\n${code}\n})();`);
  await run(...Object.values(scope));
};
