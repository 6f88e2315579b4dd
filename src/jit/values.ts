/** The scalar values of a kernel under construction, numbered by what they are: equal ones are computed once. */
import { coerce, type DType } from "../ir/dtype.js";
import { FluxionError } from "../ir/errors.js";
import type { Condition } from "../ir/lowering.js";
import type { Primitive } from "../ir/primitive.js";
import { bounds, type Index } from "./index-expression.js";
import { held } from "./held.js";
import type { Accumulator, Definition, ElementwiseLowering, Value } from "./kernel.js";
import type { Scopes } from "./scopes.js";

/** An elementwise operation on values. */
export type Operation = Omit<Extract<Definition, { readonly _tag: "Compute" }>, "_tag" | "args">;

const always = (c: Condition<Index>): boolean => {
  const [lo, hi] = bounds(c.value);
  return lo >= c.lo && hi < c.hi && c.multiple === undefined;
};

const never = (c: Condition<Index>): boolean => {
  const [lo, hi] = bounds(c.value);
  return hi < c.lo || lo >= c.hi;
};

/** An int32 clamped to [0, n). */
const clampLowering = (n: number): ElementwiseLowering => ({
  _tag: "Elementwise",
  js: ([x]) => `Math.min(Math.max(${x!}, 0), ${n - 1})`,
  formula: (m, [x]) =>
    m.binary("min", m.binary("max", x!, m.constant("int32", 0)), m.constant("int32", n - 1)),
  scalar: () => (x: number) => Math.min(Math.max(x, 0), n - 1),
  functions: {},
  cost: 2,
});

export class Values {
  private next = 0;

  constructor(private readonly scopes: Scopes) {}

  /** The value of a definition: a new one unless the key is known here. */
  define(key: string, dtype: DType, definition: Definition): Value {
    const have = this.scopes.find(key);
    if (have !== undefined) return have;
    const value: Value = { id: this.next++, dtype: held(dtype), definition };
    this.scopes.remember(key, value);
    if (definition._tag !== "Constant") this.scopes.add({ _tag: "Let", value });
    return value;
  }

  /** A value that the renderer defines. */
  opaque(dtype: DType): Value {
    return { id: this.next++, dtype: held(dtype), definition: { _tag: "Guarded" } };
  }

  constant(dtype: DType, value: number): Value {
    return this.define(`${dtype}:${Object.is(value, -0) ? "-0" : value}`, dtype, { _tag: "Constant", value });
  }

  fromIndex(dtype: DType, index: Index): Value {
    if (index.terms.length === 0) return this.constant(dtype, index.base);
    return this.define(`${dtype}#${index.key}`, dtype, { _tag: "FromIndex", index });
  }

  load(dtype: DType, buffer: number, index: Index): Value {
    return this.define(`load${buffer}[${index.key}]`, dtype, { _tag: "Load", buffer, index });
  }

  /** An operation's result. `which` tells apart operations of one name. */
  compute(dtype: DType, operation: Operation, args: readonly Value[], which: string): Value {
    const key = `${operation.name}|${which}|${args.map((a) => a.id).join()}|${dtype}`;
    return this.define(key, dtype, { _tag: "Compute", ...operation, args });
  }

  /** x · y, inside a contraction. */
  product(mul: Primitive, x: Value, y: Value, dtype: DType): Value {
    if (mul.lower._tag !== "Elementwise") throw new FluxionError("jit", "expected mul to be elementwise");
    // Products are summed in float64: they are not rounded to float32 first.
    const exact: DType = dtype === "float32" ? "float64" : dtype;
    const operation = { name: "mul", lower: mul.lower, attrs: {}, operand: dtype, loose: false };
    return this.compute(exact, operation, [x, y], "product");
  }

  /** An int32 clamped to [0, n). */
  clamped(x: Value, n: number): Value {
    if (x.definition._tag === "Constant")
      return this.constant("int32", Math.min(Math.max(x.definition.value, 0), n - 1));
    const operation: Operation = {
      name: "clamp",
      lower: clampLowering(n),
      attrs: {},
      operand: "int32",
      loose: false,
    };
    return this.compute("int32", operation, [x], String(n));
  }

  /** The value of a finished accumulator, as `dtype`. */
  accumulated(accumulator: Accumulator, dtype: DType): Value {
    return this.define(`acc${accumulator.id}`, dtype, { _tag: "Accumulated", accumulator });
  }

  /** `value()` where the conditions hold, else `fill`. Conditions that always hold vanish. */
  guarded(dtype: DType, conditions: readonly Condition<Index>[], fill: number, value: () => Value): Value {
    const open = conditions.filter((c) => !always(c));
    if (open.length === 0) return value();
    const filler = coerce(dtype, fill); // as it would be stored
    if (open.some(never)) return this.constant(dtype, filler);
    let inner: Value | null = null;
    const body = this.scopes.scoped(() => (inner = value()));
    const result = this.opaque(dtype);
    this.scopes.add({ _tag: "Guard", result, conditions: open, body, value: inner!, fill: filler });
    return result;
  }
}
