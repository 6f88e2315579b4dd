import { describe, expect, expectTypeOf, it } from "vitest";
import {
  add,
  grad,
  jit,
  matmul,
  mul,
  random,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tree,
  zeros,
} from "fluxion";
import * as nn from "fluxion/nn";

interface Params {
  readonly w: Tensor;
  readonly layers: readonly { readonly b: Tensor }[];
}

const start: Params = {
  w: tensor([
    [2, -1],
    [0.5, 3],
  ]),
  layers: [{ b: tensor([1, -2]) }],
};

const bowl = (p: Params): Tensor => add(sum(square(sub(p.w, 1))), mul(sum(square(p.layers[0]!.b)), 3));
const valley = (p: Params): Tensor =>
  add(
    sum(
      mul(
        square(p.w),
        tensor([
          [1, 10],
          [0.1, 1],
        ]),
      ),
    ),
    sum(square(sub(p.layers[0]!.b, tensor([3, 3])))),
  );
const x = random.normal(random.key(0), [16, 2]);
const regression = (p: Params): Tensor =>
  nn.mse(
    add(matmul(x, p.w), p.layers[0]!.b),
    add(
      matmul(
        x,
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ),
      tensor([0, 1]),
    ),
  );

const objectives: Readonly<Record<string, (p: Params) => Tensor>> = { bowl, valley, regression };

const optimizers: Readonly<Record<string, () => nn.GradientTransformation>> = {
  sgd: () => nn.sgd(0.03),
  momentum: () => nn.sgd(0.01, { momentum: 0.9 }),
  nesterov: () => nn.sgd(0.01, { momentum: 0.9, nesterov: true }),
  adam: () => nn.adam(0.1),
  adamW: () => nn.adamW(0.1),
  rmsProp: () => nn.rmsProp(0.03),
  "rmsProp, centered, with momentum": () => nn.rmsProp(0.003, { centered: true, momentum: 0.9 }),
  adagrad: () => nn.adagrad(0.8),
  adadelta: () => nn.adadelta(30),
  adamax: () => nn.adamax(0.1),
  amsgrad: () => nn.amsgrad(0.1),
  nadam: () => nn.nadam(0.1),
  radam: () => nn.radam(0.1),
  adabelief: () => nn.adabelief(0.1),
  yogi: () => nn.yogi(0.1),
  lion: () => nn.lion(0.03),
  lamb: () => nn.lamb(0.05),
  "a chain": () =>
    nn.chain(
      nn.clipByGlobalNorm(5),
      nn.scaleByAdam(),
      nn.scaleByLearningRate(nn.schedule.cosineDecay(0.2, 200)),
    ),
};

describe.each(Object.keys(optimizers))("%s", (name) => {
  const optimizer = optimizers[name]!();

  it.each(Object.keys(objectives))("minimises the %s, compiled once", (which) => {
    const objective = objectives[which]!;
    const step = jit((p: Params, state: unknown) => {
      const [updates, next] = optimizer.update(grad(objective)(p), state, p);
      return { p: nn.applyUpdates(p, updates), next };
    });
    let params = start;
    let state = optimizer.init(params);
    for (let i = 0; i < 200; i++) {
      const { p, next } = step(params, state);
      params = p;
      state = next;
    }
    expect(step.cacheStats.misses).toBe(1);
    expect(objective(params).item()).toBeLessThan(0.1 * objective(start).item());
  });

  it("keeps structure, shapes and dtypes; jit is eager", () => {
    const double: Params = tree.map((p) => p.cast("float64"), start);
    for (const params of [start, double]) {
      const state = optimizer.init(params);
      const g = grad(valley)(params);
      const [updates, next] = optimizer.update(g, state, params);
      const kinds = (t: unknown): unknown => tree.entries(t).map(([path, v]) => [path, v.dtype, v.shape]);
      expect(kinds(updates)).toEqual(kinds(params));
      expect(kinds(next)).toEqual(kinds(state));
      const [compiled] = jit((a: Params, s: unknown, p: Params) => optimizer.update(a, s, p))(
        g,
        state,
        params,
      );
      tree.map(
        (a, b) => expect(Math.abs(sum(sub(a, b)).item())).toBeLessThan(1e-5),
        compiled as Params,
        updates,
      );
    }
  });
});

describe("types", () => {
  it("a state is typed by the parameters", () => {
    const optimizer = nn.adam(0.1);
    const state = optimizer.init(start);
    expectTypeOf(state[0].mu).toEqualTypeOf<Params>();
    expectTypeOf(state[0].count).toEqualTypeOf<Tensor>();
    const [updates, next] = optimizer.update(start, state, start);
    expectTypeOf(updates).toEqualTypeOf<Params>();
    expectTypeOf(next).toEqualTypeOf(state);
    expectTypeOf(nn.applyUpdates(start, updates)).toEqualTypeOf<Params>();
  });

  it("a chain's state has a place for each link", () => {
    const optimizer = nn.chain(nn.trace(0.9), nn.scale(-1));
    const state = optimizer.init(start);
    expectTypeOf(state[0].trace).toEqualTypeOf<Params>();
    expectTypeOf(state[1]).toEqualTypeOf<readonly []>();
    expect(tree.entries(state).map(([path]) => path)).toEqual(["[0].trace.layers[0].b", "[0].trace.w"]);
  });
});

