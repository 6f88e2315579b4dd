/** What the calling thread and the worker that runs programs tell each other. All but `Immediate` is done in order. */
import type { Sorting } from "../../../../ir/lowering.js";

/** A divided function: the address of its arguments' addresses, its parts, and where that list names scratch arrays. */
export interface Task {
  readonly list: number;
  readonly parts: number;
  readonly scratch: readonly number[];
}

/** An argsort that kernels call, which the worker does itself. */
export interface Sort extends Sorting {
  /** The class of the arrays that it sorts. */
  readonly array: string;
}

/** Compiles a program. */
export interface Load {
  readonly op: "load";
  readonly id: number;
  readonly bytes: Uint8Array;
  /** The address of its table of addresses. */
  readonly table: number;
  readonly tasks: readonly (Task | undefined)[];
  readonly sorts: Readonly<Record<string, Sort>>;
  /** Whether the optimising compiler is asked for from the start: see `engine.ts`. */
  readonly long: boolean;
  /** Steps that need the calling thread. */
  readonly away: readonly boolean[];
}

/** Runs all steps of a program; where there is a ticket, the answer is what each took, in milliseconds. */
export interface Run {
  readonly op: "run";
  readonly id: number;
  readonly addresses: Int32Array;
  readonly arena: number;
  readonly ticket: number | null;
}

export type Command =
  | { readonly op: "grow"; readonly end: number; readonly wanted: number }
  | { readonly op: "write"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly op: "copy"; readonly from: number; readonly to: number; readonly length: number }
  | { readonly op: "read"; readonly ticket: number; readonly at: number; readonly length: number }
  | { readonly op: "drop"; readonly id: number }
  | Load
  | Run;

/** What a step that the calling thread computes needs: done at once, while all else waits for `resume`. */
export type Immediate =
  | (Extract<Command, { readonly op: "read" | "write" }> & { readonly now: true })
  | { readonly op: "resume"; readonly now: true };

/** A step that the calling thread has to compute: its program's number, its own, where the program's slots are. */
export interface Request {
  readonly tag: "request";
  readonly id: number;
  readonly step: number;
  readonly addresses: Int32Array;
  readonly arena: number;
}

export type Answer =
  /** The memory's size: after the start, and when it has grown. */
  | { readonly tag: "memory"; readonly bytes: number }
  | { readonly tag: "value"; readonly ticket: number; readonly value: unknown }
  /** Nothing refers to a program any more. */
  | { readonly tag: "dropped"; readonly id: number }
  /** It cannot go on. */
  | { readonly tag: "failed"; readonly why: string }
  | Request;
