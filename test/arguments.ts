/** Arguments of tests that are in JavaScript's memory, and the same whatever backend is in use. */
import { random, type Tensor } from "../src/index.js";
import { on } from "./backend.js";

export const inJavaScript = (make: () => Tensor): Tensor =>
  on("js", () => {
    const x = make();
    x.dataSync();
    return x;
  });

export const normal = (seed: number, ...shape: number[]): Tensor =>
  inJavaScript(() => random.normal(random.key(seed), shape));
