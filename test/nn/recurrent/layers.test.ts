/** Recurrent layers: against a plain loop, against the unrolled program, and what their options promise. */
import { describe, expect, it } from "vitest";
import {
  add,
  concat,
  flip,
  grad,
  jit,
  mul,
  ones,
  random,
  sin,
  sum,
  tensor,
  tree,
  type Tensor,
} from "fluxion";
import * as nn from "fluxion/nn";

type Rows = readonly (readonly number[])[];

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));

/** Row times matrix, in plain loops. */
const times = (x: readonly number[], w: Rows): number[] =>
  w[0]!.map((_, j) => x.reduce((total, v, i) => total + v * w[i]![j]!, 0));

const rows = (x: Tensor): number[][] => x.toArray() as number[][];

/** The reference: an LSTM with peepholes, one example, one step after the other. */
const plainLstm = (params: nn.LstmParams, xs: Rows, features: number): number[][] => {
  const [w, u, bias] = [rows(params.kernel), rows(params.recurrent), params.bias.toArray() as number[]];
  const p = params.peephole === undefined ? null : rows(params.peephole);
  let h = new Array<number>(features).fill(0);
  let c = new Array<number>(features).fill(0);
  return xs.map((x) => {
    const [a, b] = [times(x, w), times(h, u)];
    const z = (gate: number, k: number): number =>
      a[gate * features + k]! + b[gate * features + k]! + bias[gate * features + k]!;
    const peek = (gate: number, k: number, m: readonly number[]): number =>
      p === null ? 0 : p[gate]![k]! * m[k]!;
    const old = c;
    c = old.map(
      (m, k) => sigma(z(1, k) + peek(1, k, old)) * m + sigma(z(0, k) + peek(0, k, old)) * Math.tanh(z(2, k)),
    );
    h = c.map((m, k) => sigma(z(3, k) + peek(2, k, c)) * Math.tanh(m));
    return h;
  });
};

const input = (batch: number, time: number, features: number, seed = 0): Tensor =>
  random.normal(random.key(seed), [batch, time, features], { dtype: "float64" });

const aval = { shape: [2, 5, 3], dtype: "float64" } as const;

const expectNear = (got: unknown, want: unknown, digits = 10): void => {
  const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x as number]);
  const [a, b] = [flat(got), flat(want)];
  expect(a.length).toBe(b.length);
  a.forEach((v, i) => expect(v).toBeCloseTo(b[i]!, digits));
};

describe("lstm", () => {
  it.each([false, true])("is the plain loop (peephole %s)", (peephole) => {
    const layer = nn.lstm(4, { returnSequences: true, peephole });
    const { params, state } = layer.init(random.key(1), aval);
    const given = peephole
      ? { ...params, peephole: random.normal(random.key(2), [3, 4], { dtype: "float64" }) }
      : params;
    const x = input(2, 5, 3);
    const want = (x.toArray() as number[][][]).map((xs) => plainLstm(given, xs, 4));
    expectNear(layer.apply(given, state, x)[0].toArray(), want);
  });

  it("starts with orthogonal recurrent kernels and the forget bias asked for", () => {
    const { params } = nn.lstm(3, { forgetBias: 2 }).init(random.key(0), aval);
    expect(params.bias.toArray()).toEqual([0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0]);
    const u = rows(params.recurrent);
    for (const gate of [0, 1, 2, 3])
      for (const i of [0, 1, 2])
        for (const j of [0, 1, 2]) {
          const dot = u.reduce((total, r) => total + r[gate * 3 + i]! * r[gate * 3 + j]!, 0);
          expect(dot).toBeCloseTo(i === j ? 1 : 0, 10);
        }
  });
});

const cells = [
  ["rnn", nn.rnnCell(4)],
  ["lstm", nn.lstmCell(4)],
  ["lstm, layer norm and peephole", nn.lstmCell(4, { layerNorm: true, peephole: true })],
  ["gru", nn.gruCell(4)],
  ["gru, layer norm", nn.gruCell(4, { layerNorm: true })],
] as const;

