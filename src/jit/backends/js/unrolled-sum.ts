/**
 * A long sum with several accumulators, which do not wait for each other's additions, then the rest one by one.
 * The order of additions is fixed by the text.
 */
import { range } from "../../../ir/aval.js";
import { isFloat } from "../../../ir/dtype.js";
import type { Axis } from "../../index-expression.js";
import type { Statement } from "../../kernel.js";
import type { Renderer } from "./render.js";

/** Sums of at least so many terms are unrolled, by so much. */
const unrollFrom = 32;
const unroll = 4;

/** A loop body that only adds floats up. */
const isPlainSum = (body: readonly Statement[]): boolean =>
  body.every(
    (s) =>
      s._tag === "Let" || (s._tag === "Update" && s.accumulator.op === "sum" && isFloat(s.accumulator.dtype)),
  );

/** Whether a loop is unrolled. */
export const isUnrolled = (axis: Axis, body: readonly Statement[]): boolean =>
  axis.size >= unrollFrom && isPlainSum(body);

export const renderUnrolledSum = (r: Renderer, axis: Axis, body: readonly Statement[]): void => {
  const i = `i${axis.id}`;
  const sums = body.flatMap((s) => (s._tag === "Update" ? [s.accumulator.id] : []));
  const lanes = range(unroll);
  const others = (a: number, text: (name: string) => string): string[] =>
    lanes.slice(1).map((k) => text(`a${a}_${k}`));
  for (const a of sums) r.line(`let ${others(a, (name) => `${name} = 0`).join(", ")};`);
  r.line(`let ${i} = 0;`);
  r.indices.bind(axis);
  r.block(`for (; ${i} < ${axis.size - (axis.size % unroll)}; ${i} += ${unroll}) {`, () => {
    for (const k of lanes) {
      if (k > 0) {
        r.indices.rename(axis, `(${i} + ${k})`);
        for (const a of sums) r.accumulators.rename(a, `a${a}_${k}`);
      }
      r.variables.isolated(() => r.statements(body));
    }
    r.indices.rename(axis, null);
    for (const a of sums) r.accumulators.rename(a, null);
  });
  if (axis.size % unroll > 0) {
    r.indices.bind(axis);
    r.block(`for (; ${i} < ${axis.size}; ${i}++) {`, () => r.variables.isolated(() => r.statements(body)));
  }
  for (const a of sums) r.line(`a${a} += ${others(a, (name) => name).join(" + ")};`);
};
