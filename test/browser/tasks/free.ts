/** Steps of training on a page, and what its main thread did meanwhile. */
import { initBackend, jit, random, tanh, type BackendName } from "fluxion";
import * as nn from "fluxion/nn";

export interface Free {
  readonly losses: readonly number[];
  /** Programs that this thread has instantiated. */
  readonly instances: number;
  /** How often a timer rang between the call of the last step and the last result. */
  readonly turns: number;
}

/** What `body` gives, and how many modules are instantiated on this thread meanwhile. */
const countingInstances = async <T>(body: () => Promise<T>): Promise<readonly [T, number]> => {
  const before = WebAssembly.Instance;
  let count = 0;
  WebAssembly.Instance = new Proxy(before, {
    construct: (target, args: [WebAssembly.Module, WebAssembly.Imports]) => {
      count++;
      return new target(...args);
    },
  });
  try {
    return [await body(), count];
  } finally {
    WebAssembly.Instance = before;
  }
};

export const free = async (backend: BackendName): Promise<Free> => {
  await initBackend(backend);
  const model = nn.sequential(nn.dense(256), tanh, nn.dense(256), tanh, nn.dense(16));
  const learning = { model, optimizer: nn.adam(1e-2) };
  const [result, instances] = await countingInstances(async () => {
    const step = jit(nn.trainStep(learning), { donate: [0, 2] });
    const batch = {
      inputs: random.normal(random.key(0), [256, 64]),
      labels: random.randint(random.key(1), [256], 0, 16),
    };
    let now: Pick<ReturnType<typeof step>, "params" | "state" | "optimizer"> = nn.initTraining(
      model,
      learning.optimizer,
      random.key(2),
      batch.inputs,
    );
    let turns = 0;
    const readings: Promise<number>[] = [];
    for (let i = 0; i < 20; i++) {
      const { loss, ...next } = step(now.params, now.state, now.optimizer, random.key(i), batch);
      readings.push(loss.data().then(([x]) => x!));
      now = next;
    }
    const timer = setInterval(() => turns++, 0);
    const losses = await Promise.all(readings);
    clearInterval(timer);
    return { losses, turns };
  });
  return { ...result, instances };
};
