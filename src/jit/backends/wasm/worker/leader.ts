/**
 * How the worker that runs programs shares them with helpers: text, as all that it runs, of what `team.ts`, `benefit.ts`
 * and `sharing.ts` do for a calling thread. Its helpers are those of `threads/worker.ts`. The thread that gives it programs
 * starts and ends them (see `crew.ts`), for that one is free; what this one needs is told in order, but for two words:
 * how many helpers are up, and whether one has been lost.
 */
import { judgedMs, longestRestMs, shortestRestMs } from "../threads/benefit.js";
import { controlWords, partBits, partMask, word } from "../threads/control.js";
import { worthwhileMs } from "../threads/crew.js";
import { mostRefusals } from "../threads/sharing.js";
import { awakeMs, leastPatienceMs, longestNapMs, napMs, patience } from "../threads/team.js";

/**
 * `lead(memory, busy)`, where `busy` is called once it is worthwhile to have helpers: `join` and `leave` a team, give its
 * helpers `room` for scratch arrays, `share` the parts of a divided function. What that throws where a helper does not
 * finish its part is `stalled`.
 */
export const leader: string = `
const lead = (memory, busy) => {
  const { compareExchange, load, notify, store, sub, wait } = Atomics;
  const stalled = Symbol();
  let team = null;
  let sharing = false;
  let spent = 0;
  const join = ({ team: id, control }) => {
    const w = new Int32Array(memory.buffer, control, ${controlWords}).fill(0);
    team = { id, w, number: 0, at: 0, stride: 0, together: 0, alone: 0, rest: ${shortestRestMs}, until: 0 };
  };
  const leave = (id) => {
    if (team !== null && team.id === id) team = null;
  };
  const room = ({ team: id, at, stride }) => {
    if (team !== null && team.id === id) Object.assign(team, { at, stride });
  };
  const isReady = ({ w, until }) =>
    load(w, ${word.ready}) > 0 && load(w, ${word.lost}) === 0 && !(until > 0 && performance.now() < until);
  const record = (took, own, ownParts, parts) => {
    if (ownParts === 0) return;
    team.together += took;
    team.alone += (own / ownParts) * parts;
    if (team.together < ${judgedMs}) return;
    if (team.together > team.alone) {
      team.until = performance.now() + team.rest;
      team.rest = Math.min(${longestRestMs}, 2 * team.rest);
    } else team.rest = ${shortestRestMs};
    team.together = team.alone = 0;
  };
  const publish = (program, number, { list, parts, scratchBytes }) => {
    const { w, at, stride } = team;
    w[${word.program}] = program.id;
    w[${word.programAt}] = program.at;
    w[${word.programBytes}] = program.bytes;
    w[${word.function}] = number;
    w[${word.list}] = list;
    w[${word.scratchAt}] = at;
    w[${word.scratchStride}] = stride;
    w[${word.scratch}] = scratchBytes[0];
    w[${word.scratch + 1}] = scratchBytes[1];
    w[${word.refused}] = 0;
    store(w, ${word.pending}, parts);
    team.number = (team.number + 1) & ${2 ** (32 - 2 * partBits) - 1};
    store(w, ${word.ticket}, (team.number << ${2 * partBits}) | parts);
    if (load(w, ${word.asleep}) > 0) notify(w, ${word.ticket}, parts - 1);
  };
  const take = (w) => {
    for (;;) {
      const ticket = load(w, ${word.ticket});
      const first = (ticket >> ${partBits}) & ${partMask};
      if (first === (ticket & ${partMask})) return null;
      if (compareExchange(w, ${word.ticket}, ticket, ticket + ${2 ** partBits}) === ticket) return first;
    }
  };
  const withdraw = (w) => {
    for (;;) {
      const ticket = load(w, ${word.ticket});
      const left = (ticket & ${partMask}) - ((ticket >> ${partBits}) & ${partMask});
      if (compareExchange(w, ${word.ticket}, ticket, ticket - left) !== ticket) continue;
      sub(w, ${word.pending}, left + 1);
      return;
    }
  };
  const finish = (w, longest) => {
    const limit = Math.max(${leastPatienceMs}, ${patience} * longest);
    let waited = 0;
    let before = performance.now();
    for (let n = 1; ; n++) {
      const pending = load(w, ${word.pending});
      if (pending === 0) return;
      if ((n & 63) !== 0) continue;
      const now = performance.now();
      waited += Math.min(now - before, ${longestNapMs});
      before = now;
      if (waited > limit || load(w, ${word.lost}) > 0) throw stalled;
      if (waited > ${awakeMs}) wait(w, ${word.pending}, pending, ${napMs});
    }
  };
  const together = (program, number, task, compute) => {
    const { w } = team;
    const begin = performance.now();
    publish(program, number, task);
    let [longest, own, ownMs] = [0, 0, 0];
    try {
      for (let part = take(w); part !== null; part = take(w)) {
        const start = performance.now();
        compute(part, part + 1);
        const took = performance.now() - start;
        longest = Math.max(longest, took);
        ownMs += took;
        sub(w, ${word.pending}, 1);
        own++;
      }
    } catch (error) {
      withdraw(w);
      finish(w, longest);
      throw error;
    }
    finish(w, longest);
    record(performance.now() - begin, ownMs, own, task.parts);
    const refused = w[${word.refused}];
    if (refused > 0 && !task.isRepeatable) throw stalled;
    for (let i = 0; i < refused; i++) {
      const part = w[${word.refusals} + i];
      compute(part, part + 1);
    }
    w[${word.helped}] += task.parts - own - refused;
    task.refusals = (task.refusals || 0) + refused;
  };
  const alone = (task, compute) => {
    if (sharing || !task.shares || spent >= ${worthwhileMs}) return compute(0, task.parts);
    const begin = performance.now();
    compute(0, task.parts);
    spent += performance.now() - begin;
    if (spent >= ${worthwhileMs}) busy();
  };
  const share = (program, number) => {
    const task = program.tasks[number];
    const words = new Int32Array(memory.buffer);
    const [a = 0, b = 0, c = 0] = task.scratch.map((at) => words[at / 4]);
    const parts = program.exports["d" + number];
    const compute = (from, to) => parts(task.list, from, to, a, b, c);
    const apart = sharing || team === null || !task.shares || task.refusals >= ${mostRefusals};
    if (apart || program.at === 0 || team.stride < task.stride || !isReady(team)) return alone(task, compute);
    sharing = true;
    try {
      together(program, number, task, compute);
    } finally {
      sharing = false;
    }
  };
  return { join, leave, room, share, stalled, team: () => (team === null ? -1 : team.id) };
};
`;
