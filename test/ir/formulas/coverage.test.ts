/**
 * Which elementwise primitives have a formula for which dtypes, on a machine that has float64 and can repeat (WebAssembly), and on
 * one that can repeat alone (a graphics card). The rest calls the reference in JavaScript, and is listed here by name.
 */
import { expect, test } from "vitest";
import { aval } from "../../../src/ir/aval.js";
import { type DType, dtypes } from "../../../src/ir/dtype.js";
import type { Formula, Machine } from "../../../src/ir/machine.js";
import type { Primitive } from "../../../src/ir/primitive.js";
import { leaves } from "../../../src/ir/primitives/index.js";

interface Typed {
  readonly dtype: DType;
}

/** Values are their dtypes: whatever is not one machine's operation on operands of one dtype throws. */
const machine: Machine<Typed> = {
  dtypeOf: (x) => x.dtype,
  constant: (dtype) => ({ dtype }),
  known: () => null,
  share: (x) => x,
  unary: (_op, x) => x,
  binary: (op, x, y) => same(op, x, y),
  shift: (_op, x) => x,
  compare: (op, x, y) => ({ ...same(op, x, y), dtype: "bool" }),
  fma: (x, y, z) => same("fma", x, y, z),
  inFloat64: (args, formula) => {
    for (const { dtype } of args) if (dtype !== "float32") throw new Error(`inFloat64 of ${dtype}`);
    const { dtype } = formula(
      machine,
      args.map(() => ({ dtype: "float64" })),
    );
    if (dtype !== "float64") throw new Error(`inFloat64 to ${dtype}`);
    return { dtype: "float32" };
  },
  loop: (start, test, body) => {
    if (test(start).dtype !== "bool") throw new Error("a loop while something else than a bool");
    const next = body(start);
    if (next.length !== start.length) throw new Error("a loop whose state has another length");
    return start.map((x, i) => same("loop", x, next[i]!));
  },
  select: (c, x, y) => {
    if (c.dtype !== "bool") throw new Error(`select by ${c.dtype}`);
    return same("select", x, y);
  },
  cast: (_x, dtype) => ({ dtype }),
  bits: (_x, dtype) => ({ dtype }),
  bits64: {
    and: (x, y) => same("and", x, y),
    or: (x, y) => same("or", x, y),
    xor: (x, y) => same("xor", x, y),
    shl: (x) => x,
    shr: (x) => x,
  },
};

/** The same without float64. */
const { inFloat64: _, bits64: __, ...withoutDoubles } = machine;

const same = (op: string, ...xs: readonly Typed[]): Typed => {
  if (!xs.every((x) => x.dtype === xs[0]!.dtype))
    throw new Error(`${op} of ${xs.map((x) => x.dtype).join(", ")}`);
  return xs[0]!;
};

/** Attributes, where a primitive has some. */
const attributes: Readonly<Record<string, readonly object[]>> = {
  cast: dtypes.map((dtype) => ({ dtype })),
  bitcast: dtypes.map((dtype) => ({ dtype })),
  threefry2x32: [{ word: "first" }, { word: "second" }, { word: "xor" }],
  polygamma: [{ n: 1 }, { n: 2 }, { n: 5 }, { n: 20 }],
  gammaSample: [{ log: false }, { log: true }],
  gammaSlope: [1, 2].flatMap((order) => [
    { log: false, order },
    { log: true, order },
  ]),
};

/** How many operands before the last ones are uint32 keys. */
const keys: Readonly<Record<string, number>> = {
  gammaSample: 2,
  poissonRounds: 3,
  poissonSample: 4,
  binomialRounds: 3,
  binomialSample: 4,
};
const arities = [1, 2, 3, 4, 5, 6];

const operandsOf = (name: string, dtype: DType, arity: number): Typed[] =>
  Array.from({ length: arity }, (_, i) => ({
    dtype: name === "select" && i === 0 ? "bool" : i < (keys[name] ?? 0) ? "uint32" : dtype,
  }));

const accepted = (primitive: Primitive, operands: readonly Typed[], attrs: object): boolean => {
  try {
    primitive.shape(
      operands.map(({ dtype }) => aval([], dtype)),
      attrs as never,
    );
    return true;
  } catch {
    return false;
  }
};

/** What machines hold: a float16 is a float32 there. */
const held = (on: Machine<Typed>): DType[] =>
  dtypes.filter((dtype) => dtype !== "float16" && (dtype !== "float64" || on.bits64 !== undefined));

/** The dtypes for which a primitive has no formula, and those for which it leaves something to the reference. */
const lacks = (
  primitive: Primitive,
  name: string,
  on: Machine<Typed>,
): { missing: DType[]; beyond: DType[] } => {
  const { lower } = primitive;
  if (lower._tag !== "Elementwise") return { missing: [], beyond: [] };
  const has = (formula: Formula<object> | undefined, dtype: DType, all: boolean): boolean => {
    const outcomes = (attributes[name] ?? [{}]).flatMap((attrs) =>
      arities
        .map((n) => operandsOf(name, dtype, n))
        .filter((operands) => accepted(primitive, operands, attrs))
        .map((operands) => formula !== undefined && formula(on, operands, dtype, attrs) !== null),
    );
    return all ? outcomes.every(Boolean) : outcomes.some(Boolean);
  };
  return {
    missing: held(on).filter((dtype) => !has(lower.formula as Formula<object> | undefined, dtype, true)),
    beyond: held(on).filter(
      (dtype) =>
        has(lower.beyond as Formula<object> | undefined, dtype, false) &&
        !has(lower.otherwise as Formula<object> | undefined, dtype, true),
    ),
  };
};

const table = (part: "missing" | "beyond", on = machine): Record<string, string> =>
  Object.fromEntries(
    Object.entries(leaves)
      .map(([name, primitive]) => [name, lacks(primitive, name, on)[part].join(" ")] as const)
      .filter(([, list]) => list !== ""),
  );

test("without a formula", () => {
  expect(table("missing")).toMatchInlineSnapshot(`
    {
      "gammaSlope": "float32 float64",
    }
  `);
});

test("with one that does not hold everywhere, and none for the rest", () => {
  expect(table("beyond")).toMatchInlineSnapshot(`
    {
      "cos": "float64",
      "rem": "float64",
      "sin": "float64",
      "tan": "float64",
    }
  `);
});

test("without float64", () => {
  expect(table("missing", withoutDoubles)).toMatchInlineSnapshot(`
    {
      "gammaSlope": "float32",
    }
  `);
  expect(table("beyond", withoutDoubles)).toEqual({});
});
