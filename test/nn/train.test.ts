import { describe, expect, it } from "vitest";
import { random, reshape, sum, type Tensor, tensor, tree } from "fluxion";
import { arraysOfTree, decodeSafetensors, encodeSafetensors, treeOfArrays } from "fluxion/io";
import * as nn from "fluxion/nn";

/** Three classes of points, with noise. */
const count = 30;
const inputs = random.normal(random.key(1), [count, 2]);
const labels = tensor(
  Array.from({ length: count }, (_, i) => i % 3),
  { dtype: "int32" },
);
const centres = tensor([
  [0, 3],
  [3, -2],
  [-3, -2],
]);
const points = centres.take(labels, { axis: 0 }).add(inputs);

const model = nn.sequential(
  nn.dense(16, { bias: false }),
  nn.batchNorm(),
  nn.relu,
  nn.dropout(0.2),
  nn.dense(3),
);
const learning = { model, optimizer: nn.adam(nn.schedule.exponentialDecay(0.05, { steps: 10, rate: 0.9 })) };
const begin = (): nn.TrainingState<any, any, any> =>
  nn.initTraining(model, learning.optimizer, random.key(7), { shape: [1, 2], dtype: "float32" });

const size = 8;
const steps = Math.ceil(count / size);
const batches = function* (key: Tensor): Generator<nn.Batch> {
  const order = random.permutation(key, count);
  for (let from = 0; from < count; from += size) {
    const at = order.at(`${from}:${Math.min(count, from + size)}`);
    yield { inputs: points.take(at, { axis: 0 }), labels: labels.take(at) };
  }
};

type Event = nn.TrainingEvent<"accuracy", nn.TrainingState<any, any, any>>;

const collect = async (
  start: nn.TrainingState<any, any, any>,
  epochs: number,
  until = Infinity,
): Promise<Event[]> => {
  const events: Event[] = [];
  for await (const event of nn.train({ ...learning, start, epochs, steps, batches })) {
    events.push(event);
    if (events.length >= until) break;
  }
  return events;
};

const bits = (state: unknown): unknown =>
  tree.entries(state).map(([path, x]) => [path, x.dtype, Array.from(x.dataSync())]);
const lastState = (events: readonly Event[]): nn.TrainingState<any, any, any> => {
  const last = events.findLast((e) => e._tag === "Epoch");
  if (last?._tag !== "Epoch") throw new Error("no epoch was finished");
  return last.state;
};

