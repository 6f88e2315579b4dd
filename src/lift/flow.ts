/**
 * Statements over lanes. Where lanes part ways, each way runs in its own frame and the frames merge; lanes that have
 * returned, broken off or continued rest while the statements after run for the others.
 */
import { watermark } from "../ir/expr.js";
import { branch, costOf } from "./branch.js";
import { evaluate } from "./evaluate.js";
import type { Frame } from "./frame.js";
import type { Loop, Slot, Statement } from "./program.js";
import { and, type Mask, not, or, truth, type Value } from "./value.js";

/** The lanes that have left the statements of a body, and for where. */
export interface Flow {
  returned: Mask;
  broken: Mask;
  continued: Mask;
}

export const open = (): Flow => ({ returned: false, broken: false, continued: false });

export type RunLoop = (loop: Loop, frame: Frame, flow: Flow) => void;

/** Runs statements; loops are run by `runLoop`. */
export const run = (block: readonly Statement[], frame: Frame, flow: Flow, runLoop: RunLoop): void => {
  for (let k = 0; k < block.length; k++) {
    step(block[k]!, frame, flow, runLoop);
    const live = not(or(or(flow.returned, flow.broken), flow.continued));
    if (live === false) return;
    if (live === true) continue;
    const rest = block.slice(k + 1);
    if (rest.length > 0)
      within(live, frame, flow, (inner, innerFlow) => run(rest, inner, innerFlow, runLoop));
    return;
  }
};

/** Runs something for the lanes of a mask only. */
export const within = (
  mask: Mask,
  frame: Frame,
  flow: Flow,
  body: (frame: Frame, flow: Flow) => void,
): void => {
  if (mask === false) return;
  if (mask === true) return body(frame, flow);
  const inner = frame.fork(mask);
  const left = open();
  body(inner, left);
  frame.merge(mask, inner, null);
  leave(flow, mask, left);
};

const leave = (flow: Flow, mask: Mask, left: Flow): void => {
  flow.returned = or(flow.returned, and(mask, left.returned));
  flow.broken = or(flow.broken, and(mask, left.broken));
  flow.continued = or(flow.continued, and(mask, left.continued));
};

const step = (s: Statement, frame: Frame, flow: Flow, runLoop: RunLoop): void => {
  switch (s._tag) {
    case "Assign":
      return frame.write(s.slot, evaluate(s.value, frame));
    case "If":
      return choose(s, frame, flow, runLoop);
    case "Loop":
      return runLoop(s, frame, flow);
    case "Break":
      flow.broken = true;
      return;
    case "Continue":
      flow.continued = true;
      return;
    case "Return":
      flow.returned = true;
      return;
    case "Region":
      return run(s.body, frame, open(), runLoop);
  }
};

const isKnownFlow = (f: Flow): boolean =>
  [f.returned, f.broken, f.continued].every((m) => typeof m === "boolean");

const choose = (s: Extract<Statement, { _tag: "If" }>, frame: Frame, flow: Flow, runLoop: RunLoop): void => {
  const test = truth(evaluate(s.test, frame));
  if (typeof test === "boolean") return run(test ? s.yes : s.no, frame, flow, runLoop);
  const mark = watermark();
  const [yes, no] = [frame.fork(test), frame.fork(not(test))];
  const [left, right] = [open(), open()];
  run(s.yes, yes, left, runLoop);
  run(s.no, no, right, runLoop);
  const both = pairs(frame, yes, no);
  const chosen =
    isKnownFlow(left) && isKnownFlow(right)
      ? branch(
          test,
          mark,
          both.map((b) => b.yes),
          both.map((b) => b.no),
          costOf(s.yes) + costOf(s.no),
          frame.float,
        )
      : null;
  if (chosen === null) frame.merge(test, yes, no);
  else both.forEach(({ slot }, i) => frame.write(slot, chosen[i]!));
  leave(flow, test, left);
  leave(flow, not(test), right);
};

/** What two branches leave in each slot that either assigned. */
const pairs = (
  frame: Frame,
  yes: Frame,
  no: Frame,
): readonly { readonly slot: Slot; readonly yes: Value; readonly no: Value }[] =>
  [...new Set([...yes.own.keys(), ...no.own.keys()])].map((slot) => {
    const a = yes.own.get(slot) ?? frame.read(slot);
    const b = no.own.get(slot) ?? frame.read(slot);
    return { slot, yes: (a ?? b)!, no: (b ?? a)! };
  });
