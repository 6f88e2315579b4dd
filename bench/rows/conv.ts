/** A convolution of 32 images of 16 channels to 32 channels with a 3×3 window, and the gradient through it. */
import { permuted, uniform, weights } from "../data.js";
import { atLeastGflops, fasterThan } from "../measurement.js";
import { type Row, runOf } from "../row.js";

const [N, C, H, O, K] = [32, 16, 32, 32, 3] as const;
const flops = 2 * N * O * H * H * C * K * K;
const x = (): Float32Array<ArrayBuffer> => uniform(1, N * C * H * H);
const w = (): Float32Array<ArrayBuffer> => weights(2, O * C * K * K, C * K * K);
const shapes = { x: [N, C, H, H], w: [O, C, K, K] } as const;

/** tfjs has channels last. */
const tfX = (): Float32Array<ArrayBuffer> => permuted(x(), shapes.x, [0, 2, 3, 1]);
const tfW = (): Float32Array<ArrayBuffer> => permuted(w(), shapes.w, [2, 3, 1, 0]);
const fromNHWC = (y: ArrayLike<number>, channels: number): Float32Array =>
  permuted(y as Float32Array, [N, H, H, channels], [0, 3, 1, 2]);
const fromHWIO = (y: ArrayLike<number>): Float32Array =>
  permuted(y as Float32Array, [K, K, C, O], [3, 2, 0, 1]);

const forward: Row = {
  name: "conv-forward",
  title: `convolution ${N}×${C}×${H}², 3×3→${O}`,
  flops,
  fluxion: (fx) => {
    const a = fx.tensor(x(), { shape: shapes.x });
    const b = fx.tensor(w(), { shape: shapes.w });
    const f = fx.jit((p: typeof a, q: typeof b) => fx.conv(p, q, { padding: "SAME" }));
    return runOf({ call: () => f(a, b), read: (y) => [y.dataSync()] });
  },
  peers: {
    tfjs: (tf) => {
      const a = tf.tensor4d(tfX(), [N, H, H, C]);
      const b = tf.tensor4d(tfW(), [K, K, C, O]);
      return runOf({
        call: () => tf.conv2d(a, b, 1, "same"),
        read: (y) => [fromNHWC(y.dataSync(), O)],
        free: (y) => y.dispose(),
      });
    },
    jaxjs: (jax) => {
      const a = jax.numpy.array(x()).reshape([...shapes.x]);
      const b = jax.numpy.array(w()).reshape([...shapes.w]);
      const f = jax.jit((p: typeof a, q: typeof b) => jax.lax.conv(p, q, [1, 1], "SAME"));
      return runOf({
        call: () => jax.blockUntilReady(f(a.ref, b.ref)),
        read: (y) => [y.ref.dataSync()],
        free: (y) => y.dispose(),
      });
    },
  },
};

const gradient: Row = {
  name: "conv-gradient",
  title: "gradient of the sum of its squares, by input and window",
  flops: 3 * flops,
  targets: [fasterThan("js", 5, "jax-js"), atLeastGflops("wasm", 33)],
  fluxion: (fx) => {
    const a = fx.tensor(x(), { shape: shapes.x });
    const b = fx.tensor(w(), { shape: shapes.w });
    const loss = (p: typeof a, q: typeof b): typeof a =>
      fx.sum(fx.square(fx.conv(p, q, { padding: "SAME" })));
    const f = fx.jit(fx.grad(loss, { argnums: [0, 1] }));
    return runOf({ call: () => f(a, b), read: ([da, db]) => [da.dataSync(), db.dataSync()] });
  },
  peers: {
    tfjs: (tf) => {
      const a = tf.tensor4d(tfX(), [N, H, H, C]);
      const b = tf.tensor4d(tfW(), [K, K, C, O]);
      const f = tf.grads((p, q) =>
        tf
          .conv2d(p as typeof a, q as typeof b, 1, "same")
          .square()
          .sum(),
      );
      return runOf({
        call: () => f([a, b]),
        read: ([da, db]) => [fromNHWC(da!.dataSync(), C), fromHWIO(db!.dataSync())],
        free: (gradients) => tf.dispose(gradients),
      });
    },
    jaxjs: (jax) => {
      const a = jax.numpy.array(x()).reshape([...shapes.x]);
      const b = jax.numpy.array(w()).reshape([...shapes.w]);
      const loss = (p: typeof a, q: typeof b): typeof a =>
        jax.numpy.sum(jax.numpy.square(jax.lax.conv(p, q, [1, 1], "SAME")));
      const f = jax.jit(jax.grad(loss, { argnums: [0, 1] }));
      return runOf({
        call: () => jax.blockUntilReady(f(a.ref, b.ref)),
        read: ([da, db]) => [da.ref.dataSync(), db.ref.dataSync()],
        free: (gradients) => jax.tree.dispose(gradients),
      });
    },
  },
};

export const rows: readonly Row[] = [forward, gradient];
