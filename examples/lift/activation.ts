/** An activation of one's own, with parameters that are learnt, inside a convolutional network. */
import { jit, lift, random, tensor, type Tensor, valueAndGrad } from "fluxion";
import * as nn from "fluxion/nn";

/** The identity above 0; below, a curve of which two numbers say how deep and how steep it is. */
export const bent = lift((x: number, depth: number, steepness: number) =>
  x > 0 ? x : depth * Math.tanh(steepness * x),
);

interface Bend {
  readonly depth: Tensor;
  readonly steepness: Tensor;
}

/** The activation as a layer. */
export const bentLayer = (): nn.Layer<Bend, readonly []> =>
  nn.layer({
    name: "bent",
    init: () => ({ params: { depth: tensor(0.5), steepness: tensor(1) }, state: [] }),
    apply: ({ depth, steepness }, state, x) => [bent(x, depth, steepness), state],
  });

const network = () => nn.sequential(nn.conv(6, 3), bentLayer(), nn.maxPool(2), nn.flatten(), nn.dense(3));

/** Stripes, 10 × 10, along one of three directions, of random phase and with noise; and which direction it is. */
export const stripes = (key: Tensor, count: number): readonly [images: Tensor, labels: Tensor] => {
  const [k1, k2, k3] = random.split(key, 3) as unknown as [Tensor, Tensor, Tensor];
  const labels = random.randint(k1, [count], 0, 3);
  const phase = random.uniform(k2, [count, 1, 1, 1], { maxval: 2 * Math.PI });
  const grid = (axis: number): Tensor =>
    tensor(Array.from({ length: 100 }, (_, i) => (axis === 0 ? Math.floor(i / 10) : i % 10))).reshape([
      1, 1, 10, 10,
    ]);
  const kind = labels.reshape([count, 1, 1, 1]);
  const wave = stripe(grid(0), grid(1), kind, phase);
  return [wave.add(random.normal(k3, [count, 1, 10, 10]).mul(0.6)), labels];
};

const stripe = lift((i: number, j: number, kind: number, phase: number) => {
  const along = kind === 0 ? i : kind === 1 ? j : 0.7 * (i + j);
  return Math.sin(2 * along + phase);
});

export interface Trained {
  readonly losses: readonly number[];
  readonly accuracy: number;
  readonly depth: number;
  readonly steepness: number;
}

/** Trains for some steps of Adam, and tells what the activation has become. */
export const train = (steps: number): Trained => {
  const model = network();
  const optimizer = nn.adam(0.01);
  const [images, labels] = stripes(random.key(1), 256);
  const { params, state } = model.init(random.key(0), images);
  const loss = (p: typeof params, x: Tensor, y: Tensor): Tensor =>
    nn.crossEntropy(model.apply(p, state, x)[0], y);
  const start = { params, optimizer: optimizer.init(params) };
  const step = jit((now: typeof start, x: Tensor, y: Tensor) => {
    const [value, gradients] = valueAndGrad(loss)(now.params, x, y);
    const [updates, next] = optimizer.update(gradients, now.optimizer, now.params);
    return { loss: value, now: { params: nn.applyUpdates(now.params, updates), optimizer: next } };
  });
  let now = start;
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const out = step(now, images, labels);
    now = out.now;
    losses.push(out.loss.item() as number);
  }
  const [unseen, truth] = stripes(random.key(2), 256);
  const accuracy = nn.accuracy(model.apply(now.params, state, unseen)[0], truth).item() as number;
  const { depth, steepness } = now.params[1];
  return { losses, accuracy, depth: depth.item() as number, steepness: steepness.item() as number };
};
