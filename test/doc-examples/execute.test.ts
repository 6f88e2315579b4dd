import { describe, expect, test } from "vitest";
import { difference, Rounded } from "./compare.js";
import { execute } from "./execute.js";
import { expectationOf } from "./expectation.js";

const run = (code: string, mustAssert = true): Promise<void> =>
  execute({ file: "src/a.ts", line: 10, code, runs: true, mustAssert });

describe("promises that hold", () => {
  test.each([
    ["a literal", "[1, 2].map((x) => 2 * x) // [2, 4]"],
    ["a negative number", "-(3) // -3"],
    ["a record", "({ a: [1], b: 'x' }) // { a: [1], b: 'x' }"],
    ["an expression", "const n = 2;\n[n, n + 1] // => [n, 3]"],
    ["near", "Math.log(2) // ≈ 0.693147"],
    ["near, rounded as shown", "Math.log(2) // ≈ 0.6931"],
    ["near, computed", "Math.fround(0.1) // ≈ 1 / 10"],
    ["near, nested", "[[Math.fround(0.1)], [-Math.log(2)]] // ≈ [[0.1], [-0.6931]]"],
    ["a declaration", "const x: number = 1 + 1; // 2"],
    ["on the line below", "1 + 1;\n// => 2"],
    ["over several lines", "[[1], [2]]\n// => [[1],\n//     [2]]"],
    ["after a chain", "[1, 2]\n  .map((x) => x + 1)\n  .join() // '2,3'"],
    ["printing", "console.log(1 + 1) // 2"],
    ["awaiting", "await Promise.resolve([1]) // [1]"],
    ["inside a block", "for (const x of [1, 2]) {\n  x * 0 // 0\n}"],
    ["a throw", "JSON.parse('{') // throws"],
    ["a throw with words", "(() => { throw new Error('mul: expected 1') })() // throws mul: expected"],
    ["a tensor, by its toArray", "({ toArray: () => [1] }) // [1]"],
    ["a float32 by its decimals", "Math.fround(0.1) // 0.1"],
    ["a typed array", "new Float32Array([1, 2]) // [1, 2]"],
    ["an assertion of its own", 'import assert from "node:assert";\nassert.equal(1, 1);'],
    ["types", "type N = number;\nconst f = <T,>(x: T): T => x;\nf<N>(1) // 1"],
    ["an import", 'import { rules } from "fluxion/eslint";\nObject.keys(rules).length // 1'],
  ])("%s", (_, code) => run(code));
});

describe("promises that do not", () => {
  test.each([
    ["1 + 1 // 3", "src/a.ts:10: expected 3, got 2"],
    ["const a = 1;\n[a, [a]] // [1, [2]]", "src/a.ts:11: at [1][0] expected 2, got 1"],
    ["({ a: 1 }) // { a: 1, b: 2 }", 'src/a.ts:10: expected {"a":1,"b":2}, got {"a":1}'],
    ["Math.log(2) // ≈ 0.6932", "src/a.ts:10: expected ≈ 0.6932, got 0.6931471805599453"],
    ["0.1 + 0.2 // 0.3", "src/a.ts:10: expected 0.3, got 0.30000000000000004"],
    ["Promise.resolve(1) // 1", "src/a.ts:10: got a promise: await it"],
    ["1 // throws", "src/a.ts:10: expected an error, got nothing"],
    ["JSON.parse('1') // throws bad", "src/a.ts:10: expected an error saying bad, got nothing"],
    ["1 // => one and a half", "expected a value after =>, got one and a half"],
    ["const [a] = [1] // => 1", "expected an expression or one declaration before // => 1"],
    ["const a = 1; // the first", "example asserts nothing"],
    ["missing() // 1", "missing is not defined"],
  ])("%s", async (code, message) => {
    await expect(run(code)).rejects.toThrow(message);
  });
});

test("a page's example may assert nothing", () => run("const a = 1;", false));

test.each(["the loss falls", "2 steps", "1, then 2", "x", ""])("no promise: %s", (comment) => {
  expect(expectationOf([` ${comment}`])).toBeNull();
});

test("a zero shows either sign, and a shown negative zero only its own", () => {
  expect(difference([-0], [0], false)).toBeNull();
  expect(difference([1e-9], [0], true)).toBeNull();
  expect(difference(Number.NaN, Number.NaN, false)).toBeNull();
  expect(difference(0.70005, new Rounded(0.7, 3), true)).toBeNull();
});
