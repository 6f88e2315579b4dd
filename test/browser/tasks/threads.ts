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
  /** Teams that the worker has had, one after the other. */
  readonly teams: number;
}

/** Workers start when this thread comes to rest. */
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

interface Wanted {
  readonly products: number;
  readonly backend: "wasm" | "wasm-worker";
  /** Helpers hang in place of computing. */
  readonly hang?: boolean;
}

/** Workers that are started from now on have this text in place of that one. */
const inWorkers = (text: string, instead: string): void => {
  globalThis.Blob = new Proxy(globalThis.Blob, {
    construct: (target, [parts, options]: [string[], BlobPropertyBag]) =>
      new target(
        parts.map((p) => p.replace(text, instead)),
        options,
      ),
  });
};

/** Ends a helper of the worker in the middle of products. */
const loseOne = (): void => {
  workerCrew()?.state.team?.workers.threads[0]?.end();
};

const helpedNow = (): number => workerCrew()?.state.helped ?? presentTeam()?.helped ?? 0;

export const threads = async ({ products, backend, hang = false }: Wanted): Promise<Threads> => {
  await initBackend(backend);
  if (hang) inWorkers("compute(part);", "for (;;);");
  const [a, b] = [random.normal(random.key(0), [384, 384]), random.normal(random.key(1), [384, 384])];
  const product = jit(matmul);
  setThreads(1);
  const alone = await product(a, b).data();
  setThreads(4);
  let [helped, same] = [0, true];
  const teams = new Set<number>();
  const next = async (): Promise<void> => {
    const team = workerCrew()?.state.team;
    if (team) teams.add(team.id);
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
  return { threads: getThreads(), helped, same, teams: teams.size };
};
