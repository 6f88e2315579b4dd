/** Loops inside formulas: each invocation leaves by itself. There is no barrier in a formula. */
import type { Machine } from "../../../ir/machine.js";
import { broadcast, type Text } from "./text.js";
import type { Writer } from "./writer.js";

export type Loop = NonNullable<Machine<Text>["loop"]>;

/**
 * No formula repeats itself so often by far: rejections are rare, and sums short. But WGSL lets an adapter assume that there
 * is no NaN and answer comparisons with it as it likes, and a shader that never ends takes the device with it.
 */
const mostTurns = 4096;

export const loopIn =
  (writer: Writer, wide: boolean): Loop =>
  (start, test, body) => {
    const all = (x: Text): Text => (wide ? broadcast(x) : x);
    const state = start.map(all).map(({ dtype, text }): Text => {
      const name = writer.fresh("s");
      writer.line(`var ${name} = ${text};`);
      return { dtype, text: name, wide };
    });
    const turn = writer.fresh("i");
    writer.block(`for (var ${turn} = 0; ${turn} < ${mostTurns}; ${turn}++) {`, () => {
      const goesOn = writer.declare(all(test(state)).text);
      writer.line(`if (!${wide ? `any(${goesOn})` : goesOn}) { break; }`);
      // All values are made before the first is put in its place.
      const next = body(state).map((x) => writer.declare(all(x).text));
      next.forEach((value, k) => {
        const { text } = state[k]!;
        // Of four neighbours those that are done keep what they have.
        writer.line(`${text} = ${wide ? `select(${text}, ${value}, ${goesOn})` : value};`);
      });
    });
    return state;
  };