describe.each(cells)("%s over time", (_name, given) => {
  const cell = given as nn.Cell<unknown, unknown>;
  const params = cell.init(random.key(3), 3, "float64");
  const x = input(2, 5, 3, 4);

  /** The same with one call of the cell for each step, written out. */
  const unrolled = (p: unknown, xs: Tensor): Tensor => {
    let carry = cell.start(2, "float64");
    let total = tensor(Float64Array.of(0), { shape: [] });
    for (let t = 0; t < 5; t++) {
      carry = cell.apply(p, carry, xs.slice([0, t, 0], [2, t + 1, 3]).reshape([2, 3]));
      total = add(total, sum(sin(mul(cell.output(carry), t + 1))));
    }
    return total;
  };

  const scanned = (p: unknown, xs: Tensor): Tensor => {
    const { ys } = nn.overTime(cell, p, xs);
    return sum(sin(mul(ys, tensor(Float64Array.of(1, 2, 3, 4, 5), { shape: [5, 1] }))));
  };

  it("is the cell step by step, in value and gradient", () => {
    expect(scanned(params, x).item()).toBeCloseTo(unrolled(params, x).item() as number, 10);
    const [a, b] = [scanned, unrolled].map((f) => grad(f, { argnums: [0, 1] })(params, x));
    const want = tree.leaves(b);
    tree.leaves(a).forEach((g, i) => expectNear(g.toArray(), want[i]!.toArray(), 9));
  });

  it("has the gradient of central differences", () => {
    const direction = input(2, 5, 3, 5);
    const at = (e: number): number => scanned(params, add(x, mul(direction, e))).item() as number;
    const slope = sum(mul(grad((v: Tensor) => scanned(params, v))(x), direction)).item() as number;
    expect(slope).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 6);
  });

  it("is compiled once for all lengths of example", () => {
    const f = jit((p: unknown, v: Tensor, lengths: Tensor) => nn.overTime(cell, p, v, { lengths }).ys);
    const short = f(params, x, tensor([2, 5], { dtype: "int32" }));
    f(params, x, tensor([1, 3], { dtype: "int32" }));
    expect(f.cacheStats.misses).toBe(1);
    const alone = nn.overTime(cell, params, x.slice([0, 0, 0], [1, 2, 3])).ys;
    expectNear((short.toArray() as unknown[][])[0]!.slice(0, 2), (alone.toArray() as unknown[])[0]);
    expect((short.toArray() as number[][][])[0]!.slice(2).flat()).toEqual(new Array(12).fill(0));
  });
});

