/** Trajectories against Optax, in float64. */
import { describe, expect, it } from "vitest";
import { grad, mul, square, sub, sum, tensor, type Tensor } from "fluxion";
import * as nn from "fluxion/nn";
import { type GoldenArray, type GoldenCase, loadGolden } from "../../golden/load.js";

type Options = Readonly<Record<string, never>> & { readonly learningRate: number };
type Make = (rate: number, options: Readonly<Record<string, never>>) => nn.GradientTransformation;

const optimizers: Readonly<Record<string, Make>> = {
  sgd: nn.sgd,
  adam: nn.adam,
  adamw: nn.adamW,
  rmsprop: nn.rmsProp,
  adagrad: nn.adagrad,
  adadelta: nn.adadelta,
  adamax: nn.adamax,
  amsgrad: nn.amsgrad,
  nadam: nn.nadam,
  radam: nn.radam,
  lion: nn.lion,
  adabelief: nn.adabelief,
  lamb: nn.lamb,
  yogi: nn.yogi,
};

const schedules: Readonly<Record<string, (o: any) => nn.Schedule>> = {
  exponentialDecay: (o) =>
    nn.schedule.exponentialDecay(o.init, {
      steps: o.transitionSteps,
      rate: o.decayRate,
      staircase: o.staircase ?? false,
    }),
  cosineDecay: (o) => nn.schedule.cosineDecay(o.init, o.decaySteps, { alpha: o.alpha }),
  linear: (o) => nn.schedule.linear(o.init, o.end, o.transitionSteps),
  polynomial: (o) => nn.schedule.polynomial(o.init, o.end, o.power, o.transitionSteps),
  warmupCosineDecay: (o) => nn.schedule.warmupCosineDecay(o),
  piecewiseConstant: (o) => nn.schedule.piecewiseConstant(o.init, o.boundaries),
};

const cases = loadGolden("optimizers").cases;
const toTensor = (a: unknown): Tensor => {
  const { data, shape } = a as GoldenArray;
  return tensor(data, { shape });
};

const expectClose = (got: Tensor, want: GoldenArray): void => {
  expect(got.shape).toEqual(want.shape);
  const data = got.dataSync();
  want.data.forEach((w, i) => expect(Math.abs(data[i]! - w)).toBeLessThan(1e-9 * Math.max(1, Math.abs(w))));
};

const named = (c: GoldenCase): [string, GoldenCase] => [`${c.fn} ${JSON.stringify(c.options ?? {})}`, c];

describe("optimizers follow Optax for ten steps", () => {
  const list = cases.filter((c) => c.fn in optimizers).map(named);
  it("has every optimizer", () =>
    expect(new Set(list.map(([, c]) => c.fn)).size).toBe(Object.keys(optimizers).length));

  it.each(list)("%s", (_name, c) => {
    const { learningRate, ...options } = c.options as unknown as Options;
    const rule = optimizers[c.fn]!(learningRate, options as Readonly<Record<string, never>>);
    const [start, scale, target] = c.args.map(toTensor) as [Tensor, Tensor, Tensor];
    const objective = (x: Tensor): Tensor => mul(sum(mul(square(sub(x, target)), scale)), 0.5);
    const points = c.out as GoldenArray;
    let x = start;
    let state = rule.init(x);
    for (let i = 0; i < points.shape[0]!; i++) {
      const [updates, next] = rule.update(grad(objective)(x), state, x);
      x = nn.applyUpdates(x, updates);
      state = next;
      expectClose(x, { ...points, shape: [3], data: points.data.slice(3 * i, 3 * i + 3) });
    }
  });
});

describe("schedules are Optax's", () => {
  const list = cases.filter((c) => c.fn in schedules).map(named);
  it("has every schedule", () =>
    expect(new Set(list.map(([, c]) => c.fn)).size).toBe(Object.keys(schedules).length));

  it.each(list)("%s", (_name, c) => {
    const steps = tensor(Float64Array.from((c.args[0] as GoldenArray).data));
    expectClose(schedules[c.fn]!(c.options)(steps), c.out as GoldenArray);
  });
});

describe("clipByGlobalNorm is Optax's", () => {
  const list = cases.filter((c) => c.fn === "clipByGlobalNorm");
  it.each(list.map((c) => [c.args[1] as number, c] as const))("limit %d", (limit, c) => {
    const g = toTensor(c.args[0]);
    expectClose(nn.clipByGlobalNorm(limit).update(g, [], g)[0], c.out as GoldenArray);
  });
});

it("no case is left out", () => {
  const known = [...Object.keys(optimizers), ...Object.keys(schedules), "clipByGlobalNorm"];
  expect(cases.filter((c) => !known.includes(c.fn)).map((c) => c.fn)).toEqual([]);
});
