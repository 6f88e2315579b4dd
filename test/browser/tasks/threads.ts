/** A product of matrices by one thread and by several. */
import { getThreads, initBackend, jit, matmul, random, setThreads } from "fluxion";
import { workerCrew } from "../../../src/jit/backend.js";
import { presentTeam } from "../../../src/jit/backends/wasm/threads/crew.js";

export interface Threads {
  /** As many as there are when four are asked for. */
  readonly threads: number;
  /** Parts that other threads than the calling one have computed. */
  readonly helped: number;
  /** Whether all products were the same, bit for bit. */
  readonly same: boolean;
}

/** Workers start when this thread comes to rest. */
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

interface Wanted {
  readonly products: number;
  readonly backend: "wasm" | "wasm-worker";
}

/** Ends a helper of the worker in the middle of products. */
const loseOne = (): void => {
  workerCrew()?.state.team?.workers.threads[0]?.end();
};

const helpedNow = (): number => workerCrew()?.state.helped ?? presentTeam()?.helped ?? 0;

export const threads = async ({ products, backend }: Wanted): Promise<Threads> => {
  await initBackend(backend);
  const [a, b] = [random.normal(random.key(0), [384, 384]), random.normal(random.key(1), [384, 384])];
  const product = jit(matmul);
  setThreads(1);
  const alone = await product(a, b).data();
  setThreads(4);
  let [helped, same] = [0, true];
  const next = async (): Promise<void> => {
    const together = await product(a, b).data();
    same &&= together.every((x, k) => Object.is(x, alone[k]));
  };
  for (let i = 0; i < products && helped <= 100; i++) {
    await next();
    helped = helpedNow();
    await rest();
  }
  loseOne();
  for (let i = 0; i < 10; i++) await next();
  return { threads: getThreads(), helped, same };
};
