/**
 * What the worker runs: text, so that it needs no file of its own and survives bundling. It holds the memory and the
 * programs, and does what it is told (see `messages.ts`). What comes while a step is computed elsewhere, or while helpers
 * that have failed are ended, waits in a queue.
 */
import { maximumPages, page } from "../constants.js";
import { leader } from "./leader.js";

const body = `${leader}
const serve = (memory, post, v8) => {
  const helpers = lead(memory, () => post({ tag: "busy" }));
  const programs = new Map();
  const queue = [];
  const away = Symbol();
  let paused = null;
  let over = false;
  const tell = () => post({ tag: "memory", bytes: memory.buffer.byteLength });
  const rank = (x) => (x !== x ? 1 : 0);
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : a === b ? 0 : rank(a) - rank(b));
  const sort = ({ array, outer, length, inner, count, descending }) => (from, to) => {
    const x = new globalThis[array](memory.buffer, from >>> 0, outer * length * inner);
    const out = new Int32Array(memory.buffer, to >>> 0, outer * count * inner);
    const line = new Float64Array(length);
    const order = new Int32Array(length);
    const before = descending
      ? (i, j) => compare(line[j], line[i]) || i - j
      : (i, j) => compare(line[i], line[j]) || i - j;
    for (let o = 0; o < outer; o++)
      for (let k = 0; k < inner; k++) {
        for (let i = 0; i < length; i++) {
          line[i] = x[(o * length + i) * inner + k];
          order[i] = i;
        }
        order.sort(before);
        for (let i = 0; i < count; i++) out[(o * count + i) * inner + k] = order[i];
      }
  };
  const load = (command) => {
    if (command.long) v8?.setFlagsFromString("--no-liftoff");
    try {
      return compile(command);
    } finally {
      if (command.long) v8?.setFlagsFromString("--liftoff");
    }
  };
  const compile = ({ id, bytes, at, table, tasks, sorts, away: steps }) => {
    const module = new WebAssembly.Module(bytes);
    const m = { memory };
    for (const { name, kind } of WebAssembly.Module.imports(module))
      if (kind === "function") m[name] = () => { throw away; };
    for (const name in sorts) m[name] = sort(sorts[name]);
    m.share = (number) => helpers.share(program, number);
    if (at > 0) act.write({ at, bytes }); // where helpers find it
    const { exports } = new WebAssembly.Instance(module, { m });
    const program = { id, at, bytes: bytes.length, exports, tasks, table, steps };
    return program;
  };
  const pause = (run, began) => {
    paused = { run, began };
    const { id, at, addresses, arena } = run;
    post({ tag: "request", id, step: at, addresses, arena });
  };
  const stall = (run) => {
    const team = helpers.team();
    helpers.leave(team);
    paused = { run };
    post({ tag: "stalled", team });
  };
  const go = (run) => {
    const { exports, table, steps } = programs.get(run.id);
    new Int32Array(memory.buffer, table, run.addresses.length).set(run.addresses);
    for (; run.at < steps.length; run.at++) {
      const began = performance.now();
      if (steps[run.at]) return pause(run, began);
      try {
        exports["s" + run.at](table, run.arena);
      } catch (error) {
        if (error === helpers.stalled) return stall(run);
        if (error !== away) throw error;
        return pause(run, began);
      }
      run.times.push(performance.now() - began);
    }
    if (run.ticket !== null) post({ tag: "value", ticket: run.ticket, value: run.times });
  };
  const grow = ({ end, wanted }) => {
    const have = () => memory.buffer.byteLength;
    for (const bytes of [wanted, end]) {
      if (have() >= end) break;
      try {
        memory.grow(Math.ceil((bytes - have()) / ${page}));
      } catch {}
    }
    if (have() < end) throw new RangeError("out of memory: expected " + end + " bytes of WebAssembly memory, got " + have() + " and no more");
    tell();
  };
  const act = {
    grow,
    write: ({ at, bytes }) => new Uint8Array(memory.buffer, at, bytes.length).set(bytes),
    copy: ({ from, to, length }) => new Uint8Array(memory.buffer).copyWithin(to, from, from + length),
    read: ({ ticket, at, length }) => {
      const value = new Uint8Array(memory.buffer, at, length).slice();
      post({ tag: "value", ticket, value }, [value.buffer]);
    },
    load: (command) => programs.set(command.id, load(command)),
    drop: ({ id }) => {
      programs.delete(id);
      post({ tag: "dropped", id });
    },
    run: (command) => go({ ...command, at: 0, times: [] }),
    resume: () => {
      const { run, began } = paused;
      paused = null;
      run.times.push(performance.now() - began);
      run.at++;
      go(run);
    },
    again: () => {
      const { run } = paused;
      paused = null;
      go({ ...run, at: 0, times: [] });
    },
    join: (command) => {
      helpers.join(command);
      post({ tag: "joined", team: command.team });
    },
    room: helpers.room,
    leave: ({ team }) => {
      helpers.leave(team);
      post({ tag: "left", team });
    },
  };
  tell();
  return (command) => {
    if (over) return;
    try {
      if (command.now) act[command.op](command);
      else queue.push(command);
      while (paused === null && queue.length > 0) {
        const next = queue.shift();
        act[next.op](next);
      }
    } catch (error) {
      over = true;
      post({ tag: "failed", why: String((error && error.message) || error) });
    }
  };
};
let receive = ({ memory }) => {
  receive = serve(memory ?? new WebAssembly.Memory({ initial: 2, maximum: ${maximumPages} }), post, v8);
};
`;

/** The first message is what it starts with: see `Begin`. */
export const nodeSource: string = `
const v8 = require("node:v8");
const { parentPort: port } = require("node:worker_threads");
const post = (answer, transfer) => port.postMessage(answer, transfer);${body}
port.on("message", (command) => receive(command));`;

export const webSource: string = `
const v8 = null;
const post = (answer, transfer) => postMessage(answer, transfer);${body}
onmessage = ({ data }) => receive(data);`;
