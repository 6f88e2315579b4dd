/** What a step of a loop costs when there is next to nothing to compute in it. */
import { atMostMs } from "../measurement.js";
import { uniform } from "../data.js";
import { type Row, runOf } from "../row.js";

const steps = 1e5;
const data = (): Float32Array<ArrayBuffer> => uniform(1, steps);
const noLoops = "it has no loops: a program of 100,000 unrolled steps, or as many calls";

const loop = (x: Float32Array): [number, Float32Array] => {
  const ys = new Float32Array(steps);
  let c = 0;
  for (let i = 0; i < steps; i++) ys[i] = c = Math.fround(c * 0.5 + x[i]!);
  return [c, ys];
};

export const rows: readonly Row[] = [
  {
    name: "scan-1e5",
    title: "a scan of 1e5 steps with one number as its carry, c ← c / 2 + x, which it also returns",
    targets: [{ ...atMostMs("js", steps * 50e-6), text: "js: at most 50 ns a step" }],
    omitted: { "jax-js": noLoops },
    fluxion: (fx) => {
      const { add, mul, scan, tensor, zeros } = fx;
      const x = tensor(data());
      type T = typeof x;
      const f = fx.jit((xs: T): [T, T] =>
        scan<T, T, T>(
          (c, at) => {
            const next = add(mul(c, 0.5), at);
            return [next, next];
          },
          zeros([]),
          xs,
        ),
      );
      return runOf({ call: () => f(x), read: ([c, ys]) => [c.dataSync(), ys.dataSync()] });
    },
    peers: {
      tfjs: (tf) => {
        const x = tf.tensor1d(data());
        const call = () =>
          tf.tidy(() => {
            const rows = tf.unstack(x);
            let c: ReturnType<typeof tf.tidy> = tf.scalar(0);
            const ys = rows.map((at) => (c = tf.tidy(() => (c as typeof at).mul(0.5).add(at))) as typeof at);
            return [ys.at(-1)!.clone(), tf.stack(ys)] as const;
          });
        return runOf({
          call: () => call() as unknown as ReturnType<typeof tf.scalar>[],
          read: (out) => out.map((t) => t.dataSync()),
          free: (out) => out.forEach((t) => t.dispose()),
        });
      },
      hand: () => {
        const x = data();
        return runOf({ call: () => loop(x), read: ([c, ys]) => [[c], ys] });
      },
    },
  },
];
