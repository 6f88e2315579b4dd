/** Compares what an example computes with what its comment promises. */

/** A number known to so many decimals. */
export class Rounded {
  constructor(
    readonly value: number,
    readonly decimals: number,
  ) {}
}

interface Readable {
  readonly toArray: () => unknown;
}

const isReadable = (x: unknown): x is Readable =>
  typeof x === "object" && x !== null && typeof (x as Partial<Readable>).toArray === "function";

/** Tensors and typed arrays as nested arrays, so that a comment can show them. */
const plain = (x: unknown): unknown => {
  if (isReadable(x)) return x.toArray();
  if (ArrayBuffer.isView(x) && !(x instanceof DataView))
    return Array.from(x as unknown as ArrayLike<unknown>);
  return x;
};

const show = (x: unknown): string => {
  if (x instanceof Rounded) return String(x.value);
  if (typeof x === "number" || typeof x === "bigint" || typeof x === "function") return String(x);
  return JSON.stringify(x, (_, v: unknown) => (typeof v === "bigint" ? `${String(v)}n` : v)) ?? String(x);
};

const differs = (actual: unknown, expected: unknown, near: boolean): boolean => {
  if (expected instanceof Rounded) {
    const tolerance = Math.max(0.5000001 * 10 ** -expected.decimals, 1e-5 * Math.abs(expected.value));
    return !(typeof actual === "number" && Math.abs(actual - expected.value) <= tolerance);
  }
  if (actual === expected || Object.is(actual, expected)) return false; // 0 shows -0 as well
  if (typeof actual !== "number" || typeof expected !== "number") return true;
  if (actual === Math.fround(expected)) return false; // a float32 is shown by its shortest decimals
  return !(near && Math.abs(actual - expected) <= (expected === 0 ? 1e-6 : 1e-5 * Math.abs(expected)));
};

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && !(x instanceof Rounded);

/** The first place where two values differ, in words; null where they agree. */
export const difference = (actual: unknown, expected: unknown, near: boolean, path = ""): string | null => {
  const a = plain(actual);
  const e = plain(expected);
  if (a instanceof Promise) return "got a promise: await it";
  if (!isRecord(a) || !isRecord(e) || Array.isArray(a) !== Array.isArray(e)) {
    if (!differs(a, e, near)) return null;
    return `${path === "" ? "" : `at ${path} `}expected ${near ? "≈ " : ""}${show(e)}, got ${show(a)}`;
  }
  for (const key of new Set([...Object.keys(e), ...Object.keys(a)])) {
    const at = Array.isArray(e) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
    const found =
      key in e && key in a ? difference(a[key], e[key], near, at) : `expected ${show(e)}, got ${show(a)}`;
    if (found !== null) return found;
  }
  return null;
};
