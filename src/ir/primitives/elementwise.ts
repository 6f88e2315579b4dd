/**
 * The elementwise family: one scalar function gives shape rule, reference, batching and lowering.
 * Operands have equal shapes: broadcasting is a node of its own.
 */
import { type Aval, aval, sameShape, showAvals, sizeOf } from "../aval.js";
import { allocate, type DType, isFloat, isInteger } from "../dtype.js";
import { expected } from "../errors.js";
import { apply, type Expr } from "../expr.js";
import type { ScalarFunction } from "../lowering.js";
import type { Formula, Machine } from "../machine.js";
import { type NdArray, ndarray } from "../ndarray.js";
import type { BatchAxis, Linear, Primitive } from "../primitive.js";
import { front } from "./layout.js";

export type None = Readonly<Record<never, never>>;
const none: None = Object.freeze({});

/** Which element types an operation is defined on. */
export type Accepts = "float" | "number" | "integer" | "logical" | "any";

const accepts: Record<Accepts, { readonly holds: (d: DType) => boolean; readonly wants: string }> = {
  float: { holds: isFloat, wants: "a float dtype" },
  number: { holds: (d) => d !== "bool", wants: "a numeric dtype" },
  integer: { holds: isInteger, wants: "an integer dtype" },
  logical: { holds: (d) => !isFloat(d), wants: "an integer or bool dtype" },
  any: { holds: () => true, wants: "any dtype" },
};

export interface ElementwiseSpec<A> {
  readonly name: string;
  readonly arity: number;
  readonly accepts: Accepts;
  /** Dtypes that operands must have, where they differ from "all the same". */
  readonly operands?: (dtypes: readonly DType[], attrs: A) => boolean;
  /** Those dtypes in words, for errors. */
  readonly wants?: (attrs: A) => string;
  /** Dtype of the result; that of the last operand unless given. */
  readonly result?: (dtypes: readonly DType[], attrs: A) => DType;
  /** The reference for one element. Storing rounds or wraps it to the result dtype. */
  readonly scalar: (dtype: DType, attrs: A) => ScalarFunction;
  readonly js: (args: readonly string[], dtype: DType, attrs: A) => string;
  readonly formula?: Formula<A>;
  readonly apart?: boolean;
  readonly beyond?: Formula<A>;
  readonly otherwise?: Formula<A>;
  readonly functions?: Readonly<Record<string, ScalarFunction>>;
  readonly cost: number;
  /** Tangent through each operand; null where the derivative is zero everywhere it exists. */
  readonly jvp: readonly (((t: Expr, args: readonly Expr[], out: () => Expr, attrs: A) => Linear) | null)[];
  readonly transpose?: (
    ct: Expr,
    args: readonly Expr[],
    linear: readonly boolean[],
    attrs: A,
  ) => readonly Linear[];
}

export const elementwise = <A extends object>(spec: ElementwiseSpec<A>): Primitive<A> => {
  const primitive: Primitive<A> = {
    name: spec.name,
    shape: (avals, attrs) => [elementwiseAval(spec, avals, attrs)],
    evaluate: (args, attrs) => [evaluateElementwise(spec, args, attrs)],
    jvp: (args, ts, attrs, outs) => {
      let tangent: Linear = null;
      ts.forEach((t, i) => {
        const rule = spec.jvp[i];
        if (t === null || rule == null) return;
        tangent = addLinear(
          tangent,
          rule(t, args, () => outs()[0]!, attrs),
        );
      });
      return [null, [tangent]];
    },
    transpose:
      spec.transpose === undefined
        ? null
        : ([ct], args, linear, attrs) => spec.transpose!(ct!, args, linear, attrs),
    support: (mask, args) => args.map(() => mask),
    batch: (args, axes, attrs, n) => [batchElementwise(primitive, args, axes, attrs, n)],
    lower: {
      _tag: "Elementwise",
      js: spec.js,
      ...(spec.formula === undefined ? {} : { formula: spec.formula }),
      ...(spec.apart === undefined ? {} : { apart: spec.apart }),
      ...(spec.beyond === undefined ? {} : { beyond: spec.beyond }),
      ...(spec.otherwise === undefined ? {} : { otherwise: spec.otherwise }),
      scalar: spec.scalar,
      functions: spec.functions ?? {},
      cost: spec.cost,
    },
  };
  return primitive;
};

