/** Runs golden cases: values, dtypes, shapes and vector-Jacobian products against JAX's. */
import { expect, test } from "vitest";
import { tensor, type Tensor, vjp } from "../../src/index.js";
import {
  type GoldenArray,
  type GoldenCase,
  type GoldenValue,
  isGoldenArray,
  loadGolden,
} from "../golden/load.js";

export type Options = Readonly<Record<string, never>>;

/** A public function on a case's arguments, arrays having become tensors wherever they stand. */
export type Call = (args: readonly never[], options: Options) => unknown;

export interface Tolerance {
  /** Relative to the largest magnitude of the expected array, and absolute. */
  readonly rtol?: number;
  readonly atol?: number;
  /** Cases whose gradients differ by design. */
  readonly skipGradient?: (c: GoldenCase) => boolean;
  readonly skip?: (c: GoldenCase) => boolean;
}

export const tensorOf = (a: GoldenArray): Tensor => tensor(a.data, { shape: a.shape, dtype: a.dtype });

/** Array records become tensors; everything else stays. */
export const tensors = (v: GoldenValue): unknown => {
  if (isGoldenArray(v)) return tensorOf(v);
  if (Array.isArray(v)) return v.map(tensors);
  if (typeof v === "object" && v !== null)
    return Object.fromEntries(Object.entries(v).map(([k, w]) => [k, tensors(w as GoldenValue)]));
  return v;
};

const close = (a: number, b: number, allowed: number): boolean =>
  Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) <= allowed;

export const expectClose = (
  got: Tensor,
  want: GoldenArray,
  { rtol = 2e-6, atol = 1e-6 }: Tolerance,
  what: string,
): void => {
  expect({ what, shape: got.shape, dtype: got.dtype }).toEqual({
    what,
    shape: want.shape,
    dtype: want.dtype,
  });
  const data = got.dataSync();
  const finite = Array.from(want.data).filter(Number.isFinite).map(Math.abs);
  const allowed = atol + rtol * Math.max(0, ...finite);
  const bad = data.findIndex((x, i) => !close(x, want.data[i]!, allowed));
  if (bad >= 0) throw new Error(`${what}: at ${bad} expected ${want.data[bad]}, got ${data[bad]}`);
};

const checkGradients = (c: GoldenCase, call: Call, t: Tolerance): void => {
  if (c.grads === undefined || t.skipGradient?.(c) === true) return;
  const { argnums, cotangent, values } = c.grads;
  const args = c.args.map(tensors);
  const options = tensors(c.options ?? {}) as Options;
  const f = (...xs: Tensor[]): Tensor => {
    const given = [...args];
    argnums.forEach((n, i) => (given[n] = xs[i]!));
    return call(given as never[], options) as Tensor;
  };
  const [, pull] = vjp(f, ...argnums.map((n) => args[n] as Tensor));
  const cts = pull(tensorOf(cotangent)) as readonly Tensor[];
  values.forEach((v, i) => expectClose(cts[i]!, v, t, `${c.fn}: gradient ${argnums[i]}`));
};

const describeCase = (c: GoldenCase, i: number): string => {
  const args = c.args.map((a) => (isGoldenArray(a) ? `${a.dtype}[${a.shape}]` : JSON.stringify(a)));
  return `${c.fn} ${i}: ${args.join(" ").slice(0, 80)} ${JSON.stringify(c.options ?? {}).slice(0, 80)}`;
};

/** A test for each case of `fn`. */
export const testGolden = (topic: string, fn: string, call: Call, t: Tolerance = {}): void => {
  const cases = loadGolden(topic).cases.filter((c) => c.fn === fn && t.skip?.(c) !== true);
  test(`${fn} has golden cases`, () => expect(cases.length).toBeGreaterThan(0));
  cases.forEach((c, i) =>
    test(describeCase(c, i), () => {
      const got = call(c.args.map(tensors) as never[], tensors(c.options ?? {}) as Options);
      const wanted = Array.isArray(c.out) ? (c.out as readonly GoldenArray[]) : [c.out as GoldenArray];
      const list = Array.isArray(got) ? (got as readonly Tensor[]) : [got as Tensor];
      expect(list.length).toBe(wanted.length);
      wanted.forEach((w, k) => expectClose(list[k]!, w, t, c.fn));
      checkGradients(c, call, t);
    }),
  );
};
