/** The check that every generated kernel passes, on texts that must not. */
import { describe, expect, test } from "vitest";
import { faultsOf } from "./scope.js";

const kernel = (body: string): string => `function k(b0, b1, erf) {\n${body}\n}`;

describe("a proper kernel", () => {
  test.each([
    "for (let i = 0; i < 4; i++) {\n  const v = b0[i];\n  b1[i] = Math.fround(erf(v) + 1);\n}",
    "let a = 0, p = 0;\nfor (let i = 0; i < 4; i++) {\n  if (b0[i] > a) { a = b0[i]; p = i; }\n}\nb1[0] = p;",
    "erf(b0.subarray(2, 6), b1.subarray(0, 4));",
    "let v = -1;\nif (true) {\n  v = b0[0] !== 0 ? 1 : 0;\n}\nb1[0] += v;",
  ])("%s", (body) => {
    expect(faultsOf(kernel(body))).toEqual([]);
  });
});

describe("an improper one", () => {
  test.each([
    ["b1[0] = x;", "line 2: x is unknown: b1[0] = x;"],
    ["b1[0] = window;", "line 2: window is unknown: b1[0] = window;"],
    ["b1[0] = b0.length;", "line 2: a property of something other than Math: b1[0] = b0.length;"],
    ["b1[0] = Math.nothing(1);", "line 2: a property of something other than Math: b1[0] = Math.nothing(1);"],
    ["b1[0] = v;\nconst v = 1;", "line 2: v is unknown: b1[0] = v;"],
    ["const v = v + 1;", "line 2: v is unknown: const v = v + 1;"],
    ["{\n  const v = 1;\n}\nb1[0] = v;", "line 5: v is unknown: b1[0] = v;"],
    ["const v = 1;\nv = 2;", "line 3: v is assigned and is no let: v = 2;"],
    [
      "const v = 1;\nfor (let i = 0; i < 2; i++) {\n  const v = 2;\n}",
      "line 4: v hides another variable: const v = 2;",
    ],
    ["b0 = 1;", "line 2: b0 is assigned and is no let: b0 = 1;"],
    ["const v = 1;\nv[0] = 2;", "line 3: v is no parameter: v[0] = 2;"],
    ["const f = () => 1;", "line 2: a ArrowFunctionExpression: const f = () => 1;"],
    ["b1[0] = new Date();", "line 2: a NewExpression: b1[0] = new Date();"],
    ["b1[0] = this;", "line 2: a ThisExpression: b1[0] = this;"],
    ['b1[0] = "x";', 'line 2: a literal that is no number: b1[0] = "x";'],
    ["var v = 1;", "line 2: a var: var v = 1;"],
    ["eval(b0);", "line 2: a call of something other than Math or a parameter: eval(b0);"],
  ])("%s", (body, fault) => {
    expect(faultsOf(kernel(body))).toContain(fault);
  });

  test("text that is no function, or no JavaScript", () => {
    expect(faultsOf("1 + 1")).toEqual(["is not one function"]);
    expect(faultsOf("function a() {}\nfunction b() {}")).toEqual(["is not one function"]);
    expect(faultsOf("function a() { return ; const }")[0]).toMatch(/^does not parse: SyntaxError/);
  });
});
