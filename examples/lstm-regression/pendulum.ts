/** A damped, driven pendulum: θ″ = -γ θ′ - sin θ + A cos(ω t), in its chaotic regime (G. Baker and J. Gollub, 1990). */
import { add, cos, mul, scan, sin, sub, tensor, type Tensor } from "fluxion";

const [damping, drive, frequency] = [0.5, 1.2, 2 / 3];

interface Motion {
  readonly angle: Tensor;
  readonly velocity: Tensor;
  readonly time: Tensor;
}

const slope = ({ angle, velocity, time }: Motion): Motion => ({
  angle: velocity,
  velocity: sub(mul(drive, cos(mul(frequency, time))), add(mul(damping, velocity), sin(angle))),
  time: tensor(Float64Array.of(1), { shape: [] }),
});

const along = (m: Motion, d: Motion, h: number): Motion => ({
  angle: add(m.angle, mul(d.angle, h)),
  velocity: add(m.velocity, mul(d.velocity, h)),
  time: add(m.time, mul(d.time, h)),
});

/** One step of the classical Runge–Kutta method. */
const rungeKutta = (m: Motion, h: number): Motion => {
  const k1 = slope(m);
  const k2 = slope(along(m, k1, h / 2));
  const k3 = slope(along(m, k2, h / 2));
  const k4 = slope(along(m, k3, h));
  return along(along(along(along(m, k1, h / 6), k2, h / 3), k3, h / 3), k4, h / 6);
};

/** The angular velocity at `samples` moments, `interval` apart, after the first 100 have been dropped. float64. */
export const angularVelocity = (samples: number, interval = 0.4, substeps = 8): Tensor => {
  const number = (x: number): Tensor => tensor(Float64Array.of(x), { shape: [] });
  const sample = (m: Motion): [Motion, Tensor] => {
    const substep = (s: Motion): [Motion, null] => [rungeKutta(s, interval / substeps), null];
    const [next] = scan<Motion, null, null>(substep, m, null, { length: substeps });
    return [next, next.velocity];
  };
  const start = { angle: number(0.2), velocity: number(0), time: number(0) };
  return scan<Motion, null, Tensor>(sample, start, null, { length: samples + 100 })[1].slice(
    [100],
    [samples + 100],
  );
};
