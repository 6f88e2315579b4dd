/** Recurrences of numbers along an axis: a scalar program as the step of a scan. */
import { aval, type Shape } from "../ir/aval.js";
import { expected, FluxionError } from "../ir/errors.js";
import { type Expr, param } from "../ir/expr.js";
import { moveAxis } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { lift } from "../ir/program.js";
import { scanNode } from "../transforms/loops/scan.js";
import { checkOptions } from "../ops/options.js";
import { broadcastShapes, stretch } from "../ops/promotion.js";
import { checkAxis, toExpr } from "../ops/tensor.js";
import { build, type Built } from "./build.js";
import { type Carried, initial, settled } from "./carry.js";
import { normal } from "./element.js";
import { callableOf } from "./environment.js";
import { execute, floatOf, type Given, taken } from "./lower.js";
import { leavesOf, mapShaped, type Parameter, type Shaped } from "./program.js";
import type { LiftEnvironment } from "./types.js";
import { asExpr, dtypeOf, type Float, type Value } from "./value.js";

const showShape = (s: Shaped<unknown>): string => {
  switch (s._tag) {
    case "One":
      return "*";
    case "Tuple":
      return `[${s.items.map(showShape).join(", ")}]`;
    case "Record":
      return `{${[...s.fields]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([k, x]) => `${k}: ${showShape(x)}`)
        .join(", ")}}`;
  }
};

/** The structure of a tree of numbers or tensors. */
const shapeOfTree = (tree: unknown): Shaped<unknown> => {
  if (Array.isArray(tree)) return { _tag: "Tuple", items: tree.map(shapeOfTree) };
  if (typeof tree === "object" && tree !== null && Object.getPrototypeOf(tree) === Object.prototype)
    return { _tag: "Record", fields: Object.entries(tree).map(([k, x]) => [k, shapeOfTree(x)] as const) };
  return { _tag: "One", value: tree };
};

/** The leaves of a tree in the order of another one with the same structure. */
const leavesLike = <T>(tree: Shaped<T>, like: Shaped<unknown>): readonly T[] => {
  if (tree._tag === "Tuple" && like._tag === "Tuple")
    return tree.items.flatMap((x, i) => leavesLike(x, like.items[i]!));
  if (tree._tag === "Record" && like._tag === "Record")
    return like.fields.flatMap(([k, l]) => leavesLike(tree.fields.find(([name]) => name === k)![1], l));
  return leavesOf(tree);
};

/** The same structure with leaves taken in order. */
const withLeaves = <T>(like: Shaped<unknown>, leaves: readonly T[]): Shaped<T> => {
  let next = 0;
  return mapShaped(like, () => leaves[next++]!);
};

export interface Recurrence {
  readonly operation: string;
  readonly built: Built;
  readonly accumulator: Parameter;
  readonly init: readonly Given[];
  readonly xs: readonly Parameter[];
  /** What the function returns beside the accumulator; null where it returns the accumulator alone. */
  readonly extra: Shaped<unknown> | null;
}

export const recurrence = (
  operation: string,
  f: unknown,
  init: unknown,
  environment: LiftEnvironment,
  mayEmit: boolean,
): Recurrence => {
  const built = build(callableOf(operation, f, environment));
  const { parameters, result } = built.program;
  const [accumulator, ...xs] = parameters;
  if (accumulator === undefined || xs.length === 0)
    throw expected(
      operation,
      "a function of an accumulator and at least one element",
      `one of ${parameters.length} parameters`,
    );
  if (xs.some((p) => p.slots._tag !== "One"))
    throw new FluxionError(
      operation,
      "expected elements that are numbers, got a pattern: name every tensor's element, (acc, x, y) => …",
    );
  const acc = shapedParameter(operation, accumulator, init);
  const want = showShape(acc.slots);
  const common = { operation, built, accumulator: acc, init: taken(operation, acc.slots, init, "init"), xs };
  if (showShape(result) === want) return { ...common, extra: null };
  if (mayEmit && result._tag === "Tuple" && result.items.length === 2 && showShape(result.items[0]!) === want)
    return { ...common, extra: result.items[1]! };
  throw expected(
    operation,
    `a function that returns what it accumulates, ${want}${mayEmit ? `, or [${want}, y]` : ""}`,
    showShape(result),
  );
};

