/** Runs a program's entry on arrays, which it copies into the memory where they are not there yet. */
import { bytesPerElement, type TypedArray } from "../../../ir/dtype.js";
import { inMemory, type Stored } from "../../../ir/stored.js";
import { filled } from "../../filled.js";
import type { Code, Runner } from "../../translator.js";
import type { Part } from "./assembly.js";
import type { Heap } from "./heap.js";
import { abandon, withoutTeam } from "./threads/crew.js";
import { Stalled } from "./threads/team.js";

export class WasmRunner implements Runner {
  private readonly table: number;
  constructor(
    readonly code: Code,
    private readonly heap: Heap,
    private readonly main: (table: number, arena: number) => void,
    /** Freed with the program; more may come while it runs. */
    parts: Part[],
  ) {
    const bytes = 4 * code.slots.length;
    this.table = heap.allocate(bytes);
    parts.push({ at: this.table, bytes });
    programs.register(this, { heap, parts });
  }

  run(stored: readonly Stored[]): TypedArray[] {
    const { code } = this;
    const inputs = stored.map((x) => inMemory(x, "wasm"));
    const arrays = this.called(inputs, (call) => {
      new Int32Array(this.heap.memory.buffer, this.table, call.addresses.length).set(call.addresses);
      this.main(this.table, call.arena);
    })[0];
    return code.results.map((r) => (r._tag === "Slot" ? arrays[r.slot]! : filled(r.dtype, r.value)));
  }

  timed(inputs: readonly TypedArray[]): number[] {
    const { code } = this;
    return this.called(inputs, (call) => {
      const addresses = code.slots.map((s, i) =>
        s._tag === "Arena" ? call.arena + s.offset : call.addresses[i]!,
      );
      return code.steps.map((s) => {
        const start = performance.now();
        s.run(...s.slots.map((i) => addresses[i]!));
        return performance.now() - start;
      });
    })[1];
  }

  /** The arrays of all slots after a call, and what `body` gives. */
  private called<T>(
    inputs: readonly TypedArray[],
    body: (call: Call) => T,
  ): readonly [(TypedArray | null)[], T] {
    const call = this.open(inputs);
    try {
      const value = body(call);
      return [this.close(call, inputs), value];
    } catch (error) {
      if (!(error instanceof Stalled)) {
        this.giveUp(call);
        throw error;
      }
      // The lost worker may still write there: all is computed again, elsewhere and on this thread.
      abandon(() => this.giveUp(call));
      return withoutTeam(() => this.called(inputs, body));
    }
  }

  /** Puts everything where the entry finds it. A call for which there is too little memory takes none. */
  private open(inputs: readonly TypedArray[]): Call {
    const { code, heap } = this;
    const borrowed: Part[] = [];
    const outputs: Part[] = [];
    const take = (bytes: number, list: Part[]): number => {
      const at = heap.allocate(bytes);
      list.push({ at, bytes });
      return at;
    };
    try {
      const addresses = code.slots.map((s) => {
        if (s._tag === "Arena") return 0;
        if (s._tag === "Output") return take(s.length * bytesPerElement(s.dtype), outputs);
        return this.placed(inputs[s.index]!, borrowed);
      });
      return { addresses, arena: take(code.arenaBytes, borrowed), borrowed };
    } catch (error) {
      for (const { at, bytes } of [...outputs, ...borrowed]) heap.release(at, bytes);
      throw error;
    }
  }

  private close(call: Call, inputs: readonly TypedArray[]): (TypedArray | null)[] {
    const { code, heap } = this;
    const arrays = code.slots.map((s, i) => {
      if (s._tag === "Input") return inputs[s.index]!;
      return s._tag === "Output" ? heap.adopt(s.dtype, call.addresses[i]!, s.length) : null;
    });
    for (const b of call.borrowed) heap.release(b.at, b.bytes);
    return arrays;
  }

  /** Frees what a call that failed has used. */
  private giveUp(call: Call): void {
    const { code, heap } = this;
    code.slots.forEach((s, i) => {
      if (s._tag === "Output") heap.release(call.addresses[i]!, s.length * bytesPerElement(s.dtype));
    });
    for (const b of call.borrowed) heap.release(b.at, b.bytes);
  }

  /** The address of an input; one that comes from outside is copied, for this call or (the second time) for good. */
  private placed(array: TypedArray, borrowed: Part[]): number {
    const { heap } = this;
    const here = heap.addressOf(array) ?? heap.settle(array);
    if (here !== null) return here;
    const bytes = array.byteLength;
    const at = heap.allocate(bytes);
    heap.write(array, at);
    borrowed.push({ at, bytes });
    return at;
  }
}

/** One call: the address of every slot outside the arena, and what is free again after it. */
interface Call {
  readonly addresses: readonly number[];
  readonly arena: number;
  readonly borrowed: readonly Part[];
}

const programs = new FinalizationRegistry<{ readonly heap: Heap; readonly parts: readonly Part[] }>(
  ({ heap, parts }) => parts.forEach(({ at, bytes }) => heap.release(at, bytes)),
);
