/**
 * Random loops through the public `scan`: a random tree of carries, a random tree of xs, a body grown from genes that
 * may close over the program's other params. Each comes with what it must equal: the same body in a JavaScript loop.
 */
import fc, { type Arbitrary } from "fast-check";
import { type Aval, aval, range } from "../../src/ir/aval.js";
import { isFloat } from "../../src/ir/dtype.js";
import { type Expr, param } from "../../src/ir/expr.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import { add, mul } from "../../src/ir/primitives/arithmetic.js";
import { full, fullLike } from "../../src/ir/primitives/layout.js";
import { tanh } from "../../src/ir/primitives/transcendental.js";
import { concat, reshape, sliceAxis } from "../../src/ir/primitives/views.js";
import { printProgram } from "../../src/ir/print.js";
import { type Program, substitute, traceProgram } from "../../src/ir/program.js";
import { flatten, type Structure, unflatten } from "../../src/ir/tree.js";
import { scan, type ScanOptions } from "../../src/ops/loops/scan.js";
import { fitTo } from "../programs/pool.js";
import { forwardable, grow, type Mode, valuesOf } from "../programs.js";
import { chance, integer, oneOf, type Random, random } from "../random.js";

export interface LoopRecipe {
  readonly seed: number;
  readonly genes: readonly number[];
  readonly length: number;
}

export interface RandomLoop extends LoopPair {
  readonly args: readonly NdArray[];
  readonly floatParams: readonly number[];
  readonly [fc.toStringMethod]: () => string;
}

/** Bodies of one more level: loops inside loops, checkpoints and custom rules. */
const mode: Mode = { ...forwardable, nesting: 1 };

const avalOf = (r: Random): Aval =>
  chance(r, 0.75)
    ? aval(oneOf(r, [[], [3], [2, 3], [1, 2]]), "float64")
    : aval(oneOf(r, [[], [2]]), oneOf(r, ["int32", "int32", "uint8", "bool"]));

/** A tree with `n` leaves: arrays and records, nested at random. */
const treeOf = (r: Random, n: number): unknown => {
  if (n === 1 && chance(r, 0.6)) return 0;
  const parts: unknown[] = [];
  for (let left = n; left > 0;) {
    const k = integer(r, 1, left);
    parts.push(k === 1 ? 0 : treeOf(r, k));
    left -= k;
  }
  return chance(r, 0.5) ? parts : Object.fromEntries(parts.map((p, i) => [`k${(i * 3) % 7}`, p]));
};

const structureOf = (r: Random, n: number): Structure =>
  flatten("test", n === 0 ? null : treeOf(r, n)).structure;

export interface Shapes {
  readonly outer: readonly Aval[];
  readonly carry: readonly Aval[];
  readonly rows: readonly Aval[];
}

export type Body = (
  carry: readonly Expr[],
  rows: readonly Expr[],
  outer: readonly Expr[],
) => readonly [Expr[], Expr[]];

/** One of `of` with the type of `like`. */
const twin = (r: Random, of: readonly Expr[], like: Expr): Expr | undefined => {
  const same = of.filter((e) => e.dtype === like.dtype && e.shape.join() === like.shape.join());
  return same.length === 0 ? undefined : oneOf(r, same);
};

const nextOf = (
  r: Random,
  c: Expr,
  carry: readonly Expr[],
  rows: readonly Expr[],
  made: readonly Expr[],
): Expr => {
  const kind = r();
  if (kind < 0.12) return c;
  if (kind < 0.3) return twin(r, carry, c)!;
  if (kind < 0.38) return twin(r, rows, c) ?? c;
  if (kind < 0.42) return full(c.shape, c.dtype, 1);
  const from = fitTo(oneOf(r, made), c);
  if (c.dtype === "bool") return from;
  return isFloat(c.dtype) ? tanh(add(from, mul(c, fullLike(c, 0.5)))) : add(c, from);
};

const bodyOf =
  ({ seed, genes }: LoopRecipe): Body =>
  (carry, rows, outer) => {
    const r = random(seed + 1);
    const given = [...carry, ...rows, ...outer];
    const grown = grow(
      mode,
      given.some((e) => isFloat(e.dtype)) ? given : [...given, full([2], "float64", 0.5)],
      genes,
    );
    const made = grown.length === 0 ? given : grown;
    const next = carry.map((c) => nextOf(r, c, carry, rows, made));
    const ys = range(integer(r, 0, 3)).map(() =>
      oneOf(r, [next, next, made, made, given, [full([2], "float64", 0.25)]]),
    );
    return [next, ys.map((from) => oneOf(r, from))];
  };

const rowAt = (x: Expr, t: number): Expr => reshape(sliceAxis(x, 0, t, 1), x.shape.slice(1));

/** The body at some operands. It is traced on params of its own: what it grows must not depend on which are the same. */
const step = (
  body: Body,
  carry: readonly Expr[],
  rows: readonly Expr[],
  outer: readonly Expr[],
): [Expr[], Expr[]] => {
  const operands = [...carry, ...rows];
  const params = operands.map((e) => param(e.aval));
  const [next, ys] = body(params.slice(0, carry.length), params.slice(carry.length), outer);
  const out = substitute([...next, ...ys], new Map(params.map((p, i) => [p, operands[i]!])));
  return [out.slice(0, next.length), out.slice(next.length)];
};

