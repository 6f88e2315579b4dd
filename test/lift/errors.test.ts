/** What cannot be lifted is refused with its place, and with what to write instead. */
import { describe, expect, test } from "vitest";
import { lift, tensor } from "../../src/index.js";

/** A function whose source is exactly this text. */
const written = (source: string): ((...args: number[]) => number) =>
  new Function(`return (${source});`)() as (...args: number[]) => number;

const message = (source: string, environment = {}): string => {
  try {
    lift(written(source), environment);
  } catch (e) {
    return (e as Error).message;
  }
  return "no error";
};

test("the place, the line with a caret, and what to do", () => {
  expect(message("(x) => {\n  const y = x * 2;\n  return y + gain;\n}")).toBe(
    [
      "lift: expected parameters, local variables, Math, Number and names that were given, got gain (line 3, column 14 of the function)",
      "      return y + gain;",
      "                 ^",
      "give it to the function: lift(f, { gain }), if it is a number, a tensor or a function of numbers",
    ].join("\n"),
  );
});

test("tabs stay under tabs", () => {
  expect(message("(x) => {\n\t\treturn x + this.y;\n}")).toContain(
    "\t\treturn x + this.y;\n    \t\t           ^",
  );
});

test("a minified line is cut around the place", () => {
  const long = `(x) => { let y = x; ${"y = y * 2 + 1; ".repeat(30)} y = q; ${"y = y + 1; ".repeat(30)} return y }`;
  const lines = message(long).split("\n");
  expect(lines[1]!.length).toBeLessThan(110);
  expect(lines[1]![lines[2]!.indexOf("^")]).toBe("q");
  expect(lines[0]).toContain(`column ${long.indexOf("q") + 1} `);
});

