/** Elementwise functions against exact values, to the ulps that the numerics contract allows, and JAX's gradients. */
import { describe, expect, test } from "vitest";
import * as fx from "../../src/index.js";
import { getBackend, type Tensor, vjp } from "../../src/index.js";
import { type GoldenArray, type GoldenCase, type GoldenData, loadGolden } from "../golden/load.js";
import { tensorOf } from "./golden-cases.js";

const functions = fx as unknown as Readonly<Record<string, (...xs: Tensor[]) => Tensor>>;

/** The distance in units in the last place of `want`, which may be beyond the dtype's range. */
const ulps = (got: number, exact: number, dtype: string): number => {
  const want =
    dtype === "float32" && Number.isFinite(exact) && !Number.isFinite(Math.fround(exact))
      ? Math.fround(exact)
      : exact;
  if (Object.is(got, want) || got === want || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  if (!Number.isFinite(want)) return Infinity;
  if (dtype === "float64" && Math.abs(got - want) < negligible) return 0;
  const [digits, least] = dtype === "float32" ? [23, -149] : [52, -1074];
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(want) || Number.MIN_VALUE)) - digits, least);
  return Math.abs(got - want) / 2 ** exponent;
};

const worst = (
  got: GoldenData,
  want: GoldenData,
  dtype: string,
): { readonly ulps: number; readonly at: number } => {
  let found = { ulps: 0, at: 0 };
  got.forEach((g, i) => {
    const d = ulps(g, want[i]!, dtype);
    if (d > found.ulps) found = { ulps: d, at: i };
  });
  return found;
};

/** 2 ulp in float32, and 4 for the functions that DESIGN.md excepts. */
const allowed = (fn: string, dtype: string): number =>
  dtype === "float64" || ["pow", "lgamma", "digamma"].includes(fn) ? 4 : fn === "erfInv" ? erfInvOfXla : 2;

/** The float32 erfInv is XLA's polynomial, on which the bits of `random.normal` depend. */
const erfInvOfXla = 40;

/** WGSL may take a subnormal number for 0, on the way to the smallest others as well. */
const isExcepted = (numbers: readonly number[]): boolean =>
  getBackend() === "webgpu" && numbers.some((x) => x !== 0 && Math.abs(x) < 2 ** -125);

/** There, lgamma and digamma of negative numbers are differences, as docs/numerics.md says. */
const isDifference = (fn: string, x: number, got: number, exact: number): boolean =>
  getBackend() === "webgpu" &&
  (fn === "lgamma" || fn === "digamma") &&
  x < 0 &&
  Math.abs(got - exact) <= 7 * 2 ** -23 * Math.max(1, Math.abs(exact), 3 * Math.abs(x));

/** float64 results near a zero of the function, whose ulps are tiny. */
const negligible = 2e-15;

/** JAX without a truth: its own errors are larger than ours. */
const checkRoughly = (c: GoldenCase, data: GoldenData, want: GoldenData, dtype: string): void => {
  const tolerance = dtype === "float32" ? 2e-5 : 1e-12;
  data.forEach((g, i) => {
    const w = want[i]!;
    const input = (c.args as readonly GoldenArray[]).map((a) => a.data[i]);
    const same =
      g === w || (Number.isNaN(g) && Number.isNaN(w)) || Math.abs(g - w) <= tolerance * (1 + Math.abs(w));
    expect(same, `${c.fn}(${input.join(", ")}): expected ${w}, got ${g}`).toBe(true);
  });
};

/** digamma is NaN at ±0, as JAX's; the limits from each side are infinite. */
const withPole = (want: GoldenData, c: GoldenCase): GoldenData =>
  want.map((w, i) => ((c.args[0] as GoldenArray).data[i] === 0 ? NaN : w));

