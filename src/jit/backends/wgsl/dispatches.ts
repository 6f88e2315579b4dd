/** A kernel as dispatches of shaders. */
import { width } from "./lanes.js";

/** One shader, dispatched once for each position. */
export interface Stage {
  readonly shader: string;
  /** Workgroups. */
  readonly groups: number;
  /** Words after the addresses and that of scratch memory, for each dispatch: positions on axes gone through step by step. */
  readonly steps: readonly (readonly number[])[];
}

/** A loop around stages; the position on it comes before their own. */
export interface Repeat {
  readonly times: number;
  readonly items: readonly Item[];
}

/** A loop of unknown length around stages. The test's write its flag, and none does anything where that is 0. */
export interface Until {
  readonly flag: number;
  readonly test: readonly Item[];
  readonly body: readonly Item[];
  /** Rounds before the device is first asked whether they go on. */
  readonly first: number;
}

export type Item = Stage | Repeat | Until;

/** What is dispatched, and the memory that it shares, in words: flags of loops, and after them scratch memory. */
export interface Plan {
  readonly items: readonly Item[];
  readonly flags: number;
  readonly scratch: number;
}

/** A dispatch, without the addresses. */
export interface Call {
  readonly shader: string;
  readonly groups: number;
  readonly position: readonly number[];
}

/** Rounds of calls, each of which does nothing where the flag is 0. */
export interface Rounds {
  readonly flag: number;
  readonly each: readonly Run[];
  readonly first: number;
}

export type Run = Call | Rounds;

export const isRounds = (run: Run): run is Rounds => "each" in run;

/** All that is to be done, in its order. */
export const runsOf = (items: readonly Item[], outer: readonly number[] = []): Run[] =>
  items.flatMap((item): Run[] => {
    if ("times" in item)
      return Array.from({ length: item.times }, (_, t) => runsOf(item.items, [...outer, t])).flat();
    if ("flag" in item) {
      const { flag, test, body, first } = item;
      return [{ flag, each: runsOf([...test, ...body], outer), first }];
    }
    const { shader, groups } = item;
    return item.steps.map((own) => ({ shader, groups, position: [...outer, ...own] }));
  });

/** All dispatches in their order; of a loop of unknown length those of its body, once. */
export const callsOf = (items: readonly Item[]): Call[] =>
  runsOf(onceOf(items)).filter((run): run is Call => !isRounds(run));

const onceOf = (items: readonly Item[]): Item[] =>
  items.flatMap((item): Item[] => {
    if ("times" in item) return [{ ...item, items: onceOf(item.items) }];
    return "flag" in item ? onceOf(item.body) : [item];
  });

/** The shaders of a plan, each once. */
export const shadersOf = (items: readonly Item[]): string[] =>
  items.flatMap((item) => {
    if ("times" in item) return shadersOf(item.items);
    return "flag" in item ? shadersOf([...item.test, ...item.body]) : [item.shader];
  });

/**
 * What dispatches of a kernel are told before their positions: where its buffers are, the flags, which are the last of
 * them where there are any, and the scratch memory, which is in one piece with the flags.
 */
export const wordsOf = (buffers: readonly number[], shared: number, flags: number): number[] =>
  flags === 0 ? [...buffers, shared] : [...buffers, shared, shared + roomFor(flags)];

/** Words that flags take: scratch memory, which follows them, may be read and written four words at a time. */
const roomFor = (flags: number): number => width * Math.ceil(flags / width);

/** Words of both. */
export const sharedWords = ({ flags, scratch }: Plan): number =>
  scratch === 0 ? flags : roomFor(flags) + scratch;
