import { describe, expect, it } from "vitest";
import { tensor } from "fluxion";
import { bent, stripes, train } from "../../../examples/lift/activation.js";
import { call, greeks, normalCdf } from "../../../examples/lift/black-scholes.js";
import { longest, steps } from "../../../examples/lift/collatz.js";
import { draw, escape, picture } from "../../../examples/lift/mandelbrot.js";
import { root, rootInRounds, slopeForwards, slopes } from "../../../examples/lift/newton.js";
import { random } from "fluxion";

const numbers = (x: { toArray(): unknown }): number[] => x.toArray() as number[];

describe("Mandelbrot", () => {
  it("counts the rounds of each point", () => {
    expect(escape(tensor([0, 1, 2, -2]), 0, 100).toArray()).toEqual([100, 3, 2, 100]);
    expect(escape(tensor([0.3]), tensor([0.6]), 1000).toArray()).toEqual([15]);
  });

  it("is drawn, the same above and below the axis", () => {
    const rows = picture(31, 20, 50);
    expect([...rows].reverse()).toEqual(rows);
    const text = draw(rows, 50).split("\n");
    expect(text.length).toBe(20);
    expect(text[10]).toContain("@@@@");
    expect(text[0]).not.toContain("@");
  });
});

describe("Collatz", () => {
  it("knows the longest ways", () => {
    expect(steps(tensor([1, 2, 3, 27])).toArray()).toEqual([0, 1, 7, 111]);
    expect(longest(10_000)).toEqual({ start: 6171, steps: 261 });
  });
});

describe("Newton's roots", () => {
  const p = tensor([1, 1, 2, 0.5], { dtype: "float64" });
  const q = tensor([2, 10, 12, 0], { dtype: "float64" });

  it("solve the equation, in a loop of either kind", () => {
    for (const x of [numbers(root(p, q)), numbers(rootInRounds(p, q))])
      x.forEach((v, i) => expect(v ** 3 + numbers(p)[i]! * v).toBeCloseTo(numbers(q)[i]!, 10));
  });

  it("have the slopes of the implicit function", () => {
    const x = numbers(root(p, q));
    const want = x.map((v, i) => 1 / (3 * v * v + numbers(p)[i]!));
    const [byP, byQ] = slopes(p, q);
    numbers(byQ).forEach((s, i) => expect(s).toBeCloseTo(want[i]!, 8));
    numbers(slopeForwards(p, q)).forEach((s, i) => expect(s).toBeCloseTo(want[i]!, 8));
    numbers(byP).forEach((s, i) => expect(s).toBeCloseTo(-x[i]! * want[i]!, 8));
  });
});

describe("Black and Scholes", () => {
  const spots = [60, 90, 100, 110, 180];
  const of = (v: number) =>
    tensor(
      spots.map(() => v),
      { dtype: "float64" },
    );
  const spot = tensor(spots, { dtype: "float64" });
  const [strike, volatility, rate, years] = [100, 0.25, 0.03, 0.5];
  const option: Parameters<typeof greeks> = [spot, of(strike), of(volatility), of(rate), of(years)];

  it("Φ is that of the tables", () => {
    const phi = numbers(normalCdf(tensor([0, 1, -1.96, 3, 40, -40], { dtype: "float64" })));
    [0.5, 0.8413447460685429, 0.024997895148220435, 0.9986501019683699, 1, 0].forEach((want, i) =>
      expect(phi[i]).toBeCloseTo(want, 14),
    );
  });

  it("prices known options, and at expiry what they pay", () => {
    // J. Hull, "Options, Futures, and Other Derivatives": 42, 40, 20 %, 10 %, half a year.
    const price = call(tensor(42, { dtype: "float64" }), 40, 0.2, 0.1, 0.5);
    expect(price.item()).toBeCloseTo(4.759, 3);
    expect(numbers(call(spot, strike, volatility, rate, 0))).toEqual([0, 0, 0, 10, 80]);
  });

  it("has Greeks that equal the closed forms", () => {
    const phi = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    const cdf = (x: number): number => normalCdf(tensor(x, { dtype: "float64" })).item() as number;
    const g = greeks(...option);
    spots.forEach((s, i) => {
      const spread = volatility * Math.sqrt(years);
      const d1 = (Math.log(s / strike) + (rate + volatility ** 2 / 2) * years) / spread;
      const d2 = d1 - spread;
      const discounted = strike * Math.exp(-rate * years);
      const want = {
        delta: cdf(d1),
        gamma: phi(d1) / (s * spread),
        vega: s * phi(d1) * Math.sqrt(years),
        rho: years * discounted * cdf(d2),
        theta: (-s * phi(d1) * volatility) / (2 * Math.sqrt(years)) - rate * discounted * cdf(d2),
      };
      for (const [name, values] of Object.entries(g))
        expect(numbers(values)[i], name).toBeCloseTo(want[name as keyof typeof want], 9);
    });
  });

  it("has Greeks at expiry that are numbers: the formula with its division by 0 is not taken", () => {
    const g = greeks(spot, of(strike), of(volatility), of(rate), of(0));
    expect(numbers(g.delta)).toEqual([0, 0, 0.5, 1, 1]);
    for (const values of [g.gamma, g.vega, g.rho, g.theta])
      for (const v of numbers(values)) expect(Math.abs(v)).toBe(0);
  });
});

describe("a learnt activation", () => {
  it("is what it says", () => {
    const [a, b] = numbers(bent(tensor([2, -1]), 0.5, 2));
    expect(a).toBe(2);
    expect(b).toBeCloseTo(0.5 * Math.tanh(-2), 6);
  });

  it("learns, with the network around it", () => {
    const { losses, accuracy, depth, steepness } = train(120);
    expect(losses[0]).toBeGreaterThan(0.9);
    expect(losses[losses.length - 1]).toBeLessThan(0.3);
    expect(accuracy).toBeGreaterThan(0.9);
    expect(Math.abs(depth - 0.5)).toBeGreaterThan(0.05);
    expect(Math.abs(steepness - 1)).toBeGreaterThan(0.05);
    expect(stripes(random.key(0), 4)[0].shape).toEqual([4, 1, 10, 10]);
  }, 60_000);
});
