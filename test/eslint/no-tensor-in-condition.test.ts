import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Linter } from "eslint";
import fluxion, { configs } from "fluxion/eslint";
import tseslint from "typescript-eslint";
import { describe, expect, test } from "vitest";
import { tensorMessage, unionMessage, untypedMessage } from "../../src/eslint/no-tensor-in-condition.js";

const fixture = fileURLToPath(new URL("./fixture", import.meta.url));
const linter = new Linter({ cwd: fixture });

const prelude = `
import { type Expr, greater, type Named, type Tensor, tensor, type TensorLike } from "fluxion";
import type { Tensor as OtherTensor } from "other";
declare const t: Tensor, u: Tensor, b: boolean, e: Expr, named: Named, like: TensorLike;
declare const maybe: Tensor | undefined, other: OtherTensor, list: Tensor[], or: Tensor | boolean;
type Alias = Tensor; declare const alias: Alias; declare const both: Tensor & { tag: 1 };
`;

/** The messages of the recommended configuration for one statement. */
const lint = (statement: string): readonly string[] =>
  linter
    .verify(
      prelude + statement,
      {
        ...configs.recommended,
        files: ["**/*.ts"],
        languageOptions: {
          parser: tseslint.parser as Linter.Parser,
          parserOptions: {
            project: "./tsconfig.json",
            tsconfigRootDir: fixture,
            // On CI the parser would take it that each file is linted once, with the text it has on disk.
            disallowAutomaticSingleRunInference: true,
          },
        },
      },
      { filename: "case.ts" },
    )
    .map((m) => m.message);

describe("every boolean position", () => {
  test.each([
    ["if", "if (t) {}"],
    ["if", "if (greater(t, 0)) {}"],
    ["while", "while (t) {}"],
    ["do", "do {} while (t)"],
    ["for", "for (; t; ) {}"],
    ["?", "export const x = t ? 1 : 2;"],
    ["!", "export const x = !t;"],
    ["&&", "export const x = t && b;"],
    ["||", "export const x = t || b;"],
    ["Boolean", "Boolean(t);"],
  ])("%s: %s", (place, statement) => {
    expect(lint(statement)).toEqual([tensorMessage(place)]);
  });

  test("the message says what to use instead", () => {
    assert.equal(
      tensorMessage("if"),
      "if: expected a JavaScript boolean, got a Tensor, which is always true; use where, cond, or read it with .item()",
    );
  });
});

describe("every way a type can be a tensor", () => {
  test.each(["alias", "both", "e", "named", "t.mul(2)", "(t as Tensor)", "t!"])("%s", (expression) => {
    expect(lint(`if (${expression}) {}`)).toEqual([tensorMessage("if")]);
  });

  test("a type parameter by its constraint", () => {
    expect(lint("export const f = <T extends Tensor>(x: T) => (x ? 1 : 2);")).toEqual([tensorMessage("?")]);
  });

  test.each([
    ["maybe", "Tensor | undefined"],
    ["like", "TensorLike"],
    ["or", "boolean | Tensor"],
  ])("a union: %s", (name, type) => {
    expect(lint(`if (${name}) {}`)).toEqual([unionMessage("if", type)]);
  });
});

describe("conditions made of conditions", () => {
  test("each operand is reported once", () => {
    expect(lint("if (t && u) {}")).toEqual([tensorMessage("&&"), tensorMessage("if")]);
    expect(lint("if (b && (b || u)) {}")).toEqual([tensorMessage("if")]);
    expect(lint("if (!!t) {}")).toEqual([tensorMessage("!")]);
  });
});

describe("what is left alone", () => {
  test.each([
    "if (t.item() > 0) {}",
    "if (t.item()) {}",
    "if (b) {}",
    "if (other) {}",
    "if (list) {}",
    "if (list.length) {}",
    "if (maybe !== undefined) {}",
    "export const x = maybe ?? t;",
    "export const x = b && t;",
    "export const x = b ? t : u;",
    "for (;;) break;",
    "export const f = () => { if (greater) return 1; };",
    "export const f = (x: any) => { if (x) return 1; };",
    "export const f = <T,>(x: T) => { if (x) return 1; };",
  ])("%s", (statement) => {
    expect(lint(statement)).toEqual([]);
  });
});

test("without types the rule says what it needs", () => {
  const untyped = { ...configs.recommended, files: ["**/*.js"] };
  expect(() => linter.verify("if (1) {}", untyped, { filename: "case.js" })).toThrow(untypedMessage());
});

test("the plugin carries its own recommended configuration", () => {
  expect(fluxion.configs.recommended).toBe(configs.recommended);
  expect(configs.recommended.plugins?.["fluxion"]).toBe(fluxion);
});
