/** Stages of a branch, and of the rounds of a loop: they are dispatched whether they are wanted or not, and end at once where they are not. */
import type { Statement } from "../../kernel.js";
import type { Thread } from "./thread.js";

/** What is behind it is done where an index is a number; the statements compute what the index needs. */
export interface Gate {
  readonly before: readonly Statement[];
  readonly index: (thread: Thread) => string;
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
  const value = gate.index(thread);
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
