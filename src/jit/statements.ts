/** What statements of a kernel do, for those who decide how they run. */
import type { Axis } from "./index-expression.js";
import type { Accumulator, Statement } from "./kernel.js";

type Store = Extract<Statement, { readonly _tag: "Store" }>;

/** The number of positions on axes. */
export const positions = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.size, 1);

/** Statements, and all that are inside them. */
export const allOf = (body: readonly Statement[]): Statement[] =>
  body.flatMap((s): Statement[] => {
    switch (s._tag) {
      case "Nest":
      case "Guard":
        return [s, ...allOf(s.body)];
      case "While":
        return [s, ...allOf(s.test), ...allOf(s.body)];
      case "Branch":
        return [s, ...s.branches.flatMap(allOf)];
      case "Contract":
        return [s, ...[s.contraction.a.body, s.contraction.b.body, s.contraction.epilogue].flatMap(allOf)];
      default:
        return [s];
    }
  });

/** Every store inside statements. */
export const storesIn = (body: readonly Statement[]): Store[] =>
  allOf(body).filter((s) => s._tag === "Store");

/** Accumulators that statements update but do not declare. */
export const outerUpdates = (body: readonly Statement[]): Accumulator[] => {
  const declared = new Set<number>();
  const found = new Map<number, Accumulator>();
  const visit = (list: readonly Statement[]): void => {
    for (const s of list) {
      if (s._tag === "Accumulate") declared.add(s.accumulator.id);
      else if (s._tag === "Update") found.set(s.accumulator.id, s.accumulator);
      else if (s._tag === "Nest" || s._tag === "Guard") visit(s.body);
    }
  };
  visit(body);
  return [...found.values()].filter((a) => !declared.has(a.id));
};
