/** The gradient of a lookup: rows of a table are gathered, their gradients scattered. */
import { integers, uniform } from "../data.js";
import { fasterThan } from "../measurement.js";
import { type Row, runOf } from "../row.js";

const [rowsOfTable, width, lookups] = [10_000, 64, 50_000] as const;
const table = (): Float32Array<ArrayBuffer> => uniform(1, rowsOfTable * width);
const places = (): Int32Array<ArrayBuffer> => integers(2, lookups, rowsOfTable);

const loops = (t: Float32Array, at: Int32Array): Float32Array => {
  const out = new Float32Array(t.length);
  for (let i = 0; i < lookups; i++) {
    const row = at[i]! * width;
    for (let j = row; j < row + width; j++) out[j] = out[j]! + 2 * t[j]!;
  }
  return out;
};

export const rows: readonly Row[] = [
  {
    name: "embedding-gradient",
    title: `gradient of the sum of squares of ${lookups / 1000}k lookups in ${rowsOfTable / 1000}k×${width}`,
    targets: [fasterThan("wasm", 30, "jax-js")],
    omitted: {
      "tfjs-cpu": "its gradient of gather goes over all lookups for each row of the table, for minutes",
    },
    fluxion: (fx) => {
      const t = fx.tensor(table(), { shape: [rowsOfTable, width] });
      const at = fx.tensor(places());
      const loss = (p: typeof t, i: typeof at): typeof t => fx.sum(fx.square(fx.take(p, i, { axis: 0 })));
      const f = fx.jit(fx.grad(loss));
      return runOf({ call: () => f(t, at), read: (g) => [g.dataSync()] });
    },
    peers: {
      tfjs: (tf) => {
        const t = tf.tensor2d(table(), [rowsOfTable, width]);
        const at = tf.tensor1d(places(), "int32");
        const f = tf.grad((p) => tf.gather(p, at).square().sum());
        return runOf({ call: () => f(t), read: (g) => [g.dataSync()], free: (g) => g.dispose() });
      },
      jaxjs: (jax) => {
        const t = jax.numpy.array(table()).reshape([rowsOfTable, width]);
        const at = jax.numpy.array(places());
        const loss = (p: typeof t, i: typeof at): typeof t =>
          jax.numpy.sum(jax.numpy.square(jax.numpy.take(p, i, 0)));
        const f = jax.jit(jax.grad(loss));
        return runOf({
          call: () => jax.blockUntilReady(f(t.ref, at.ref)),
          read: (g) => [g.ref.dataSync()],
          free: (g) => g.dispose(),
        });
      },
      // Indices are sent as numbers that float32 has, and made whole there.
      torch: (process) =>
        process.call(
          "embedding-gradient",
          { data: table(), shape: [rowsOfTable, width] },
          { data: Float32Array.from(places()), shape: [lookups] },
        ),
      hand: () => {
        const t = table();
        const at = places();
        return runOf({ call: () => loops(t, at), read: (g) => [g] });
      },
    },
  },
];
