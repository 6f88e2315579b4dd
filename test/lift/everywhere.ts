/** A function as plain JavaScript for each element, against the lifted function in the interpreter and every backend. */
import { expect } from "vitest";
import { lift } from "../../src/index.js";
import { aval } from "../../src/ir/aval.js";
import type { DType } from "../../src/ir/dtype.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import { type Program, traceProgram } from "../../src/ir/program.js";
import { flatten } from "../../src/ir/tree.js";
import { asTensor, toExpr } from "../../src/ops/tensor.js";
import { call } from "../../src/transforms/evaluate.js";
import { arrayOf } from "../../property-tests/arrays.js";
import { backends } from "../../property-tests/backends.js";

/** A function of numbers. */
export type Plain = (...args: any[]) => unknown;

export const programOf = (f: Plain, columns: readonly NdArray[], environment: object = {}): Program =>
  traceProgram(columns, (params) => {
    const result = lift(f, environment as Record<string, unknown>)(...params.map(asTensor));
    return flatten("test", result).leaves.map((l) => toExpr("test", l));
  });

/** Values of a program in the interpreter and in every backend, by name. */
export const runs = (
  program: Program,
  args: readonly NdArray[],
): readonly (readonly [name: string, values: readonly NdArray[]])[] => [
  ["interpreter", call(program, args)],
  ...backends.map((b) => [b.name, b.run(program, args)] as const),
];

export const column = (values: readonly number[], dtype: DType = "float64"): NdArray =>
  arrayOf(aval([values.length], dtype), values);

/** Whether two numbers agree up to a relative tolerance; NaN agrees with NaN. */
export const agree = (got: number, want: number, tolerance: number): boolean =>
  Object.is(got, want) ||
  got === want ||
  (Number.isNaN(got) && Number.isNaN(want)) ||
  Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want));

/** Throws unless the lifted function computes, everywhere, what the plain one does. */
export const expectSame = (
  f: Plain,
  columns: readonly (readonly number[])[],
  {
    environment = {},
    plain = f,
    tolerance = 1e-13,
    dtype = "float64",
  }: { environment?: object; plain?: Plain; tolerance?: number; dtype?: DType } = {},
): void => {
  const args = columns.map((c) => column(c, dtype));
  const want = columns[0]!.map((_, i) =>
    flatten("test", plain(...args.map((a) => a.data[i]!))).leaves.map(Number),
  );
  for (const [name, values] of runs(programOf(f, args, environment), args))
    want.forEach((row, i) =>
      row.forEach((w, k) => {
        const got = values[k]!.data[i]!;
        if (!agree(got, w, tolerance))
          expect.fail(`${name}: element ${i} of result ${k} is ${got}, JavaScript has ${w}`);
      }),
    );
};
