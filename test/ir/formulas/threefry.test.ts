/** Threefry as a formula gives the bits of the reference. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threefry } from "../../../src/ir/formulas/index.js";
import { threefryFirst, threefrySecond, threefryXor, type Word } from "../../../src/ir/scalar/threefry.js";
import { compile } from "./machine.js";

const references: Record<Word, (...words: number[]) => number> = {
  first: (a, b, c, d) => threefryFirst(a!, b!, c!, d!),
  second: (a, b, c, d) => threefrySecond(a!, b!, c!, d!),
  xor: (a, b, c, d) => threefryXor(a!, b!, c!, d!),
};

describe.each(["first", "second", "xor"] as const)("%s", (word) => {
  const { run, size } = compile((m, ...args) => threefry(m, args, word), 4, "once", "uint32");

  test("any key and counter", () => {
    const u = fc.nat({ max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(u, u, u, u, (...args) => run(...args) === references[word](...args)),
      { numRuns: 1000 },
    );
  });

  test("corners", () => {
    for (const x of [0, 1, 2 ** 31, 2 ** 32 - 1])
      for (const y of [0, 2 ** 32 - 1]) expect(run(x, y, y, x)).toBe(references[word](x, y, y, x));
  });

  test("five operations a round, three between", () => {
    expect(size).toBe(20 * 5 + 2 + 2 + 5 * 3 + (word === "xor" ? 1 : 0));
  });
});
