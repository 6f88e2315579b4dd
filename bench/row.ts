/**
 * What a row of the table is: one computation, written once for Fluxion and once for each peer, on the same data.
 */
import type * as Fluxion from "fluxion";
import type * as FluxionNetworks from "fluxion/nn";
import type * as Jax from "@jax-js/jax";
import type * as Tf from "@tensorflow/tfjs";
import { startClock } from "./clock.js";
import type { Run, Values } from "./contender.js";
import type { ContenderId, Entry } from "./measurement.js";
import type { OrtLibrary } from "./ort.js";
import type { TorchProcess } from "./torch.js";

export type { Run, Values } from "./contender.js";
export type FluxionLibrary = typeof Fluxion;
export type FluxionNetworksLibrary = typeof FluxionNetworks;
export type JaxLibrary = typeof Jax;
export type TfLibrary = typeof Tf;

interface Parts<R> {
  /** Everything is computed when this returns or resolves. */
  readonly call: () => R | Promise<R>;
  readonly read: (result: R) => Values | Promise<Values>;
  readonly free?: (result: R) => void;
}

export const runOf = <R>({ call, read, free = (): void => undefined }: Parts<R>): Run => ({
  first: async () => {
    const elapsed = startClock();
    const result = await call();
    const ms = elapsed();
    const values = await read(result);
    free(result);
    return { ms, values };
  },
  step: () => {
    const result = call();
    if (result instanceof Promise) return result.then(free);
    free(result);
    return undefined;
  },
});

export interface Row extends Entry {
  /** Greatest relative difference to the values of the first contender. */
  readonly tolerance?: number;
  /** Peers known to compute this wrongly: timed all the same, and said so. */
  readonly wrong?: Partial<Record<ContenderId, string>>;
  /** Peers that could compute this but are not made to, and why. */
  readonly omitted?: Partial<Record<ContenderId, string>>;
  readonly fluxion: (fx: FluxionLibrary, nn: FluxionNetworksLibrary) => Run;
  readonly peers: {
    readonly tfjs?: (tf: TfLibrary) => Run;
    readonly jaxjs?: (jax: JaxLibrary) => Run;
    readonly torch?: (process: TorchProcess) => Run;
    readonly ort?: (ort: OrtLibrary) => Run;
    readonly hand?: () => Run;
    /** Moves the row's data and computes nothing, as a bound for rows that memory bounds. Its values are not compared. */
    readonly copy?: () => Run;
  };
  /** How it is measured: interleaved (default), in fresh processes, or in one long run that watches memory. */
  readonly method?: "rounds" | "cold" | { readonly soak: number };
}
