/**
 * Loops of unknown length, whose rounds are dispatched some at a time: only the device knows when they end, and what is
 * dispatched after that does nothing. Asking takes as long as many rounds do, so more are dispatched each time: a loop of
 * n rounds is asked about log n times, and what is done in vain is in proportion to what is not.
 */
import { type Call, isRounds, type Rounds, type Run } from "./dispatches.js";

/** What a device says when it has done what it was handed. */
export interface Answer {
  readonly flags: ArrayLike<number>;
  /** Milliseconds that it took. */
  readonly ms: number;
}

/** Dispatches at a time. */
const mostCalls = 4096;
/** What takes less than `quick` milliseconds may be twice as much the next time; what takes more than `slow`, half. */
const [quick, slow] = [100, 500];

const within = (rounds: number, each: number): number =>
  Math.max(1, Math.min(rounds, Math.floor(mostCalls / each)));

const nextRounds = (n: number, ms: number, { each }: Rounds): number =>
  ms < quick ? within(2 * n, each.length) : ms > slow ? Math.ceil(n / 2) : n;

/**
 * Gives the calls that are to be handed to the device before it is asked, and takes its answer, again and again; at
 * last it returns the calls that remain.
 */
export function* piecesOf(runs: readonly Run[]): Generator<Call[], Call[], Answer> {
  let calls: Call[] = [];
  let last: Answer | null = null;

  function* ask(): Generator<Call[], Answer, Answer> {
    const piece = calls;
    calls = [];
    last = yield piece;
    return last;
  }

  function* all(list: readonly Run[]): Generator<Call[], void, Answer> {
    for (const run of list)
      if (isRounds(run)) yield* loop(run);
      else calls.push(run);
  }

  function* loop(run: Rounds): Generator<Call[], void, Answer> {
    // A loop inside asks in every round, and what it is told says of this one, too, whether it goes on.
    const n = run.each.some(isRounds) ? Infinity : within(run.first, run.each.length);
    for (let rounds = n; ;) {
      for (let k = 0; k < rounds; k++) {
        const before = last;
        yield* all(run.each);
        if (last !== before && last!.flags[run.flag] === 0) return;
      }
      const { flags, ms } = yield* ask();
      if (flags[run.flag] === 0) return;
      rounds = nextRounds(rounds, ms, run);
    }
  }

  yield* all(runs);
  return calls;
}

type Pieces = Generator<Call[], Call[], Answer>;

/** Goes through pieces on a device that can be waited for; gives what remains. */
export const answeredNow = (pieces: Pieces, answer: (calls: readonly Call[]) => Answer): Call[] => {
  let piece = pieces.next();
  while (piece.done !== true) piece = pieces.next(answer(piece.value));
  return piece.value;
};

/** The same on any other. */
export const answered = async (
  pieces: Pieces,
  answer: (calls: readonly Call[]) => Promise<Answer>,
): Promise<Call[]> => {
  let piece = pieces.next();
  while (piece.done !== true) piece = pieces.next(await answer(piece.value));
  return piece.value;
};
