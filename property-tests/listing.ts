/**
 * A reader of printed programs: what `printProgram` writes must be a well-formed, well-ordered listing.
 *
 *     { a:float32[3] -> c:float32[]
 *       b:float32[3] = sin a
 *       c:float32[] = sum{axes=[0]} b }
 */

export interface Line {
  readonly defines: readonly string[];
  readonly primitive: string;
  readonly operands: readonly string[];
}

export interface Listing {
  readonly params: readonly string[];
  readonly results: readonly string[];
  readonly lines: readonly Line[];
}

const typed = /^([a-z]+):(?:float16|float32|float64|int32|uint32|int8|uint8|bool)\[[\d,]*\]$/;
const literal =
  /^-?(?:[\d.]+(?:e[+-]\d+)?|Infinity|NaN):(?:float16|float32|float64|int32|uint32|int8|uint8|bool)(?:\[\])?$/;

const nameOf = (text: string): string => {
  const name = typed.exec(text)?.[1];
  if (name === undefined) throw new Error(`not a typed name: ${text}`);
  return name;
};

/** Attributes, which may hold whole programs, taken out of a listing. */
const withoutAttributes = (text: string): string => {
  let out = "";
  let depth = 0;
  for (const c of text) {
    if (c === "{") depth++;
    if (depth === 0) out += c;
    if (c === "}") depth--;
  }
  if (depth !== 0) throw new Error("braces do not match");
  return out;
};

const lineOf = (text: string): Line => {
  const match = /^(.+?) = ([A-Za-z0-9]+) ?(.*)$/.exec(text);
  if (match === null) throw new Error(`not a definition: ${text}`);
  const [, left, primitive, right] = match as unknown as [string, string, string, string];
  return {
    defines: left
      .split(" ")
      .filter((d) => d !== "_")
      .map(nameOf),
    primitive,
    operands: right.split(" ").filter((o) => o !== ""),
  };
};

/** Reads a listing; throws when it is malformed, or uses a name before its definition or defines it twice. */
export const readListing = (text: string): Listing => {
  if (!text.startsWith("{ ") || !text.endsWith(" }")) throw new Error("a listing stands in braces");
  const [head, ...body] = withoutAttributes(text.slice(2, -2)).split("\n");
  const [params, results] = head!.split(" -> ") as [string, string | undefined];
  if (results === undefined && !head!.endsWith("->")) throw new Error(`no results in ${head}`);
  const listing: Listing = {
    params: params
      .split(", ")
      .filter((p) => p !== "")
      .map(nameOf),
    results: (results ?? "").split(", ").filter((r) => r !== ""),
    lines: body.map((l) => lineOf(l.trim())),
  };
  const known = new Set(listing.params);
  const use = (operand: string): void => {
    if (!known.has(operand) && !literal.test(operand))
      throw new Error(`${operand} is used before it is defined`);
  };
  for (const line of listing.lines) {
    line.operands.forEach(use);
    for (const name of line.defines) {
      if (known.has(name)) throw new Error(`${name} is defined twice`);
      known.add(name);
    }
  }
  for (const r of listing.results) if (!literal.test(r)) use(nameOf(r));
  return listing;
};
