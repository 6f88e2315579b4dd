/** Long synchronous loops: nothing is disposed of and nothing awaited, and memory has to stay where it is. */
import { fluxion, jaxjs, tfjs } from "../models/regression.js";
import type { Target } from "../measurement.js";
import type { Row } from "../row.js";

/** Growth that a garbage collector's laziness explains; a leak of one small array a step would be more. */
const boundMb = 100;

const bounded: Target = {
  text: `memory grows by less than ${boundMb} MB`,
  holds: (of) => {
    const rss = of("fluxion-js")?.rssMb;
    return rss && rss[2] - rss[0] < boundMb;
  },
};

const soak = (name: string, title: string, steps: number, compiled: boolean, alone = false): Row => ({
  name,
  title,
  tolerance: 1e-3,
  targets: [bounded],
  method: { soak: steps },
  fluxion: fluxion(compiled),
  // jax-js without jit would be a different program
  peers: alone ? {} : compiled ? { jaxjs, tfjs } : { tfjs },
});

export const rows: readonly Row[] = [
  soak("soak-jit", "100,000 jitted training steps of a small model", 100_000, true),
  soak("soak-jit-1e6", "1,000,000 of them", 1_000_000, true, true),
  soak("soak-eager", "10,000 training steps without jit", 10_000, false),
];
