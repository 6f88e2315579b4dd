/** Products of two matrices. The third size has no factor in common with any tile. */
import { uniform } from "../data.js";
import { atLeastGflops, fasterOnThreads, fasterThan } from "../measurement.js";
import { type Row, runOf } from "../row.js";

/** The best order of plain loops: the innermost one runs along rows of B and C. */
const loops = (a: Float32Array, b: Float32Array, m: number, k: number, n: number): Float32Array => {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i++)
    for (let p = 0; p < k; p++) {
      const s = a[i * k + p]!;
      for (let j = 0; j < n; j++) c[i * n + j] = c[i * n + j]! + s * b[p * n + j]!;
    }
  return c;
};

const product = (m: number, k: number, n: number): Row => {
  const a = (): Float32Array<ArrayBuffer> => uniform(1, m * k);
  const b = (): Float32Array<ArrayBuffer> => uniform(2, k * n);
  return {
    name: m === n ? `matmul-${m}` : `matmul-${m}x${k}x${n}`,
    title: `${m}×${k} times ${k}×${n}`,
    flops: 2 * m * k * n,
    targets: [
      atLeastGflops("js", 2.5),
      fasterThan("wasm", 1.5, "jax-js"),
      fasterThan("wasm", 1.5, "tfjs-wasm"),
      fasterOnThreads(1.8),
    ],
    fluxion: (fx) => {
      const x = fx.tensor(a(), { shape: [m, k] });
      const y = fx.tensor(b(), { shape: [k, n] });
      const f = fx.jit((p: typeof x, q: typeof y) => fx.matmul(p, q));
      return runOf({ call: () => f(x, y), read: (c) => [c.dataSync()] });
    },
    peers: {
      tfjs: (tf) => {
        const x = tf.tensor2d(a(), [m, k]);
        const y = tf.tensor2d(b(), [k, n]);
        return runOf({ call: () => tf.matMul(x, y), read: (c) => [c.dataSync()], free: (c) => c.dispose() });
      },
      jaxjs: (jax) => {
        const x = jax.numpy.array(a()).reshape([m, k]);
        const y = jax.numpy.array(b()).reshape([k, n]);
        const f = jax.jit((p: typeof x, q: typeof y) => jax.numpy.matmul(p, q));
        return runOf({
          call: () => jax.blockUntilReady(f(x.ref, y.ref)),
          read: (c) => [c.ref.dataSync()],
          free: (c) => c.dispose(),
        });
      },
      torch: (process) => process.call("matmul", { data: a(), shape: [m, k] }, { data: b(), shape: [k, n] }),
      ort: (ort) =>
        ort.call(
          (graph, p, q) => graph.node("MatMul", [p!, q!]),
          ...[
            { data: a(), shape: [m, k] },
            { data: b(), shape: [k, n] },
          ],
        ),
      hand: () => {
        const x = a();
        const y = b();
        return runOf({ call: () => loops(x, y, m, k, n), read: (c) => [c] });
      },
    },
  };
};

export const rows: readonly Row[] = [
  product(256, 256, 256),
  product(512, 512, 512),
  product(1024, 1024, 1024),
  product(509, 511, 513),
];
