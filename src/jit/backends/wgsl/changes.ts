/**
 * Each stage computes again what is computed before it. Here: whether that would be another thing there, because what it
 * reads has been written meanwhile.
 */
import { valuesIn } from "../../index-expression.js";
import { forEachIndex, type Statement, type Value } from "../../kernel.js";
import { allOf, storesIn } from "../../statements.js";
import { isPure } from "./site.js";

/** The buffers that statements which only compute read. */
const loadsIn = (body: readonly Statement[]): Set<number> =>
  new Set(
    allOf(body).flatMap((s) =>
      s._tag === "Let" && s.value.definition._tag === "Load" ? [s.value.definition.buffer] : [],
    ),
  );

/** The values that a statement, or one inside it, uses, by their numbers. */
const usedIn = (statement: Statement): Set<number> => {
  const used = new Set<number>();
  const use = (v: Value): void => {
    if (v.definition._tag !== "Constant") used.add(v.id);
  };
  for (const s of allOf([statement]))
    switch (s._tag) {
      case "Let":
        if (s.value.definition._tag === "Compute") s.value.definition.args.forEach(use);
        break;
      case "Contract":
        [s.contraction.a.value, s.contraction.b.value].forEach(use);
        break;
      case "Branch":
        use(s.index);
        break;
      case "Guard":
      case "Store":
      case "Update":
      case "While":
        use(s.value);
        break;
      default:
        break;
    }
  forEachIndex([statement], (x) => {
    for (const id of valuesIn(x)) used.add(id);
  });
  return used;
};

/** The values that a statement which only computes defines for those after it. */
export const definedBy = (s: Statement): readonly number[] =>
  s._tag === "Let" ? [s.value.id] : s._tag === "Guard" ? [s.result.id] : [];

/** The values of statements, and of those of others that follow from them. */
export const following = (first: readonly Statement[], others: readonly Statement[]): Set<number> => {
  const values = new Set(first.flatMap(definedBy));
  for (const s of others)
    if (isPure(s) && usesAny([s], values)) for (const id of definedBy(s)) values.add(id);
  return values;
};

export const usesAny = (body: readonly Statement[], values: ReadonlySet<number>): boolean =>
  body.some((s) => [...usedIn(s)].some((id) => values.has(id)));

/** Past the stores of single elements from `at` on, and what is computed between them: one invocation does all, in order. */
export const storesEnd = (body: readonly Statement[], at: number): number => {
  const end = body.findIndex((s, i) => i >= at && !isPure(s) && s._tag !== "Store");
  return end < 0 ? body.length : end;
};

/** Whether a statement that only computes is needed again when what it reads has been written. */
const isNeededLater = (body: readonly Statement[], at: number): boolean => {
  const s = body[at]!;
  const read = loadsIn([s]);
  const written = body.findIndex((w, i) => i > at && storesIn([w]).some(({ buffer }) => read.has(buffer)));
  if (written < 0) return false;
  const inOrder = storesEnd(body, written);
  const old = following([s], body.slice(at + 1, inOrder));
  return usesAny(body.slice(inOrder), old);
};

export const changes = (body: readonly Statement[]): boolean =>
  body.some((s, i) => isPure(s) && isNeededLater(body, i));
