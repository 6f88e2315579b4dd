/** Comma-separated values (RFC 4180) and columns of numbers or class labels in them. */

import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { expected, type FluxionError } from "../ir/errors.js";
import type { NdArray } from "../ir/ndarray.js";

/** Rows of fields, as text. */
export type Rows = readonly (readonly string[])[];

/** How the text is divided. */
export interface CsvOptions {
  /** The character between fields. Default `","`. */
  readonly delimiter?: string;
  /** How many rows to leave out at the start. Default 0. */
  readonly skip?: number;
}

type Result<A> = E.Either<FluxionError, A>;

const fail = (want: string, got: string): Result<never> => E.left(expected("csv", want, got));

/** Where a field ends, and its text; or why it is malformed. */
type Field = readonly [end: number, text: string] | string;

/** The quoted field whose opening quote is at `start`; a doubled quote in it stands for one. */
const quotedField = (text: string, start: number, delimiter: string): Field => {
  let field = "";
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return "a quote that is not closed";
    field += text.slice(from, quote);
    if (text[quote + 1] !== '"') {
      const next = text[quote + 1];
      const ended = next === undefined || next === delimiter || next === "\n" || next === "\r";
      return ended ? [quote + 1, field] : "text after a closing quote";
    }
    field += '"';
    from = quote + 2;
  }
};

const plainField = (text: string, start: number, delimiter: string): Field => {
  let end = start;
  for (; end < text.length; end++) {
    const c = text[end];
    if (c === delimiter || c === "\n" || c === "\r") break;
    if (c === '"') return "a quote inside a field without quotes";
  }
  return [end, text.slice(start, end)];
};

/** The index after the line break at `i`, if one is there. */
const afterBreak = (text: string, i: number): number => {
  if (text[i] === "\r") return text[i + 1] === "\n" ? i + 2 : i + 1;
  return text[i] === "\n" ? i + 1 : i;
};

/**
 * The rows of CSV text: quoted fields may hold delimiters, line breaks and doubled quotes; lines end with
 * LF, CRLF or CR; empty lines are left out. A Left names the row of a malformed field.
 *
 * @example
 * ```ts
 * import { parseCsv } from "fluxion/data";
 * import * as E from "fp-ts/lib/Either.js";
 *
 * E.toUnion(parseCsv('name,size\n"a, ""b""",2\n')) // [["name", "size"], ['a, "b"', "2"]]
 * ```
 */
export const parseCsv = (text: string, options: CsvOptions = {}): E.Either<FluxionError, Rows> => {
  const { delimiter = ",", skip = 0 } = options;
  if (delimiter.length !== 1 || '"\r\n'.includes(delimiter))
    return fail("a delimiter of one character", delimiter);
  const rows: string[][] = [];
  let i = text.startsWith("\uFEFF") ? 1 : 0;
  while (i < text.length) {
    const after = afterBreak(text, i);
    if (after > i) {
      i = after;
      continue;
    }
    const row: string[] = [];
    for (;;) {
      const field = text[i] === '"' ? quotedField(text, i, delimiter) : plainField(text, i, delimiter);
      if (typeof field === "string") return fail(`row ${rows.length + 1} to be well formed`, field);
      row.push(field[1]);
      i = field[0];
      if (text[i] !== delimiter) break;
      i++;
    }
    i = afterBreak(text, i);
    rows.push(row);
  }
  return E.right(rows.slice(skip));
};

const wrongRow = (rows: Rows, columns: readonly number[]): FluxionError | undefined => {
  const wrong = columns.find((column) => !Number.isInteger(column) || column < 0);
  if (wrong !== undefined) return expected("csv", "columns counted from 0", String(wrong));
  const need = columns.reduce((a, b) => Math.max(a, b + 1), 0);
  const short = rows.findIndex((row) => row.length < need);
  if (short < 0) return undefined;
  return expected("csv", `${need} fields in row ${short + 1}`, String(rows[short]!.length));
};

const number = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

/**
 * The numbers in some columns (counted from 0) as a float32 array of shape [rows, columns].
 *
 * A Left names the row and column of a field that is no decimal number. `NaN`, `NA` and empty fields are none.
 *
 * @example
 * ```ts
 * import { numberColumns, parseCsv } from "fluxion/data";
 * import * as E from "fp-ts/lib/Either.js";
 *
 * const rows = parseCsv("1.5,a,2\n3,b,4e1");
 * const numbers = E.chain((r: readonly (readonly string[])[]) => numberColumns(r, [0, 2]))(rows);
 * E.isRight(numbers) ? Array.from(numbers.right.data) : [] // [1.5, 2, 3, 40]
 * ```
 */
export const numberColumns = (rows: Rows, columns: readonly number[]): E.Either<FluxionError, NdArray> => {
  const wrong = wrongRow(rows, columns);
  if (wrong !== undefined) return E.left(wrong);
  const data = new Float32Array(rows.length * columns.length);
  for (const [r, row] of rows.entries()) {
    for (const [c, column] of columns.entries()) {
      const field = row[column]!;
      if (!number.test(field))
        return fail(`a number in row ${r + 1}, column ${column}`, JSON.stringify(field.slice(0, 40)));
      data[r * columns.length + c] = Number(field);
    }
  }
  return E.right({ shape: [rows.length, columns.length], dtype: "float32", data });
};

/** A column of class labels: `classes[labels.data[i]]` is the text in row i. */
export interface Labels {
  readonly classes: readonly string[];
  /** int32 of shape [rows]. */
  readonly labels: NdArray;
}

/** Numbers in their order and before other texts, which are in theirs. */
const byValue = (a: string, b: string): number => {
  const [x, y] = [number.test(a), number.test(b)];
  if (x !== y) return x ? -1 : 1;
  return (x ? Number(a) - Number(b) : 0) || (a < b ? -1 : 1);
};

/**
 * A column (counted from 0) of class labels, numbered in the order of `classes`: by default the sorted
 * distinct texts of the column. A Left names the row of a text that is not in `classes`.
 *
 * @example
 * ```ts
 * import { labelColumn } from "fluxion/data";
 * import * as E from "fp-ts/lib/Either.js";
 *
 * const column = labelColumn([["b"], ["a"], ["b"]], 0);
 * E.isRight(column) ? column.right.classes : [] // ["a", "b"]
 * E.isRight(column) ? Array.from(column.right.labels.data) : [] // [1, 0, 1]
 * ```
 */
export const labelColumn = (
  rows: Rows,
  column: number,
  classes?: readonly string[],
): E.Either<FluxionError, Labels> => {
  const wrong = wrongRow(rows, [column]);
  if (wrong !== undefined) return E.left(wrong);
  const texts = rows.map((row) => row[column]!);
  const names = classes ?? [...new Set(texts)].sort(byValue);
  const indices = new Map(names.map((name, i) => [name, i]));
  const unknown = texts.findIndex((text) => !indices.has(text));
  if (unknown >= 0)
    return fail(
      `one of ${names.join(", ")} in row ${unknown + 1}`,
      JSON.stringify(texts[unknown]!.slice(0, 40)),
    );
  const data = Int32Array.from(texts, (text) => indices.get(text)!);
  return pipe({ classes: names, labels: { shape: [rows.length], dtype: "int32" as const, data } }, E.right);
};
