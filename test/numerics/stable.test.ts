/** Functions that keep their digits where their definitions lose them, and derivatives where they are easily wrong. */
import { expect, test } from "vitest";
import * as fx from "../../src/index.js";
import {
  abs,
  exp,
  grad,
  greater,
  hessian,
  jit,
  jvp,
  log,
  logaddexp,
  logSigmoid,
  logSoftmax,
  logsumexp,
  max,
  maximum,
  mul,
  norm,
  pow,
  prod,
  sigmoid,
  softmax,
  softplus,
  sqrt,
  sub,
  sum,
  tanh,
  tensor,
  type Tensor,
  vmap,
  where,
} from "../../src/index.js";
import { onEachBackend } from "../backend.js";

const inf = Infinity;

/** Gradients of a function of one number, at several. */
const slopes = (f: (x: Tensor) => Tensor, at: readonly number[]): number[] =>
  Array.from(vmap(grad(f))(tensor(at)).dataSync(), (g) => g + 0); // no -0

/** The n-th derivative of a function of one number. */
const derivative = (f: (x: Tensor) => Tensor, n: number): ((x: Tensor) => Tensor) =>
  n === 0 ? f : derivative(grad(f), n - 1);

onEachBackend("softplus and sigmoid", () => {
  const xs = [-1e30, -1000, -100, -20, -1, 0, 1, 20, 100, 1000, 1e30];

  test("softplus", () => {
    const got = softplus(tensor(xs)).dataSync();
    xs.forEach((x, i) => {
      const exact = x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
      expect(Math.abs(got[i]! - exact)).toBeLessThanOrEqual(2 ** -22 * exact + 2 ** -149);
    });
    expect(got[8]).toBe(100);
    expect(got[3]).toBe(Math.fround(Math.log1p(Math.exp(-20))));
    expect(softplus(tensor([inf, -inf, NaN])).toArray()).toEqual([inf, 0, NaN]);
  });

  test("its gradient is the sigmoid, everywhere", () => {
    const want = xs.map((x) => 1 / (1 + Math.exp(-x)));
    slopes(softplus, xs).forEach((s, i) => expect(s).toBeCloseTo(want[i]!, 6));
    expect(slopes(softplus, [100, -1000])).toEqual([1, 0]);
    slopes(sigmoid, xs).forEach((s, i) => expect(s).toBeCloseTo(want[i]! * (1 - want[i]!), 6));
  });

  test("logSigmoid", () => {
    const got = logSigmoid(tensor(xs)).dataSync();
    expect(got[1]).toBe(-1000);
    expect(got[9]).toBe(-0);
    expect(got[7]).toBe(Math.fround(-Math.log1p(Math.exp(-20))));
    expect(slopes(logSigmoid, [-1000, 0, 1000])).toEqual([1, 0.5, 0]);
  });

  test("second derivatives, too", () => {
    const second = vmap(derivative(softplus, 2))(tensor(xs)).dataSync();
    xs.forEach((x, i) => {
      const s = 1 / (1 + Math.exp(-x));
      expect(second[i]).toBeCloseTo(s * (1 - s), 6);
    });
  });
});

onEachBackend("logsumexp and softmax", () => {
  test("far from 0", () => {
    expect(logsumexp(tensor([1000, 1000])).item()).toBeCloseTo(1000 + Math.LN2, 3);
    expect(logsumexp(tensor([-1000, -1000])).item()).toBeCloseTo(-1000 + Math.LN2, 3);
    expect(softmax(tensor([1000, 1000, 0])).toArray()).toEqual([0.5, 0.5, 0]);
    expect(logSoftmax(tensor([1000, 0])).toArray()).toEqual([0, -1000]);
  });

  test("of infinities", () => {
    expect(logsumexp(tensor([-inf, -inf])).item()).toBe(-inf);
    expect(logsumexp(tensor([inf, 1])).item()).toBe(inf);
    expect(logsumexp(tensor([-inf, 3])).item()).toBe(3);
    expect(logsumexp(tensor([inf, -inf])).item()).toBe(inf);
    expect(logsumexp(tensor([NaN, 1])).item()).toBeNaN();
    expect(softmax(tensor([0, -inf, 0])).toArray()).toEqual([0.5, 0, 0.5]);
    expect(logSoftmax(tensor([0, -inf, 0])).toArray()).toEqual([
      Math.fround(-Math.LN2),
      -inf,
      Math.fround(-Math.LN2),
    ]);
  });

  test("gradients where a logit is -∞ or all are far away", () => {
    expect(grad((x: Tensor) => logsumexp(x))(tensor([1000, 1000, -1000])).toArray()).toEqual([0.5, 0.5, 0]);
    expect(grad((x: Tensor) => logsumexp(x))(tensor([0, -inf, 0])).toArray()).toEqual([0.5, 0, 0.5]);
    const picked = (x: Tensor): Tensor => logSoftmax(x).at(0);
    expect(grad(picked)(tensor([0, -inf, 0])).toArray()).toEqual([0.5, 0, -0.5]);
    expect(grad((x: Tensor) => softmax(x).at(0))(tensor([1000, 0])).toArray()).toEqual([0, -0]);
  });

  test("logaddexp of infinities and its gradient", () => {
    expect(logaddexp(tensor([-inf, inf, -inf]), tensor([-inf, inf, 5])).toArray()).toEqual([-inf, inf, 5]);
    const [a, b] = grad((x: Tensor, y: Tensor) => logaddexp(x, y), { argnums: [0, 1] })(
      tensor(1000),
      tensor(1000),
    );
    expect([a.item(), b.item()]).toEqual([0.5, 0.5]);
  });

  test("cross-entropy of confident logits, right and wrong, and its gradient", () => {
    const crossEntropy = (logits: Tensor, label: number): Tensor => sub(logsumexp(logits), logits.at(label));
    const logits = tensor([1000, -1000, 0]);
    expect(crossEntropy(logits, 0).item()).toBe(0);
    expect(crossEntropy(logits, 1).item()).toBe(2000);
    expect(grad((z: Tensor) => crossEntropy(z, 0))(logits).toArray()).toEqual([0, 0, 0]);
    expect(grad((z: Tensor) => crossEntropy(z, 1))(logits).toArray()).toEqual([1, -1, 0]);
  });
});

