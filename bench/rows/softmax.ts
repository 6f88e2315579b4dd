/** Softmax along the rows of a matrix. */
import { uniform } from "../data.js";
import { atMostTimes } from "../measurement.js";
import { type Row, runOf } from "../row.js";

const n = 1024;
const data = (): Float32Array<ArrayBuffer> => uniform(1, n * n, -4, 4);

const loops = (x: Float32Array): Float32Array => {
  const out = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    let max = -Infinity;
    for (let j = 0; j < n; j++) max = Math.max(max, x[i * n + j]!);
    let sum = 0;
    for (let j = 0; j < n; j++) sum += out[i * n + j] = Math.exp(x[i * n + j]! - max);
    for (let j = 0; j < n; j++) out[i * n + j]! /= sum;
  }
  return out;
};

export const rows: readonly Row[] = [
  {
    name: "softmax-1024",
    title: `softmax of the rows of ${n}×${n}`,
    targets: [atMostTimes("wasm", 1.1, "torch")],
    fluxion: (fx) => {
      const x = fx.tensor(data(), { shape: [n, n] });
      const f = fx.jit((a: typeof x) => fx.softmax(a));
      return runOf({ call: () => f(x), read: (y) => [y.dataSync()] });
    },
    peers: {
      tfjs: (tf) => {
        const x = tf.tensor2d(data(), [n, n]);
        return runOf({ call: () => tf.softmax(x), read: (y) => [y.dataSync()], free: (y) => y.dispose() });
      },
      jaxjs: (jax) => {
        const x = jax.numpy.array(data()).reshape([n, n]);
        const f = jax.jit((a: typeof x) => jax.nn.softmax(a));
        return runOf({
          call: () => jax.blockUntilReady(f(x.ref)),
          read: (y) => [y.ref.dataSync()],
          free: (y) => y.dispose(),
        });
      },
      torch: (process) => process.call("softmax", { data: data(), shape: [n, n] }),
      ort: (ort) =>
        ort.call((graph, x) => graph.node("Softmax", [x!], { axis: -1 }), { data: data(), shape: [n, n] }),
      hand: () => {
        const x = data();
        return runOf({ call: () => loops(x), read: (y) => [y] });
      },
    },
  },
];
