/** What statements of a kernel do, for those who decide how they run. */
import type { Axis } from "./index-expression.js";
import type { Accumulator, Statement } from "./kernel.js";

type Store = Extract<Statement, { readonly _tag: "Store" }>;

/** The number of positions on axes. */
export const positions = (axes: readonly Axis[]): number => axes.reduce((n, a) => n * a.size, 1);

/** Every store inside statements. */
export const storesIn = (body: readonly Statement[]): Store[] =>
  body.flatMap((s): Store[] => {
    switch (s._tag) {
      case "Store":
        return [s];
      case "Nest":
      case "Guard":
        return storesIn(s.body);
      case "While":
        return [...storesIn(s.test), ...storesIn(s.body)];
      case "Branch":
        return s.branches.flatMap(storesIn);
      case "Contract":
        return [s.contraction.a.body, s.contraction.b.body, s.contraction.epilogue].flatMap(storesIn);
      default:
        return [];
    }
  });

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
