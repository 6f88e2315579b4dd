/** What a call costs when there is next to nothing to compute. */
import { atMostMs } from "../measurement.js";
import { type Row, runOf } from "../row.js";

const data = [1, 2, 3, 4];

export const rows: readonly Row[] = [
  {
    name: "tiny-call",
    title: "2 x + 1 on 4 numbers, the result read",
    targets: [atMostMs("js", 0.01), atMostMs("wasm", 0.005)],
    fluxion: (fx) => {
      const x = fx.tensor(data);
      const f = fx.jit((a: typeof x) => fx.add(fx.mul(a, 2), 1));
      return runOf({ call: () => f(x).dataSync(), read: (y) => [y] });
    },
    peers: {
      tfjs: (tf) => {
        const x = tf.tensor1d(data);
        const call = (): Float32Array => {
          const y = tf.tidy(() => x.mul(2).add(1));
          const values = y.dataSync<"float32">();
          y.dispose();
          return values;
        };
        return runOf({ call, read: (y) => [y] });
      },
      jaxjs: (jax) => {
        const x = jax.numpy.array(data);
        const f = jax.jit((a: typeof x) => a.mul(2).add(1));
        return runOf({ call: () => f(x.ref).dataSync(), read: (y) => [y] });
      },
      hand: () => runOf({ call: () => Float32Array.from(data, (a) => 2 * a + 1), read: (y) => [y] }),
    },
  },
];
