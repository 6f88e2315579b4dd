/**
 * Finds the examples that documentation shows: the ts blocks under `@example` in TSDoc, and every ts block of
 * a Markdown page. A block marked ```` ```ts no-run ```` is shown and not run.
 */

export interface Example {
  readonly file: string;
  /** The line of the block's first line of code, from 1. */
  readonly line: number;
  readonly code: string;
  readonly runs: boolean;
  /** An example of the reference must show what comes out; a page may also only tell a story. */
  readonly mustAssert: boolean;
}

/** An `@example` that could not be run, because it holds no ts block. */
export interface Unfenced {
  readonly file: string;
  readonly line: number;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

const opening = /^(\s*)```(?:ts|typescript)\b(.*)$/;
const closing = /^\s*```\s*$/;

interface Block {
  readonly line: number;
  readonly code: string;
  readonly info: string;
}

/** The ts blocks among `lines`, without the fence's own indentation. */
const blocksOf = (lines: readonly Line[]): readonly Block[] => {
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const open = opening.exec(lines[i]!.text);
    if (open === null) continue;
    const code: string[] = [];
    const start = i + 1;
    for (i = start; i < lines.length && !closing.test(lines[i]!.text); i++) {
      const { text } = lines[i]!;
      code.push(text.startsWith(open[1]!) ? text.slice(open[1]!.length) : text.trimStart());
    }
    blocks.push({ line: lines[start - 1]!.number + 1, code: code.join("\n"), info: open[2]!.trim() });
  }
  return blocks;
};

const linesOf = (text: string, first: number): readonly Line[] =>
  text.split("\n").map((line, i) => ({ number: first + i, text: line }));

const exampleOf =
  (file: string, mustAssert: boolean) =>
  ({ line, code, info }: Block): Example => ({ file, line, code, runs: info !== "no-run", mustAssert });

/** A doc comment starts its line; so a glob in a string, which also holds a slash and two stars, is none. */
const docComment = /^[ \t]*\/\*\*(?!\/)[\s\S]*?\*\//gm;

const undecorated = (line: Line): Line => ({ ...line, text: line.text.replace(/^\s*(?:\/\*\*|\* ?|)/, "") });

/** The lines of each `@example` of a comment, up to the next tag outside a fence. */
const sectionsOf = (lines: readonly Line[]): readonly (readonly Line[])[] => {
  const sections: Line[][] = [];
  let current: Line[] | null = null;
  let fenced = false;
  for (const line of lines) {
    if (/^\s*```/.test(line.text)) fenced = !fenced;
    const tag = fenced ? null : /^\s*@(\w+)/.exec(line.text);
    if (tag !== null) current = tag[1] === "example" ? [] : null;
    if (tag !== null && current !== null) sections.push(current);
    current?.push(line);
  }
  return sections;
};

/** The examples of a TypeScript file's doc comments, and the `@example` tags that hold none. */
export const fromSource = (
  file: string,
  text: string,
): { readonly examples: readonly Example[]; readonly unfenced: readonly Unfenced[] } => {
  const examples: Example[] = [];
  const unfenced: Unfenced[] = [];
  for (const comment of text.matchAll(docComment)) {
    const first = text.slice(0, comment.index).split("\n").length;
    const body = comment[0].replace(/[ \t]*\*\/$/, "");
    for (const section of sectionsOf(linesOf(body, first).map(undecorated))) {
      const blocks = blocksOf(section);
      if (blocks.length === 0) unfenced.push({ file, line: section[0]!.number });
      examples.push(...blocks.map(exampleOf(file, true)));
    }
  }
  return { examples, unfenced };
};

/** The ts blocks of a Markdown page. */
export const fromMarkdown = (file: string, text: string): readonly Example[] =>
  blocksOf(linesOf(text, 1)).map(exampleOf(file, false));
