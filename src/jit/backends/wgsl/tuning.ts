/** What was chosen for each adapter, and how it is saved. */
import { expected } from "../../../ir/errors.js";
import { type Choice, mostShared } from "./choices.js";
import { tileBytes } from "./tiles.js";

/** What was chosen, and how long it took beside what would be taken without having measured, in milliseconds. */
export type Tuned = Choice & { readonly ms: number; readonly usualMs: number };

/** What `lowered.tune()` has found: data that survives `JSON.stringify`, for `initBackend("webgpu", { tuning })`. */
export interface Tuning {
  readonly version: 1;
  /** By adapter, by kind of contraction. */
  readonly adapters: Readonly<Record<string, Readonly<Record<string, Tuned>>>>;
}

const version = 1;

/** The choices for one adapter. */
export class Choices {
  private readonly byKind = new Map<string, Tuned>();
  /** Grows with every choice: programs made before know by it that they are. */
  edition = 0;

  get(kind: string): Tuned | undefined {
    return this.byKind.get(kind);
  }

  set(kind: string, choice: Tuned): void {
    this.byKind.set(kind, choice);
    this.edition++;
  }

  toJSON(): Record<string, Tuned> {
    return Object.fromEntries(this.byKind);
  }
}

/** The choices for all adapters. */
export class Tunings {
  private readonly byAdapter = new Map<string, Choices>();

  of(adapter: string): Choices {
    let choices = this.byAdapter.get(adapter);
    if (choices === undefined) this.byAdapter.set(adapter, (choices = new Choices()));
    return choices;
  }

  save(): Tuning {
    const adapters = Array.from(this.byAdapter, ([name, c]) => [name, c.toJSON()] as const);
    return { version, adapters: Object.fromEntries(adapters.filter(([, c]) => Object.keys(c).length > 0)) };
  }

  /** Adds choices that came from elsewhere; they are checked first, so that all are taken or none. */
  load(operation: string, tuning: unknown): void {
    for (const [adapter, kind, choice] of decoded(operation, tuning)) this.of(adapter).set(kind, choice);
  }
}

const lengths = [1, 2, 3, 4, 8];

/** More choices than these are no tuning of ours. */
const mostChoices = 10_000;

const isObject = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && !Array.isArray(x);

/** The start of a value's JSON. */
const show = (x: unknown): string => {
  const text = typeof x === "bigint" ? `${x}n` : (JSON.stringify(x) ?? String(x));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

const decoded = (operation: string, tuning: unknown): (readonly [string, string, Tuned])[] => {
  const object = (x: unknown, path: string): Readonly<Record<string, unknown>> => {
    if (isObject(x)) return x;
    throw expected(operation, `${path} to be what lowered.tune() gave, an object`, show(x));
  };
  const { version: of, adapters } = object(tuning, "tuning");
  if (of !== version)
    throw expected(
      operation,
      `a tuning of version ${version}`,
      `${show(of)}: await lowered.tune() for a new one`,
    );
  const all = Object.entries(object(adapters, "tuning.adapters")).flatMap(([adapter, kinds]) => {
    const path = `tuning.adapters[${show(adapter)}]`;
    return Object.entries(object(kinds, path)).map(([kind, choice]) => {
      const at = `${path}[${show(kind)}]`;
      return [adapter, kind, decodedChoice(operation, object(choice, at), at)] as const;
    });
  });
  if (all.length > mostChoices)
    throw expected(operation, `a tuning of ${mostChoices} choices at most`, `${all.length}`);
  return all;
};

const decodedChoice = (operation: string, x: Readonly<Record<string, unknown>>, path: string): Tuned => {
  const one = (name: string, of: readonly number[]): number => {
    if (of.includes(x[name] as number)) return x[name] as number;
    throw expected(operation, `${path}.${name} to be one of ${of.join(", ")}`, show(x[name]));
  };
  const time = (name: string): number => {
    if (typeof x[name] === "number" && x[name] >= 0 && Number.isFinite(x[name])) return x[name];
    throw expected(operation, `${path}.${name} to be a time in milliseconds`, show(x[name]));
  };
  const sides = { rows: one("rows", lengths), columns: one("columns", lengths) };
  const times = { ms: time("ms"), usualMs: time("usualMs") };
  if (x["shared"] === false) return { shared: false, ...sides, ...times };
  if (x["shared"] !== true)
    throw expected(operation, `${path}.shared to be true or false`, show(x["shared"]));
  const parts = (): number => {
    const n = x["parts"];
    if (Number.isInteger(n) && (n as number) >= 1) return n as number;
    throw expected(operation, `${path}.parts to be a positive integer`, show(n));
  };
  if (x["matrices"] !== undefined) {
    if (x["matrices"] !== true)
      throw expected(operation, `${path}.matrices to be true or left out`, show(x["matrices"]));
    // Whether there is memory for them depends on the adapter's matrices: who takes them looks.
    const depth = one("depth", [16, 32]);
    return { shared: true, matrices: true, ...sides, depth, parts: parts(), ...times };
  }
  const tile = { ...sides, depth: one("depth", [8, 16]) };
  if (tileBytes(tile) > mostShared)
    throw expected(
      operation,
      `${path} to need ${mostShared} bytes of shared memory at most`,
      String(tileBytes(tile)),
    );
  return { shared: true, ...tile, parts: parts(), ...times };
};
