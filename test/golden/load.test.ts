import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isGoldenArray, loadGolden, type GoldenArray, type GoldenValue } from "./load.js";

const topics = readdirSync(new URL(".", import.meta.url))
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

const arraysIn = (value: GoldenValue): readonly GoldenArray[] => {
  if (typeof value !== "object" || value === null) return [];
  if (isGoldenArray(value)) return [value];
  return Object.values(value as { readonly [name: string]: GoldenValue }).flatMap(arraysIn);
};

describe.each(topics)("%s.json", (topic) => {
  const { jax, cases } = loadGolden(topic);

  it("names its JAX and has cases", () => {
    expect(jax).toMatch(/^\d+\.\d+\.\d+$/);
    expect(cases.length).toBeGreaterThan(0);
  });

  it("holds arrays whose data fill their shapes", () => {
    for (const array of arraysIn(cases as unknown as GoldenValue))
      expect(array.data.length).toBe(array.shape.reduce((n, d) => n * d, 1));
  });

  it("has gradients shaped like their arguments", () => {
    for (const { fn, args, out, grads } of cases) {
      expect(fn).toMatch(/^[a-z][A-Za-z0-9]*$/);
      if (grads === undefined) continue;
      if (typeof out === "object" && "shape" in out) expect(grads.cotangent.shape).toEqual(out.shape);
      grads.argnums.forEach((n, i) => {
        const argument = args[n];
        if (argument !== undefined && isGoldenArray(argument))
          expect(grads.values[i]?.shape).toEqual(argument.shape);
      });
    }
  });
});

it("reads what JSON cannot say", () => {
  const neg = loadGolden("elementwise").cases.find((c) => c.fn === "neg");
  const data = Array.from((neg?.args[0] as GoldenArray).data);
  expect(data.some(Number.isNaN)).toBe(true);
  expect(data).toContain(Infinity);
  expect(data.some((x) => Object.is(x, -0))).toBe(true);
});
