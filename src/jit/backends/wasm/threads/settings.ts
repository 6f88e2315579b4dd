/** How many threads programs use. */
import { processors } from "./host.js";

/** More than so many rarely help: they share the memory's bandwidth. */
const mostByDefault = 8;
/** What people can ask for. */
export const mostThreads = 64;

let wanted: number | null = null;
let usual: number | null = null;

/** How many were asked for, or what is usual: all processors, up to eight. */
export const threadsWanted = (): number =>
  wanted ?? (usual ??= Math.max(1, Math.min(mostByDefault, processors())));

export const wantThreads = (n: number): void => {
  wanted = n;
};
