/** Layer normalisation of the rows of a matrix, with gain and bias. */
import { uniform } from "../data.js";
import { type Row, runOf } from "../row.js";

const [n, width, epsilon] = [2048, 512, 1e-5] as const;
const x = (): Float32Array<ArrayBuffer> => uniform(1, n * width);
const gain = (): Float32Array<ArrayBuffer> => uniform(2, width, 0.5, 1.5);
const bias = (): Float32Array<ArrayBuffer> => uniform(3, width);

export const rows: readonly Row[] = [
  {
    name: "layer-norm",
    title: `layer norm of the rows of ${n}×${width}`,
    fluxion: (fx) => {
      const { add, mean, mul, rsqrt, square, sub } = fx;
      const args = [fx.tensor(x(), { shape: [n, width] }), fx.tensor(gain()), fx.tensor(bias())] as const;
      type T = (typeof args)[0];
      const f = fx.jit((a: T, g: T, b: T) => {
        const centred = sub(a, mean(a, { axis: -1, keepdims: true }));
        const variance = mean(square(centred), { axis: -1, keepdims: true });
        return add(mul(mul(centred, rsqrt(add(variance, epsilon))), g), b);
      });
      return runOf({ call: () => f(...args), read: (y) => [y.dataSync()] });
    },
    peers: {
      tfjs: (tf) => {
        const [a, g, b] = [tf.tensor2d(x(), [n, width]), tf.tensor1d(gain()), tf.tensor1d(bias())] as const;
        const call = () =>
          tf.tidy(() => {
            const centred = a.sub(a.mean(-1, true));
            const variance = centred.square().mean(-1, true);
            return centred.mul(variance.add(epsilon).rsqrt()).mul(g).add(b);
          });
        return runOf({ call, read: (y) => [y.dataSync()], free: (y) => y.dispose() });
      },
      jaxjs: (jax) => {
        const np = jax.numpy;
        const args = [np.array(x()).reshape([n, width]), np.array(gain()), np.array(bias())] as const;
        type A = (typeof args)[0];
        const f = jax.jit((a: A, g: A, b: A) => {
          const centred = a.ref.sub(np.mean(a, -1, { keepdims: true }));
          const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
          return centred
            .div(np.sqrt(variance.add(epsilon)))
            .mul(g)
            .add(b);
        });
        return runOf({
          call: () => jax.blockUntilReady(f(args[0].ref, args[1].ref, args[2].ref)),
          read: (y) => [y.ref.dataSync()],
          free: (y) => y.dispose(),
        });
      },
    },
  },
];
