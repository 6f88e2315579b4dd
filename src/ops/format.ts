/** How a tensor's elements are shown: nested, aligned, elided in the middle where there are many. */
import type { Shape } from "../ir/aval.js";
import { type DType, isFloat, type TypedArray } from "../ir/dtype.js";

const edge = 3;
const threshold = 1000;

/** Digits that a dtype surely has. */
const digits = (dtype: DType): number => (dtype === "float64" ? 12 : dtype === "float16" ? 4 : 6);

const formatNumber = (dtype: DType, x: number): string => {
  if (dtype === "bool") return x === 0 ? "false" : "true";
  if (!isFloat(dtype)) return String(x);
  if (Object.is(x, -0)) return "-0";
  if (Number.isInteger(x) && Math.abs(x) < 1e7) return String(x);
  return String(Number(x.toPrecision(digits(dtype))));
};

/** Nested brackets; axes longer than six show their ends when the whole has more than a thousand elements. */
export const formatArray = (shape: Shape, dtype: DType, data: TypedArray): string => {
  const elide = data.length > threshold;
  const visit = (axis: number, offset: number, size: number): string => {
    if (axis === shape.length) return formatNumber(dtype, data[offset]!);
    const n = shape[axis]!;
    const stride = n === 0 ? 0 : size / n;
    const shown =
      elide && n > 2 * edge ? [0, 1, 2, n - 3, n - 2, n - 1] : Array.from({ length: n }, (_, i) => i);
    const items = shown.map((i) => visit(axis + 1, offset + i * stride, stride));
    if (shown.length < n) items.splice(edge, 0, "…");
    const inner = shape.length - axis - 1;
    return `[${items.join(inner === 0 ? ", " : `,${"\n".repeat(inner)}${" ".repeat(axis + 1)}`)}]`;
  };
  return visit(0, 0, data.length);
};
