/** A loop of unknown length for each element, written in plain JavaScript: lifted, and as it is. */
import { fasterThan } from "../measurement.js";
import { type Row, runOf } from "../row.js";

const [width, height] = [384, 256];

const escape = (cx: number, cy: number): number => {
  let x = 0;
  let y = 0;
  let n = 0;
  while (x * x + y * y <= 4 && n < 256) {
    const t = x * x - y * y + cx;
    y = 2 * x * y + cy;
    x = t;
    n++;
  }
  return n;
};

/** The plane from -2 - i to 1 + i, in float32. */
const axis = (n: number, from: number, to: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: n }, (_, i) => from + ((to - from) * i) / n);

const picture = (): Float32Array => {
  const [xs, ys] = [axis(width, -2, 1), axis(height, -1, 1)];
  const out = new Float32Array(width * height);
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) out[i * width + j] = escape(xs[j]!, ys[i]!);
  return out;
};

/**
 * The loop computes in float64, Fluxion in float32: points at the border escape after other numbers of rounds. What is
 * compared is how many rounds there are in all.
 */
const rounds = (n: ArrayLike<number>): number[] => [Array.from(n).reduce((a, b) => a + b, 0)];

export const rows: readonly Row[] = [
  {
    name: "mandelbrot",
    title: `the Mandelbrot set, ${width}×${height}, at most 256 rounds: lifted, and the same function in a loop`,
    tolerance: 1e-3,
    targets: [fasterThan("wasm", 3, "hand")],
    omitted: { "jax-js": "it has no loops", "tfjs-wasm": "it has no loops", "tfjs-cpu": "it has no loops" },
    fluxion: (fx) => {
      const cx = fx.tensor(axis(width, -2, 1));
      const cy = fx.reshape(fx.tensor(axis(height, -1, 1)), [height, 1]);
      const f = fx.jit(fx.lift(escape));
      return runOf({ call: () => f(cx, cy), read: (n) => [rounds(n.dataSync())] });
    },
    peers: { hand: () => runOf({ call: picture, read: (n) => [rounds(n)] }) },
  },
];
