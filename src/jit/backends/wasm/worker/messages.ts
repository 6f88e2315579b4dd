/** What the calling thread and the worker that runs programs tell each other. All but `Immediate` is done in order. */
import type { Sorting } from "../../../../ir/lowering.js";

/** A divided function: the address of its arguments' addresses, its parts, and where that list names scratch arrays. */
export interface Task {
  readonly list: number;
  readonly parts: number;
  readonly scratch: readonly number[];
  /** Whether helpers may take some parts, and whether a part may be computed again when it was computed halfway. */
  readonly shares: boolean;
  readonly isRepeatable: boolean;
  /** What its scratch arrays take, one by one and together, in bytes: every helper has its own. */
  readonly scratchBytes: readonly number[];
  readonly stride: number;
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
  /** Where its bytes are put for helpers to find them; 0 if they share nothing of it. */
  readonly at: number;
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

/** What the worker starts with: the first message. Where memory cannot be shared, it makes its own. */
export interface Begin {
  readonly op: "begin";
  readonly memory: WebAssembly.Memory | null;
}

/** Of helpers: a team is there, and where its words are (see `threads/control.ts`); where its scratch arrays are; it is to go. */
export type Helping =
  | { readonly op: "join"; readonly team: number; readonly control: number }
  | { readonly op: "room"; readonly team: number; readonly at: number; readonly stride: number }
  | { readonly op: "leave"; readonly team: number };

export type Command =
  | Begin
  | Helping
  | { readonly op: "grow"; readonly end: number; readonly wanted: number }
  | { readonly op: "write"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly op: "copy"; readonly from: number; readonly to: number; readonly length: number }
  | { readonly op: "read"; readonly ticket: number; readonly at: number; readonly length: number }
  | { readonly op: "drop"; readonly id: number }
  | Load
  | Run;

/**
 * What a step that the calling thread computes needs: done at once, while all else waits for `resume`; or for `again`, after
 * which the program is computed from its start.
 */
export type Immediate =
  | (Extract<Command, { readonly op: "read" | "write" }> & { readonly now: true })
  | { readonly op: "resume" | "again"; readonly now: true };

/** A step that the calling thread has to compute: its program's number, its own, where the program's slots are. */
export interface Request {
  readonly tag: "request";
  readonly id: number;
  readonly step: number;
  readonly addresses: Int32Array;
  readonly arena: number;
}

/**
 * Of helpers: it would be worthwhile to have some; a team has been told of; one is not used any more; one has not finished
 * its part, and nothing goes on before its helpers have ended.
 */
export type HelpersAnswer =
  { readonly tag: "busy" } | { readonly tag: "joined" | "left" | "stalled"; readonly team: number };

export type Answer =
  | HelpersAnswer
  /** The memory's size: after the start, and when it has grown. */
  | { readonly tag: "memory"; readonly bytes: number }
  | { readonly tag: "value"; readonly ticket: number; readonly value: unknown }
  /** Nothing refers to a program any more. */
  | { readonly tag: "dropped"; readonly id: number }
  /** It cannot go on. */
  | { readonly tag: "failed"; readonly why: string }
  | Request;