const elementwiseAval = <A>(spec: ElementwiseSpec<A>, avals: readonly Aval[], attrs: A): Aval => {
  const first = avals[0]!;
  if (avals.length !== spec.arity) throw expected(spec.name, `${spec.arity} operands`, String(avals.length));
  if (!avals.every((a) => sameShape(a.shape, first.shape)))
    throw expected(spec.name, "operands of equal shape", showAvals(avals));
  const types = avals.map((a) => a.dtype);
  const ok = spec.operands === undefined ? types.every((t) => t === types[0]) : spec.operands(types, attrs);
  const last = types[types.length - 1]!;
  if (!ok) throw expected(spec.name, spec.wants?.(attrs) ?? "operands of equal dtype", showAvals(avals));
  if (!accepts[spec.accepts].holds(last))
    throw expected(spec.name, accepts[spec.accepts].wants, showAvals(avals));
  return aval(first.shape, spec.result?.(types, attrs) ?? last);
};

const evaluateElementwise = <A>(spec: ElementwiseSpec<A>, args: readonly NdArray[], attrs: A): NdArray => {
  const [x, y, z, w] = args;
  const out = elementwiseAval(spec, args, attrs);
  const f = spec.scalar(args[args.length - 1]!.dtype, attrs);
  const data = allocate(out.dtype, sizeOf(out.shape));
  if (args.length > 4) for (let i = 0; i < data.length; i++) data[i] = f(...args.map((a) => a.data[i]!));
  else
    for (let i = 0; i < data.length; i++)
      data[i] = f(x!.data[i]!, y?.data[i] ?? 0, z?.data[i] ?? 0, w?.data[i] ?? 0);
  return ndarray(out.shape, out.dtype, data);
};

/** Keeps the batch axis where it is when all operands agree on it; otherwise brings it to the front. */
const batchElementwise = <A extends object>(
  primitive: Primitive<A>,
  args: readonly Expr[],
  axes: readonly BatchAxis[],
  attrs: A,
  n: number,
): readonly [Expr, number] => {
  const axis = axes[0] ?? null;
  if (axis !== null && axes.every((a) => a === axis)) return [apply(primitive, args, attrs), axis];
  return [
    apply(
      primitive,
      args.map((a, i) => front(a, axes[i]!, n)),
      attrs,
    ),
    0,
  ];
};

/** The sum of two tangents or cotangents, where null is zero. */
export const addLinear = (a: Linear, b: Linear): Linear => (a === null ? b : b === null ? a : add(a, b));

// ---- builders: a primitive together with the function that applies it

export interface Unary {
  (x: Expr): Expr;
  readonly primitive: Primitive<None>;
}
export interface Binary {
  (x: Expr, y: Expr): Expr;
  readonly primitive: Primitive<None>;
}
export interface Ternary {
  (x: Expr, y: Expr, z: Expr): Expr;
  readonly primitive: Primitive<None>;
}

export interface UnarySpec {
  readonly name: string;
  readonly accepts?: Accepts;
  readonly result?: DType;
  readonly scalar: ScalarFunction;
  readonly js: (x: string, dtype: DType) => string;
  readonly formula?: <V>(m: Machine<V>, x: V, dtype: DType) => V | null;
  readonly beyond?: <V>(m: Machine<V>, x: V, dtype: DType) => V | null;
  readonly otherwise?: <V>(m: Machine<V>, x: V, dtype: DType) => V | null;
  readonly functions?: Readonly<Record<string, ScalarFunction>>;
  readonly cost: number;
  readonly jvp: ((t: Expr, x: Expr, out: () => Expr) => Linear) | null;
  readonly transpose?: (ct: Expr) => Expr;
}

