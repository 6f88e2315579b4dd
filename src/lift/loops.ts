/**
 * Loops over lanes. A number of rounds that is known and small is written out; a known one is a `scan`, which
 * differentiates in reverse; any other is a `whileLoop` that goes on until every lane is done. Lanes that are done keep
 * their variables.
 */
import { type Aval, range } from "../ir/aval.js";
import { applyAll, type Expr, param } from "../ir/expr.js";
import { reduceMax } from "../ir/primitives/reductions.js";
import { inline, lift, type Program } from "../ir/program.js";
import { scanNode } from "../transforms/loops/scan.js";
import { whilePrimitive } from "../transforms/loops/while.js";
import { type Carried, initial, type Round, type Settled, settled, spread } from "./carry.js";
import { evaluate } from "./evaluate.js";
import { type Flow, open, run, within } from "./flow.js";
import { Frame } from "./frame.js";
import { type Loop, partsOf, type Scalar, type Slot, type Statement, statementsIn } from "./program.js";
import { tripsOf, weightOf } from "./trips.js";
import { and, asExpr, type Mask, not, or, truth } from "./value.js";

/** Rounds written out: at most so many, of at most so many nodes altogether. */
const writtenOut = { rounds: 32, nodes: 600 };

/** Runs a loop: what it assigns ends up in the frame, lanes that return inside in the flow. */
export const runLoop = (loop: Loop, frame: Frame, flow: Flow): void => {
  const n = tripsOf(loop, frame);
  if (n === null) return dynamicLoop(loop, frame, flow);
  const nodes = n * weightOf([...loop.before, ...loop.body, ...loop.update]);
  if (n <= 1 || (n <= writtenOut.rounds && nodes <= writtenOut.nodes)) writeOut(loop, n, 0, frame, flow);
  else countedLoop(loop, n, frame, flow);
};

const steps = (block: readonly Statement[], frame: Frame): void => run(block, frame, open(), runLoop);

/** One round's body; the lanes that go on to the next, and those that returned. */
const round = (loop: Loop, frame: Frame): { readonly stay: Mask; readonly returned: Mask } => {
  const flow = open();
  run(loop.body, frame, flow, runLoop);
  return { stay: not(or(flow.broken, flow.returned)), returned: flow.returned };
};

/** Rounds from `k` up to `n`, one after the other. */
const writeOut = (loop: Loop, n: number, k: number, frame: Frame, flow: Flow): void => {
  if (!loop.testsLast) steps(loop.before, frame);
  if (k === n) return;
  const { stay, returned } = round(loop, frame);
  flow.returned = or(flow.returned, returned);
  within(stay, frame, flow, (inner, left) => {
    steps(loop.update, inner);
    if (loop.testsLast) steps(loop.before, inner);
    writeOut(loop, n, k + 1, inner, left);
  });
};

const contains = (block: readonly Statement[], tag: "Break" | "Return"): boolean =>
  block.some(
    (s) =>
      s._tag === tag ||
      (s._tag !== "Region" &&
        (tag === "Return" || s._tag !== "Loop") &&
        partsOf(s).blocks.some((b) => contains(b, tag))),
  );

const start = (loop: Loop, frame: Frame): readonly Carried[] => loop.carried.map((s) => frame.read(s));

/** Whether an assignment of it can leave an integer: arithmetic leaves a float. */
const canBeInteger = (e: Scalar): boolean => {
  switch (e._tag) {
    case "Binary":
      return ["&", "|", "^", "<<", ">>", ">>>", "%"].includes(e.op);
    case "Unary":
      return e.op === "~" || e.op === "+";
    case "Call":
      return e.name === "imul" || e.name === "clz32";
    default:
      return true;
  }
};

/** Which of the carried slots may stay integers, to spare trying the others. */
const integersOf = (loop: Loop): ((i: number) => boolean) => {
  const slots = new Set(
    statementsIn([loop]).flatMap((s) => (s._tag === "Assign" && canBeInteger(s.value) ? [s.slot] : [])),
  );
  return (i) => slots.has(loop.carried[i]!);
};

/** A frame in which the carried slots hold the values of this round. */
const entered = (
  loop: Loop,
  frame: Frame,
  values: readonly Carried[],
  kind: "ordinary" | "masked",
): Frame => {
  const inner = new Frame(frame, null, frame.float, kind);
  loop.carried.forEach((slot, i) => {
    const v = values[i];
    if (v !== undefined) inner.write(slot, v);
  });
  return inner;
};

const asMask = (v: Carried): Mask => (v === undefined ? false : truth(v));

const finish = (loop: Loop, frame: Frame, values: readonly Carried[]): void =>
  loop.carried.forEach((slot, i) => {
    const v = values[i];
    if (v !== undefined) frame.write(slot, v);
  });