/** The steps, one after the other. */
const written = (
  body: Body,
  carry: readonly Expr[],
  xs: readonly Expr[],
  outer: readonly Expr[],
  length: number,
  reverse: boolean,
): Expr[] => {
  let now = [...carry];
  const ys: Expr[][] = [];
  for (let k = 0; k < length; k++) {
    const t = reverse ? length - 1 - k : k;
    [now, ys[t]] = step(
      body,
      now,
      xs.map((x) => rowAt(x, t)),
      outer,
    );
  }
  if (length > 0)
    return [
      ...now,
      ...ys[0]!.map((_, i) =>
        concat(
          ys.map((y) => reshape(y[i]!, [1, ...y[i]!.shape])),
          0,
        ),
      ),
    ];
  const [, row] = body(
    carry.map((c) => param(c.aval)),
    xs.map((x) => param(aval(x.shape.slice(1), x.dtype))),
    outer,
  );
  return [...now, ...row.map((y) => full([0, ...y.shape], y.dtype, 0))];
};

/** The trees that a loop's carry, rows and ys are; lists unless said otherwise. */
interface Trees {
  readonly carry: (leaves: readonly Expr[]) => unknown;
  readonly rows: (leaves: readonly Expr[]) => unknown;
  readonly ys: (leaves: readonly Expr[]) => unknown;
}

const lists: Trees = { carry: (es) => es, rows: (es) => es, ys: (es) => es };

export interface LoopPair {
  /** The program with a scan in it. */
  readonly loop: Program;
  /** The program with the steps written out. */
  readonly plain: Program;
  /** Types of the params: what the body closes over, the carry, the xs. */
  readonly params: readonly Aval[];
}

const leavesOf = (tree: unknown): Expr[] => flatten("test", tree).leaves as Expr[];

/** The body in a scan and written out. */
export const loopPair = (
  body: Body,
  shapes: Shapes,
  options: ScanOptions & { readonly length: number },
  trees = lists,
): LoopPair => {
  const { length } = options;
  const [nO, nC] = [shapes.outer.length, shapes.carry.length];
  const params = [
    ...shapes.outer,
    ...shapes.carry,
    ...shapes.rows.map((a) => aval([length, ...a.shape], a.dtype)),
  ];
  const loop = traceProgram(params, (ps) =>
    leavesOf(
      scan(
        (c, x) => {
          const [next, ys] = step(body, leavesOf(c), leavesOf(x), ps.slice(0, nO));
          return [trees.carry(next), trees.ys(ys)];
        },
        trees.carry(ps.slice(nO, nO + nC)),
        shapes.rows.length === 0 ? null : trees.rows(ps.slice(nO + nC)),
        options,
      ),
    ),
  );
  const plain = traceProgram(params, (ps) =>
    written(
      body,
      ps.slice(nO, nO + nC),
      ps.slice(nO + nC),
      ps.slice(0, nO),
      length,
      options.reverse === true,
    ),
  );
  return { loop, plain, params };
};

export const loopOf = (recipe: LoopRecipe): RandomLoop => {
  const { seed, length } = recipe;
  const r = random(seed);
  const avals = (n: number): Aval[] => range(n).map(() => avalOf(r));
  const shapes: Shapes = {
    outer: avals(integer(r, 0, 2)),
    carry: avals(integer(r, 1, 3)),
    rows: avals(integer(r, 0, 2)),
  };
  const [carryTree, rowTree] = [structureOf(r, shapes.carry.length), structureOf(r, shapes.rows.length)];
  const trees: Trees = {
    carry: (es) => unflatten(carryTree, es),
    rows: (es) => unflatten(rowTree, es),
    ys: (es) => unflatten(structureOf(random(seed + 2), es.length), es),
  };
  const options = {
    reverse: chance(r, 0.5),
    length,
    unroll: chance(r, 0.6)
      ? 1
      : chance(r, 0.4)
        ? true
        : (range(length).findLast((k) => k > 0 && length % k === 0) ?? 1),
  };
  const pair = loopPair(bodyOf(recipe), shapes, options, trees);
  return {
    ...pair,
    args: valuesOf(r, pair.params),
    floatParams: pair.params.flatMap((a, i) => (isFloat(a.dtype) ? [i] : [])),
    [fc.toStringMethod]: () =>
      `${JSON.stringify(recipe)} ${JSON.stringify(options)}\n${printProgram(pair.loop)}`,
  };
};

export const loops: Arbitrary<RandomLoop> = fc
  .record({
    seed: fc.nat(),
    genes: fc.array(fc.nat({ max: 0x7fffffff }), { minLength: 1, maxLength: 8, size: "max" }),
    length: fc.constantFrom(0, 1, 2, 3, 4),
  })
  .map(loopOf);