const checkValues = (c: GoldenCase, dtype: string): void => {
  const args = (c.args as readonly GoldenArray[]).map(tensorOf);
  const got = functions[c.fn]!(...args);
  const want = (c.truth ?? c.out) as GoldenArray;
  expect({ shape: got.shape, dtype: got.dtype }).toEqual({
    shape: want.shape,
    dtype: (c.out as GoldenArray).dtype,
  });
  const data = got.dataSync();
  if (c.truth === undefined) return checkRoughly(c, data, want.data, dtype);
  const exact = c.fn === "digamma" ? withPole(want.data, c) : want.data;
  const inputs = (c.args as readonly GoldenArray[]).map((a) => a.data);
  const known = data.map((g, i) =>
    isExcepted([...inputs.map((x) => x[i]!), exact[i]!]) || isDifference(c.fn, inputs[0]![i]!, g, exact[i]!)
      ? exact[i]!
      : g,
  );
  const w = worst(known, exact, dtype);
  const input = inputs.map((x) => x[w.at]);
  expect(
    w.ulps,
    `${c.fn}(${input.join(", ")}): expected ${want.data[w.at]}, got ${data[w.at]}`,
  ).toBeLessThanOrEqual(allowed(c.fn, dtype));
};

const checkGradients = (c: GoldenCase): void => {
  const { argnums, cotangent, values } = c.grads!;
  const args = (c.args as readonly GoldenArray[]).map(tensorOf);
  const [, pull] = vjp(
    (...xs: Tensor[]) => functions[c.fn]!(...args.map((a, i) => xs[argnums.indexOf(i)] ?? a)),
    ...argnums.map((n) => args[n]!),
  );
  const cts = pull(tensorOf(cotangent)) as readonly Tensor[];
  values.forEach((want, k) => {
    const got = cts[k]!.dataSync();
    const tolerance = want.dtype === "float32" ? 2e-5 : 1e-12;
    got.forEach((g, i) => {
      const w = want.data[i]!;
      const same =
        g === w || (Number.isNaN(g) && Number.isNaN(w)) || Math.abs(g - w) <= tolerance * (1 + Math.abs(w));
      const input = (c.args as readonly GoldenArray[]).map((a) => a.data[i]);
      expect(same, `gradient ${argnums[k]} of ${c.fn}(${input.join(", ")}): expected ${w}, got ${g}`).toBe(
        true,
      );
    });
  });
};

describe.each(["elementwise", "elementwise64"])("%s", (topic) => {
  const cases = loadGolden(topic).cases;
  const dtype = topic === "elementwise" ? "float32" : "float64";
  test.each(cases.map((c, i) => [`${c.fn} ${i}`, c] as const))("%s", (_, c) => checkValues(c, dtype));
  const differentiated = cases.filter((c) => c.grads !== undefined);
  test.each(differentiated.map((c, i) => [`gradient of ${c.fn} ${i}`, c] as const))("%s", (_, c) =>
    checkGradients(c),
  );
});

describe("integers", () => {
  // NumPy shifts unsigned integers logically; the data has lax.shift_right_arithmetic.
  const cases = loadGolden("integers").cases.filter(
    (c) => !(c.fn === "shiftRight" && (c.args[0] as GoldenArray).dtype.startsWith("u")),
  );
  test.each(cases.map((c, i) => [`${c.fn} ${i} ${(c.args[0] as GoldenArray).dtype}`, c] as const))(
    "%s",
    (_, c) => {
      const got = functions[c.fn]!(...(c.args as readonly GoldenArray[]).map(tensorOf));
      const want = c.out as GoldenArray;
      expect(got.dtype).toBe(want.dtype);
      const data = got.dataSync();
      if (want.dtype === "float32") expect(worst(data, want.data, "float32").ulps).toBeLessThanOrEqual(1);
      else expect(Array.from(data)).toEqual(Array.from(want.data));
    },
  );
});

describe("casts", () => {
  test.each(loadGolden("casts").cases.map((c, i) => [`${c.fn} ${i}`, c] as const))("%s", (_, c) => {
    const want = c.out as GoldenArray;
    const convert = functions[c.fn] as unknown as (x: Tensor, dtype: string) => Tensor;
    const got = convert(tensorOf(c.args[0] as GoldenArray), want.dtype);
    expect(got.dtype).toBe(want.dtype);
    const data = got.dataSync();
    want.data.forEach((w, i) => {
      const x = (c.args[0] as GoldenArray).data[i]!;
      const flushed = Math.abs(x) > 0 && Math.abs(x) < 2 ** -126; // XLA on CPU takes subnormals for 0
      if (!flushed && (c.defined === undefined || c.defined.data[i] === 1))
        expect(data[i], `element ${i}`).toBe(w);
    });
  });
});
