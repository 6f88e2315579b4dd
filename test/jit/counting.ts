/** Counts what kernels call: their text runs with a `Math` of our own. Scalar functions keep the real one. */
import { jsTranslator } from "../../src/jit/backends/js/runner.js";
import type { Code } from "../../src/jit/translator.js";
import type { TypedArray } from "../../src/ir/dtype.js";

type Counts = ReadonlyMap<string, number>;

const countingMath = (counts: Map<string, number>): typeof Math =>
  new Proxy(Math, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function" || typeof name !== "string") return member;
      return (...args: number[]): unknown => {
        counts.set(name, (counts.get(name) ?? 0) + 1);
        return (member as (...xs: number[]) => unknown)(...args);
      };
    },
  });

/** How often each function of Math is called when the code runs on these inputs. */
export const callsOf = (code: Code, inputs: readonly TypedArray[]): Counts => {
  const counts = new Map<string, number>();
  const math = countingMath(counts);
  const steps = code.steps.map((s) => ({
    ...s,
    run: (new Function("Math", `return ${s.source}`) as (m: typeof Math) => typeof s.run)(math),
  }));
  jsTranslator.runner({ ...code, steps }).run(inputs);
  return counts;
};
