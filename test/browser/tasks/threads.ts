/** A product of matrices by one thread and by several. */
import { getThreads, initBackend, jit, matmul, random, setThreads } from "fluxion";
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

export const threads = async ({ products }: { readonly products: number }): Promise<Threads> => {
  await initBackend("wasm");
  const [a, b] = [random.normal(random.key(0), [384, 384]), random.normal(random.key(1), [384, 384])];
  const product = jit(matmul);
  setThreads(1);
  const alone = await product(a, b).data();
  setThreads(4);
  let [helped, same] = [0, true];
  for (let i = 0; i < products; i++) {
    const together = await product(a, b).data();
    same &&= together.every((x, k) => Object.is(x, alone[k]));
    helped = presentTeam()?.helped ?? 0;
    if (helped > 100) break;
    await rest();
  }
  return { threads: getThreads(), helped, same };
};
