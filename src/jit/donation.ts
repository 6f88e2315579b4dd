/** Giving the memory of donated arguments back as soon as a call has been made. */
import { donate, type Expr } from "../ir/expr.js";
import { DeviceArray, isShared, share, type Stored } from "../ir/stored.js";
import { freeArray } from "./backends/wasm/heap.js";
import type { Code, Runner } from "./translator.js";

const free = (x: Stored): void => {
  if (x instanceof DeviceArray) x.free();
  else freeArray(x);
};

/** For each program, its results that are an input, or another result, as well: several expressions will hold them. */
const aliases = new WeakMap<Code, readonly number[]>();

const aliasesOf = ({ results, slots }: Code): readonly number[] => {
  const seen = new Set<number>();
  return results.flatMap((r, i) => {
    if (r._tag !== "Slot") return [];
    const again = slots[r.slot]!._tag === "Input" || seen.has(r.slot);
    seen.add(r.slot);
    return again ? [i] : [];
  });
};

/** Runs a program; what comes back of its inputs is marked as shared from now on. */
export const runShared = (runner: Runner, inputs: readonly Stored[]): Stored[] => {
  const values = runner.run(inputs);
  let shared = aliases.get(runner.code);
  if (shared === undefined) aliases.set(runner.code, (shared = aliasesOf(runner.code)));
  for (const i of shared) share(values[i]!);
  return values;
};

/** Expressions give up their values; those that nothing else holds are freed at once. */
export const giveUp = (donated: readonly Expr[]): void => {
  for (const e of donated) {
    const { value } = e;
    donate(e);
    if (value !== null && e.value !== value && !isShared(value)) free(value);
  }
};
