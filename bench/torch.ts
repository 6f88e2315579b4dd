/** PyTorch, where `python3` (or `$PYTHON`) has it: a process that takes the time of its own steps. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Run } from "./contender.js";

/** A contender that is not on this machine, and why. */
export class NotHere extends Error {}

export interface TorchProcess {
  readonly version: string;
  /** One of the programs of models/pytorch.py, on the data given: training steps, whose values are losses. */
  steps(program: string, given: object): Run;
  /** A function of arrays. */
  call(program: string, ...args: readonly TorchArray[]): Run;
}

export interface TorchArray {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

type Answer = { readonly ms: number; readonly value?: readonly number[] };
type Greeting = { readonly version: string } | { readonly missing: string };

/** Relative to this folder, in which measuring processes run. */
const script = "models/pytorch.py";

export const startTorch = async (python = process.env["PYTHON"] ?? "python3"): Promise<TorchProcess> => {
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const [event] = (await Promise.race([once(child, "spawn").then(() => [null]), once(child, "error")])) as [
    Error | null,
  ];
  if (event !== null) throw new NotHere(`there is no ${python} (${event.message})`);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const receive = async <A>(): Promise<A> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error(`${script} ended`);
    return JSON.parse(value) as A;
  };
  const greeting = await receive<Greeting>();
  if ("missing" in greeting) throw new NotHere(`${python} has no PyTorch (${greeting.missing})`);
  const send = (line: string): void => void child.stdin.write(`${line}\n`);
  const take = (n: number, read = false): Promise<Answer> => {
    send(read ? `${n} read` : String(n));
    return receive<Answer>();
  };
  /** `values` are how many of the first results are compared. */
  const run = (program: string, given: object, values: number): Run => {
    send(JSON.stringify({ program, given }));
    return {
      first: async () => {
        const { ms, value } = await take(1, true);
        const all = [...value!];
        while (all.length < values) all.push(...(await take(1, true)).value!);
        return { ms, values: [all] };
      },
      step: async () => void (await take(1)),
      sample: async (n) => (await take(n)).ms / n,
    };
  };
  return {
    version: greeting.version,
    steps: (program, given) => run(program, given, 3),
    call: (program, ...args) =>
      run(program, { args: args.map(({ data, shape }) => ({ data: [...data], shape })) }, 1),
  };
};
