/**
 * Golden data: answers computed by JAX, read from `test/golden/<topic>.json` (the format is described in `README.md`).
 *
 * Array records become typed arrays, wherever they stand inside a case; everything else stays plain JSON.
 */
import { readFileSync } from "node:fs";

export type GoldenDtype = "float32" | "float64" | "int32" | "uint32" | "int8" | "uint8" | "bool";

export type GoldenData = Float32Array | Float64Array | Int32Array | Uint32Array | Int8Array | Uint8Array;

/** An array, row-major; bool is a `Uint8Array` of 0 and 1. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly dtype: GoldenDtype;
  readonly data: GoldenData;
}

/** Plain JSON with arrays in it. */
export type GoldenValue =
  | GoldenArray
  | number
  | string
  | boolean
  | null
  | readonly GoldenValue[]
  | { readonly [name: string]: GoldenValue };

/** vjp: `values[i]` belongs to `args[argnums[i]]`. */
export interface GoldenGradients {
  readonly argnums: readonly number[];
  readonly cotangent: GoldenArray;
  readonly values: readonly GoldenArray[];
}

export interface GoldenCase {
  readonly fn: string;
  readonly args: readonly GoldenValue[];
  readonly options?: { readonly [name: string]: GoldenValue };
  /** A string only in the `promotion` cases, where it is a dtype. */
  readonly out: GoldenArray | readonly GoldenArray[] | string;
  readonly grads?: GoldenGradients;
  /** Elementwise: the exact results, rounded to float64. */
  readonly truth?: GoldenArray;
  /** Random: the results on a machine with fused multiply-add, where they differ from `out`. */
  readonly outFma?: GoldenArray;
  /** Casts from floats to integers: the elements on which all backends must agree. */
  readonly defined?: GoldenArray;
  /** topK: the vjp of the values, for a cotangent of ones. */
  readonly valuesGrad?: GoldenArray;
  readonly note?: string;
}

export interface GoldenFile {
  readonly jax: string;
  readonly cases: readonly GoldenCase[];
}

const constructors: { readonly [D in GoldenDtype]: new (data: readonly number[]) => GoldenData } = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

interface ArrayRecord {
  readonly shape: readonly number[];
  readonly dtype: GoldenDtype;
  readonly data: readonly (number | string)[];
}

const isRecord = (value: object): value is ArrayRecord =>
  "shape" in value && "dtype" in value && "data" in value;

/** `Number` reads "NaN", "Infinity", "-Infinity" and "-0" as JavaScript writes them. */
const toArray = ({ shape, dtype, data }: ArrayRecord): GoldenArray => ({
  shape,
  dtype,
  data: new constructors[dtype](data.map(Number)),
});

const decode = (value: Json): GoldenValue => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element: Json) => decode(element));
  if (isRecord(value)) return toArray(value);
  return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, decode(v)]));
};

/** Whether a decoded value is an array. */
export const isGoldenArray = (value: GoldenValue): value is GoldenArray =>
  typeof value === "object" && value !== null && "data" in value && "dtype" in value;

/** The golden cases of one topic: `loadGolden("nn")` reads `nn.json`. */
export const loadGolden = (topic: string): GoldenFile => {
  const text = readFileSync(new URL(`./${topic}.json`, import.meta.url), "utf8");
  const file = JSON.parse(text) as { readonly jax: string; readonly cases: readonly Json[] };
  // The files are generated; `load.test.ts` checks their form.
  return { jax: file.jax, cases: file.cases.map((c) => decode(c) as unknown as GoldenCase) };
};
