/** Random contractions: operands behind views and arithmetic, epilogues behind more of them. */
import { chance, integer, oneOf, type Random, random } from "../../property-tests/random.js";
import { range } from "../../src/ir/aval.js";
import { type DType, highest, isUnsigned } from "../../src/ir/dtype.js";
import { type Expr, param } from "../../src/ir/expr.js";
import { add, cast, max, mul, neg } from "../../src/ir/primitives/arithmetic.js";
import { dot } from "../../src/ir/primitives/dot.js";
import { broadcast, fullLike, inverse, permute, sum } from "../../src/ir/primitives/layout.js";
import { flip, pad, reshape, slice } from "../../src/ir/primitives/views.js";
import { tanh } from "../../src/ir/primitives/transcendental.js";
import type { Program } from "../../src/ir/program.js";

const shuffled = (r: Random, n: number): number[] => {
  const order = range(n);
  for (let i = n - 1; i > 0; i--) {
    const k = integer(r, 0, i);
    [order[i], order[k]] = [order[k]!, order[i]!];
  }
  return order;
};

/** Wider, narrower and not floats: a vector holds another number of their elements than of the contraction's. */
const dtypes: readonly DType[] = ["float64", "float32", "int32", "uint32", "int8", "uint8", "bool"];

/** A tensor of the given shape that reaches a param through views and cheap arithmetic. */
const seen = (r: Random, shape: readonly number[], dtype: DType, params: Expr[], depth = 0): Expr => {
  const fresh = (s: readonly number[], d: DType = dtype): Expr => {
    const p = param({ shape: s, dtype: d });
    params.push(p);
    return p;
  };
  const more = (s: readonly number[]): Expr => seen(r, s, dtype, params, depth + 1);
  if (depth > 2) return fresh(shape);
  switch (integer(r, 0, 9)) {
    case 0: {
      const order = shuffled(r, shape.length);
      return permute(more(order.map((p) => shape[p]!)), inverse(order));
    }
    case 1: {
      const start = shape.map(() => integer(r, 0, 2));
      const stride = shape.map(() => integer(r, 1, 2));
      const whole = shape.map((n, i) => start[i]! + (n - 1) * stride[i]! + 1 + integer(r, 0, 1));
      return slice(more(whole), start, shape, stride);
    }
    case 2:
      return flip(
        more(shape),
        range(shape.length).filter(() => chance(r, 0.5)),
      );
    case 3: {
      const kept = range(shape.length).filter(() => chance(r, 0.6));
      return broadcast(more(kept.map((a) => shape[a]!)), shape, kept);
    }
    case 4:
      return mul(more(shape), fullLike(fresh(shape), 0.5));
    case 5:
      return tanh(more(shape));
    case 6: {
      const from = oneOf(r, dtypes);
      const x = cast(fresh(shape, from), dtype);
      return isUnsigned(from) ? mul(x, fullLike(x, 1 / highest(from))) : x;
    }
    case 7: {
      // Two axes that were one.
      const axis = integer(r, 0, shape.length - 2 < 0 ? 0 : shape.length - 2);
      if (shape.length < 2) return fresh(shape);
      const joined = [...shape.slice(0, axis), shape[axis]! * shape[axis + 1]!, ...shape.slice(axis + 2)];
      return reshape(more(joined), shape);
    }
    case 8: {
      const low = shape.map((n) => (n > 2 ? integer(r, 0, 1) : 0));
      const high = shape.map((n) => (n > 3 ? integer(r, 0, 1) : 0));
      return pad(more(shape.map((n, i) => n - low[i]! - high[i]!)), {
        low,
        high,
        value: chance(r, 0.5) ? 0 : 0.25,
      });
    }
    default:
      return fresh(shape);
  }
};

/** Factors of a size over one to three axes. */
const split = (r: Random, n: number): number[] => {
  const factors = range(n + 1).filter((k) => k > 1 && k < n && n % k === 0);
  if (factors.length === 0 || chance(r, 0.5)) return [n];
  const k = oneOf(r, factors);
  return [...split(r, k), n / k];
};

const after = (r: Random, x: Expr, params: Expr[], dtype: DType): readonly Expr[] => {
  const results: Expr[] = chance(r, 0.2) ? [x] : [];
  let y = x;
  for (let steps = integer(r, 0, 4); steps > 0; steps--)
    switch (integer(r, 0, 5)) {
      case 0: {
        const last = y.ndim - 1;
        if (y.ndim > 0) y = add(y, broadcast(seen(r, [y.shape[last]!], dtype, params, 2), y.shape, [last]));
        break;
      }
      case 1:
        y = max(y, fullLike(y, 0));
        break;
      case 2:
        y = add(y, seen(r, y.shape, dtype, params, 1));
        break;
      case 3:
        y = permute(y, shuffled(r, y.ndim));
        break;
      case 4:
        y = reshape(y, split(r, y.size));
        break;
      case 5:
        if (chance(r, 0.3)) results.push(y);
        y = neg(tanh(y));
    }
  if (chance(r, 0.2)) results.push(sum(y, range(y.ndim)));
  if (chance(r, 0.2)) results.push(cast(y, dtype === "float32" ? "float64" : "float32"));
  return [...results, y];
};

const sizes = [1, 3, 5, 8, 13, 16, 30, 64];

/** One contraction, with its prologues and epilogues, from a seed. */
export const contraction = (seed: number): Program => {
  const r = random(seed);
  const dtype: DType = chance(r, 0.3) ? "float64" : "float32";
  const batch = chance(r, 0.5) ? [] : split(r, integer(r, 1, 4));
  const [rows, columns] = [split(r, oneOf(r, sizes)), split(r, oneOf(r, sizes))];
  const depth = split(r, oneOf(r, [4, 24, 60, 257, 300, 520]));
  const params: Expr[] = [];
  const operand = (free: readonly number[]): { e: Expr; batch: number[]; contract: number[] } => {
    const shape = [...batch, ...free, ...depth];
    const order = shuffled(r, shape.length);
    const back = inverse(order);
    // Free axes stay in order: the result's axes follow it.
    const e = seen(
      r,
      order.map((a) => shape[a]!),
      dtype,
      params,
    );
    const at = (from: number, n: number): number[] => range(n).map((i) => back[from + i]!);
    return { e, batch: at(0, batch.length), contract: at(batch.length + free.length, depth.length) };
  };
  const x = operand(rows);
  const y = operand(columns);
  const product = dot(x.e, y.e, {
    lhsBatch: x.batch,
    rhsBatch: y.batch,
    lhsContract: x.contract,
    rhsContract: y.contract,
  });
  const results = after(r, product, params, dtype);
  return { params, results };
};
