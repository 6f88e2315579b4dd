/** JSON from untrusted files. */

import * as E from "fp-ts/lib/Either.js";

/** Index past the string that begins at the quote `start`; an escape covers the character after it. */
const stringEnd = (json: string, start: number): number => {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
  return i + 1;
};

const isKey = (json: string, end: number): boolean => {
  let i = end;
  while (json[i] === " " || json[i] === "\n" || json[i] === "\r" || json[i] === "\t") i++;
  return json[i] === ":";
};

/** A key that occurs twice in one object of valid JSON, of which `JSON.parse` would keep the last only. */
export const duplicateKey = (json: string): string | undefined => {
  const open: (Set<string> | undefined)[] = []; // the keys of each open object, undefined for an open array
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (c === "{") open.push(new Set());
    else if (c === "[") open.push(undefined);
    else if (c === "}" || c === "]") open.pop();
    else if (c === '"') {
      const end = stringEnd(json, i);
      if (isKey(json, end)) {
        const key = JSON.parse(json.slice(i, end)) as string;
        if (open.at(-1)?.has(key)) return key;
        open.at(-1)?.add(key);
      }
      i = end - 1;
    }
  }
  return undefined;
};

const parse = E.tryCatchK(
  (json: string): unknown => JSON.parse(json),
  (error) => (error instanceof Error ? error.message : String(error)),
);

/** The value of `json`; the Left is the parser's error, or names a key that is repeated. */
export const parseJson = (json: string): E.Either<string, unknown> =>
  E.chain((value: unknown) => {
    const key = duplicateKey(json);
    return key === undefined ? E.right(value) : E.left(`${show(key)} twice`);
  })(parse(json));

/** Whether `x` is a JSON object: not null, not an array. */
export const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && !Array.isArray(x);

/** `JSON.stringify` recurses, where `JSON.parse` does not: what a file nests deeply overflows the stack. */
const stringify = E.tryCatchK(
  (x: unknown): string => JSON.stringify(x) ?? "nothing",
  () => "what is nested too deeply to be shown",
);

/** The start of a value's JSON, for an error message. */
export const show = (x: unknown): string => {
  const text = E.toUnion(stringify(x));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};
