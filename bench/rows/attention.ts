/** Scaled dot-product attention: small and forward, long and forward, and larger with its gradient. */
import type { Tensor } from "fluxion";
import { type Computation, functionRow, random, type TfTensor } from "../computation.js";
import { fasterThan } from "../measurement.js";
import type { JaxArray } from "../models/steps.js";
import type { FluxionLibrary, JaxLibrary, Row, TfLibrary } from "../row.js";

type Shape = readonly [batch: number, heads: number, tokens: number, width: number];

const fluxion = (fx: FluxionLibrary, scale: number, q: Tensor, k: Tensor, v: Tensor): Tensor =>
  fx.matmul(fx.softmax(fx.mul(fx.matmul(q, fx.matrixTranspose(k)), scale)), v);

const jaxjs = (
  { nn, numpy: np }: JaxLibrary,
  scale: number,
  q: JaxArray,
  k: JaxArray,
  v: JaxArray,
): JaxArray => np.matmul(nn.softmax(np.matmul(q, np.matrixTranspose(k)).mul(scale)), v);

const tfjs = (tf: TfLibrary, scale: number, q: TfTensor, k: TfTensor, v: TfTensor): TfTensor =>
  tf.matMul(tf.softmax(tf.matMul(q, k, false, true).mul(scale)), v);

const scaleOf = ([, , , width]: Shape): number => 1 / Math.sqrt(width);
const titleOf = ([batch, heads, tokens, width]: Shape): string =>
  `attention, ${batch} sequences of ${tokens} tokens, ${heads} heads of ${width}`;
const flopsOf = ([batch, heads, tokens, width]: Shape): number => 4 * batch * heads * tokens ** 2 * width;

const forward = (name: string, shape: Shape): Computation => {
  const scale = scaleOf(shape);
  return {
    name,
    title: titleOf(shape),
    flops: flopsOf(shape),
    args: [1, 2, 3].map((seed) => random(seed, shape)),
    fluxion: (fx, q, k, v) => fluxion(fx, scale, q!, k!, v!),
    jaxjs: (jax, q, k, v) => jaxjs(jax, scale, q!, k!, v!),
    tfjs: (tf, q, k, v) => tfjs(tf, scale, q!, k!, v!),
    ort: (graph, q, k, v) => {
      const transposed = graph.node("Transpose", [k!], { perm: [0, 1, 3, 2] });
      const scores = graph.node("Mul", [graph.node("MatMul", [q!, transposed]), graph.constant(scale)]);
      return graph.node("MatMul", [graph.node("Softmax", [scores], { axis: -1 }), v!]);
    },
    torch: "attention",
  };
};

/** Gradients of the sum of result times weights: two products forward and four backward. */
const gradient = (shape: Shape): Computation => {
  const scale = scaleOf(shape);
  return {
    name: "attention-gradient",
    title: `${titleOf(shape)}: forward, and the gradients of all three`,
    flops: 3 * flopsOf(shape),
    targets: [fasterThan("wasm", 3, "jax-js")],
    args: [1, 2, 3, 4].map((seed) => random(seed, shape)),
    fluxion: (fx, q, k, v, c) =>
      fx.grad((...qkv: [Tensor, Tensor, Tensor]) => fx.sum(fx.mul(fluxion(fx, scale, ...qkv), c!)), {
        argnums: [0, 1, 2],
      })(q!, k!, v!),
    jaxjs: (jax, q, k, v, c) =>
      jax.grad((...qkv: [JaxArray, JaxArray, JaxArray]) => jax.numpy.sum(jaxjs(jax, scale, ...qkv).mul(c!)), {
        argnums: [0, 1, 2],
      })(q!, k!, v!),
    tfjs: (tf, q, k, v, c) =>
      tf.grads((...qkv) =>
        tfjs(tf, scale, ...(qkv as [TfTensor, TfTensor, TfTensor]))
          .mul(c!)
          .sum(),
      )([q!, k!, v!]),
    torch: "attention-gradient",
  };
};

export const rows: readonly Row[] = [
  functionRow(forward("attention", [8, 4, 64, 32])),
  functionRow(forward("attention-long", [1, 8, 2048, 64])),
  functionRow(gradient([4, 8, 256, 64])),
];
