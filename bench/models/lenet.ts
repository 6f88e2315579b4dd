/**
 * LeNet-5 with ReLU and max pooling on 28×28 images without padding, and a step of SGD with momentum on a batch of 32,
 * in each library. Weights are drawn in the layout OIHW; tfjs gets them permuted.
 */
import { integers, permuted, uniform, weights } from "../data.js";
import { type FluxionLibrary, type JaxLibrary, type Run, runOf, type TfLibrary } from "../row.js";
import type { Value } from "../onnx/model.js";
import type { OrtLibrary } from "../ort.js";
import type { TorchProcess } from "../torch.js";
import { fluxionSteps, jaxSteps, tfSteps } from "./steps.js";

const [batch, classes, rate, momentum] = [32, 10, 0.01, 0.9] as const;
const names = ["c1", "d1", "c2", "d2", "w3", "b3", "w4", "b4", "w5", "b5"] as const;
type Name = (typeof names)[number];

const shapes: Readonly<Record<Name, readonly number[]>> = {
  c1: [6, 1, 5, 5],
  d1: [6],
  c2: [16, 6, 5, 5],
  d2: [16],
  w3: [256, 120],
  b3: [120],
  w4: [120, 84],
  b4: [84],
  w5: [84, classes],
  b5: [classes],
};
const fanIn: Partial<Record<Name, number>> = { c1: 25, c2: 150, w3: 256, w4: 120, w5: 84 };

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const initial = (name: Name): Float32Array<ArrayBuffer> => {
  const size = sizeOf(shapes[name]);
  const inputs = fanIn[name];
  return inputs === undefined ? new Float32Array(size) : weights(10 + names.indexOf(name), size, inputs);
};

const images = (): Float32Array<ArrayBuffer> => uniform(1, batch * 784, 0, 1);
const labels = (): Float32Array<ArrayBuffer> => {
  const out = new Float32Array(batch * classes);
  integers(2, batch, classes).forEach((label, i) => (out[i * classes + label] = 1));
  return out;
};

/** Multiplications and additions of one forward pass; a step has three such products, less the first input's. */
const forwardFlops = 2 * batch * (24 * 24 * 6 * 25 + 8 * 8 * 16 * 150 + 256 * 120 + 120 * 84 + 84 * 10);
export const flops = { forward: forwardFlops, step: 3 * forwardFlops - 2 * batch * 24 * 24 * 6 * 25 };

const record = <A>(f: (name: Name) => A): Record<Name, A> =>
  Object.fromEntries(names.map((n) => [n, f(n)])) as Record<Name, A>;

const fluxionModel = (fx: FluxionLibrary) => {
  const { add, conv, logSoftmax, matmul, maxPool, mean, mul, neg, relu, reshape, sum, tensor } = fx;
  type Tensor = ReturnType<typeof tensor>;
  type Params = Record<Name, Tensor>;
  const layer = (x: Tensor, w: Tensor, b: Tensor): Tensor =>
    maxPool(relu(add(conv(x, w), reshape(b, [-1, 1, 1]))), [2, 2], { stride: 2 });
  const forward = (p: Params, x: Tensor): Tensor => {
    const h = reshape(layer(layer(x, p.c1, p.d1), p.c2, p.d2), [batch, 256]);
    const dense = relu(add(matmul(relu(add(matmul(h, p.w3), p.b3)), p.w4), p.b4));
    return add(matmul(dense, p.w5), p.b5);
  };
  const loss = (p: Params, x: Tensor, y: Tensor): Tensor =>
    neg(mean(sum(mul(y, logSoftmax(forward(p, x))), { axis: -1 })));
  const params: Params = record((n) => tensor(initial(n), { shape: shapes[n] }));
  const x = tensor(images(), { shape: [batch, 1, 28, 28] });
  const y = tensor(labels(), { shape: [batch, classes] });
  return { forward, loss, params, x, y };
};

export const fluxionForward = (fx: FluxionLibrary): Run => {
  const { forward, params, x } = fluxionModel(fx);
  const f = fx.jit(forward);
  return runOf({ call: () => f(params, x), read: (y) => [y.dataSync()] });
};

export const fluxionStep = (fx: FluxionLibrary, steps = fluxionSteps): Run => {
  const { loss, params, x, y } = fluxionModel(fx);
  const { add, mul, sub, tree } = fx;
  type Tensor = typeof x;
  type Params = typeof params;
  interface State {
    readonly params: Params;
    readonly velocity: Params;
  }
  const step = fx.jit((s: State, xs: Tensor, ys: Tensor): { loss: Tensor; state: State } => {
    const [value, gradient] = fx.valueAndGrad(loss)(s.params, xs, ys);
    const velocity = tree.map((v, g) => add(mul(v, momentum), g), s.velocity, gradient);
    return {
      loss: value,
      state: { params: tree.map((p, v) => sub(p, mul(v, rate)), s.params, velocity), velocity },
    };
  });
  const start: State = { params, velocity: tree.map((p) => fx.zerosLike(p), params) };
  return steps(start, (s) => step(s, x, y));
};

