/** PyTorch, where `python3` (or `$PYTHON`) has it: a process that takes the time of its own steps. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Run, Values } from "./contender.js";

/** A contender that is not on this machine, and why. */
export class NotHere extends Error {}

export interface TorchProcess {
  readonly version: string;
  /** One of the programs of models/pytorch.py, on the data given: training steps, whose values are losses. */
  steps(program: string, given: object): Run;
  /** One of its functions, on the data given. */
  result(program: string, given: object): Run;
  /** A function of arrays, with one result or several. */
  call(program: string, ...args: readonly TorchArray[]): Run;
}

export interface TorchArray {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Numbers come as a list, or as arrays of so many numbers in a file. */
type Answer = {
  readonly ms: number;
  readonly value?: readonly number[] | null;
  readonly sizes?: readonly number[];
};
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
  const folder = mkdtempSync(join(tmpdir(), "fluxion-bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const result = join(folder, "result");
  const take = (n: number): Promise<Answer> => {
    send(String(n));
    return receive<Answer>();
  };
  const takeAndRead = async (): Promise<{ ms: number; values: Values }> => {
    send(`1 ${result}`);
    const { ms, value, sizes } = await receive<Answer>();
    if (value != null) return { ms, values: [value] };
    const numbers = new Float32Array(new Uint8Array(readFileSync(result)).buffer);
    let at = 0;
    return { ms, values: (sizes ?? [numbers.length]).map((n) => numbers.subarray(at, (at += n))) };
  };
  const run = (program: string, given: object, first: Run["first"]): Run => {
    send(JSON.stringify({ program, given }));
    return {
      first,
      step: async () => void (await take(1)),
      sample: async (n) => (await take(n)).ms / n,
    };
  };
  return {
    version: greeting.version,
    steps: (program, given) =>
      run(program, given, async () => {
        const losses = [await takeAndRead(), await takeAndRead(), await takeAndRead()];
        return { ms: losses[0]!.ms, values: [losses.map((l) => l.values[0]![0]!)] };
      }),
    result: (program, given) => run(program, given, takeAndRead),
    call: (program, ...args) => {
      const files = args.map(({ data, shape }, i) => {
        const file = join(folder, `argument${i}`);
        writeFileSync(file, data);
        return { file, shape };
      });
      return run(program, { args: files }, takeAndRead);
    },
  };
};
