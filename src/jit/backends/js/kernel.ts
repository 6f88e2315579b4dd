/** From kernels to JavaScript functions. Equal texts share one function, so that the engine optimises it once. */
import type { DType } from "../../../ir/dtype.js";
import { FluxionError } from "../../../ir/errors.js";
import { Cache } from "../../cache.js";
import type { Kernel } from "../../kernel.js";
import { renderContract } from "./contract.js";
import { Renderer } from "./render.js";

/** A kernel as a function of its buffers, then of what `extra` lists. */
export interface JsKernel {
  readonly name: string;
  /** The whole function, for reading. */
  readonly source: string;
  readonly run: (...args: unknown[]) => void;
  /** Arguments after the buffers and scratch arrays: address tables and scalar functions. */
  readonly extra: readonly unknown[];
  /** Elements of float64 scratch arrays that come after the buffers. */
  readonly scratch: readonly number[];
}

type Run = (...args: unknown[]) => void;

const functions = new Cache<Run>(2048);

/** The only place where text becomes code. The text is ours: no part of it comes from the user. */
const functionOf = (parameters: readonly string[], body: string): Run =>
  functions.get(`${parameters.join()}|${body}`, () => {
    try {
      return new Function(...parameters, `"use strict";\n${body}`) as Run;
    } catch (error) {
      if (error instanceof EvalError)
        throw new FluxionError("jit", "expected permission to compile kernels (new Function), which this page's content security policy denies: allow 'unsafe-eval'");
      throw error;
    }
  });

export const jsKernel = (kernel: Kernel): JsKernel => {
  const names = kernel.buffers.map((_, i) => `b${i}`);
  if (kernel._tag === "Loop") {
    const r = new Renderer(kernel.buffers.map((b: { dtype: DType }, i) => ({ name: `b${i}`, dtype: b.dtype })));
    r.statements(kernel.body);
    return finish(kernel.name, names, [], [], r);
  }
  const c = renderContract(kernel);
  return finish(kernel.name, [...names, "pa", "pb", "ps"], c.tables, c.scratch, c.renderer);
};

const finish = (
  name: string,
  parameters: readonly string[],
  tables: readonly Int32Array[],
  scratch: readonly number[],
  r: Renderer,
): JsKernel => {
  const scalar = [...r.functions.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  const all = [...parameters, ...tables.map((_, i) => `t${i}`), ...scalar.map(([n]) => n)];
  return {
    name,
    source: `function ${name}(${all.join(", ")}) {\n${r.text}\n}`,
    run: functionOf(all, r.text),
    extra: [...tables, ...scalar.map(([, f]) => f)],
    scratch,
  };
};
