/** Loops and branches that hold so much work that it goes to all of the device, and not to one workgroup. */
import { type Axis, constantIndex } from "../../index-expression.js";
import type { Statement, Value } from "../../kernel.js";
import { allOf } from "../../statements.js";
import { callsOf, type Item, type Repeat } from "./dispatches.js";
import { innerSize } from "./group.js";
import type { Crew, Site } from "./site.js";

/** The stages of statements; null where only one workgroup can run them, in their order. */
type ItemsOf = (site: Site, body: readonly Statement[], around: readonly Statement[]) => Item[] | null;
type Branch = Extract<Statement, { readonly _tag: "Branch" }>;
type While = Extract<Statement, { readonly _tag: "While" }>;

/** The items of a loop or a branch; null where one workgroup does as well, or must. */
export const controlOf = (
  itemsOf: ItemsOf,
  site: Site,
  before: readonly Statement[],
  s: Statement,
): Item[] | null => {
  if (s._tag === "Branch") return branchesOf(itemsOf, site, before, s);
  if (s._tag === "While") return untilOf(itemsOf, site, before, s);
  const repeat = loopOf(itemsOf, site, before, s);
  return repeat === null ? null : [repeat];
};

/** The largest number of operations that one statement offers to run at once. */
const widest = (body: readonly Statement[]): number =>
  Math.max(
    0,
    ...body.map((s) => {
      if (s._tag === "Nest" && s.sequential) return widest(s.body);
      if (s._tag === "Branch") return Math.max(0, ...s.branches.map(widest));
      if (s._tag === "While") return widest([...s.test, ...s.body]);
      return s._tag === "Nest" || s._tag === "Contract" ? innerSize([s]) : 0;
    }),
  );

// ---- branches

/**
 * Branches with so much work are dispatched to all of the device, each behind a gate, and so is what comes after a
 * reduction. Processors that play graphics cards are slow at invocations that do little or only end: there contractions
 * alone are worth it.
 */
const worthStages = 1 << 13;

export const isWorthStages = (crew: Crew, body: readonly Statement[]): boolean =>
  crew.shares
    ? widest(body) >= worthStages
    : allOf(body).some((t) => t._tag === "Contract" && innerSize([t]) >= worthStages);

/** The stages of all branches, of which one is taken. */
const branchesOf = (itemsOf: ItemsOf, site: Site, before: readonly Statement[], s: Branch): Item[] | null => {
  if (!isWorthStages(site.crew, [s])) return null;
  const branches = s.branches.map((body, is) =>
    itemsOf(site.behind({ before, index: (t) => t.use(s.index), is }), body, []),
  );
  return branches.includes(null) ? null : branches.flatMap((items) => items ?? []);
};

// ---- loops

/** A loop whose steps hold a nest of so much work is dispatched step by step, to all of the device. */
const worthDispatching = 1 << 16;
/** At most so many dispatches for one loop. */
const mostDispatches = 1 << 14;

/** A loop that is worth a dispatch for each step. */
const loopOf = (itemsOf: ItemsOf, site: Site, before: readonly Statement[], s: Statement): Repeat | null => {
  if (s._tag !== "Nest" || !s.sequential || s.axes.length !== 1 || widest(s.body) < worthDispatching)
    return null;
  const [axis] = s.axes as [Axis];
  const items = itemsOf(site.inside(axis), s.body, before);
  if (items === null) return null;
  const count = callsOf(items).length * axis.size;
  return count > mostDispatches ? null : { times: axis.size, items };
};

// ---- loops of unknown length

/**
 * A round's work is compared with what a step's of any loop is: a test and dispatches cost a round a few microseconds,
 * which 256 invocations need for some thousand elements; being asked costs as much as many rounds, but seldom. One
 * workgroup that goes on for seconds is what makes systems reset a graphics card.
 * Measured on SwiftShader: at 2¹⁶ elements the same, products of 64 × 64 in a quarter of the time, of 128 × 128
 * in a sixth.
 */
const isWorthAsking = (s: While): boolean => widest([...s.test, ...s.body]) >= worthDispatching;

/** How many loops of unknown length may be dispatched round by round: each has a flag. */
export const loopsIn = (body: readonly Statement[]): number =>
  allOf(body).filter((s) => s._tag === "While" && isWorthAsking(s)).length;

/** Rounds before the device is first asked. Those after the end cost graphics cards little, and asking them more. */
const firstRounds = ({ shares }: Crew): number => (shares ? 16 : 4);
/** Operations before that: on slow devices they take seconds. */
const mostWork = 2 ** 31;

const constant = (value: number): Value => ({
  id: 0,
  dtype: "bool",
  definition: { _tag: "Constant", value },
});

/** A round is the test, which says in a flag whether it holds, and the body; both are behind that flag. */
const untilOf = (itemsOf: ItemsOf, site: Site, before: readonly Statement[], s: While): Item[] | null => {
  if (!isWorthAsking(s)) return null;
  const flag = site.newFlag();
  const buffer = site.buffers.length - 1;
  const set = (value: Value): Statement => ({
    _tag: "Store",
    buffer,
    index: constantIndex(flag),
    value,
    mode: "set",
    conditions: [],
  });
  // What is around is behind its flag too: where that is 0, it is not set.
  const rounds = site.open().behind({
    before: [],
    index: (t) => `i32(${t.view.load("bool", `b${buffer} + ${flag}`)})`,
    is: 1,
  });
  const test = itemsOf(rounds, [...s.test, set(s.value)], before);
  const body = itemsOf(rounds, s.body, before);
  if (test === null || body === null) return null;
  const work = Math.max(1, innerSize(s.body), widest([s]));
  const first = Math.min(firstRounds(site.crew), Math.ceil(mostWork / work));
  return [
    ...(site.isGated ? [site.open().solo([set(constant(0))])] : []),
    site.solo([set(constant(1))]),
    { flag, test, body, first },
  ];
};
