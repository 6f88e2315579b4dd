/** Scaled dot-product attention, small: 8 sequences of 64 tokens, 4 heads of 32. */
import { uniform } from "../data.js";
import { type Row, runOf } from "../row.js";

const shape = [8, 4, 64, 32] as const;
const [B, heads, T, D] = shape;
const size = B * heads * T * D;
const [q, k, v] = [1, 2, 3].map((seed) => () => uniform(seed, size)) as [Data, Data, Data];
type Data = () => Float32Array<ArrayBuffer>;
const scale = 1 / Math.sqrt(D);

export const rows: readonly Row[] = [
  {
    name: "attention",
    title: `attention, ${B} sequences of ${T} tokens, ${heads} heads of ${D}`,
    flops: 4 * B * heads * T * T * D,
    fluxion: (fx) => {
      const args = [q, k, v].map((data) => fx.tensor(data(), { shape })) as [Tensor, Tensor, Tensor];
      type Tensor = ReturnType<typeof fx.tensor>;
      const f = fx.jit((a: Tensor, b: Tensor, c: Tensor) => {
        const scores = fx.mul(fx.matmul(a, fx.matrixTranspose(b)), scale);
        return fx.matmul(fx.softmax(scores), c);
      });
      return runOf({ call: () => f(...args), read: (y) => [y.dataSync()] });
    },
    peers: {
      tfjs: (tf) => {
        const [a, b, c] = [q, k, v].map((data) => tf.tensor4d(data(), [...shape]));
        const call = () =>
          tf.tidy(() => tf.matMul(tf.softmax(tf.matMul(a!, b!, false, true).mul(scale)), c!));
        return runOf({ call, read: (y) => [y.dataSync()], free: (y) => y.dispose() });
      },
      jaxjs: (jax) => {
        const np = jax.numpy;
        const args = [q, k, v].map((data) => np.array(data()).reshape([...shape])) as [A, A, A];
        type A = ReturnType<typeof np.zeros>;
        const f = jax.jit((a: A, b: A, c: A) =>
          np.matmul(jax.nn.softmax(np.matmul(a, np.matrixTranspose(b)).mul(scale)), c),
        );
        return runOf({
          call: () => jax.blockUntilReady(f(args[0].ref, args[1].ref, args[2].ref)),
          read: (y) => [y.ref.dataSync()],
          free: (y) => y.dispose(),
        });
      },
    },
  },
];
