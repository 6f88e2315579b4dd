/**
 * A regression over sequences: two layers of LSTM with 50 units each on batches [32, T, 8], a dense layer on the last
 * output, mean squared error and a step of Adam, in each library. Weights are drawn as `[inputs, 4 · units]` with gates
 * in the order input, forget, candidate, output.
 */
import type { Tensor } from "fluxion";
import { uniform } from "../data.js";
import {
  type FluxionLibrary,
  type FluxionNetworksLibrary,
  type JaxLibrary,
  type Run,
  runOf,
  type TfLibrary,
} from "../row.js";
import type { TorchProcess } from "../torch.js";
import { fluxionSteps, jaxSteps } from "./steps.js";

const [batch, inputs, units] = [32, 8, 50] as const;
const adam = { rate: 1e-3, b1: 0.9, b2: 0.999, eps: 1e-8 } as const;

/** Multiplications and additions of the products; a step has three of each, less one for the gradient of the data. */
export const flops = (time: number): number =>
  2 * batch * time * 4 * units * (3 * (inputs + 3 * units) - inputs) + 6 * batch * units;

const fanIns = { first: inputs, second: units } as const;
type Level = keyof typeof fanIns;
const levels = ["first", "second"] as const;

/** Uniform with variance 1 / fanIn. */
const kernel = (seed: number, rows: number, columns: number): Float32Array<ArrayBuffer> => {
  const bound = Math.sqrt(3 / rows);
  return uniform(seed, rows * columns, -bound, bound);
};

/** 1 for the gate that forgets. */
const bias = (): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: 4 * units }, (_, i) => (i >= units && i < 2 * units ? 1 : 0));

const initial = (level: Level) => ({
  kernel: kernel(3 + 2 * levels.indexOf(level), fanIns[level], 4 * units),
  recurrent: kernel(4 + 2 * levels.indexOf(level), units, 4 * units),
  bias: bias(),
});

const data = {
  x: (time: number): Float32Array<ArrayBuffer> => uniform(1, batch * time * inputs),
  y: (): Float32Array<ArrayBuffer> => uniform(2, batch),
  dense: (): Float32Array<ArrayBuffer> => kernel(7, units, 1),
};

const fluxionModel = (fx: FluxionLibrary, nn: FluxionNetworksLibrary, time: number) => {
  const { tensor } = fx;
  const level = (name: Level) => {
    const w = initial(name);
    return {
      kernel: tensor(w.kernel, { shape: [fanIns[name], 4 * units] }),
      recurrent: tensor(w.recurrent, { shape: [units, 4 * units] }),
      bias: tensor(w.bias),
    };
  };
  const model = nn.sequential(nn.lstm(units, { returnSequences: true }), nn.lstm(units), nn.dense(1));
  const optimizer = nn.adam(adam.rate, { b1: adam.b1, b2: adam.b2, eps: adam.eps });
  const step = fx.jit(
    nn.trainStep({ model, optimizer, loss: (y: Tensor, t: Tensor) => nn.mse(y, t), metrics: {} }),
  );
  const params: Parameters<typeof step>[0] = [
    level("first"),
    level("second"),
    { kernel: tensor(data.dense(), { shape: [units, 1] }), bias: fx.zeros([1]) },
  ];
  const { state } = model.init(fx.random.key(0), { shape: [batch, time, inputs], dtype: "float32" });
  const example = {
    inputs: tensor(data.x(time), { shape: [batch, time, inputs] }),
    labels: tensor(data.y(), { shape: [batch, 1] }),
  };
  const start: { params: Parameters<typeof step>[0]; optimizer: Parameters<typeof step>[2] } = {
    params,
    optimizer: optimizer.init(params),
  };
  fx.realizeAll(fx.tree.leaves(start) as Tensor[]);
  return { step, start, state, key: fx.random.key(1), example };
};

export const fluxion =
  (time: number) =>
  (fx: FluxionLibrary, nn: FluxionNetworksLibrary, steps = fluxionSteps): Run => {
    const { step, start, state, key, example } = fluxionModel(fx, nn, time);
    return steps(start, (now) => {
      const after = step(now.params, state, now.optimizer, key, example);
      return { loss: after.loss, state: after };
    });
  };

/** The step is traced and compiled, and not run. The value is the number of kernels, which does not depend on T. */
export const fluxionCompile =
  (time: number) =>
  (fx: FluxionLibrary, nn: FluxionNetworksLibrary): Run => {
    const { step, start, state, key, example } = fluxionModel(fx, nn, time);
    const call = (): number => step.lower(start.params, state, start.optimizer, key, example).kernels.length;
    return runOf({ call, read: (n) => [[n]] });
  };

