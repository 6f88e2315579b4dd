/** A perceptron 784-128-10 and one step of Adam on a batch of 128, in each library. */
import { integers, uniform, weights } from "../data.js";
import type { FluxionLibrary, JaxLibrary, Run, TfLibrary } from "../row.js";
import type { TorchProcess } from "../torch.js";
import { fluxionSteps, jaxSteps, tfSteps } from "./steps.js";

const [inputs, hidden, classes, batch] = [784, 128, 10, 128] as const;
const [rate, decay1, decay2, epsilon] = [1e-3, 0.9, 0.999, 1e-8] as const;

export const flops = 6 * batch * (inputs * hidden + hidden * classes) - 2 * batch * inputs * hidden;

const data = {
  x: (): Float32Array<ArrayBuffer> => uniform(1, batch * inputs, 0, 1),
  labels: (): Float32Array<ArrayBuffer> => {
    const out = new Float32Array(batch * classes);
    integers(2, batch, classes).forEach((label, i) => (out[i * classes + label] = 1));
    return out;
  },
  w1: (): Float32Array<ArrayBuffer> => weights(3, inputs * hidden, inputs),
  w2: (): Float32Array<ArrayBuffer> => weights(4, hidden * classes, hidden),
};

export const fluxion = (fx: FluxionLibrary): Run => {
  const {
    add,
    div,
    jit,
    logSoftmax,
    matmul,
    mean,
    mul,
    neg,
    pow,
    relu,
    sqrt,
    square,
    sub,
    sum,
    tensor,
    tree,
    valueAndGrad,
  } = fx;
  type Tensor = ReturnType<typeof tensor>;
  interface Params {
    readonly w1: Tensor;
    readonly b1: Tensor;
    readonly w2: Tensor;
    readonly b2: Tensor;
  }
  interface State {
    readonly params: Params;
    readonly first: Params;
    readonly second: Params;
    readonly step: Tensor;
  }
  const loss = (p: Params, x: Tensor, y: Tensor): Tensor => {
    const logits = add(matmul(relu(add(matmul(x, p.w1), p.b1)), p.w2), p.b2);
    return neg(mean(sum(mul(y, logSoftmax(logits)), { axis: -1 })));
  };
  const step = jit((s: State, x: Tensor, y: Tensor): { loss: Tensor; state: State } => {
    const [value, gradient] = valueAndGrad(loss)(s.params, x, y);
    const t = add(s.step, 1);
    const first = tree.map((m, g) => add(mul(m, decay1), mul(g, 1 - decay1)), s.first, gradient);
    const second = tree.map((v, g) => add(mul(v, decay2), mul(square(g), 1 - decay2)), s.second, gradient);
    const params = tree.map(
      (p, m, v) => {
        const up = div(m, sub(1, pow(decay1, t)));
        const down = add(sqrt(div(v, sub(1, pow(decay2, t)))), epsilon);
        return sub(p, mul(div(up, down), rate));
      },
      s.params,
      first,
      second,
    );
    return { loss: value, state: { params, first, second, step: t } };
  });
  const x = tensor(data.x(), { shape: [batch, inputs] });
  const y = tensor(data.labels(), { shape: [batch, classes] });
  const params: Params = {
    w1: tensor(data.w1(), { shape: [inputs, hidden] }),
    b1: fx.zeros([hidden]),
    w2: tensor(data.w2(), { shape: [hidden, classes] }),
    b2: fx.zeros([classes]),
  };
  const zeros = (): Params => tree.map((p) => fx.zerosLike(p), params);
  const start: State = { params, first: zeros(), second: zeros(), step: tensor(0) };
  return fluxionSteps(start, (s) => step(s, x, y));
};

export const jaxjs = (jax: JaxLibrary): Run => {
  const { nn, numpy: np, tree } = jax;
  type A = ReturnType<typeof np.zeros>;
  type Params = Record<"w1" | "b1" | "w2" | "b2", A>;
  type State = { params: Params; first: Params; second: Params; step: A };
  const loss = (p: Params, x: A, y: A): A => {
    const h = nn.relu(np.matmul(x, p.w1).add(p.b1));
    const logits = np.matmul(h, p.w2).add(p.b2);
    return np.mean(np.sum(y.mul(nn.logSoftmax(logits)), -1)).neg();
  };
  const step = jax.jit((s: State, x: A, y: A): { loss: A; state: State } => {
    const [value, gradient] = jax.valueAndGrad(loss)(tree.ref(s.params), x, y);
    const t = s.step.add(1);
    const keys = ["w1", "b1", "w2", "b2"] as const;
    const [params, first, second] = [{}, {}, {}] as [Params, Params, Params];
    for (const k of keys) {
      const g = gradient[k];
      first[k] = s.first[k].mul(decay1).add(g.ref.mul(1 - decay1));
      second[k] = s.second[k].mul(decay2).add(np.square(g).mul(1 - decay2));
      const up = first[k].ref.div(np.array(1).sub(np.power(decay1, t.ref)));
      const down = np.sqrt(second[k].ref.div(np.array(1).sub(np.power(decay2, t.ref)))).add(epsilon);
      params[k] = s.params[k].sub(up.div(down).mul(rate));
    }
    return { loss: value, state: { params, first, second, step: t } };
  });
  const x = np.array(data.x()).reshape([batch, inputs]);
  const y = np.array(data.labels()).reshape([batch, classes]);
  const params: Params = {
    w1: np.array(data.w1()).reshape([inputs, hidden]),
    b1: np.zeros([hidden]),
    w2: np.array(data.w2()).reshape([hidden, classes]),
    b2: np.zeros([classes]),
  };
  const zeros = (): Params =>
    Object.fromEntries(Object.entries(params).map(([k, p]) => [k, np.zeros(p.shape)])) as Params;
  const start: State = { params, first: zeros(), second: zeros(), step: np.array(0) };
  return jaxSteps(jax, start, (s) => step(s as never, x.ref, y.ref));
};

export const tfjs = (tf: TfLibrary): Run => {
  const x = tf.tensor2d(data.x(), [batch, inputs]);
  const y = tf.tensor2d(data.labels(), [batch, classes]);
  const w1 = tf.variable(tf.tensor2d(data.w1(), [inputs, hidden]));
  const b1 = tf.variable(tf.zeros([hidden]));
  const w2 = tf.variable(tf.tensor2d(data.w2(), [hidden, classes]));
  const b2 = tf.variable(tf.zeros([classes]));
  const adam = tf.train.adam(rate, decay1, decay2, epsilon);
  return tfSteps(() =>
    adam.minimize(() => {
      const logits = x.matMul(w1).add(b1).relu().matMul(w2).add(b2);
      return tf.losses.softmaxCrossEntropy(y, logits);
    }, true)!,
  );
};

export const torch = (process: TorchProcess): Run =>
  process.steps("mlp", {
    ...{ inputs, hidden, classes, rate, b1: decay1, b2: decay2, eps: epsilon },
    x: [...data.x()],
    y: [...data.labels()],
    w1: [...data.w1()],
    w2: [...data.w2()],
  });
