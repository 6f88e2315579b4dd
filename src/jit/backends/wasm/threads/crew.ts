/** The present team: made when there is enough to do, made again when a worker has ended. */
import { type Heap, mayShare } from "../heap.js";
import { maySleep, spawner } from "./host.js";
import { threadsWanted, wantThreads } from "./settings.js";
import { Team } from "./team.js";

/** Workers are started once so much time was spent on what they could have shared: it takes longer to start them. */
export const worthwhileMs = 10;
/** A team that ends sooner is a failure; after some of them there is one thread. */
export const shortLifeMs = 1000;
export const mostFailures = 3;

let team: { readonly team: Team; readonly since: number } | null = null;
let failures = 0;
let spentMs = 0;
let busy = false;

/** How many threads programs use: one where memory cannot be shared, or where this thread may not wait for others. */
export const threadsHere = (): number => (mayShare() && maySleep() ? threadsWanted() : 1);

/** The same, but one once teams have failed too often: nothing is divided any more until a number is set. */
export const threadsLeft = (): number => (failures < mostFailures ? threadsHere() : 1);

/** Ends the workers; the next long program starts others. */
export const dismiss = (): void => {
  team?.team.end();
  team = null;
};

/** Sets the number of threads. The workers of a team sleep while there is one thread. */
export const setCrew = (n: number): void => {
  wantThreads(n);
  failures = 0;
  if (n > 1 && team !== null && team.team.workers !== n - 1) dismiss();
};

const start = (heap: Heap, workers: number): void => {
  const spawn = spawner();
  if (spawn === null) return;
  try {
    team = { team: new Team(heap, workers, spawn), since: performance.now() };
  } catch {
    failures = mostFailures; // workers, or so many of them, are not allowed here
  }
};

/** Forgets a team that is not complete any more. */
const review = (): void => {
  if (team === null || !team.team.isBroken) return;
  if (performance.now() - team.since < shortLifeMs) failures++;
  dismiss();
};

/** A team that is ready, or null. */
const present = (heap: Heap): Team | null => {
  if (busy || !heap.shared) return null;
  const n = threadsHere();
  if (n === 1) return null;
  review();
  if (team === null && spentMs >= worthwhileMs && failures < mostFailures) start(heap, n - 1);
  return team !== null && team.team.ready > 0 && !team.team.benefit.isResting ? team.team : null;
};

/** Runs `together` with the team, or `alone` where there is none; neither may come back here in the meantime. */
export const share = (heap: Heap, together: (team: Team) => void, alone: () => void): void => {
  const ready = present(heap);
  if (ready === null) return timed(alone);
  busy = true;
  try {
    together(ready);
  } finally {
    busy = false;
  }
};

/** Runs what could have been shared. */
const timed = (alone: () => void): void => {
  if (busy || spentMs >= worthwhileMs) return alone();
  const begin = performance.now();
  alone();
  spentMs += performance.now() - begin;
};

/** Runs `body` on this thread alone. */
export const withoutTeam = <T>(body: () => T): T => {
  const before = busy;
  busy = true;
  try {
    return body();
  } finally {
    busy = before;
  }
};

/** Gives up a team that has failed; `afterwards` is called when all of its workers have ended. */
export const abandon = (afterwards: () => void): void => {
  if (team === null) return;
  failures++;
  const { team: lost } = team;
  dismiss();
  lost.whenEnded(afterwards);
};

/** The present team, for tests. */
export const presentTeam = (): Team | null => team?.team ?? null;