/** A scan of n rounds. Lanes that leave early rest until the end. */
const countedLoop = (loop: Loop, n: number, frame: Frame, flow: Flow): void => {
  const leaves = contains(loop.body, "Break") || contains(loop.body, "Return");
  const k = loop.carried.length;
  if (k === 0 && !leaves) return;
  const f: Round = (values) => {
    const inner = entered(loop, frame, values, "ordinary");
    let going = leaves ? asMask(values[k]) : true;
    let returned = leaves ? asMask(values[k + 1]) : false;
    within(going, inner, open(), (here) => {
      if (!loop.testsLast) steps(loop.before, here);
      const left = round(loop, here);
      within(left.stay, here, open(), (next) => {
        steps(loop.update, next);
        if (loop.testsLast) steps(loop.before, next);
      });
      returned = or(returned, and(going, left.returned));
      going = and(going, left.stay);
    });
    const slots = loop.carried.map((s) => inner.read(s));
    return leaves ? [...slots, going, returned] : slots;
  };
  const entries: readonly Carried[] = leaves ? [...start(loop, frame), true, false] : start(loop, frame);
  const step = settled(entries, f, frame.float, integersOf(loop));
  const { program, captured } = lift(step, step.mark);
  const outs = spread(step, scanNode(captured, initial(step, entries), [], program, n, false));
  finish(loop, frame, outs);
  const stay = leaves ? asMask(outs[k]) : true;
  if (leaves) flow.returned = or(flow.returned, asMask(outs[k + 1]));
  if (!loop.testsLast && loop.before.length > 0)
    within(stay, frame, flow, (inner) => steps(loop.before, inner));
};

/** Whether any lane goes on. */
const anyOf = (m: Mask): Mask =>
  typeof m === "boolean" || m.ndim === 0 ? m : m.size === 0 ? false : reduceMax(m, range(m.ndim));

const test = (loop: Loop, frame: Frame): Mask => {
  steps(loop.before, frame);
  return loop.test === null ? true : truth(evaluate(loop.test, frame));
};

/** Some rounds as one. */
const several = ({ params, results }: Settled, rounds: number): Program => {
  let now = results;
  for (let k = 1; k < rounds; k++) now = inline({ params, results }, now);
  return { params, results: now };
};

/**
 * Rounds between two looks at which lanes go on. A round does nothing to a lane that is done, so several are one where
 * lanes end apart: what they carry stays in registers from one to the next.
 */
const roundsOf = (loop: Loop, going: Aval): number => {
  const nested = [...loop.before, ...loop.body, ...loop.update];
  if (going.shape.length === 0 || statementsIn(nested).some((s) => s._tag === "Loop")) return 1;
  return Math.max(1, Math.min(4, Math.floor(160 / weightOf(nested))));
};

/** A loop that goes on while any lane of one of its values does. */
const whileNode = (step: Settled, going: number, init: readonly Expr[], rounds: number): readonly Expr[] => {
  const params = step.params.map((p) => param(p.aval));
  const test = { params, results: [asExpr(anyOf(params[going]!), "bool")] };
  const body = lift(several(step, rounds), step.mark);
  return applyAll(whilePrimitive, [...body.captured, ...init], {
    test,
    body: body.program,
    testConsts: 0,
    bodyConsts: body.captured.length,
  });
};

/** Goes on while any lane does. The carry holds which do; one truth value serves all lanes that stay together. */
const dynamicLoop = (loop: Loop, frame: Frame, flow: Flow): void => {
  const k = loop.carried.length;
  const returns = contains(loop.body, "Return");
  const f: Round = (values) => {
    const going = asMask(values[k]);
    const lanes = typeof going === "object" && going.ndim > 0 ? going : true;
    const inner = entered(loop, frame, values, lanes === true ? "ordinary" : "masked");
    let next: Mask = false;
    let free: readonly (readonly [Slot, Carried])[] = [];
    let returned = asMask(values[k + 1]);
    within(lanes, inner, open(), (here) => {
      const left = round(loop, here);
      let again: Mask = false;
      within(left.stay, here, open(), (stayed) => {
        steps(loop.update, stayed);
        again = test(loop, stayed);
      });
      returned = or(returned, and(lanes, left.returned));
      next = and(and(lanes, left.stay), again);
      free = loop.carried.filter((s) => !loop.lasting.includes(s)).map((s) => [s, here.read(s)] as const);
    });
    // Nobody asks what these are where the loop is over: no selection keeps them.
    for (const [slot, v] of free) if (v !== undefined) inner.write(slot, v);
    const slots = loop.carried.map((s) => inner.read(s));
    return returns ? [...slots, next, returned] : [...slots, next];
  };
  const first = loop.testsLast ? true : test(loop, frame);
  if (first === false) return;
  const shared = typeof first === "boolean" || first.ndim === 0;
  const entriesFrom = (going: Mask): readonly Carried[] => [
    ...start(loop, frame),
    going,
    ...(returns ? [false] : []),
  ];
  let entries = entriesFrom(shared ? and(anyOf(frame.active), first) : and(frame.active, first));
  let step = settled(entries, f, frame.float, integersOf(loop));
  if (shared && step.types[k]!.shape.length > 0) {
    entries = entriesFrom(and(frame.active, first)); // lanes part later: those elsewhere must not run at all
    step = settled(entries, f, frame.float, integersOf(loop));
  }
  const rounds = roundsOf(loop, step.types[k]!);
  const outs = spread(step, whileNode(step, step.present.indexOf(k), initial(step, entries), rounds));
  finish(loop, frame, outs);
  if (returns) flow.returned = or(flow.returned, asMask(outs[k + 1]));
};
