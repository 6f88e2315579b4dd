/** Stages of a branch: they are dispatched whether it is taken or not, and end at once where it is not. */
import type { Statement, Value } from "../../kernel.js";
import type { Thread } from "./thread.js";

/** A branch that is taken where a value is a number; the statements compute the value. */
export interface Gate {
  readonly before: readonly Statement[];
  readonly value: Value;
  readonly is: number;
}

const variable = "gate";

/**
 * Renders a gate at the start of a shader. What it gives is called when the rest is known, with whether there are barriers
 * in it: then all invocations must be told by one of them, since the compiler does not see that memory says the same to all.
 */
export const renderGate = (thread: Thread, gate: Gate): ((barriers: boolean) => void) => {
  const { writer } = thread;
  thread.statements(gate.before);
  const value = thread.use(gate.value);
  const name = writer.fresh("g");
  const fill = writer.room();
  return (barriers) => {
    if (barriers)
      fill(
        `if (lid == 0u) { ${variable} = ${value}; } let ${name} = workgroupUniformLoad(&${variable}); if (${name} != ${gate.is}) { return; }`,
      );
    else fill(`if (${value} != ${gate.is}) { return; }`);
  };
};

/** What the invocations share for it. */
export const gateShared: readonly [string, string] = [variable, "i32"];
