import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, it } from "vitest";
import { labelColumn, numberColumns, parseCsv } from "../../src/data/csv.js";

fc.configureGlobal({ seed: 20240607 });

const message = (result: E.Either<Error, unknown>): string =>
  E.isLeft(result) ? result.left.message : "parsed";

const quote = (field: string): string => `"${field.replaceAll('"', '""')}"`;
const field = fc.string({
  unit: fc.constantFrom("a", "1", '"', ",", "\n", "\r", " ", ";", "é"),
  maxLength: 5,
});
const rows = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 5 });

describe("parseCsv", () => {
  it("reads quoted fields, whatever is in them", () => {
    fc.assert(
      fc.property(rows, fc.constantFrom("\n", "\r\n", "\r"), fc.boolean(), (table, end, trailing) => {
        const text = table.map((row) => row.map(quote).join(",")).join(end) + (trailing ? end : "");
        expect(parseCsv(text)).toEqual(E.right(table));
      }),
    );
  });

  it.each([
    ["", []],
    ["\n\r\n\n", []],
    ["a", [["a"]]],
    ["a,", [["a", ""]]],
    [",\n", [["", ""]]],
    [
      "\uFEFFa,b\r\n\r\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ['"a\nb",c', [["a\nb", "c"]]],
    ['"",""""', [["", '"']]],
    [" a , b ", [[" a ", " b "]]],
  ])("reads %j", (text, want) => {
    expect(parseCsv(text)).toEqual(E.right(want));
  });

  it("takes another delimiter and skips rows", () => {
    expect(parseCsv("a b\n1 2\n", { delimiter: " ", skip: 1 })).toEqual(E.right([["1", "2"]]));
    expect(message(parseCsv("", { delimiter: '"' }))).toBe(
      'csv: expected a delimiter of one character, got "',
    );
  });

  it.each([
    ['a\n"b', "csv: expected row 2 to be well formed, got a quote that is not closed"],
    ['"a"b', "csv: expected row 1 to be well formed, got text after a closing quote"],
    ['a"b', "csv: expected row 1 to be well formed, got a quote inside a field without quotes"],
  ])("rejects %j", (text, want) => {
    expect(message(parseCsv(text))).toBe(want);
  });

  it("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r") }), (text) => {
        expect(message(parseCsv(text))).toMatch(/^(parsed|csv: expected .*, got .*)$/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("numberColumns", () => {
  it("reads decimal numbers", () => {
    const table = [
      ["1", "x", "-2.5e-1"],
      [" +3. ", "y", ".5"],
    ];
    expect(numberColumns(table, [2, 0])).toEqual(
      E.right({ shape: [2, 2], dtype: "float32", data: new Float32Array([-0.25, 1, 0.5, 3]) }),
    );
    expect(numberColumns([], [0])).toEqual(
      E.right({ shape: [0, 1], dtype: "float32", data: new Float32Array() }),
    );
  });

  it.each([
    [[["1"], ["0x10"]], [0], 'csv: expected a number in row 2, column 0, got "0x10"'],
    [[["1", ""]], [0, 1], 'csv: expected a number in row 1, column 1, got ""'],
    [[["NaN"]], [0], 'csv: expected a number in row 1, column 0, got "NaN"'],
    [[["1", "2"], ["3"]], [1], "csv: expected 2 fields in row 2, got 1"],
    [[["1"]], [-1], "csv: expected columns counted from 0, got -1"],
  ])("rejects %j of columns %j", (table, columns, want) => {
    expect(message(numberColumns(table, columns))).toBe(want);
  });
});

describe("labelColumn", () => {
  it("numbers the classes in order, numbers by value", () => {
    const column = labelColumn([["10"], ["9"], ["b"], ["a"], ["9"]], 0);
    expect(column).toEqual(
      E.right({
        classes: ["9", "10", "a", "b"],
        labels: { shape: [5], dtype: "int32", data: new Int32Array([1, 0, 3, 2, 0]) },
      }),
    );
  });

  it("takes given classes and rejects others", () => {
    const column = labelColumn([["b"], ["a"]], 0, ["b", "a"]);
    expect(E.isRight(column) && Array.from(column.right.labels.data)).toEqual([0, 1]);
    expect(message(labelColumn([["b"], ["c"]], 0, ["b", "a"]))).toBe(
      'csv: expected one of b, a in row 2, got "c"',
    );
    expect(message(labelColumn([["b"]], 1))).toBe("csv: expected 2 fields in row 1, got 1");
  });
});
