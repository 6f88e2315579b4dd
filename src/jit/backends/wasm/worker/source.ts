/**
 * What the worker runs: text, so that it needs no file of its own and survives bundling. It holds the memory and the
 * programs, and does what it is told (see `messages.ts`). What comes while a step is computed elsewhere waits in a queue.
 */
import { maximumPages, page } from "../constants.js";

const body = `
const serve = (post, listen, v8) => {
  const memory = new WebAssembly.Memory({ initial: 2, maximum: ${maximumPages} });
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
  const compile = ({ bytes, table, tasks, sorts, away: steps }) => {
    const module = new WebAssembly.Module(bytes);
    const m = { memory };
    for (const { name, kind } of WebAssembly.Module.imports(module))
      if (kind === "function") m[name] = () => { throw away; };
    for (const name in sorts) m[name] = sort(sorts[name]);
    m.share = (number) => {
      const { list, parts, scratch } = tasks[number];
      const words = new Int32Array(memory.buffer);
      const [a = 0, b = 0, c = 0] = scratch.map((at) => words[at / 4]);
      exports["d" + number](list, 0, parts, a, b, c);
    };
    const { exports } = new WebAssembly.Instance(module, { m });
    return { exports, table, steps };
  };
  const pause = (run, began) => {
    paused = { run, began };
    const { id, at, addresses, arena } = run;
    post({ tag: "request", id, step: at, addresses, arena });
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
  };
  listen((command) => {
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
  });
  tell();
};
`;

export const nodeSource: string = `${body}
const { parentPort: port } = require("node:worker_threads");
serve((answer, transfer) => port.postMessage(answer, transfer), (listener) => port.on("message", listener), require("node:v8"));`;

export const webSource: string = `${body}
serve((answer, transfer) => postMessage(answer, transfer), (listener) => (onmessage = ({ data }) => listener(data)));`;
