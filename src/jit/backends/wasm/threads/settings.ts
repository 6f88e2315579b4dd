/** How many threads programs use. */
import { maySleep, processors } from "./host.js";

/** More than so many rarely help: they share the memory's bandwidth. */
const mostByDefault = 8;
/** What people can ask for. */
export const mostThreads = 64;

let wanted: number | null = null;
let usual: number | null = null;

/** How many were asked for, or what is usual here: all processors up to eight; one where threads cannot wait. */
export const threadsWanted = (): number =>
  wanted ?? (usual ??= maySleep() ? Math.max(1, Math.min(mostByDefault, processors())) : 1);

export const wantThreads = (n: number): void => {
  wanted = n;
};