describe("refused", () => {
  const cases: Readonly<Record<string, readonly [source: string, got: string, instead: string]>> = {
    "a free variable": ["(x) => x * alpha", "got alpha (line 1, column 12", "lift(f, { alpha })"],
    "assigning a constant": [
      "(x) => { const a = x; a = 2; return a }",
      "an assignment to a, a constant",
      "let",
    ],
    "a string": ['(x) => x > 0 ? "a" : 1', "got a string", "choose by a number"],
    "a template": ["(x) => `${x}`", "got a string", "choose by a number"],
    "a bigint": ["(x) => 1n", "got a bigint", "32 bits"],
    null: ["(x) => null", "got null", "NaN"],
    "a regular expression": ["(x) => /a/", "got a regular expression", "numbers"],
    this: ["function (x) { return this.a * x }", "got this", "as an argument"],
    new: ["(x) => new Date(x)", "got new", "variables, tuples"],
    typeof: ["(x) => typeof x", "got typeof", "a number or a boolean"],
    "??": ["(x) => x ?? 1", "got ??", "Number.isNaN"],
    "?.": ["(x) => x?.y", "got ?.", "write ."],
    in: ["(x) => 1 in x", "got the operator in", "variables"],
    mutation: ["(x) => { const p = { x }; p.x = 2; return p.x }", "to a member of an object", "new tuple"],
    "mutation by ++": [
      "(x) => { const p = [x]; p[0]++; return p[0] }",
      "to a member of an object",
      "new tuple",
    ],
    throw: ["(x) => { if (x < 0) throw 1; return x }", "got throw", "NaN"],
    try: [
      "(x) => { try { return x } catch { return 1 } }",
      "the end of the function without return",
      "return",
    ],
    switch: ["(x) => { switch (x) { case 1: x = 2 } return x }", "got switch", "if and else"],
    "for … of": ["(x) => { for (const y of x) x = y; return x }", "got for … of", "table[i]"],
    labels: ["(x) => { a: for (;;) { break a } return x }", "got a label", "boolean"],
    "recursion by name": [
      "function f(x) { return x < 1 ? 1 : f(x - 1) }",
      "a call of f by itself",
      "use a loop",
    ],
    "recursion of a local function": [
      "(x) => { const f = (n) => (n < 1 ? 1 : f(n - 1)); return f(x) }",
      "a call of f inside f",
      "use a loop",
    ],
    "recursion of a declared function": [
      "(x) => { function f(n) { return n < 1 ? 1 : f(n - 1) } return f(x) }",
      "a call of f inside f",
      "use a loop",
    ],
    "a path without return": [
      "(x) => { if (x > 0) return x; }",
      "without return (line 1, column 31",
      "at the end",
    ],
    "return of nothing": ["(x) => { return; }", "expected a value to return, got none", "return a number"],
    "results of different structures": [
      "(x) => { if (x > 0) return [x, 1]; return x }",
      "expected an array of 2, got a number",
      "one structure",
    ],
    "a rest parameter": ["(...xs) => xs[0]", "a rest parameter", "name every parameter"],
    "a default inside a pattern": ["([x = 1]) => x", "a default inside a pattern", "whole parameters"],
    "a spread": ["(x) => Math.max(...x)", "got a spread", "every argument"],
    "a method of a number": ["(x) => x.toFixed(2)", "the member toFixed of a number", "({ x, y })"],
    "a member of Math that is none": ["(x) => Math.foo(x)", "got Math.foo", "functions that Math has"],
    "Math.random": ["(x) => Math.random()", "got Math.random", "pass random numbers"],
    "too few arguments of Math": ["(x) => Math.sin()", "1 argument for sin, got 0", "undefined"],
    "an index of a parameter": ["(x) => x[0]", "got a number", "lift(f, { table })"],
    "a computed index of a tuple": [
      "(x) => [x, 1][x]",
      "a constant index",
      "tensors and arrays of constants",
    ],
    "an index beyond a tuple": ["(x) => [x, 1][2]", "an index below 2, got 2", "shorter"],
    "a field that is missing": ["(x) => ({ x }).y", "expected one of x, got y", "no such field"],
    "a function as a result": ["(x) => (y) => y", "got a function", "call the function"],
    "calling a number": ["(x) => x(1)", "expected a function, got a number", "only functions"],
    async: ["async (x) => x", "an async one", "remove async"],
    "a generator": ["function* (x) { yield x }", "a generator", "remove"],
    await: ["async (x) => await x", "an async one", "remove async"],
    "a class": ["class A {}", "expected a function written in JavaScript", ""],
    "an async local function": [
      "(x) => { const f = async (a) => a; return f(x) }",
      "f, which is async",
      "ordinary",
    ],
    "too many arguments of a local function": [
      "(x) => { const f = (a) => a; return f(x, 1) }",
      "1 argument for f, got 2",
      "others",
    ],
    "too few arguments of a local function": [
      "(x) => { const f = (a) => a; return f() }",
      "too few",
      "undefined",
    ],
  };
  test.each(Object.keys(cases))("%s", (name) => {
    const [source, got, instead] = cases[name]!;
    const text = message(source);
    expect(text).toContain(got);
    expect(text).toContain(instead);
  });

  test("functions without source, and what is no function", () => {
    expect(() => lift(Math.sin)).toThrow("got sin without source (built in, or made by bind)");
    expect(() => lift(3 as unknown as () => number)).toThrow(
      "expected a function written in JavaScript (an arrow, function or method), got number",
    );
  });

  test("a tensor needs an index for every axis, and no more", () => {
    const grid = tensor([[1, 2]]);
    expect(message("(i) => grid[i]", { grid })).toContain("an index for each of the 2 axes, got 1");
    expect(message("(i) => grid[i][i][i]", { grid })).toContain("at most 2 indices, got one more");
    expect(message("(i) => grid.shape", { grid })).toContain("the member shape of this");
  });

  test("assigning to the environment", () => {
    expect(message("(x) => { alpha = x; return alpha }", { alpha: 1 })).toContain(
      "the environment is constant",
    );
  });

  test("an error in a function that is called points into that function", () => {
    const inner = written("(a) =>\n  a + missing");
    expect(() => lift(written("(x) => inner(x)"), { inner })).toThrow(/got missing \(line 2, column 7/);
  });
});