/** Unrolled: jax-js has no loops. What the inputs contribute is one product before the steps, as in Fluxion. */
export const jaxjs =
  (time: number) =>
  (jax: JaxLibrary, steps = jaxSteps): Run => {
    const { nn: jnn, numpy: np, tree } = jax;
    type A = ReturnType<typeof np.zeros>;
    type Weights = { kernel: A; recurrent: A; bias: A };
    type Params = { first: Weights; second: Weights; dense: A; offset: A };
    type State = { params: Params; first: Params; second: Params; step: A };

    /** The outputs of all steps for inputs [T, batch, features]. */
    const layer = (w: Weights, x: A): A[] => {
      const flat = x.reshape([time * batch, -1]);
      const projected = np.split(np.matmul(flat, w.kernel).add(w.bias), time);
      let h = np.zeros([batch, units]);
      let c = np.zeros([batch, units]);
      const outputs = projected.map((p) => {
        const z = p.add(np.matmul(h, w.recurrent.ref));
        const [i, f, g, o] = np.split(z, 4, 1) as [A, A, A, A];
        c = jnn
          .sigmoid(f)
          .mul(c)
          .add(jnn.sigmoid(i).mul(np.tanh(g)));
        h = jnn.sigmoid(o).mul(np.tanh(c.ref));
        return h.ref;
      });
      h.dispose();
      c.dispose();
      w.recurrent.dispose();
      return outputs;
    };
    const loss = (p: Params, x: A, y: A): A => {
      const below = np.concatenate(layer(p.first, x), 0);
      const above = layer(p.second, below.reshape([time, batch, units]));
      above.slice(0, -1).forEach((h) => h.dispose());
      return np.mean(np.square(np.matmul(above.at(-1)!, p.dense).add(p.offset).sub(y)));
    };
    const step = jax.jit((s: State, x: A, y: A): { loss: A; state: State } => {
      const [value, gradient] = jax.valueAndGrad(loss)(tree.ref(s.params) as never, x, y);
      const t = s.step.add(1);
      const up = np.array(1).sub(np.power(adam.b1, t.ref));
      const down = np.array(1).sub(np.power(adam.b2, t.ref));
      const map = tree.map as (f: (...as: A[]) => A, ...trees: Params[]) => Params;
      const first = map((m, g) => m.mul(adam.b1).add(g.mul(1 - adam.b1)), s.first, tree.ref(gradient));
      const second = map((v, g) => v.mul(adam.b2).add(np.square(g).mul(1 - adam.b2)), s.second, gradient);
      const params = map(
        (p, m, v) => {
          const root = np.sqrt(v.div(down.ref)).add(adam.eps);
          return p.sub(m.div(up.ref).div(root).mul(adam.rate));
        },
        s.params,
        tree.ref(first),
        tree.ref(second),
      );
      up.dispose();
      down.dispose();
      return { loss: value, state: { params, first, second, step: t } };
    });

    const weights = (name: Level): Weights => {
      const w = initial(name);
      return {
        kernel: np.array(w.kernel).reshape([fanIns[name], 4 * units]),
        recurrent: np.array(w.recurrent).reshape([units, 4 * units]),
        bias: np.array(w.bias),
      };
    };
    const params: Params = {
      first: weights("first"),
      second: weights("second"),
      dense: np.array(data.dense()).reshape([units, 1]),
      offset: np.zeros([1]),
    };
    const zeros = (): Params =>
      (tree.map as (f: (p: A) => A, t: Params) => Params)((p) => np.zeros(p.shape), params);
    const x = np.transpose(np.array(data.x(time)).reshape([batch, time, inputs]), [1, 0, 2]);
    const y = np.array(data.y()).reshape([batch, 1]);
    const start: State = { params, first: zeros(), second: zeros(), step: np.array(0) };
    return steps(jax, start, (s) => step(s as never, x.ref, y.ref));
  };

/** Its layers, as its users have them. */
export const tfjs =
  (time: number) =>
  (tf: TfLibrary): Run => {
    const lstm = (returnSequences: boolean) =>
      tf.layers.lstm({
        ...{ units, returnSequences, recurrentActivation: "sigmoid" },
        recurrentInitializer: "zeros", // set below
      });
    const layers = { first: lstm(true), second: lstm(false) };
    const dense = tf.layers.dense({ units: 1 });
    const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [time, inputs] })] });
    for (const layer of [layers.first, layers.second, dense]) model.add(layer);
    for (const name of levels) {
      const w = initial(name);
      layers[name].setWeights([
        tf.tensor2d(w.kernel, [fanIns[name], 4 * units]),
        tf.tensor2d(w.recurrent, [units, 4 * units]),
        tf.tensor1d(w.bias),
      ]);
    }
    dense.setWeights([tf.tensor2d(data.dense(), [units, 1]), tf.zeros([1])]);
    const optimizer = tf.train.adam(adam.rate, adam.b1, adam.b2, adam.eps);
    model.compile({ optimizer, loss: "meanSquaredError" });
    const x = tf.tensor3d(data.x(time), [batch, time, inputs]);
    const y = tf.tensor2d(data.y(), [batch, 1]);
    const call = async (): Promise<number> => (await model.trainOnBatch(x, y)) as number;
    return runOf({ call, read: async (l) => [[l, await call(), await call()]] });
  };

/** `torch.nn.LSTM`, in a process of its own. */
export const torch =
  (time: number) =>
  (process: TorchProcess): Run =>
    process.steps("lstm", {
      ...{ batch, time, inputs, units, ...adam },
      x: [...data.x(time)],
      y: [...data.y()],
      dense: [...data.dense()],
      levels: levels.map((name) => {
        const w = initial(name);
        return { kernel: [...w.kernel], recurrent: [...w.recurrent], bias: [...w.bias] };
      }),
    });