onEachBackend("powers", () => {
  test("x² and x³ at 0, to the fourth derivative", () => {
    const at0 = (n: number, f: (x: Tensor) => Tensor): number => derivative(f, n)(tensor(0)).item();
    expect([0, 1, 2, 3, 4].map((n) => at0(n, (x) => pow(x, 2)))).toEqual([0, 0, 2, 0, 0]);
    expect([0, 1, 2, 3, 4].map((n) => at0(n, (x) => pow(x, 3)))).toEqual([0, 0, 0, 6, 0]);
    expect([0, 1, 2].map((n) => at0(n, (x) => pow(x, 1)))).toEqual([0, 1, 0]);
    expect([0, 1, 2].map((n) => at0(n, (x) => pow(x, 0)))).toEqual([1, 0, 0]);
    expect([0, 1, 2, 3].map((n) => at0(n, (x) => pow(x, tensor(2))))).toEqual([0, 0, 2, 0]);
  });

  test("negative bases and whole exponents", () => {
    expect(slopes((x) => pow(x, 3), [-2, -1])).toEqual([12, 3]);
    expect(slopes((x) => pow(x, -2), [-2])).toEqual([0.25]);
    expect(derivative((x) => pow(x, 3), 2)(tensor(-2)).item()).toBe(-12);
  });

  test("by the exponent: finite where the base is 0 or negative and the exponent whole", () => {
    const byExponent = (base: number) => slopes((y) => pow(tensor(base), y), [0.5, 1, 2, 3]);
    expect(byExponent(0)).toEqual([0, 0, 0, 0]);
    const [, , atTwo] = byExponent(2);
    expect(atTwo).toBeCloseTo(4 * Math.LN2, 5);
  });

  test("jitted, with a traced exponent", () => {
    const f = jit(grad((x: Tensor, n: Tensor) => pow(x, n)));
    expect(f(tensor(0), tensor(2)).item()).toBe(0);
    expect(f(tensor(0), tensor(1)).item()).toBe(1);
    expect(f(tensor(3), tensor(2)).item()).toBe(6);
  });
});

onEachBackend("products", () => {
  const gradient = (at: readonly number[]): unknown => grad((x: Tensor) => prod(x))(tensor(at)).toArray();

  test("with no, one and two zeros", () => {
    expect(gradient([2, 3, 4])).toEqual([12, 8, 6]);
    expect(gradient([0, 3, 4])).toEqual([12, 0, 0]);
    expect(gradient([0, 0, 4])).toEqual([0, 0, 0]);
    expect(gradient([2, 3, 0])).toEqual([0, 0, 6]);
    expect(gradient([1e30, 1e-30, 0])).toEqual([0, 0, 1]);
  });

  test("the Hessian with zeros", () => {
    expect(hessian((x: Tensor) => prod(x))(tensor([0, 0, 4])).toArray()).toEqual([
      [0, 4, 0],
      [4, 0, 0],
      [0, 0, 0],
    ]);
    expect(hessian((x: Tensor) => prod(x))(tensor([0, 3, 4])).toArray()).toEqual([
      [0, 4, 3],
      [4, 0, 0],
      [3, 0, 0],
    ]);
  });

  test("cumulative, with zeros", () => {
    const f = (x: Tensor): Tensor => sum(fx.cumprod(x));
    expect(grad(f)(tensor([2, 0, 3])).toArray()).toEqual([1, 2 + 2 * 3, 0]);
  });
});

