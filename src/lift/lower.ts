/** A scalar program on tensors: elementwise, with broadcasting, in the float dtype of its operands. */
import type { Shape } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import { Expr, watermark } from "../ir/expr.js";
import { broadcastShapes, stretch } from "../ops/promotion.js";
import { asTensor, describe, isTensorLike } from "../ops/tensor.js";
import { inBlocks, worthBlocks } from "./blocks.js";
import type { Built } from "./build.js";
import { normal } from "./element.js";
import { evaluate } from "./evaluate.js";
import { open, run } from "./flow.js";
import { Frame } from "./frame.js";
import { runLoop } from "./loops.js";
import {
  expressionsIn,
  leavesOf,
  mapShaped,
  type Parameter,
  partsOf,
  type ScalarProgram,
  type Shaped,
  type Slot,
  statementsIn,
} from "./program.js";
import { asExpr, dtypeOf, type Float, isKnown, type Value } from "./value.js";

export interface Given {
  readonly slot: Slot;
  readonly value: Expr | number | boolean;
}

/** The leaves of an argument with their slots. Throws unless it has the structure of the parameter. */
export const taken = (
  operation: string,
  slots: Shaped<Slot>,
  arg: unknown,
  path: string,
): readonly Given[] => {
  switch (slots._tag) {
    case "One":
      if (isTensorLike(arg))
        return [{ slot: slots.value, value: arg instanceof Expr ? arg : (arg as number) }];
      throw expected(operation, `a tensor, number or boolean for ${path}`, describe(arg));
    case "Tuple":
      if (Array.isArray(arg) && arg.length === slots.items.length)
        return slots.items.flatMap((s, i) => taken(operation, s, arg[i], `${path}[${i}]`));
      throw expected(operation, `an array of ${slots.items.length} for ${path}`, describe(arg));
    case "Record":
      if (typeof arg === "object" && arg !== null && !isTensorLike(arg))
        return slots.fields.flatMap(([k, s]) =>
          taken(operation, s, (arg as Record<string, unknown>)[k], `${path}.${k}`),
        );
      throw expected(
        operation,
        `an object with ${slots.fields.map(([k]) => k).join(", ")} for ${path}`,
        describe(arg),
      );
  }
};

const argumentsFor = (
  operation: string,
  parameters: readonly Parameter[],
  args: readonly unknown[],
): readonly Given[] => {
  const least = parameters.reduce((n, p, i) => (p.fallback === null ? i + 1 : n), 0);
  if (args.length < least || args.length > parameters.length) {
    const want = least === parameters.length ? String(least) : `${least} to ${parameters.length}`;
    throw expected(operation, `${want} argument${want === "1" ? "" : "s"}`, String(args.length));
  }
  return parameters.flatMap((p, i) =>
    args[i] === undefined && p.fallback !== null ? [] : taken(operation, p.slots, args[i], p.name),
  );
};

/** float64 where an operand is, else float32. */
export const floatOf = (operands: readonly (Expr | number | boolean)[]): Float =>
  operands.some((e) => typeof e === "object" && e.dtype === "float64") ? "float64" : "float32";

/** What the parameters hold, by slot. */
export type Slots = readonly (readonly [Slot, Value])[];

/** Runs a program on the values of its parameters; the fallbacks of parameters without one run first. */
export const execute = (
  program: ScalarProgram,
  given: Slots,
  float: Float,
  missing: readonly Parameter[] = [],
): Shaped<Value> => {
  const frame = new Frame(null, null, float);
  for (const [slot, value] of given)
    frame.write(slot, typeof value === "object" ? normal(value, float) : value);
  for (const p of missing) run(p.fallback ?? [], frame, open(), runLoop);
  run(program.body, frame, open(), runLoop);
  return mapShaped(program.result, (e) => evaluate(e, frame));
};

/** What a program computes of its arguments, every result in the shape in which all arguments meet. */
export const lower = ({ program, tensors }: Built, args: readonly unknown[]): Shaped<Expr> => {
  const { operation } = program.source;
  const given = argumentsFor(operation, program.parameters, args);
  const float = floatOf([...given.map((g) => g.value), ...tensors]);
  const missing = program.parameters.filter((_, i) => args[i] === undefined);
  const compute = (slots: Slots): Shaped<Expr> =>
    mapShaped(execute(program, slots, float, missing), (v) => asExpr(v, dtypeOf(v, float)));
  const mark = watermark();
  const slots = given.map((g) => [g.slot, g.value] as const);
  const result = compute(slots);
  const shape = broadcastShapes(
    operation,
    [...slots, ...leavesOf(result).map((e) => [0, e] as const)].map(shapeOf),
  );
  if (worthBlocks(leavesOf(result), mark) && tensors.every((t) => t.ndim === 0 || isTable(t, program)))
    return blockwise(slots, shape, result, compute);
  return mapShaped(result, (e) => stretch(e, shape));
};

/** Whether a tensor is read by indices only, never as an operand. */
const isTable = (tensor: Expr, program: ScalarProgram): boolean =>
  !statementsIn([...program.parameters.flatMap((p) => p.fallback ?? []), ...program.body])
    .flatMap((s) => partsOf(s).expressions)
    .concat(leavesOf(program.result))
    .some((e) => expressionsIn(e).some((x) => x._tag === "Outer" && x.tensor === tensor));

const blockwise = (
  slots: Slots,
  shape: Shape,
  like: Shaped<unknown>,
  compute: (slots: Slots) => Shaped<Expr>,
): Shaped<Expr> => {
  const spread = slots
    .filter(([, v]) => typeof v === "object" && v.ndim > 0)
    .map(([s, v]) => [s, v as Expr] as const);
  const operands = spread.map(([, x]) => stretch(x, shape));
  const outs = inBlocks(operands, shape, (rows) =>
    leavesOf(
      compute(
        slots.map(([s, v]) => {
          const k = spread.findIndex(([t]) => t === s);
          return [s, k < 0 ? v : rows[k]!] as const;
        }),
      ),
    ),
  );
  let next = 0;
  return mapShaped(like, () => outs[next++]!);
};

const shapeOf = ([, v]: readonly [Slot, Value]): Shape => (isKnown(v) ? [] : v.shape);

/** A tree of expressions as the tree of tensors that people see. */
export const treeOf = (result: Shaped<Expr>): unknown => {
  switch (result._tag) {
    case "One":
      return asTensor(result.value);
    case "Tuple":
      return result.items.map(treeOf);
    case "Record":
      return Object.fromEntries(result.fields.map(([k, x]) => [k, treeOf(x)]));
  }
};
