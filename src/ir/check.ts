/** Re-types a whole program: the net under every rewrite. Tests run it after each one. */
import { sameAval, showAval } from "./aval.js";
import { FluxionError } from "./errors.js";
import type { Expr } from "./expr.js";
import { isProgram } from "./print.js";
import { type Program, topological } from "./program.js";

const wrong = (detail: string): never => {
  throw new FluxionError("checkProgram", detail);
};

/** Throws when a node's recorded type is not what its shape rule says, or when a free param is reached. */
export const checkProgram = (program: Program): void => {
  const bound = new Set<Expr>(program.params);
  if (bound.size !== program.params.length) wrong("a param is listed twice");
  for (const p of program.params) if (p.tag !== "Param") wrong(`param ${p.id} is a ${p.tag}`);
  for (const e of topological(program.results)) {
    if (e.tag === "Param" && !bound.has(e)) wrong(`free param ${showAval(e.aval)} #${e.id}`);
    if (e.tag === "Project") checkProject(e);
    if (e.tag === "Apply") checkApply(e);
  }
  for (const r of program.results) if (r.avals.length !== 1) wrong(`a result has ${r.avals.length} values`);
};

const checkProject = (e: Expr): void => {
  const whole = e.args[0]!;
  const a = whole.avals[e.index];
  if (a === undefined || !sameAval(a, e.aval))
    wrong(`projection ${e.index} of ${whole.primitive?.name ?? whole.tag}`);
};

const checkApply = (e: Expr): void => {
  for (const a of e.args)
    if (a.avals.length !== 1) wrong(`${e.primitive!.name} takes an unprojected operand`);
  const avals = e.primitive!.shape(
    e.args.map((a) => a.aval),
    e.attrs,
  );
  const same = avals.length === e.avals.length && avals.every((a, i) => sameAval(a, e.avals[i]!));
  if (!same)
    wrong(
      `${e.primitive!.name} is recorded as ${e.avals.map(showAval).join()}, its rule gives ${avals.map(showAval).join()}`,
    );
  for (const v of Object.values(e.attrs))
    for (const p of Array.isArray(v) ? (v as unknown[]) : [v]) if (isProgram(p)) checkProgram(p);
};
