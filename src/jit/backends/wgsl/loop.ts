/** Loops inside formulas: each invocation leaves by itself. There is no barrier in a formula. */
import type { Machine } from "../../../ir/machine.js";
import type { Text } from "./machine.js";
import type { Writer } from "./writer.js";

export type Loop = NonNullable<Machine<Text>["loop"]>;

/**
 * No formula repeats itself so often by far: rejections are rare, and sums short. But WGSL lets an adapter assume that there
 * is no NaN and answer comparisons with it as it likes, and a shader that never ends takes the device with it.
 */
const mostTurns = 4096;

export const loopIn =
  (writer: Writer): Loop =>
  (start, test, body) => {
    const state = start.map(({ dtype, text }) => {
      const name = writer.fresh("s");
      writer.line(`var ${name} = ${text};`);
      return { dtype, text: name };
    });
    const turn = writer.fresh("i");
    writer.block(`for (var ${turn} = 0; ${turn} < ${mostTurns}; ${turn}++) {`, () => {
      writer.line(`if (!${test(state).text}) { break; }`);
      // All values are made before the first is put in its place.
      const next = body(state).map(({ text }) => writer.declare(text));
      next.forEach((value, k) => {
        writer.line(`${state[k]!.text} = ${value};`);
      });
    });
    return state;
  };
