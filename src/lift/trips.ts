/**
 * How often a loop runs, where that can be told beforehand: what its test depends on is known and changes only by
 * unconditional assignments. `break` and `return` may still end it earlier.
 */
import { valueKey } from "../ir/tree.js";
import { evaluate } from "./evaluate.js";
import { Frame, NotKnown } from "./frame.js";
import {
  assignedIn,
  expressionsIn,
  type Loop,
  partsOf,
  readIn,
  type Slot,
  type Statement,
} from "./program.js";
import { truth } from "./value.js";

/** Loops that would run longer are left to a dynamic loop. */
const most = 1 << 20;

type Assign = Extract<Statement, { _tag: "Assign" }>;

const assignments = (block: readonly Statement[]): readonly Assign[] =>
  block.filter((s) => s._tag === "Assign");

/** Everything that the test depends on, directly or through assignments in the loop. */
const controlOf = (loop: Loop): ReadonlySet<Slot> => {
  const all = assignments([...loop.before, ...loop.body, ...loop.update]);
  const control = new Set(readIn(loop.test!));
  for (let before = -1; before !== control.size;) {
    before = control.size;
    for (const s of all) if (control.has(s.slot)) for (const r of readIn(s.value)) control.add(r);
  }
  return control;
};

/** Whether a block leaves the loop's own round early. */
const continues = (block: readonly Statement[]): boolean =>
  block.some(
    (s) => s._tag === "Continue" || (s._tag !== "Loop" && partsOf(s).blocks.some((b) => continues(b))),
  );

const isStraight = (loop: Loop, control: ReadonlySet<Slot>): boolean => {
  const nested = [...loop.before, ...loop.body, ...loop.update].filter((s) => s._tag !== "Assign");
  if (assignedIn(nested).some((s) => control.has(s))) return false;
  return !continues(loop.body) || !assignments(loop.body).some((s) => control.has(s.slot));
};

/** What a loop's test depends on, null where it cannot be followed; and the answers so far. */
interface Followed {
  readonly control: ReadonlySet<Slot> | null;
  readonly answers: Map<string, number | null>;
}

const followed = new WeakMap<Loop, Followed>();

const followedOf = (loop: Loop): Followed => {
  const known = followed.get(loop);
  if (known !== undefined) return known;
  const control = loop.test === null ? null : controlOf(loop);
  const straight = control !== null && isStraight(loop, control) ? control : null;
  const made: Followed = { control: straight, answers: new Map() };
  followed.set(loop, made);
  return made;
};

/** The number of rounds, or null where it cannot be told. */
export const tripsOf = (loop: Loop, frame: Frame): number | null => {
  const { control, answers } = followedOf(loop);
  if (control === null) return null;
  const start = [...control].map((s) => frame.read(s));
  if (start.some((v) => typeof v === "object")) return null;
  const key = start.map(valueKey).join();
  const known = answers.get(key);
  if (known !== undefined) return known;
  if (answers.size >= 64) answers.clear();
  const n = follow(loop, control, frame);
  answers.set(key, n);
  return n;
};

const follow = (loop: Loop, control: ReadonlySet<Slot>, frame: Frame): number | null => {
  const scratch = new Frame(frame, null, frame.float, "known");
  const perform = (block: readonly Statement[]): void => {
    for (const s of assignments(block))
      if (control.has(s.slot)) scratch.write(s.slot, evaluate(s.value, scratch));
  };
  try {
    for (let n = loop.testsLast ? 1 : 0; n <= most; n++) {
      if (n > 0) {
        perform(loop.body);
        perform(loop.update);
      }
      perform(loop.before);
      if (truth(evaluate(loop.test!, scratch)) === false) return n;
    }
  } catch (e) {
    if (!(e instanceof NotKnown)) throw e;
  }
  return null;
};

/** Nodes in a loop's round; loops inside count four times. */
export const weightOf = (block: readonly Statement[]): number =>
  block.reduce((sum, s) => {
    const { expressions, blocks } = partsOf(s);
    const own = expressions.reduce((n, e) => n + expressionsIn(e).length, 1);
    const inside = blocks.reduce((n, b) => n + weightOf(b), 0);
    return sum + own + inside * (s._tag === "Loop" ? 4 : 1);
  }, 0);