/** The accumulator's slots. A plain name holds one number. */
const shapedParameter = (operation: string, p: Parameter, init: unknown): Parameter => {
  const given = showShape(shapeOfTree(init));
  if (given === showShape(p.slots)) return p;
  throw expected(
    operation,
    `an init like the accumulator ${showShape(p.slots)}`,
    p.slots._tag === "One" ? `${given}: take it apart, ([a, b], x) => … or ({ a, b }, x) => …` : given,
  );
};

export interface Rows {
  readonly exprs: readonly Expr[];
  /** The shape of one row, and the axis along which they lie; null where all axes were flattened. */
  readonly shape: Shape;
  readonly axis: number | null;
}

/** The tensors as rows along the axis. */
export const rowsOf = (r: Recurrence, args: readonly unknown[], axis: number | null): Rows => {
  const exprs = args.map((x) => toExpr(r.operation, x));
  const shape = broadcastShapes(
    r.operation,
    exprs.map((e) => e.shape),
  );
  const whole = exprs.map((e) => stretch(e, shape));
  if (axis === null) {
    const size = shape.reduce((a, b) => a * b, 1);
    return { exprs: whole.map((e) => reshape(e, [size])), shape: [], axis: null };
  }
  const at = checkAxis(r.operation, axis, shape.length);
  return {
    exprs: whole.map((e) => moveAxis(e, at, 0)),
    shape: shape.filter((_, i) => i !== at),
    axis: at,
  };
};

/** The last accumulators, and the rows of what the function emits (or of the accumulators). */
export const runAlong = (
  r: Recurrence,
  rows: Rows,
  reverse: boolean,
): { readonly last: Shaped<Expr>; readonly ys: Shaped<Expr> } => {
  const { program, tensors } = r.built;
  const float = floatOf([...rows.exprs, ...r.init.map((g) => g.value), ...tensors]);
  const like = r.accumulator.slots;
  const round = (acc: readonly Carried[], row: readonly Expr[]): readonly [Value[], Value[]] => {
    const slots = r.init.map((g, i) => [g.slot, acc[i]!] as const);
    const elements = r.xs.map((p, i) => [leavesOf(p.slots)[0]!, row[i]!] as const);
    const out = execute(program, [...slots, ...elements], float);
    const next = r.extra === null ? out : (out as Extract<typeof out, { _tag: "Tuple" }>).items[0]!; // as checked
    const ys = r.extra === null ? out : (out as Extract<typeof out, { _tag: "Tuple" }>).items[1]!;
    return [[...leavesLike(next, like)], r.extra === null ? [...leavesLike(ys, like)] : [...leavesOf(ys)]];
  };
  const entries = r.init.map((g) => (typeof g.value === "object" ? normal(g.value, float) : g.value));
  let traced: { readonly row: readonly Expr[]; readonly ys: readonly Value[] } = { row: [], ys: [] };
  const step = settled(
    entries,
    (acc) => {
      const row = rows.exprs.map((e) => param(aval(e.shape.slice(1), e.dtype)));
      const [next, ys] = round(acc, row);
      traced = { row, ys };
      return next;
    },
    float,
  );
  const results = [...step.results, ...traced.ys.map((y) => wide(y, rows.shape, float))];
  const { program: body, captured } = lift({ params: [...step.params, ...traced.row], results }, step.mark);
  const length = rows.exprs[0]!.shape[0]!;
  const outs = scanNode(captured, initial(step, entries), rows.exprs, body, length, reverse);
  const last = outs.slice(0, entries.length);
  const ys = outs.slice(entries.length);
  return {
    last: withLeaves(
      like,
      last.map((e) => stretch(e, rows.shape)),
    ),
    ys: withLeaves(r.extra ?? like, ys),
  };
};

const wide = (v: Value, shape: Shape, float: Float): Expr => stretch(asExpr(v, dtypeOf(v, float)), shape);

export const optionsAt = <O extends object>(
  r: Recurrence,
  args: readonly unknown[],
  names: readonly (keyof O & string)[],
): readonly [xs: readonly unknown[], options: O] => {
  const n = r.xs.length;
  const options = (args[n] ?? {}) as O; // checked by name
  if (args.length < n || args.length > n + 1)
    throw expected(r.operation, `${n} tensor${n === 1 ? "" : "s"} and options`, `${args.length} arguments`);
  checkOptions(r.operation, options, names);
  return [args.slice(0, n), options];
};
