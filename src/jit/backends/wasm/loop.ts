/** Loops inside formulas, in functions that hold nothing else: of one element, and of lanes that leave one by one. */
import type { Machine } from "../../../ir/machine.js";
import type { Bytes } from "./bytes.js";
import { code, type FunctionBuilder } from "./module.js";
import { op, type ValueType } from "./opcodes.js";
import type { Coded } from "./scalar.js";

export type Loop = NonNullable<Machine<Coded>["loop"]>;

/** Puts values into new locals, which are the state of a loop. */
const opened = (f: FunctionBuilder, start: readonly Coded[], type: (x: Coded) => ValueType): number[] =>
  start.map((x) => {
    const local = f.local(type(x));
    f.emit(x.code, code.set(local));
    return local;
  });

const stateOf = (start: readonly Coded[], locals: readonly number[]): readonly Coded[] =>
  start.map(({ dtype }, i) => ({ dtype, code: code.get(locals[i]!) }));

/** All values are made before the first is put in its place. */
const replaced = (locals: readonly number[], values: readonly Bytes[]): Bytes =>
  values.join("") + [...locals].reverse().map(code.set).join("");

/** What leaves the loop unless a number on the stack is not 0. */
const unlessHolds = op("i32.eqz") + code.branchIf(1);

export const scalarLoop =
  (f: FunctionBuilder, type: (x: Coded) => ValueType): Loop =>
  (start, test, body) => {
    const locals = opened(f, start, type);
    const state = stateOf(start, locals);
    f.emit(code.block, code.loop);
    f.emit(test(state).code, unlessHolds);
    const next = body(state).map((x) => x.code);
    f.emit(replaced(locals, next), code.branch(0), code.end, code.end);
    return state;
  };

/** Goes on while a lane does. Loops inside of it are of the lanes that are still in it. */
export const vectorLoop = (f: FunctionBuilder): Loop => {
  let outer: Bytes = code.i32x4(-1);
  return (start, test, body) => {
    const locals = opened(f, start, () => "v128");
    const state = stateOf(start, locals);
    const active = f.local("v128");
    f.emit(outer, code.set(active), code.block, code.loop);
    const holds = test(state).code;
    f.emit(code.get(active), holds, op("v128.and"), code.tee(active), op("v128.any_true"), unlessHolds);
    const around = outer;
    outer = code.get(active);
    const next = body(state).map((x, i) => x.code + state[i]!.code + outer + op("v128.bitselect"));
    outer = around;
    f.emit(replaced(locals, next), code.branch(0), code.end, code.end);
    return state;
  };
};
