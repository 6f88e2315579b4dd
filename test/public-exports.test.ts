/** What a user can import is documented: every function and constant shows an example, and everything has a sentence. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const entries = [
  "src/index.ts",
  "src/nn/index.ts",
  "src/data/index.ts",
  "src/io/index.ts",
  "src/eslint/index.ts",
];

const optionsOf = (file: string): ts.CompilerOptions =>
  ts.parseJsonConfigFileContent(ts.readConfigFile(file, (f) => ts.sys.readFile(f)).config, ts.sys, root)
    .options;

const program = ts.createProgram(
  entries.map((e) => root + e).filter((e) => existsSync(e)),
  optionsOf(`${root}tsconfig.json`),
);
const checker = program.getTypeChecker();

const target = (symbol: ts.Symbol): ts.Symbol =>
  (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;

/** A name that is exported, as a user writes it, and what it stands for. */
type Export = readonly [name: string, symbol: ts.Symbol];

/** All exports of a module, those of namespaces among them by their dotted names. */
const exportsOf = (module: ts.Symbol, prefix = ""): readonly Export[] =>
  checker.getExportsOfModule(module).flatMap((exported): readonly Export[] => {
    const symbol = target(exported);
    const name = prefix + exported.name;
    return (symbol.flags & ts.SymbolFlags.ValueModule) !== 0
      ? exportsOf(symbol, `${name}.`)
      : [[`${name} (${placeOf(symbol)})`, symbol]];
  });

const placeOf = (symbol: ts.Symbol): string => {
  const declaration = symbol.declarations?.[0];
  if (declaration === undefined) return "nowhere";
  const file = declaration.getSourceFile();
  const line = file.getLineAndCharacterOfPosition(declaration.getStart()).line + 1;
  return `${file.fileName.slice(root.length)}:${String(line)}`;
};

const isValue = (symbol: ts.Symbol): boolean =>
  (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable)) !== 0;

const hasSentence = (symbol: ts.Symbol): boolean => symbol.getDocumentationComment(checker).length > 0;

const hasExample = (symbol: ts.Symbol): boolean =>
  symbol
    .getJsDocTags(checker)
    .some(
      (tag) =>
        tag.name === "example" && /```(?:ts|typescript)\b(?! no-run)/.test(ts.displayPartsToString(tag.text)),
    );

describe.each(entries)("%s", (entry) => {
  const file = program.getSourceFile(root + entry);
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  const names = (wanted: (symbol: ts.Symbol) => boolean): readonly string[] =>
    exportsOf(module!)
      .filter(([, symbol]) => wanted(symbol))
      .map(([name]) => name);

  test("exports something", () => {
    expect(module, `${entry} is missing or exports nothing`).toBeDefined();
  });

  test.skipIf(module === undefined)("every function and constant has an @example that runs", () => {
    expect(names((s) => isValue(s) && !hasExample(s))).toEqual([]);
  });

  test.skipIf(module === undefined)("everything exported has a sentence", () => {
    expect(names((s) => !hasSentence(s))).toEqual([]);
  });
});
