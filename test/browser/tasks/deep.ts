/** A program that is large: one training step of a deep network, as one WebAssembly module. */
import { initBackend, jit, random, tanh, type BackendName } from "fluxion";
import * as nn from "fluxion/nn";

export interface DeepInput {
  readonly backend: BackendName;
  readonly layers: number;
}

export interface Deep {
  readonly losses: readonly number[];
  /** The largest module that was compiled, in bytes. */
  readonly largest: number;
}

/** What `body` gives, and the size of the largest module that is compiled meanwhile. */
const watchingModules = async <T>(body: () => Promise<T>): Promise<readonly [T, number]> => {
  const before = WebAssembly.Module;
  let largest = 0;
  WebAssembly.Module = new Proxy(before, {
    construct: (target, [bytes]: [BufferSource]) => {
      largest = Math.max(largest, bytes.byteLength);
      return new target(bytes);
    },
  });
  try {
    return [await body(), largest];
  } finally {
    WebAssembly.Module = before;
  }
};

export const deep = async ({ backend, layers }: DeepInput): Promise<Deep> => {
  await initBackend(backend);
  const model = nn.sequential(...Array.from({ length: layers }, () => [nn.dense(16), tanh]).flat());
  const learning = { model, optimizer: nn.adam(1e-3) };
  const step = jit(nn.trainStep(learning));
  const batch = {
    inputs: random.normal(random.key(0), [32, 16]),
    labels: random.randint(random.key(1), [32], 0, 16),
  };
  const start = nn.initTraining(model, learning.optimizer, random.key(2), batch.inputs);
  const [losses, largest] = await watchingModules(async () => {
    const losses: number[] = [];
    let now: Pick<typeof start, "params" | "state" | "optimizer"> = start;
    for (let i = 0; i < 3; i++) {
      const { loss, ...next } = step(now.params, now.state, now.optimizer, random.key(i), batch);
      losses.push((await loss.data())[0]!);
      now = next;
    }
    return losses;
  });
  return { losses, largest };
};
