/** Programs and the walks over graphs that every fold shares. Iterative throughout: graphs are deep. */
import { type Aval, sameAval, showAval } from "./aval.js";
import { expected } from "./errors.js";
import { applyAll, type Expr, param } from "./expr.js";

/** A function in the IR. Outer expressions that it reaches are constants to it, or operands once lifted. */
export interface Program {
  readonly params: readonly Expr[];
  readonly results: readonly Expr[];
}

/** Nodes reachable from `roots` with id >= `from`, operands before users; not looking below nodes in `leaves`. */
export const topological = (
  roots: readonly Expr[],
  from = 0,
  leaves?: { readonly has: (e: Expr) => boolean },
): Expr[] => {
  const seen = new Set<Expr>();
  const order: Expr[] = [];
  const stack: Expr[] = [];
  const cursor: number[] = [];
  for (const root of roots) {
    if (root.id < from || seen.has(root)) continue;
    seen.add(root);
    stack.push(root);
    cursor.push(0);
    while (stack.length > 0) {
      const node = stack[stack.length - 1]!;
      const i = cursor[cursor.length - 1]!;
      if (i < node.args.length && !(i === 0 && leaves?.has(node) === true)) {
        cursor[cursor.length - 1] = i + 1;
        const a = node.args[i]!;
        if (a.id >= from && !seen.has(a)) {
          seen.add(a);
          stack.push(a);
          cursor.push(0);
        }
      } else {
        stack.pop();
        cursor.pop();
        order.push(node);
      }
    }
  }
  return order;
};

/** The smallest id among `nodes`: no older node can depend on them. */
export const oldest = (nodes: Iterable<Expr>): number => {
  let m = Infinity;
  for (const n of nodes) if (n.id < m) m = n.id;
  return m;
};

/** The nodes between `on` and `roots`, in order, and which of them depend on `on`. */
export const dependents = (
  roots: readonly Expr[],
  on: ReadonlySet<Expr>,
): { readonly order: readonly Expr[]; readonly depends: ReadonlySet<Expr> } => {
  const order = topological(roots, oldest(on));
  const depends = new Set<Expr>();
  for (const e of order) if (on.has(e) || e.args.some((a) => depends.has(a))) depends.add(e);
  return { order, depends };
};

/** `roots` with some nodes replaced, rebuilt (and so re-typed) where that changes anything. */
export const substitute = (roots: readonly Expr[], map: ReadonlyMap<Expr, Expr>): Expr[] => {
  const outs = new Map<Expr, readonly Expr[]>();
  const now = (e: Expr): Expr => outs.get(e)?.[0] ?? e;
  for (const e of topological(roots, oldest(map.keys()), map)) {
    const replacement = map.get(e);
    if (replacement !== undefined) outs.set(e, [replacement]);
    else if (e.tag === "Project") {
      const o = outs.get(e.args[0]!);
      if (o !== undefined) outs.set(e, [o[e.index]!]);
    } else if (e.tag === "Apply" && e.args.some((a) => outs.has(a)))
      outs.set(e, applyAll(e.primitive!, e.args.map(now), e.attrs));
  }
  return roots.map(now);
};

/** The results of `program` on `args`, as expressions. */
export const inline = (program: Program, args: readonly Expr[]): Expr[] =>
  substitute(program.results, new Map(program.params.map((p, i) => [p, args[i]!])));

/** Types of a sub-program's results; throws unless the operands fit its params. */
export const resultAvals = (
  operation: string,
  program: Program,
  operands: readonly Aval[],
): readonly Aval[] => {
  expectAvals(
    operation,
    "operands",
    program.params.map((p) => p.aval),
    operands,
  );
  return program.results.map((r) => r.aval);
};

/** Throws unless two lists of types agree. */
export const expectAvals = (
  operation: string,
  what: string,
  want: readonly Aval[],
  got: readonly Aval[],
): void => {
  if (want.length === got.length && want.every((a, i) => sameAval(a, got[i]!))) return;
  const show = (avals: readonly Aval[]): string =>
    avals.length === 0 ? "none" : avals.map(showAval).join(", ");
  throw expected(operation, `${what} ${show(want)}`, show(got));
};

/** A program with fresh params of the given avals. */
export const traceProgram = (
  avals: readonly Aval[],
  f: (params: readonly Expr[]) => readonly Expr[],
): Program => {
  const params = avals.map((a) => param(a));
  return { params, results: f(params) };
};

/**
 * Closes a program over what it captured: nodes older than `mark` (see `watermark`) become params in front.
 * Literals stay inline. A sub-program is lifted exactly when the node that carries it is built.
 */
export const lift = (
  program: Program,
  mark: number,
): { readonly program: Program; readonly captured: readonly Expr[] } => {
  const own = new Set(program.params);
  const captured: Expr[] = [];
  const inside = topological(program.results, mark).filter((e) => !own.has(e));
  const seen = new Set<Expr>();
  const visit = (e: Expr): void => {
    if (e.id >= mark || own.has(e) || e.literal !== null || seen.has(e)) return;
    seen.add(e);
    captured.push(e);
  };
  for (const r of program.results) visit(r);
  for (const e of inside) for (const a of e.args) visit(a);
  // Constants with storage and foreign params made inside the trace are operands too.
  for (const e of inside)
    if ((e.tag === "Const" && e.literal === null) || e.tag === "Param") {
      if (!seen.has(e)) captured.push(e);
      seen.add(e);
    }
  const params = captured.map((e) => param(e.aval));
  const results = substitute(program.results, new Map(captured.map((e, i) => [e, params[i]!])));
  return { program: { params: [...params, ...program.params], results }, captured };
};