onEachBackend("roots, norms and magnitudes at 0", () => {
  test("norms have gradient 0 there", () => {
    expect(grad((x: Tensor) => norm(x))(tensor([0, 0, 0])).toArray()).toEqual([0, 0, 0]);
    expect(jit(grad((x: Tensor) => norm(x)))(tensor([0, 0])).toArray()).toEqual([0, 0]);
    expect(
      grad((x: Tensor) => sum(norm(x, { axis: 1 })))(
        tensor([
          [0, 0],
          [3, 4],
        ]),
      ).toArray(),
    ).toEqual([
      [0, 0],
      [Math.fround(0.6), Math.fround(0.8)],
    ]);
    expect(jvp((x: Tensor) => norm(x), [tensor([0, 0])], [tensor([1, 1])])[1].item()).toBe(0);
  });

  test("kinks: abs and relu take 0, ties share", () => {
    expect(slopes(abs, [0, -0, 2, -2])).toEqual([0, 0, 1, -1]);
    expect(slopes(fx.relu, [0, 1, -1])).toEqual([0, 1, 0]);
    expect(slopes((x) => maximum(x, 0), [0, 1, -1])).toEqual([0.5, 1, 0]);
    expect(grad((x: Tensor) => max(x))(tensor([1, 3, 3])).toArray()).toEqual([0, 0.5, 0.5]);
    expect(slopes(sqrt, [0, 4])).toEqual([inf, 0.25]);
  });

  test("far out: no NaN from a derivative that vanishes", () => {
    expect(slopes(tanh, [-1000, 1000, inf])).toEqual([0, 0, 0]);
    expect(slopes(sigmoid, [-1000, 1000, inf])).toEqual([0, 0, 0]);
    expect(slopes(exp, [-1000])).toEqual([0]);
    expect(slopes(fx.erf, [-100, 100])).toEqual([0, 0]);
    expect(slopes(fx.silu, [-1000, 1000])).toEqual([0, 1]);
    expect(slopes(fx.atan, [1e30, -1e30])).toEqual([0, 0]);
  });
});

onEachBackend("where", () => {
  test("takes no NaN from the branch that is not chosen", () => {
    const f = (x: Tensor): Tensor => sum(where(greater(x, 0), log(x), mul(x, 2)));
    expect(f(tensor([-1, -2])).item()).toBe(-6);
    expect(grad(f)(tensor([-1, 1])).toArray()).toEqual([2, 1]);
    expect(where(tensor([true, false]), tensor([1, NaN]), tensor([NaN, 2])).toArray()).toEqual([1, 2]);
    expect(jit(grad(f))(tensor([-1, 1])).toArray()).toEqual([2, 1]);
  });

  test("takes no infinite derivative from it either", () => {
    const root = (x: Tensor): Tensor => sum(where(greater(x, 0), sqrt(x), 0));
    expect(grad(root)(tensor([0, 4, -1])).toArray()).toEqual([0, 0.25, 0]);
    expect(jit(grad(root))(tensor([0, 4, -1])).toArray()).toEqual([0, 0.25, 0]);
    expect(Array.from(hessian(root)(tensor([0, 4])).dataSync(), (h) => h + 0)).toEqual([0, 0, 0, -0.03125]);
    expect(slopes((x) => where(greater(x, 0), mul(x, log(x)), 0), [0, 1])).toEqual([0, 1]);
    expect(slopes((x) => where(greater(x, 100), 0, exp(x)), [1000, 0])).toEqual([0, 1]);
  });

  test("with the argument guarded no infinite derivative gets through", () => {
    const safe = (x: Tensor): Tensor => {
      const positive = greater(x, 0);
      return sum(where(positive, sqrt(where(positive, x, 1)), 0));
    };
    expect(grad(safe)(tensor([0, 4, -1])).toArray()).toEqual([0, 0.25, 0]);
    expect(Array.from(hessian(safe)(tensor([0, 4])).dataSync(), (h) => h + 0)).toEqual([0, 0, 0, -0.03125]);
  });
});

onEachBackend("digits near a zero of the function", () => {
  test("expm1, log1p, and what is built of them", () => {
    expect(fx.expm1(tensor(1e-10)).item()).toBe(Math.fround(1e-10));
    expect(fx.log1p(tensor(1e-10)).item()).toBe(Math.fround(1e-10));
    expect(fx.elu(tensor(-1e-10)).item()).toBe(Math.fround(-1e-10));
    expect(fx.log(tensor(1.0000001)).item()).toBe(Math.fround(Math.log(Math.fround(1.0000001))));
    expect(tanh(tensor(1e-20)).item()).toBe(Math.fround(1e-20));
    expect(fx.sinh(tensor(1e-20)).item()).toBe(Math.fround(1e-20));
    expect(fx.asinh(tensor(-1e-20)).item()).toBe(Math.fround(-1e-20));
  });

  test("logit around a half", () => {
    const x = Math.fround(0.5000001);
    expect(fx.logit(tensor(x)).item()).toBe(Math.fround(Math.log(x / (1 - x))));
    expect(slopes(fx.logit, [0.5, 0.25, 0.1])).toEqual([4, Math.fround(16 / 3), expect.closeTo(1 / 0.09, 4)]);
    expect(fx.logit(tensor([0, 1, -1, 2])).toArray()).toEqual([-inf, inf, NaN, NaN]);
  });

  test("sinc at integers, and its slope", () => {
    expect(Array.from(fx.sinc(tensor([0, 1, -3, 1000])).dataSync(), Math.abs)).toEqual([1, 0, 0, 0]);
    expect(slopes(fx.sinc, [0, 1, 2])).toEqual([0, -1, 0.5]);
  });
});
