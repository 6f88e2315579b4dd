/** Transposition refuses what is not linear, instead of giving an answer for one operand and forgetting the other. */
import { describe, expect, test } from "vitest";
import {
  cast,
  customJvp,
  div,
  dot,
  grad,
  linearTranspose,
  mul,
  ones,
  sin,
  sum,
  take,
  tensor,
  type Tensor,
  where,
  zeros,
} from "fluxion";

const message = (name: string): string =>
  `transpose: expected a linear function, got ${name}, which is not linear in its operands`;

describe("linearTranspose refuses", () => {
  test.each<[name: string, f: (x: Tensor) => Tensor]>([
    ["mul", (x) => mul(x, x)],
    ["dot", (x) => dot(x, x)],
    ["div", (x) => div(1, x)],
    ["sin", (x) => sin(x)],
    ["select", (x) => where(cast(x, "bool"), x, 0)],
    ["gather", (x) => take(x, cast(x, "int32"))],
  ])("%s", (name, f) => {
    const back = linearTranspose(f, zeros([2]));
    expect(() => back(f(ones([2])))).toThrow(message(name));
  });
});

test("linearTranspose of linear functions", () => {
  const w = tensor([2, 3]);
  const [a] = linearTranspose((x: Tensor) => dot(x, w), zeros([2]))(tensor(10));
  expect(a.toArray()).toEqual([20, 30]);
  const [b] = linearTranspose((x: Tensor) => div(sum(mul(w, x)), 2), zeros([2]))(tensor(1));
  expect(b.toArray()).toEqual([1, 1.5]);
});

test("a customJvp rule that is not linear in its tangents", () => {
  const f = customJvp(
    (x: Tensor) => mul(x, 2),
    ([x], [t]) => [mul(x, 2), mul(t, t)],
  );
  expect(() => grad(f)(3)).toThrow(message("mul"));
});
