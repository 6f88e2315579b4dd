/**
 * Set-up of every test file: any function that is made from text while tests run and is one of our kernels (they are
 * strict and name their buffers) must be a proper one. The golden tests, the documented examples and the random
 * programs all go through here.
 */
import { faultsOf } from "./scope.js";

const prologue = '"use strict";\n';

/** How many different kernels have been checked in this file's tests. */
export const checkedKernels = new Set<string>();

const check = (texts: readonly string[]): void => {
  const body = texts[texts.length - 1]!;
  if (!body.startsWith(prologue)) return; // not ours
  const source = `function kernel(${texts.slice(0, -1).join(", ")}) {\n${body.slice(prologue.length)}\n}`;
  if (checkedKernels.has(source)) return;
  checkedKernels.add(source);
  const faults = faultsOf(source);
  if (faults.length > 0) throw new Error(`an improper kernel:\n${faults.join("\n")}\n\n${source}`);
};

const original = globalThis.Function;

globalThis.Function = new Proxy(original, {
  construct: (target, texts: string[]) => {
    if (texts.length > 0) check(texts);
    return Reflect.construct(target, texts) as object;
  },
});
