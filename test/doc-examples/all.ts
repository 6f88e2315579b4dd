/** All examples of the project. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Example, fromMarkdown, fromSource, type Unfenced } from "./extract.js";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

const read = (file: string): string => readFileSync(join(root, file), "utf8");

const list = (folder: string, ending: string, recursive: boolean): readonly string[] =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive, encoding: "utf8" })
        .map((f) => `${folder}/${f.replaceAll("\\", "/")}`)
        .filter((f) => f.endsWith(ending))
        .sort()
    : [];

const sources = list("src", ".ts", true).map((file) => fromSource(file, read(file)));
const pages = ["README.md", "ARCHITECTURE.md", ...list("docs", ".md", false)].filter((f) =>
  existsSync(join(root, f)),
);

export const examples: readonly Example[] = [
  ...sources.flatMap((s) => s.examples),
  ...pages.flatMap((file) => fromMarkdown(file, read(file))),
];

/** The `@example` tags without a ts block. */
export const unfenced: readonly Unfenced[] = sources.flatMap((s) => s.unfenced);
