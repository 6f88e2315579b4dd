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

/** Past the stores of single elements from `at` on, and what is computed between them: one invocation does all, in order. */
const storesEnd = (body: readonly Statement[], at: number): number => {
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
  const values = new Set<number>();
  const follow = (t: Statement): void => {
    if (t._tag === "Let") values.add(t.value.id);
    else if (t._tag === "Guard") values.add(t.result.id);
  };
  follow(s);
  return body.slice(at + 1).some((t, k) => {
    if (![...usedIn(t)].some((id) => values.has(id))) return false;
    follow(t); // it is as old as what it follows from
    return at + 1 + k >= inOrder;
  });
};

export const changes = (body: readonly Statement[]): boolean =>
  body.some((s, i) => isPure(s) && isNeededLater(body, i));
