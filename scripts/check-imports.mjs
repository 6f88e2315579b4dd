/**
 * Imports under src/ point one way and never in a circle.
 *
 *     ir ← transforms ← jit ← ops ← lift ← index ← nn, data, io
 *
 * Every static import counts for direction, type-only ones too; cycles are over what is left at run time.
 * Packages must be dependencies, and a relative import names its file with `.js`.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";

/** What each folder of src/ may import besides itself. `index` is src/index.ts, the public root. */
const mayImport = {
  ir: [],
  transforms: ["ir"],
  jit: ["ir", "transforms"],
  ops: ["ir", "transforms", "jit"],
  lift: ["ir", "transforms", "ops"],
  index: ["ir", "transforms", "jit", "ops", "lift"],
  nn: ["index", "ir", "transforms", "ops"],
  data: ["index", "ir", "ops"],
  io: ["index", "ir", "ops"],
  eslint: [],
};

const layerOf = (src, file) => {
  const parts = relative(src, file).split(sep);
  return parts.length === 1 ? parts[0].replace(/\.ts$/, "") : parts[0];
};

const isTypeOnly = (statement) =>
  ts.isImportDeclaration(statement) ? statement.importClause?.isTypeOnly === true : statement.isTypeOnly;

/** The static imports and re-exports of one file. */
const importsOf = (file) => {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  return source.statements
    .filter(
      (s) => (ts.isImportDeclaration(s) || ts.isExportDeclaration(s)) && s.moduleSpecifier !== undefined,
    )
    .map((s) => ({
      specifier: s.moduleSpecifier.text,
      typeOnly: isTypeOnly(s),
      line: source.getLineAndCharacterOfPosition(s.getStart(source)).line + 1,
    }));
};

const packageOf = (specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

/** Cycles among the files, each once: a depth-first walk that reports the path back to a file it is still in. */
const cyclesOf = (graph) => {
  const done = new Set();
  const path = [];
  const found = [];
  const visit = (file) => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
};

/** The checker that typescript-eslint hands to rules is TypeScript's, whose types are all that rules need. */
const ofTypescript = (layer, typeOnly, specifier) =>
  layer === "eslint" && typeOnly && specifier === "typescript";

/** Every fault in the imports of the TypeScript files under `src`, as one line each. */
export function checkImports(src, allowedPackages) {
  const files = readdirSync(src, { recursive: true })
    .filter((f) => f.endsWith(".ts"))
    .map((f) => join(src, f))
    .sort();
  const show = (file) => join("src", relative(src, file));
  const graph = new Map();
  const faults = [];
  for (const file of files) {
    const targets = [];
    for (const { specifier, typeOnly, line } of importsOf(file)) {
      const fault = (text) => faults.push(`${show(file)}:${line}: ${text}`);
      if (!specifier.startsWith(".")) {
        const builtin = specifier.startsWith("node:") && builtinModules.includes(specifier.slice(5));
        const known =
          builtin ||
          ofTypescript(layerOf(src, file), typeOnly, specifier) ||
          allowedPackages.includes(packageOf(specifier));
        if (!known) fault(`imports ${specifier}, which is not a dependency`);
        continue;
      }
      const target = resolve(dirname(file), specifier).replace(/\.js$/, ".ts");
      if (!specifier.endsWith(".js") || !existsSync(target)) {
        fault(`imports ${specifier}, which is not the .js name of a file here`);
        continue;
      }
      const [from, to] = [layerOf(src, file), layerOf(src, target)];
      if (from !== to && !(mayImport[from] ?? []).includes(to))
        fault(`${from} may not import ${to} (${show(target)})`);
      if (!typeOnly) targets.push(target);
    }
    graph.set(file, targets);
  }
  return [...faults, ...cyclesOf(graph).map((cycle) => `import cycle: ${cycle.map(show).join(" → ")}`)];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const faults = checkImports(resolve("src"), Object.keys({ ...dependencies, ...peerDependencies }));
  for (const fault of faults) console.error(fault);
  console.log(
    faults.length === 0 ? "imports: every one points the right way" : `imports: ${faults.length} faults`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
