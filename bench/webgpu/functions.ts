/** Rows that compute a function of arrays: each is written once for each library. */
import type { Tensor } from "fluxion";
import { type Computation, random, tfTensor, type TfTensor, type TfTensor4D } from "../computation.js";
import { permuted, weights } from "../data.js";
import type { JaxArray } from "../models/steps.js";
import type { FluxionLibrary, JaxLibrary, Row, TfLibrary } from "../row.js";
import { fluxionCalls, jaxCalls, tfCalls } from "./run.js";
import type { Sizes } from "./sizes.js";

/** Every library has it, and one result. */
interface DeviceComputation extends Computation {
  readonly fluxion: (fx: FluxionLibrary, ...args: Tensor[]) => Tensor;
  readonly jaxjs: (jax: JaxLibrary, ...args: JaxArray[]) => JaxArray;
  readonly tfjs: (tf: TfLibrary, ...args: TfTensor[]) => TfTensor;
}

const rowOf = ({ name, title, flops, args, fluxion, jaxjs, tfjs, arrange }: DeviceComputation): Row => ({
  name,
  title,
  ...(flops !== undefined && { flops }),
  fluxion: (fx) => {
    const xs = args.map(({ data, shape }) => fx.tensor(data(), { shape }));
    const f = fx.jit((...as: Tensor[]) => fluxion(fx, ...as));
    return fluxionCalls(fx, () => f(...xs));
  },
  peers: {
    jaxjs: (jax) => {
      const xs = args.map(({ data, shape }) => jax.numpy.array(data()).reshape([...shape]));
      const f = jax.jit((...as: JaxArray[]) => jaxjs(jax, ...as));
      return jaxCalls(() => f(...xs.map((x) => x.ref)));
    },
    tfjs: (tf) => {
      const xs = args.map((a) => tfTensor(tf, a));
      return tfCalls(tf, () => tf.tidy(() => tfjs(tf, ...xs)), arrange);
    },
  },
});

const matmul = (n: number): DeviceComputation => ({
  name: `matmul-${n}`,
  title: `${n}×${n} times ${n}×${n}`,
  flops: 2 * n ** 3,
  args: [random(1, [n, n]), random(2, [n, n])],
  fluxion: (fx, a, b) => fx.matmul(a!, b!),
  jaxjs: (jax, a, b) => jax.numpy.matmul(a!, b!),
  tfjs: (tf, a, b) => tf.matMul(a!, b!),
});

const conv = ({ images: N, channels: C, side: H }: Sizes["conv"]): DeviceComputation => ({
  name: "conv",
  title: `convolution ${N}×${C}×${H}², 3×3→${C}`,
  flops: 2 * N * C * H * H * C * 9,
  args: [
    { ...random(1, [N, C, H, H]), order: [0, 2, 3, 1] },
    { data: () => weights(2, C * C * 9, C * 9), shape: [C, C, 3, 3], order: [2, 3, 1, 0] },
  ],
  fluxion: (fx, x, w) => fx.conv(x!, w!, { padding: "SAME" }),
  jaxjs: (jax, x, w) => jax.lax.conv(x!, w!, [1, 1], "SAME"),
  tfjs: (tf, x, w) => tf.conv2d(x as TfTensor4D, w as TfTensor4D, 1, "same"),
  arrange: (y) => permuted(y, [N, H, H, C], [0, 3, 1, 2]),
});

const attention = ([B, heads, T, D]: Sizes["attention"]): DeviceComputation => {
  const scale = 1 / Math.sqrt(D);
  return {
    name: "attention",
    title: `attention, ${B} sequences of ${T} tokens, ${heads} heads of ${D}`,
    flops: 4 * B * heads * T * T * D,
    args: [1, 2, 3].map((seed) => random(seed, [B, heads, T, D])),
    fluxion: (fx, q, k, v) => fx.matmul(fx.softmax(fx.mul(fx.matmul(q!, fx.matrixTranspose(k!)), scale)), v!),
    jaxjs: ({ nn, numpy: np }, q, k, v) =>
      np.matmul(nn.softmax(np.matmul(q!, np.matrixTranspose(k!)).mul(scale)), v!),
    tfjs: (tf, q, k, v) => tf.matMul(tf.softmax(tf.matMul(q!, k!, false, true).mul(scale)), v!),
  };
};

const chain = (size: number): DeviceComputation => ({
  name: "chain10",
  title: `10 arithmetic operations on 1e${Math.log10(size)} numbers`,
  flops: 10 * size,
  args: [random(1, [size])],
  fluxion: ({ add, mul, sub }, x) => {
    const y = mul(sub(mul(add(mul(x!, 1.5), 0.25), x!), 0.5), 0.9);
    return add(mul(sub(mul(add(y, x!), 0.3), 0.1), x!), 1);
  },
  jaxjs: (_, x) => {
    const y = x!.ref.mul(1.5).add(0.25).mul(x!.ref).sub(0.5).mul(0.9);
    return y.add(x!.ref).mul(0.3).sub(0.1).mul(x!).add(1);
  },
  tfjs: (_, x) => {
    const y = x!.mul(1.5).add(0.25).mul(x!).sub(0.5).mul(0.9);
    return y.add(x!).mul(0.3).sub(0.1).mul(x!).add(1);
  },
});

const softmax = (n: number): DeviceComputation => ({
  name: "softmax",
  title: `softmax of the rows of ${n}×${n}`,
  args: [random(1, [n, n], 4)],
  fluxion: (fx, x) => fx.softmax(x!),
  jaxjs: (jax, x) => jax.nn.softmax(x!),
  tfjs: (tf, x) => tf.softmax(x!),
});

export const functionRows = (sizes: Sizes): readonly Row[] =>
  [
    ...sizes.matmul.map(matmul),
    conv(sizes.conv),
    attention(sizes.attention),
    chain(sizes.chain),
    softmax(sizes.softmax),
  ].map(rowOf);
