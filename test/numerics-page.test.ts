/** The promotion table of docs/numerics.md is the promotion that happens. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { add, type DType, logicalOr, where, zeros } from "fluxion";
import { root } from "./doc-examples/all.js";

const rows = readFileSync(`${root}/docs/numerics.md`, "utf8")
  .split("\n")
  .filter((line) => /^\|.*\bbool\b.*\bfloat64\b.*\|$|^\| \*\*/.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.replaceAll("*", "").trim() as DType),
  );

const [head = [], ...body] = rows;
const columns = head.slice(1);

test("has every dtype", () => {
  expect(columns).toEqual(["bool", "uint8", "int8", "uint32", "int32", "float16", "float32", "float64"]);
  expect(body.map((row) => row[0])).toEqual(columns);
});

test.each(body)("%s", (dtype, ...meets) => {
  const x = zeros([1], { dtype });
  expect(columns.map((other) => add(x, zeros([1], { dtype: other })).dtype)).toEqual(meets);
  const or = logicalOr(x, x);
  expect(columns.map((other) => where(or, x, zeros([1], { dtype: other })).dtype)).toEqual(meets);
});
