/** The backend of a run: the one that was asked for or else the next that works, with the reasons. */
import { getBackend, initBackend, type BackendName } from "fluxion";
import type { Refusal, Wish } from "./protocol.js";

/** From the fastest to the one that runs everywhere. */
const order: readonly BackendName[] = ["webgpu", "wasm", "js"];

/**
 * What is tried. A worker for WebAssembly is for those who ask for it: all that computes here is in one already, which
 * may use threads.
 */
const triedFor = (wish: Wish): readonly BackendName[] => {
  if (wish === "automatic") return order;
  return wish === "wasm-worker" ? [wish, ...triedFor("wasm")] : order.slice(order.indexOf(wish));
};

export interface Choice {
  readonly backend: BackendName;
  readonly refused: readonly Refusal[];
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Why WebGPU is left alone unless it is asked for; null if nothing speaks against it. */
const doubts = async (): Promise<string | null> => {
  const gpu = (navigator as Partial<Navigator>).gpu; // absent outside secure contexts and in older browsers
  if (gpu === undefined) return "this browser does not offer it to this page";
  const adapter = await gpu.requestAdapter();
  if (adapter === null) return "this browser has no adapter for it";
  return adapter.info.isFallbackAdapter
    ? "its adapter is emulated in software, which is slower than WebAssembly"
    : null;
};

const refusalOf = async (backend: BackendName, wish: Wish): Promise<Refusal | null> => {
  try {
    const reason = backend === "webgpu" && wish === "automatic" ? await doubts() : null;
    if (reason !== null) return { backend, reason };
    await initBackend(backend);
    return null;
  } catch (error) {
    return { backend, reason: reasonOf(error) };
  }
};

/** Makes a backend the one in use. */
export const chooseBackend = async (wish: Wish): Promise<Choice> => {
  const refused: Refusal[] = [];
  for (const backend of triedFor(wish)) {
    const refusal = await refusalOf(backend, wish);
    if (refusal === null) return { backend: getBackend(), refused };
    refused.push(refusal);
  }
  throw new Error(refused.map(({ backend, reason }) => `${backend}: ${reason}`).join("; "));
};