export const unary = (spec: UnarySpec): Unary => {
  const { jvp, transpose, result, functions, formula, beyond, otherwise } = spec;
  const primitive = elementwise<None>({
    name: spec.name,
    arity: 1,
    accepts: spec.accepts ?? "float",
    ...(result === undefined ? {} : { result: () => result }),
    scalar: () => spec.scalar,
    js: ([x], dtype) => spec.js(x!, dtype),
    ...(formula === undefined ? {} : { formula: (m, [x], dtype) => formula(m, x!, dtype) }),
    ...(beyond === undefined ? {} : { beyond: (m, [x], dtype) => beyond(m, x!, dtype) }),
    ...(otherwise === undefined ? {} : { otherwise: (m, [x], dtype) => otherwise(m, x!, dtype) }),
    ...(functions === undefined ? {} : { functions }),
    cost: spec.cost,
    jvp: [jvp === null ? null : (t, [x], out) => jvp(t, x!, out)],
    ...(transpose === undefined ? {} : { transpose: (ct: Expr) => [transpose(ct)] }),
  });
  return Object.assign((x: Expr): Expr => apply(primitive, [x], none), { primitive });
};

type BinaryRule = (t: Expr, x: Expr, y: Expr, out: () => Expr) => Linear;

export interface BinarySpec {
  readonly name: string;
  readonly accepts: Accepts;
  readonly result?: DType;
  readonly scalar: ScalarFunction;
  readonly js: (x: string, y: string, dtype: DType) => string;
  readonly formula?: <V>(m: Machine<V>, x: V, y: V, dtype: DType) => V | null;
  readonly beyond?: <V>(m: Machine<V>, x: V, y: V, dtype: DType) => V | null;
  readonly functions?: Readonly<Record<string, ScalarFunction>>;
  readonly cost: number;
  readonly jvp: readonly [BinaryRule | null, BinaryRule | null];
  readonly transpose?: (ct: Expr, x: Expr, y: Expr, linear: readonly boolean[]) => readonly Linear[];
  /** The reference by dtype, where integers differ. */
  readonly scalarOf?: (dtype: DType) => ScalarFunction;
}

export const binary = (spec: BinarySpec): Binary => {
  const { result, functions, transpose, formula, beyond } = spec;
  const primitive = elementwise<None>({
    name: spec.name,
    arity: 2,
    accepts: spec.accepts,
    ...(result === undefined ? {} : { result: () => result }),
    scalar: spec.scalarOf ?? (() => spec.scalar),
    js: ([x, y], dtype) => spec.js(x!, y!, dtype),
    ...(formula === undefined ? {} : { formula: (m, [x, y], dtype) => formula(m, x!, y!, dtype) }),
    ...(beyond === undefined ? {} : { beyond: (m, [x, y], dtype) => beyond(m, x!, y!, dtype) }),
    ...(functions === undefined ? {} : { functions }),
    cost: spec.cost,
    jvp: spec.jvp.map((rule) =>
      rule === null ? null : (t: Expr, [x, y]: readonly Expr[], out: () => Expr) => rule(t, x!, y!, out),
    ),
    ...(transpose === undefined
      ? {}
      : {
          transpose: (ct: Expr, [x, y]: readonly Expr[], linear: readonly boolean[]) =>
            transpose(ct, x!, y!, linear),
        }),
  });
  return Object.assign((x: Expr, y: Expr): Expr => apply(primitive, [x, y], none), { primitive });
};

// ---- add, which every accumulation of tangents and cotangents needs

/** x + y; integers wrap. */
export const add: Binary = binary({
  name: "add",
  accepts: "number",
  scalar: (x, y) => x + y,
  js: (x, y) => `${x} + ${y}`,
  formula: (m, x, y) => m.binary("add", x, y),
  cost: 1,
  jvp: [(t) => t, (t) => t],
  transpose: (ct, _x, _y, linear) => linear.map((l) => (l ? ct : null)),
});
