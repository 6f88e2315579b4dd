/** The Mandelbrot set: a loop that ends at another time for every point. */
import { lift, reshape, tensor } from "fluxion";

/** Rounds until z ← z² + c leaves the disc of radius 2; `most` for points that stay. */
export const escape = lift((cx: number, cy: number, most: number) => {
  let x = 0;
  let y = 0;
  let n = 0;
  while (x * x + y * y <= 4 && n < most) {
    const t = x * x - y * y + cx;
    y = 2 * x * y + cy;
    x = t;
    n++;
  }
  return n;
});

const axis = (n: number, from: number, to: number): number[] =>
  Array.from({ length: n }, (_, i) => from + ((to - from) * (i + 0.5)) / n);

/** Rounds for every point of a grid over the set, row by row. */
export const picture = (width: number, height: number, most: number): readonly (readonly number[])[] => {
  const cx = tensor(axis(width, -2.1, 0.6));
  const cy = reshape(tensor(axis(height, 1.15, -1.15)), [height, 1]);
  return escape(cx, cy, most).toArray() as number[][];
};

const shades = " .:-=+*#%";

/** The set in letters: the longer a point stays, the darker. */
export const draw = (rounds: readonly (readonly number[])[], most: number): string =>
  rounds
    .map((row) =>
      row
        .map((n) =>
          n >= most ? "@" : shades[Math.min(shades.length - 1, Math.floor(Math.log2(n + 1) * 1.5))],
        )
        .join(""),
    )
    .join("\n");
