/** A small regression, 8-16-1 on 32 points, and a step of SGD: what a loop around a library costs. */
import { uniform, weights } from "../data.js";
import { type FluxionLibrary, type JaxLibrary, type Run, runOf, type TfLibrary } from "../row.js";

const [batch, inputs, hidden, rate] = [32, 8, 16, 1e-3] as const;
const x = (): Float32Array<ArrayBuffer> => uniform(1, batch * inputs);
const y = (): Float32Array<ArrayBuffer> => uniform(2, batch);
const w1 = (): Float32Array<ArrayBuffer> => weights(3, inputs * hidden, inputs);
const w2 = (): Float32Array<ArrayBuffer> => weights(4, hidden, hidden);

export const fluxion =
  (compiled: boolean) =>
  (fx: FluxionLibrary): Run => {
    const { add, matmul, mean, mul, square, sub, tanh, tensor, tree } = fx;
    type Tensor = ReturnType<typeof tensor>;
    type Params = Record<"w1" | "b1" | "w2" | "b2", Tensor>;
    const loss = (p: Params, a: Tensor, b: Tensor): Tensor => {
      const h = tanh(add(matmul(a, p.w1), p.b1));
      return mean(square(sub(add(matmul(h, p.w2), p.b2), b)));
    };
    const plain = (p: Params, a: Tensor, b: Tensor): { value: Tensor; params: Params } => {
      const [value, gradient] = fx.valueAndGrad(loss)(p, a, b);
      return { value, params: tree.map((q, g) => sub(q, mul(g, rate)), p, gradient) };
    };
    const step = compiled ? fx.jit(plain) : plain;
    const a = tensor(x(), { shape: [batch, inputs] });
    const b = tensor(y(), { shape: [batch, 1] });
    let params: Params = {
      w1: tensor(w1(), { shape: [inputs, hidden] }),
      b1: fx.zeros([hidden]),
      w2: tensor(w2(), { shape: [hidden, 1] }),
      b2: fx.zeros([1]),
    };
    const call = (): Tensor => {
      const out = step(params, a, b);
      params = out.params;
      if (!compiled) fx.realizeAll([out.value, ...tree.leaves(params)]);
      return out.value;
    };
    return runOf({ call, read: (l) => [[l.item(), call().item(), call().item()]] });
  };

export const jaxjs = (jax: JaxLibrary): Run => {
  const np = jax.numpy;
  type A = ReturnType<typeof np.zeros>;
  type Params = Record<"w1" | "b1" | "w2" | "b2", A>;
  const loss = (p: Params, a: A, b: A): A => {
    const h = np.tanh(np.matmul(a, p.w1).add(p.b1));
    return np.mean(np.square(np.matmul(h, p.w2).add(p.b2).sub(b)));
  };
  const step = jax.jit((p: Params, a: A, b: A): { value: A; params: Params } => {
    const [value, gradient] = jax.valueAndGrad(loss)(jax.tree.ref(p) as never, a, b);
    const next = (k: keyof Params): A => p[k].sub(gradient[k].mul(rate));
    return { value, params: { w1: next("w1"), b1: next("b1"), w2: next("w2"), b2: next("b2") } };
  });
  const a = np.array(x()).reshape([batch, inputs]);
  const b = np.array(y()).reshape([batch, 1]);
  let params: Params = {
    w1: np.array(w1()).reshape([inputs, hidden]),
    b1: np.zeros([hidden]),
    w2: np.array(w2()).reshape([hidden, 1]),
    b2: np.zeros([1]),
  };
  const call = (): number => {
    const out = step(params as never, a.ref, b.ref);
    params = out.params;
    return out.value.item();
  };
  return runOf({ call, read: (l) => [[l, call(), call()]] });
};

export const tfjs = (tf: TfLibrary): Run => {
  const a = tf.tensor2d(x(), [batch, inputs]);
  const b = tf.tensor2d(y(), [batch, 1]);
  const p1 = tf.variable(tf.tensor2d(w1(), [inputs, hidden]));
  const q1 = tf.variable(tf.zeros([hidden]));
  const p2 = tf.variable(tf.tensor2d(w2(), [hidden, 1]));
  const q2 = tf.variable(tf.zeros([1]));
  const sgd = tf.train.sgd(rate);
  const loss = () =>
    a.matMul(p1).add(q1).tanh().matMul(p2).add(q2).sub(b).square().mean() as ReturnType<typeof tf.scalar>;
  const call = (): number => {
    const l = sgd.minimize(loss, true)!;
    const [value] = l.dataSync();
    l.dispose();
    return value!;
  };
  return runOf({ call, read: (l) => [[l, call(), call()]] });
};
