/** Type-checks examples, each as a module of its own with the names in scope that running it would give. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "./all.js";
import { parse } from "./expectation.js";
import type { Example } from "./extract.js";

const compilerOptions = (): ts.CompilerOptions => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.test.json"), (f) => ts.sys.readFile(f)) as {
    config: unknown;
  };
  return { ...ts.parseJsonConfigFileContent(config, ts.sys, root).options, verbatimModuleSyntax: false };
};

/** A program over real files, and over `texts`, which exist only here. */
const programOf = (
  texts: ReadonlyMap<string, string>,
  files: readonly string[],
  old?: ts.Program,
): ts.Program => {
  const options = compilerOptions();
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (f) => texts.has(f) || fileExists(f);
  host.readFile = (f) => texts.get(f) ?? readFile(f);
  host.getSourceFile = (f, version, ...rest) => {
    const text = texts.get(f);
    if (text !== undefined) return ts.createSourceFile(f, text, version, true);
    return old?.getSourceFile(f) ?? getSourceFile(f, version, ...rest);
  };
  return ts.createProgram([...files, ...texts.keys()], options, host);
};

const entryOf = (file: string): string => {
  const folder = /^src\/(nn|data|io|eslint)\//.exec(file)?.[1];
  return folder === undefined ? "src/index.ts" : `src/${folder}/index.ts`;
};

const exists = (file: string): boolean => existsSync(join(root, file));

/** Exported under a name that no import can bind. */
const reserved = new Set(["default", "var"]);

/** The names that the code mentions, imported from the nearest module that exports them. */
const importsFor = (example: Example, exportsOf: (file: string) => readonly string[]): string => {
  const mentioned = new Set(example.code.match(/[A-Za-z_$][\w$]*/g));
  const modules = new Set(
    [example.file, entryOf(example.file), "src/index.ts"].filter((f) => f.endsWith(".ts") && exists(f)),
  );
  const lines: string[] = [];
  for (const file of modules) {
    const names = exportsOf(file).filter((name) => !reserved.has(name) && mentioned.delete(name));
    if (names.length > 0)
      lines.push(`import { ${names.join(", ")} } from "../${file.replace(/\.ts$/, ".js")}";`);
  }
  for (const name of ["nn", "data", "io"])
    if (mentioned.has(name) && exists(`src/${name}/index.ts`))
      lines.push(`import * as ${name} from "../src/${name}/index.js";`);
  return lines.join(" ");
};

/** The example in a function, so that it may hide names; its lines stay where they are, one line down. */
const moduleOf = (example: Example, exportsOf: (file: string) => readonly string[]): string => {
  const file = parse(example.code);
  const imports = file.statements.filter(ts.isImportDeclaration);
  const own = imports
    .map((s) => s.getText(file))
    .join(" ")
    .replaceAll("\n", " ");
  const given = /from\s+"fluxion["/]/.test(own) ? "" : importsFor(example, exportsOf);
  const body = imports.reduceRight((text, s) => {
    const blank = s.getText(file).replace(/[^\n]/g, " ");
    return text.slice(0, s.getStart(file)) + blank + text.slice(s.end);
  }, example.code);
  return `${own} ${given} export const $ = async () => {\n${body.replace(/^export /gm, "       ")}\n};`;
};

/** What the type checker says of the examples: for each file, its faults as `file:line: message`. */
export const typeFaults = (examples: readonly Example[]): ReadonlyMap<string, readonly string[]> => {
  const files = [...new Set(examples.flatMap((e) => [e.file, entryOf(e.file), "src/index.ts"]))];
  const real = files.filter((f) => f.endsWith(".ts") && exists(f)).map((f) => join(root, f));
  const sources = programOf(new Map(), real);
  const checker = sources.getTypeChecker();
  const exportsOf = (file: string): readonly string[] => {
    const source = sources.getSourceFile(join(root, file));
    const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    return symbol === undefined ? [] : checker.getExportsOfModule(symbol).map((s) => s.name);
  };

  const texts = new Map(
    examples.map((e, i) => [join(root, ".examples", `${String(i)}.ts`), moduleOf(e, exportsOf)]),
  );
  const program = programOf(texts, real, sources);
  const faults = new Map<string, string[]>(examples.map((e) => [e.file, []]));
  for (const [i, path] of [...texts.keys()].entries()) {
    const source = program.getSourceFile(path)!;
    const { file, line } = examples[i]!;
    for (const d of [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]) {
      const at = line - 1 + source.getLineAndCharacterOfPosition(d.start ?? 0).line;
      faults.get(file)!.push(`${file}:${String(at)}: ${ts.flattenDiagnosticMessageText(d.messageText, " ")}`);
    }
  }
  return faults;
};
