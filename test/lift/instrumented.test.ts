/** Source that tools have rewritten works, or is refused clearly. */
import { describe, expect, test } from "vitest";
import * as acorn from "acorn";
import ts from "typescript";
import { transformSync } from "esbuild";
import { lift, tensor } from "../../src/index.js";
import type { Plain } from "./everywhere.js";

/** A function made of text, with some names in its scope. */
const made = (source: string, scope: Readonly<Record<string, unknown>> = {}): Plain =>
  new Function(...Object.keys(scope), `return (${source});`)(...Object.values(scope)) as Plain;

const original = `(x, steps) => {
  let y = x;
  for (let i = 0; i < 12; i++) {
    if (y < 0.1) { y = -y; continue; }
    const { a, b } = { a: y * 2, b: Math.sqrt(y) };
    y = a > 3 || b > 4 ? (a - b) / 2 : a + b;
    if (y > 1e6) return [y, i];
  }
  return [steps > 1 ? y ** 2 : Math.max(y, x), 12];
}`;

const inputs = [-2, 0.05, 0.3, 1.7, 40];

const expectUnchanged = (source: string, scope: Readonly<Record<string, unknown>> = {}): void => {
  const plain = made(original);
  const lifted = lift(made(source, scope));
  const want = inputs.map((x) => plain(x, 2) as [number, number]);
  const got = lifted(tensor(inputs, { dtype: "float64" }), 2) as unknown as { toArray(): number[] }[];
  got.forEach((t, k) => t.toArray().forEach((v, i) => expect(v).toBeCloseTo(want[i]![k]!, 9)));
};

/** The last expression of a program, which compilers leave as a statement. */
const expressionOf = (program: string): string => {
  const { body } = acorn.parse(program, { ecmaVersion: "latest", sourceType: "module" });
  const last = body[body.length - 1]!;
  return program
    .slice(last.start, last.end)
    .replace(/^(const|let|var) \w+ ?= ?/, "")
    .replace(/;$/, "");
};

describe("compilers", () => {
  test.each(["ES5", "ES2015", "ES2022"] as const)("tsc to %s", (target) => {
    const { outputText } = ts.transpileModule(`const f = ${original};`, {
      compilerOptions: { target: ts.ScriptTarget[target], module: ts.ModuleKind.ESNext },
    });
    expectUnchanged(expressionOf(outputText));
  });

  test.each([
    { minify: true },
    { minify: false },
    { keepNames: true },
    { minifySyntax: true, target: "es2019" },
  ])("esbuild with %o", (options) => {
    const { code } = transformSync(`export const f = ${original};`, { loader: "ts", ...options });
    const f = /(?:const|let|var)\s+(\w+)\s*=\s*/.exec(code.replace(/^var __.*$/gm, ""))!;
    const start = code.indexOf(f[0]) + f[0].length;
    const node = acorn.parseExpressionAt(code, start, { ecmaVersion: "latest" });
    expectUnchanged(code.slice(node.start, node.end), { __name: (g: unknown) => g });
  });

  test("names that a minifier has changed are refused, not guessed", () => {
    expect(() => lift(made("(e)=>e*t", { t: 2 }), { alpha: 2 })).toThrow("got t (line 1, column 8");
  });

  test("imports as modules see them", () => {
    const scale = 3;
    const m = { scale, twice: (x: number) => 2 * x };
    for (const name of ["__vi_import_0__", "__vite_ssr_import_1__", "import_math", "math_1", "_math"]) {
      const f = lift(
        made(`(x) => (0, ${name}.twice)(x) * ${name}.scale`, { [name]: m }) as (x: number) => number,
        m,
      );
      expect(f(tensor([2])).toArray()).toEqual([12]);
    }
    expect(() => lift(made("(x) => config.scale * x", { config: m }), m)).toThrow("got config");
  });
});

describe("coverage", () => {
  test("Istanbul's counters are left out", () => {
    const cov = "cov_2h8jlp3k1";
    const counted = `(x, steps = (${cov}().b[0][0]++, 2)) => {
  ${cov}().f[0]++;
  let y = (${cov}().s[0]++, x);
  ${cov}().s[1]++;
  for (let i = (${cov}().s[2]++, 0); i < 12; i++) {
    ${cov}().s[3]++;
    if (y < 0.1) { ${cov}().b[1][0]++; ${cov}().s[4]++; y = -y; ${cov}().s[5]++; continue; } else { ${cov}().b[1][1]++; }
    const { a, b } = (${cov}().s[6]++, { a: y * 2, b: Math.sqrt(y) });
    ${cov}().s[7]++;
    y = (${cov}().b[2][0]++, a > 3) || (${cov}().b[2][1]++, b > 4) ? (${cov}().b[3][0]++, (a - b) / 2) : (${cov}().b[3][1]++, a + b);
    ${cov}().s[8]++;
    if (y > 1e6) { ${cov}().b[4][0]++; ${cov}().s[9]++; return [y, i]; } else { ${cov}().b[4][1]++; }
  }
  ${cov}().s[10]++;
  return [steps > 1 ? (${cov}().b[5][0]++, y ** 2) : (${cov}().b[5][1]++, Math.max(y, x)), 12];
}`;
    expectUnchanged(counted);
    expectUnchanged(counted.replaceAll(`${cov}()`, "__cov_1.cov"));
  });

  test("other instruments are refused by their names", () => {
    expect(() => lift(made("(x) => (probe(1), x)", { probe: () => 0 }))).toThrow(
      "got probe (line 1, column 9",
    );
  });
});