describe("chain is a monoid", () => {
  const g: Params = {
    w: tensor([
      [3, -4],
      [0.5, 1],
    ]),
    layers: [{ b: tensor([-10, 2]) }],
  };
  const { concat, empty } = nn.chainMonoid;
  const twice = (t: nn.GradientTransformation): unknown => {
    const [, s] = t.update(g, t.init(start), start);
    return tree.map((u) => u.toArray() as never, t.update(g, s, start)[0]);
  };
  const [a, b, c] = [nn.clip(2), nn.scaleByAdam(), nn.trace(0.5)];

  it("with the identity", () => {
    expect(twice(concat(empty, b))).toEqual(twice(b));
    expect(twice(concat(b, empty))).toEqual(twice(b));
    expect(twice(empty)).toEqual(tree.map((u) => u.toArray() as never, g));
  });

  it("associative", () => {
    expect(twice(concat(concat(a, b), c))).toEqual(twice(concat(a, concat(b, c))));
    expect(twice(nn.chain(a, b, c))).toEqual(twice(concat(a, concat(b, c))));
  });
});

describe("errors", () => {
  it.each<[string, () => unknown]>([
    ["scaleByLearningRate: expected a learning rate (a number or a schedule), got NaN", () => nn.adam(NaN)],
    ["scaleByAdam: expected b1 of at least 0 and below 1, got 1", () => nn.adam(0.1, { b1: 1 })],
    [
      "scaleByAdam: expected options { b1, b2, eps, epsRoot, nesterov }, got beta1",
      () => nn.adam(0.1, { beta1: 0.9 } as never),
    ],
    ["trace: expected a decay of at least 0 and below 1, got 1.5", () => nn.sgd(0.1, { momentum: 1.5 })],
    [
      "sgd: expected options { momentum, nesterov }, got weightDecay",
      () => nn.sgd(0.1, { weightDecay: 1 } as never),
    ],
    ["clip: expected a positive limit, got 0", () => nn.clip(0)],
    ["clipByGlobalNorm: expected a positive limit, got -1", () => nn.clipByGlobalNorm(-1)],
    ["linear: expected a positive number of steps, got 0", () => nn.schedule.linear(0, 1, 0)],
    [
      "join: expected one boundary between every two schedules, in increasing order, got 1 schedules and boundaries [3]",
      () => nn.schedule.join([nn.schedule.constant(1)], [3]),
    ],
  ])("%s", (message, f) => {
    expect(f).toThrow(message);
  });

  it("names where trees differ", () => {
    const optimizer = nn.adam(0.1);
    const state = optimizer.init(start);
    const wrong = { w: start.w, layers: [] } as Params;
    expect(() => optimizer.update(wrong, state, start)).toThrow("update: expected");
    expect(() => optimizer.update(wrong, state, start)).toThrow("layers");
  });
});

describe("details", () => {
  it("masked weight decay leaves the rest alone", () => {
    const rule = nn.addDecayedWeights(0.5, { mask: (path) => path.endsWith(".b") });
    const none: Params = tree.map((p) => zeros(p.shape), start);
    const [updates] = rule.update(none, [], start);
    expect(updates.w.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(updates.layers[0]!.b.toArray()).toEqual([0.5, -1]);
  });

  it("the global norm is of all tensors together; that of nothing is 0", () => {
    expect(nn.globalNorm([tensor([1, 2]), { a: tensor(2) }]).item()).toBe(3);
    expect(nn.globalNorm([]).item()).toBe(0);
    const zero = tensor([0, 0]);
    expect(nn.clipByGlobalNorm(1).update(zero, [], zero)[0].toArray()).toEqual([0, 0]);
  });

  it("adam's first step has the learning rate's length, whatever the size of the gradient, in float32", () => {
    for (const size of [1e-4, 1, 1e6]) {
      const optimizer = nn.adam(0.01);
      const p = tensor([0]);
      expect(optimizer.update(tensor([size]), optimizer.init(p), p)[0].item()).toBeCloseTo(-0.01, 5);
    }
  });

  it("a schedule is traced with the step: compiled once for all of them", () => {
    const optimizer = nn.sgd(nn.schedule.warmupCosineDecay({ peak: 1, warmupSteps: 2, decaySteps: 6 }));
    const p = tensor([0]);
    const step = jit((s: nn.StateOf<any, Tensor>) => optimizer.update(tensor([1]), s as never, p));
    let state: unknown = optimizer.init(p);
    const rates: number[] = [];
    for (let i = 0; i < 7; i++) {
      const [u, next] = step(state);
      rates.push(-u.item());
      state = next;
    }
    expect(step.cacheStats.misses).toBe(1);
    [0, 0.5, 1, 0.853553, 0.5, 0.146447, 0].forEach((want, i) => expect(rates[i]).toBeCloseTo(want, 5));
  });
});
