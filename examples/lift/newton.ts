/** Roots by Newton's method, and how they depend on what they are roots of. */
import { grad, jvp, lift, sum, type Tensor } from "fluxion";

/** x with x³ + p x = q (p > 0), to the last digit: every element goes on until its own step is small. */
export const root = lift((p: number, q: number) => {
  let x = q / (p + 1);
  for (;;) {
    const step = (x * x * x + p * x - q) / (3 * x * x + p);
    x -= step;
    if (Math.abs(step) <= 1e-7 * Math.abs(x) + 1e-30) break;
  }
  return x;
});

/** The same with a number of rounds that is known, so that reverse mode knows what to keep. */
export const rootInRounds = lift((p: number, q: number) => {
  let x = q / (p + 1);
  for (let k = 0; k < 40; k++) {
    const step = (x * x * x + p * x - q) / (3 * x * x + p);
    x -= step;
    if (Math.abs(step) <= 1e-7 * Math.abs(x) + 1e-30) break;
  }
  return x;
});

/** dx/dq forwards, through the loop of unknown length. */
export const slopeForwards = (p: Tensor, q: Tensor): Tensor =>
  jvp((v: Tensor) => root(p, v), [q], [q.mul(0).add(1)])[1];

/** dx/dp and dx/dq in reverse. */
export const slopes = (p: Tensor, q: Tensor): readonly [byP: Tensor, byQ: Tensor] =>
  grad((a: Tensor, b: Tensor) => sum(rootInRounds(a, b)), { argnums: [0, 1] })(p, q);
