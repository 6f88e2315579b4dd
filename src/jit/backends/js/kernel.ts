/** From kernels to JavaScript functions. Equal texts share one function, so that the engine optimises it once. */
import { FluxionError } from "../../../ir/errors.js";
import { Cache } from "../../cache.js";
import type { Kernel } from "../../kernel.js";
import type { KernelCode } from "../../translator.js";
import { renderContract } from "./contract.js";
import { Renderer } from "./render.js";

type Run = (...args: unknown[]) => void;

const functions = new Cache<Run>(2048);

/** The only place where text becomes code. The text is ours: no part of it comes from the user. */
const functionOf = (parameters: readonly string[], body: string): Run =>
  functions.get(`${parameters.join()}|${body}`, () => {
    try {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- compiling text that this library wrote is what a JIT does
      return new Function(...parameters, `"use strict";\n${body}`) as Run;
    } catch (error) {
      if (error instanceof EvalError)
        throw new FluxionError(
          "jit",
          "expected permission to compile kernels (new Function), which this page's content security policy denies: allow 'unsafe-eval'",
        );
      throw error;
    }
  });

/** A kernel as a function of its buffers, then of scratch arrays, address tables and scalar functions. */
export const jsKernel = (kernel: Kernel): KernelCode => {
  const buffers = kernel.buffers.map((b, i) => ({ name: `b${i}`, dtype: b.dtype, written: b.written }));
  const r = new Renderer(buffers, renderContract);
  r.statements(kernel.body);
  const scalar = [...r.functions.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  const packs = r.scratch[0] > 0 ? ["pa", "pb", "ps"] : [];
  const parameters = [
    ...buffers.map((b) => b.name),
    ...packs,
    ...r.tables.map((_, i) => `t${i}`),
    ...r.routines.map((_, i) => `r${i}`),
    ...scalar.map(([name]) => name),
  ];
  return {
    name: kernel.name,
    source: `function ${kernel.name}(${parameters.join(", ")}) {\n${r.text}\n}`,
    run: functionOf(parameters, r.text),
    extra: [...r.tables, ...r.routines, ...scalar.map(([, f]) => f)],
    lanes: 1,
    calls: [],
    scratch: packs.length > 0 ? r.scratch : [],
  };
};
