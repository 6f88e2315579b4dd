/** The sum of ten million numbers, which a single float32 accumulator gets wrong. */
import { uniform } from "../data.js";
import { atMostTimes } from "../measurement.js";
import { type Row, runOf } from "../row.js";

const size = 1e7;
const data = (): Float32Array<ArrayBuffer> => uniform(1, size, 0, 1);

const loop = (x: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += x[i]!;
  return sum;
};

export const rows: readonly Row[] = [
  {
    name: "sum-1e7",
    title: "sum of 1e7 numbers",
    flops: size,
    tolerance: 1e-6,
    wrong: {
      "jax-js": "one float32 accumulator loses digits",
      "tfjs-wasm": "one float32 accumulator loses digits",
      ort: "few float32 accumulators lose digits",
      "ort-threads": "few float32 accumulators lose digits",
    },
    targets: [atMostTimes("wasm", 1.1, "torch")],
    fluxion: (fx) => {
      const x = fx.tensor(data());
      const f = fx.jit((a: typeof x) => fx.sum(a));
      return runOf({ call: () => f(x), read: (y) => [y.dataSync()] });
    },
    peers: {
      tfjs: (tf) => {
        const x = tf.tensor1d(data());
        return runOf({ call: () => tf.sum(x), read: (y) => [y.dataSync()], free: (y) => y.dispose() });
      },
      jaxjs: (jax) => {
        const x = jax.numpy.array(data());
        const f = jax.jit((a: typeof x) => jax.numpy.sum(a));
        return runOf({
          call: () => jax.blockUntilReady(f(x.ref)),
          read: (y) => [y.ref.dataSync()],
          free: (y) => y.dispose(),
        });
      },
      torch: (process) => process.call("sum", { data: data(), shape: [size] }),
      ort: (ort) =>
        ort.call((graph, x) => graph.node("ReduceSum", [x!], { keepdims: 0 }), {
          data: data(),
          shape: [size],
        }),
      hand: () => {
        const x = data();
        return runOf({ call: () => loop(x), read: (y) => [[y]] });
      },
    },
  },
];