describe("options of the layers", () => {
  it("in reverse, padded examples start at their own end", () => {
    const layer = nn.gru(4, { reverse: true });
    const { params, state } = layer.init(random.key(1), aval);
    const x = input(2, 5, 3);
    const [y] = layer.apply(params, state, x, { lengths: tensor([3, 5], { dtype: "int32" }) });
    const [alone] = layer.apply(params, state, x.slice([0, 0, 0], [1, 3, 3]));
    expectNear((y.toArray() as unknown[])[0], (alone.toArray() as unknown[])[0]);
  });

  it("padding has no gradient, not even where it is NaN", () => {
    const layer = nn.lstm(4);
    const { params, state } = layer.init(random.key(1), aval);
    const lengths = tensor([3, 5], { dtype: "int32" });
    const data = input(2, 5, 3).dataSync();
    const x = tensor(
      Float64Array.from(data, (v, i) => (i >= 9 && i < 15 ? NaN : v)),
      { shape: [2, 5, 3] },
    );
    const loss = (p: nn.LstmParams, v: Tensor): Tensor => sum(layer.apply(p, state, v, { lengths })[0]);
    const [g, h] = grad(loss, { argnums: [0, 1] })(params, x);
    for (const leaf of tree.leaves(g)) expect(Array.from(leaf.dataSync()).every(Number.isFinite)).toBe(true);
    expect((h.toArray() as number[][][])[0]!.slice(3).flat()).toEqual(new Array(6).fill(0));
  });

  it("both ways: the backward half is the forward layer on the flipped sequence", () => {
    const both = nn.bidirectional(nn.lstm(4, { returnSequences: true }));
    const { params, state } = both.init(random.key(1), aval);
    const x = input(2, 5, 3);
    const one = nn.lstm(4, { returnSequences: true });
    const [forward] = one.apply(params.forward, [], x);
    const [backward] = one.apply(params.backward, [], flip(x, { axis: 1 }));
    expectNear(
      both.apply(params, state, x)[0].toArray(),
      concat([forward, flip(backward, { axis: 1 })], { axis: -1 }).toArray(),
    );
  });

  it("variational dropout: one mask for all steps, none outside of training, an error without a key", () => {
    const cell = nn.cell({
      name: "copy",
      features: 8,
      init: () => [],
      start: (batch, dtype) => ones([batch, 8], { dtype }),
      project: (_p, x) => x,
      step: (_p, _c, projected, seen) => add(projected, mul(seen, 0)),
      output: (h: Tensor) => h,
    });
    const layer = nn.recurrent(cell, { returnSequences: true, dropout: 0.5 });
    const x = ones([3, 4, 8]);
    const [y] = layer.apply([], [], x, { training: true, key: random.key(0) });
    const examples = y.toArray() as number[][][];
    for (const steps of examples) for (const step of steps) expect(step).toEqual(steps[0]);
    expect(new Set(examples.flat(2))).toEqual(new Set([0, 2]));
    expect(examples[0]![0]).not.toEqual(examples[1]![0]);
    expect(layer.apply([], [], x)[0].toArray()).toEqual(x.toArray());
    expect(() => layer.apply([], [], x, { training: true })).toThrow(
      "copy: expected a key in training, got none: apply(params, state, x, { training: true, key }) (input of the layer: float32[3,4,8])",
    );
    const recurrent = nn.recurrent(cell, { recurrentDropout: 0.5 });
    expect(recurrent.apply([], [], x, { training: true, key: random.key(0) })[0].shape).toEqual([3, 8]);
  });

  it("recurrent dropout multiplies what a step sees of the last one", () => {
    const cell = nn.rnnCell(2, { activation: (x) => x });
    const params = {
      kernel: tensor([[1, 1]]),
      recurrent: tensor([
        [1, 0],
        [0, 1],
      ]),
      bias: tensor([0, 0]),
    };
    const { ys } = nn.overTime(cell, params, ones([1, 3, 1]), { recurrentMask: tensor([[0, 2]]) });
    expect(ys.toArray()).toEqual([
      [
        [1, 1],
        [1, 3],
        [1, 7],
      ],
    ]);
  });

  it("stacks learn: an echo two steps back", () => {
    const model = nn.sequential(
      nn.stacked(2, (o) => nn.gru(8, o), { returnSequences: true }),
      nn.dense(1),
    );
    const start = nn.initTraining(model, nn.adam(0.03), random.key(0), {
      shape: [16, 8, 1],
      dtype: "float32",
    });
    const step = jit(
      nn.trainStep({ model, optimizer: nn.adam(0.03), loss: (y, t) => nn.mse(y, t), metrics: {} }),
    );
    const x = random.normal(random.key(5), [16, 8, 1]);
    const y = concat([mul(x.slice([0, 0, 0], [16, 2, 1]), 0), x.slice([0, 0, 0], [16, 6, 1])], { axis: 1 });
    let run = step(start.params, start.state, start.optimizer, random.key(0), { inputs: x, labels: y });
    const first = run.loss.item() as number;
    for (let i = 0; i < 150; i++)
      run = step(run.params, run.state, run.optimizer, random.key(0), { inputs: x, labels: y });
    expect(run.loss.item()).toBeLessThan(first / 5);
    expect(step.cacheStats.misses).toBe(1);
  });
});

describe("errors", () => {
  const x = { shape: [2, 5], dtype: "float32" } as const;
  it.each<[() => unknown, string]>([
    [() => nn.lstm(0), "lstm: expected a number of features of at least 1, got 0"],
    [() => nn.gru(4, { dropout: 1 }), "gru: expected dropout of at least 0 and below 1, got 1"],
    [
      () => nn.rnn(4).init(random.key(0), x),
      "rnn: expected a float input [batch, time, features], got float32[2,5] (input of the layer: float32[2,5])",
    ],
    [() => nn.stacked(0, (o) => nn.gru(2, o)), "stacked: expected a depth of at least 1, got 0"],
    [
      () =>
        nn.overTime(nn.gruCell(2), nn.gruCell(2).init(random.key(0), 3, "float32"), ones([2, 5, 3]), {
          lengths: tensor([1]),
        }),
      "gru: expected integer lengths [2], got float32[1]",
    ],
  ])("%#", (f, message) => {
    expect(f).toThrow(message);
  });

  it("a stateful layer keeps to its batch", () => {
    const layer = nn.gru(2, { stateful: true });
    const { params, state } = layer.init(random.key(0), { shape: [2, 5, 3], dtype: "float32" });
    expect(() => layer.apply(params, state, ones([3, 5, 3]))).toThrow(
      "gru: expected an input [2, time, features], for which its state was made, got float32[3,5,3]",
    );
  });

  it("misspelt options are named", () => {
    expect(() => nn.gru(2, { returnSequence: true } as object)).toThrow("gru: expected options {");
  });
});
