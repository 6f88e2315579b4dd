/**
 * Errors that point at the user's line: `op: expected X, got Y`. The frames of this library are dropped
 * from the top of the stack, so the first line of the trace is the call that was wrong.
 */

/** Every error that Fluxion throws for wrong input. `operation` names the public function. */
export class FluxionError extends Error {
  override readonly name: string = "FluxionError";
  constructor(
    readonly operation: string,
    detail: string,
  ) {
    // More frames than usual: the caller's must be among them however deep inside us the error is found.
    const limit = Error.stackTraceLimit;
    Reflect.set(Error, "stackTraceLimit", 200);
    super(`${operation}: ${detail}`);
    Reflect.set(Error, "stackTraceLimit", limit);
    if (typeof this.stack === "string") this.stack = withoutOwnFrames(this.stack, limit);
  }
}

/** Thrown when the value of an abstract expression (a traced argument) is asked for. */
export class AbstractValueError extends FluxionError {
  override readonly name: string = "AbstractValueError";
  constructor(operation: string, detail: string) {
    super(operation, detail);
    // The stack was made while the name was still the base class's.
    if (typeof this.stack === "string") this.stack = this.stack.replace("FluxionError", this.name);
  }
}

/** `op: expected X, got Y`. */
export const expected = (operation: string, want: string, got: string): FluxionError =>
  new FluxionError(operation, `expected ${want}, got ${got}`);

const frame = /^\s+at .*?\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*?):\d+:\d+\)?$/;

/** The folder of this package's code: `…/src` in the repository, `…/dist` in the package. */
const ownFolder: string | null = (() => {
  const line = new Error().stack?.split("\n").find((l) => frame.test(l));
  const file = line === undefined ? undefined : frame.exec(line)?.[1];
  if (file === undefined) return null;
  const folder = file.replace(/[^/\\]*$/, "");
  return folder.replace(/[/\\]ir[/\\]$/, "/");
})();

/** At most `limit` frames, from the first that is not ours. */
const withoutOwnFrames = (stack: string, limit: number): string => {
  if (ownFolder === null) return stack;
  const lines = stack.split("\n");
  const first = lines.findIndex((l) => frame.test(l));
  if (first < 0) return stack;
  // Native frames (Array.map and the like) between ours go with them.
  const isOurs = (line: string): boolean => frame.exec(line)?.[1]?.startsWith(ownFolder) ?? true;
  let next = first;
  while (next < lines.length && isOurs(lines[next]!)) next++;
  if (next === lines.length) next = first;
  return [...lines.slice(0, first), ...lines.slice(next, next + limit)].join("\n");
};
