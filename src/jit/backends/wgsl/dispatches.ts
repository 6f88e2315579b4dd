/** A kernel as dispatches of shaders. */

/** One shader, dispatched once for each position. */
export interface Stage {
  readonly shader: string;
  /** Workgroups. */
  readonly groups: number;
  /** Words after the addresses and that of scratch memory, for each dispatch: positions on axes gone through step by step. */
  readonly steps: readonly (readonly number[])[];
}

/** A loop around stages; the position on it comes before their own. */
export interface Repeat {
  readonly times: number;
  readonly items: readonly Item[];
}

export type Item = Stage | Repeat;

/** What is dispatched, and the words of scratch memory that it shares. */
export interface Plan {
  readonly items: readonly Item[];
  readonly scratch: number;
}

/** A dispatch, without the addresses. */
export interface Call {
  readonly shader: string;
  readonly groups: number;
  readonly position: readonly number[];
}

/** All dispatches in their order. */
export const callsOf = (items: readonly Item[], outer: readonly number[] = []): Call[] =>
  items.flatMap((item) =>
    "times" in item
      ? Array.from({ length: item.times }, (_, t) => callsOf(item.items, [...outer, t])).flat()
      : item.steps.map((own) => ({
          shader: item.shader,
          groups: item.groups,
          position: [...outer, ...own],
        })),
  );

/** The shaders of a plan, each once. */
export const shadersOf = (items: readonly Item[]): string[] =>
  items.flatMap((item) => ("times" in item ? shadersOf(item.items) : [item.shader]));
