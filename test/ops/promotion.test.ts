import { expect, test } from "vitest";
import { add, type DType, full, greater, ones, tensor } from "../../src/index.js";
import { loadGolden } from "../golden/load.js";

/** There are no 16-bit integers here, and 64-bit numbers are never the default. */
const narrowed: Readonly<Record<string, string>> = { int16: "int32", int64: "int32" };

const weak: Readonly<Record<string, number | boolean>> = {
  "weak int": 2,
  "weak float": 1.5,
  "weak bool": true,
};

test.each(
  loadGolden("structure")
    .cases.filter((c) => c.fn === "promotion")
    .map((c) => [c.args.join(" with "), c] as const),
)("%s", (_, c) => {
  const [a, b] = c.args as readonly string[];
  const other = weak[b!] ?? ones([2], { dtype: b as DType });
  const want =
    weak[b!] !== undefined && c.out === "float64" && a !== "float64" ? "float32" : (c.out as string);
  expect(add(ones([2], { dtype: a as DType }), other).dtype).toBe(narrowed[want] ?? want);
  expect(add(other, ones([2], { dtype: a as DType })).dtype).toBe(narrowed[want] ?? want);
});

test("shapes broadcast, and say so when they do not", () => {
  expect(add(ones([3, 1]), ones([2])).shape).toEqual([3, 2]);
  expect(add(ones([0, 1]), ones([1, 3])).shape).toEqual([0, 3]);
  expect(add(1, 2).item()).toBe(3);
  expect(() => add(ones([2, 3]), ones([3, 2]))).toThrow(
    "add: expected shapes that broadcast together, got [2,3] and [3,2]",
  );
  expect(() => add(ones([2]), "1" as never)).toThrow('add: expected a tensor, number or boolean, got "1"');
});

test("a number that does not fit is an error, not another number", () => {
  const bytes = tensor([1, 2], { dtype: "uint8" });
  expect(() => add(bytes, 300)).toThrow(
    "add: expected a number that uint8 holds (0 to 255), got 300: cast the tensor to a wider dtype first",
  );
  expect(() => greater(bytes, -1)).toThrow("greater: expected a number that uint8 holds (0 to 255), got -1");
  expect(() => full([2], 128, { dtype: "int8" })).toThrow(
    "full: expected a number that int8 holds (-128 to 127), got 128",
  );
  expect(add(bytes, 1.5).toArray()).toEqual([2.5, 3.5]);
});