const jaxModel = (jax: JaxLibrary) => {
  const { lax, nn, numpy: np } = jax;
  type A = ReturnType<typeof np.zeros>;
  type Params = Record<Name, A>;
  const layer = (x: A, w: A, b: A): A => {
    const y = nn.relu(lax.conv(x, w, [1, 1], "VALID").add(b.reshape([-1, 1, 1])));
    return lax.reduceWindow(y, np.max, [2, 2], [2, 2]);
  };
  const forward = (p: Params, x: A): A => {
    const h = layer(layer(x, p.c1, p.d1), p.c2, p.d2).reshape([batch, 256]);
    const dense = nn.relu(np.matmul(nn.relu(np.matmul(h, p.w3).add(p.b3)), p.w4).add(p.b4));
    return np.matmul(dense, p.w5).add(p.b5);
  };
  const loss = (p: Params, x: A, y: A): A => np.mean(np.sum(y.mul(nn.logSoftmax(forward(p, x))), -1)).neg();
  const params: Params = record((n) => np.array(initial(n)).reshape([...shapes[n]]));
  const x = np.array(images()).reshape([batch, 1, 28, 28]);
  const y = np.array(labels()).reshape([batch, classes]);
  return { forward, loss, params, x, y };
};

export const jaxForward = (jax: JaxLibrary): Run => {
  const { forward, params, x } = jaxModel(jax);
  const f = jax.jit(forward);
  return runOf({
    call: () => jax.blockUntilReady(f(jax.tree.ref(params) as never, x.ref)),
    read: (y) => [y.ref.dataSync()],
    free: (y) => y.dispose(),
  });
};

export const jaxStep = (jax: JaxLibrary, steps = jaxSteps): Run => {
  const { loss, params, x, y } = jaxModel(jax);
  type A = typeof x;
  type State = { params: Record<Name, A>; velocity: Record<Name, A> };
  const step = jax.jit((s: State, xs: A, ys: A): { loss: A; state: State } => {
    const [value, gradient] = jax.valueAndGrad(loss)(jax.tree.ref(s.params) as never, xs, ys);
    const velocity = record((n) => s.velocity[n].mul(momentum).add(gradient[n]));
    const next = record((n) => s.params[n].sub(velocity[n].ref.mul(rate)));
    return { loss: value, state: { params: next, velocity } };
  });
  const start: State = { params, velocity: record((n) => jax.numpy.zeros([...shapes[n]])) };
  return steps(jax, start, (s) => step(s as never, x.ref, y.ref));
};

/** Channels last: windows as HWIO, and the first dense layer's rows in the order of flattened NHWC. */
const tfInitial = (name: Name): { data: Float32Array<ArrayBuffer>; shape: number[] } => {
  const shape = shapes[name];
  if (name === "w3")
    return { data: permuted(initial(name), [16, 4, 4, 120], [1, 2, 0, 3]), shape: [...shape] };
  if (shape.length !== 4) return { data: initial(name), shape: [...shape] };
  const order = [2, 3, 1, 0];
  return { data: permuted(initial(name), shape, order), shape: order.map((i) => shape[i]!) };
};

const tfModel = (tf: TfLibrary) => {
  type T = ReturnType<typeof tf.zeros>;
  const params = record((n) => {
    const { data, shape } = tfInitial(n);
    return tf.variable(tf.tensor(data, shape));
  });
  const x = tf.tensor4d(images(), [batch, 28, 28, 1]);
  const y = tf.tensor2d(labels(), [batch, classes]);
  const layer = (h: typeof x, w: T, b: T): typeof x =>
    tf.maxPool(
      tf
        .conv2d(h, w as typeof x, 1, "valid")
        .add(b)
        .relu() as typeof x,
      2,
      2,
      "valid",
    );
  const forward = (): T => {
    const p = params;
    const h = layer(layer(x, p.c1, p.d1), p.c2, p.d2).reshape([batch, 256]);
    const dense = h.matMul(p.w3).add(p.b3).relu().matMul(p.w4).add(p.b4).relu();
    return dense.matMul(p.w5).add(p.b5);
  };
  return { forward, loss: () => tf.losses.softmaxCrossEntropy(y, forward()) as ReturnType<typeof tf.scalar> };
};

export const tfForward = (tf: TfLibrary): Run => {
  const { forward } = tfModel(tf);
  return runOf({ call: () => tf.tidy(forward), read: (y) => [y.dataSync()], free: (y) => y.dispose() });
};

export const tfStep = (tf: TfLibrary, steps = tfSteps): Run => {
  const { loss } = tfModel(tf);
  const optimizer = tf.train.momentum(rate, momentum);
  return steps(() => optimizer.minimize(loss, true)!);
};

/** Inference: the model holds the weights. */
export const ortForward = (ort: OrtLibrary): Run =>
  ort.call(
    (graph, x) => {
      const p = record((n) => graph.constant(initial(n), shapes[n]));
      const layer = (h: Value, w: Value, b: Value): Value => {
        const y = graph.node("Relu", [graph.node("Conv", [h, w, b])]);
        return graph.node("MaxPool", [y], { kernel_shape: [2, 2], strides: [2, 2] });
      };
      const dense = (h: Value, w: Value, b: Value): Value => graph.node("Gemm", [h, w, b]);
      const h = graph.node("Flatten", [layer(layer(x!, p.c1, p.d1), p.c2, p.d2)]);
      const first = graph.node("Relu", [dense(h, p.w3, p.b3)]);
      return dense(graph.node("Relu", [dense(first, p.w4, p.b4)]), p.w5, p.b5);
    },
    { data: images(), shape: [batch, 1, 28, 28] },
  );

const torchGiven = () => ({
  ...{ shapes, rate, momentum },
  params: record((n) => [...initial(n)]),
  x: [...images()],
  y: [...labels()],
});

export const torchForward = (process: TorchProcess): Run => process.result("lenet-forward", torchGiven());

export const torchStep = (process: TorchProcess): Run => process.steps("lenet", torchGiven());
