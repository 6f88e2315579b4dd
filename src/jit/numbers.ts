/**
 * Programs that differ only in numbers. Numbers are part of a program's text, where rules and formulas see them; a loop
 * that computes with another one each time (a learning rate that decays, in code without `jit`) would compile each
 * time. From the third such program on, the numbers are inputs like any other.
 */
import { elementsOf, isFloat } from "../ir/dtype.js";
import { constant, type Expr } from "../ir/expr.js";
import { type Program, substitute, topological } from "../ir/program.js";
import { Cache } from "./cache.js";

/** Numbers that rules look for, and those that many programs share. */
const isSpecial = (x: number): boolean =>
  !Number.isFinite(x) ||
  (Number.isInteger(2 * x) && Math.abs(x) <= 64) ||
  Number.isInteger(Math.log2(Math.abs(x))); // products with these are exact, which formulas use

/** Whether everything below is numbers: such nodes are computed while compiling. */
const onlyNumbers = (nodes: readonly Expr[]): Set<Expr> => {
  const found = new Set<Expr>();
  for (const e of nodes)
    if (e.literal !== null || (e.tag === "Apply" && e.args.length > 0 && e.args.every((a) => found.has(a))))
      found.add(e);
  return found;
};

/** The numbers that only meet what is not a number, as they are or broadcast. */
const liftable = (program: Program): Expr[] => {
  const nodes = topological(program.results);
  const users = new Map<Expr, Expr[]>();
  for (const e of nodes) for (const a of e.args) users.set(a, [...(users.get(a) ?? []), e]);
  const numbers = onlyNumbers(nodes);
  const results = new Set(program.results);
  const meets = (e: Expr): boolean =>
    !results.has(e) &&
    (users.get(e) ?? []).every((u) => !numbers.has(u) || (u.primitive?.name === "broadcast" && meets(u)));
  return nodes.filter((e) => e.literal !== null && isFloat(e.dtype) && !isSpecial(e.literal) && meets(e));
};

/** The program with such numbers as constants that have storage; the same program where there are none. */
export const withoutNumbers = (program: Program): Program => {
  const numbers = liftable(program);
  if (numbers.length === 0) return program;
  const map = new Map(numbers.map((e) => [e, constant(e.aval, elementsOf(e.dtype, [e.literal!]))] as const));
  return { params: program.params, results: substitute(program.results, map) };
};

/** Programs seen with numbers in their text, by what they are without. */
const seen = new Cache<{ times: number }>(512);
const often = 3;

/** Whether a program has come often enough, each time with other numbers; counts that it has come. */
export const comesOften = (keyWithout: string): boolean => {
  const entry = seen.get(keyWithout, () => ({ times: 0 }));
  entry.times++;
  return entry.times >= often;
};