describe("train", () => {
  it("yields every step and every epoch, and learns", async () => {
    const events = await collect(begin(), 8);
    expect(events.filter((e) => e._tag === "Step")).toHaveLength(8 * steps);
    const epochs = events.filter((e) => e._tag === "Epoch");
    expect(epochs.map((e) => e.epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(epochs[7]!.loss).toBeLessThan(epochs[0]!.loss);
    expect(epochs[7]!.metrics.accuracy).toBeGreaterThan(0.85);
    expect(epochs[7]!.state.step).toBe(8 * steps);
    const { params, state } = epochs[7]!.state;
    expect(nn.accuracy(model.apply(params, state, points)[0], labels).item()).toBeGreaterThan(0.95);
  });

  it("counts examples, not batches: the last batch is smaller", async () => {
    const events = await collect(begin(), 1);
    const all = events.filter((e) => e._tag === "Step");
    expect(all.map((e) => [e.step, e.steps])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
    const weights = [8, 8, 8, 6];
    const want = all.reduce((s, e, i) => s + e.batchLoss * weights[i]!, 0) / count;
    expect(all[3]!.loss).toBeCloseTo(want, 6);
    expect(Math.round(all[3]!.metrics.accuracy * count)).toBeCloseTo(all[3]!.metrics.accuracy * count, 6);
  });

  it("is a function of its start", async () => {
    const [a, b] = [await collect(begin(), 2), await collect(begin(), 2)];
    expect(bits(lastState(a))).toEqual(bits(lastState(b)));
    const other = nn.initTraining(model, learning.optimizer, random.key(8), {
      shape: [1, 2],
      dtype: "float32",
    });
    expect(bits(lastState(await collect(other, 2)))).not.toEqual(bits(lastState(a)));
  });

  it("goes on bit for bit from a saved state", async () => {
    const whole = bits(lastState(await collect(begin(), 4)));
    const half = lastState(await collect(begin(), 2));
    const file = encodeSafetensors(arraysOfTree(half));
    const decoded = decodeSafetensors(file);
    if (decoded._tag === "Left") throw decoded.left;
    const restored = treeOfArrays(decoded.right.tensors, begin());
    if (restored._tag === "Left") throw restored.left;
    expect(restored.right.step).toBe(2 * steps);
    expect(bits(lastState(await collect(restored.right, 4)))).toEqual(whole);
  });

  it("goes on in the middle of an epoch", async () => {
    const whole = bits(lastState(await collect(begin(), 2)));
    // The state in the middle is what the pure step gives, with the keys of step 0 and epoch 0.
    const step = nn.trainStep(learning);
    const start = begin();
    const key = random.foldIn(random.foldIn(start.key, 0), 0);
    const order = random.foldIn(random.foldIn(start.key, 1), 0);
    const [batch] = [...batches(order)];
    const { params, state, optimizer } = step(start.params, start.state, start.optimizer, key, batch!);
    const middle = { params, state, optimizer, key: start.key, step: 1 };
    const rest = await collect(middle, 2);
    expect(rest.filter((e) => e._tag === "Step").map((e) => e.step)).toEqual([2, 3, 4, 1, 2, 3, 4]);
    const got = bits(lastState(rest)) as [string, string, number[]][];
    (whole as [string, string, number[]][]).forEach(([path, , values], i) =>
      values.forEach((v, k) => expect(Math.abs(got[i]![2][k]! - v), path).toBeLessThan(1e-5)),
    );
  });

  it("goes on bit for bit from the state of a step", async () => {
    const whole = bits(lastState(await collect(begin(), 2)));
    const [, second] = await collect(begin(), 2, 2);
    expect([second!._tag, second!.state.step]).toEqual(["Step", 2]);
    expect(bits(lastState(await collect(second!.state, 2)))).toEqual(whole);
  });

  it("nothing is left to do after the last epoch", async () => {
    const done = lastState(await collect(begin(), 1));
    expect(await collect(done, 1)).toEqual([]);
  });

  it("speed and time left follow the clock", async () => {
    let time = 0;
    const now = (): number => (time += 500);
    const events: Event[] = [];
    for await (const e of nn.train({ ...learning, start: begin(), epochs: 2, steps, batches, now }))
      events.push(e);
    const first = events[1]!;
    if (first._tag !== "Step") throw new Error("expected a step");
    expect(first.eta).toBeCloseTo(6 * 0.5);
    expect(first.examplesPerSecond).toBeCloseTo(16);
  });

  it("other losses, other metrics, other labels", async () => {
    const x = random.normal(random.key(3), [20, 3]);
    const y = sum(x, { axis: 1, keepdims: true });
    const line = {
      model: nn.dense(1),
      optimizer: nn.sgd(0.1),
      loss: (p: Tensor, t: Tensor) => nn.mse(p, t),
      metrics: {
        error: (p: Tensor, t: Tensor) => nn.mae(p, t, { reduction: "sum" }),
        examples: (p: Tensor) => tensor(p.shape[0]),
      },
    };
    const start = nn.initTraining(line.model, line.optimizer, random.key(0), {
      shape: [1, 3],
      dtype: "float32",
    });
    let last: Readonly<Record<"error" | "examples", number>> | null = null;
    for await (const e of nn.train({
      ...line,
      start,
      epochs: 60,
      steps: 1,
      batches: () => [{ inputs: x, labels: y }],
    }))
      if (e._tag === "Epoch") last = e.metrics;
    expect(last!.error).toBeLessThan(1e-3);
    expect(last!.examples).toBe(1);
  });

  it("batches may come asynchronously", async () => {
    const slowly = async function* (): AsyncGenerator<nn.Batch> {
      await Promise.resolve();
      yield { inputs: points, labels };
    };
    const events: string[] = [];
    for await (const e of nn.train({ ...learning, start: begin(), epochs: 1, steps: 1, batches: slowly }))
      events.push(e._tag);
    expect(events).toEqual(["Step", "Epoch"]);
  });

  it("says what is missing", async () => {
    const run = (more: object): Promise<unknown> =>
      (async () => {
        for await (const e of nn.train({
          ...learning,
          start: begin(),
          epochs: 1,
          steps: 2,
          batches: () => [{ inputs: points, labels }],
          ...more,
        }))
          void e;
      })();
    await expect(run({})).rejects.toThrow("train: expected 2 batches in epoch 0, got 1");
    await expect(run({ epochs: 0 })).rejects.toThrow("train: expected epochs of at least 1, got 0");
    await expect(run({ batches: () => [{ inputs: reshape(points, [60]), labels }] })).rejects.toThrow(
      "sequential[0].dense",
    );
  });
});
