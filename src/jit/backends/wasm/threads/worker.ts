/**
 * What a worker runs: text, so that it needs no file of its own and survives bundling. It waits for tickets (see
 * `control.ts`), first awake, then asleep, and computes the parts that it gets; it reads no messages.
 */
import { partBits, partMask, word } from "./control.js";

/** How long a worker stays awake after its last part, in milliseconds: the next kernel is often that near. */
export const awakeMs = 0.1;
/** Programs that a worker keeps. */
const keptPrograms = 256;

const body = `
const start = ({ memory, control, number }) => {
  const w = new Int32Array(memory.buffer, control);
  const { load, add, sub, compareExchange, notify, wait } = Atomics;
  const programs = new Map();
  const inCallerOnly = () => { throw new Error("not in a worker"); };
  const program = () => {
    const have = programs.get(w[${word.program}]);
    if (have !== undefined) return have;
    if (programs.size >= ${keptPrograms}) programs.clear();
    const bytes = new Uint8Array(memory.buffer, w[${word.programAt}], w[${word.programBytes}]).slice();
    const module = new WebAssembly.Module(bytes);
    const m = { memory };
    for (const { name, kind } of WebAssembly.Module.imports(module)) if (kind === "function") m[name] = inCallerOnly;
    const made = new WebAssembly.Instance(module, { m }).exports;
    programs.set(w[${word.program}], made);
    return made;
  };
  const compute = (part) => {
    const first = w[${word.scratchAt}] + number * w[${word.scratchStride}];
    const second = first + w[${word.scratch}];
    const third = second + w[${word.scratch + 1}];
    program()["d" + w[${word.function}]](w[${word.list}], part, part + 1, first, second, third);
  };
  const sleep = (ticket) => {
    const until = performance.now() + ${awakeMs};
    for (let n = 1; load(w, ${word.ticket}) === ticket; n++) {
      if ((n & 63) !== 0 || performance.now() < until) continue;
      add(w, ${word.asleep}, 1);
      wait(w, ${word.ticket}, ticket);
      sub(w, ${word.asleep}, 1);
      return;
    }
  };
  const fromEnd = number % 2 === 0;
  add(w, ${word.ready}, 1);
  for (;;) {
    const ticket = load(w, ${word.ticket});
    const first = (ticket >> ${partBits}) & ${partMask};
    const end = ticket & ${partMask};
    if (first === end) {
      sleep(ticket);
      continue;
    }
    const part = fromEnd ? end - 1 : first;
    const rest = fromEnd ? ticket - 1 : ticket + ${2 ** partBits};
    if (compareExchange(w, ${word.ticket}, ticket, rest) !== ticket) continue;
    try {
      compute(part);
    } catch {
      w[${word.refusals} + add(w, ${word.refused}, 1)] = part;
    }
    if (sub(w, ${word.pending}, 1) === 1) notify(w, ${word.pending});
  }
};
`;

/** For Node: what it needs comes with the worker. */
export const nodeSource: string = `${body}start(require("node:worker_threads").workerData);`;
/** For browsers: what it needs comes in a message. */
export const webSource: string = `${body}onmessage = ({ data }) => start(data);`;
