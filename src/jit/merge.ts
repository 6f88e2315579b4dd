/** Merges neighbouring loops that every index treats as one: a contiguous nest becomes a single flat loop. */
import { FluxionError } from "../ir/errors.js";
import { type Axis, axisIndex, type Index, mergeable, substituteAxes } from "./index-expression.js";
import { forEachIndex, type Statement, type Value } from "./kernel.js";

/** The statements with every nest's mergeable axes merged, innermost first. */
export const mergeLoops = (body: readonly Statement[]): readonly Statement[] => body.map(mergeStatement);

const mergeStatement = (s: Statement): Statement => {
  if (s._tag === "Guard") return { ...s, body: mergeLoops(s.body) };
  if (s._tag === "While") return { ...s, test: mergeLoops(s.test), body: mergeLoops(s.body) };
  if (s._tag === "Branch") return { ...s, branches: s.branches.map(mergeLoops) };
  if (s._tag !== "Nest") return s;
  let axes = [...s.axes];
  let body = s.body;
  for (let i = axes.length - 2; i >= 0; i--) {
    const [outer, inner] = [axes[i]!, axes[i + 1]!];
    let ok = true;
    forEachIndex(body, (x) => (ok &&= mergeable(x, outer, inner)));
    if (!ok) continue;
    const whole: Axis = { id: inner.id, size: outer.size * inner.size };
    body = replaceAxes(body, (a) => (a === inner ? axisIndex(whole) : a === outer ? zero : null));
    axes = [...axes.slice(0, i), whole, ...axes.slice(i + 2)];
  }
  return { ...s, axes, body: mergeLoops(body) };
};

const zero: Index = { base: 0, terms: [], key: "0" };

/** Rewrites every index; values keep their ids, so references to them stay good. */
export const replaceAxes = (
  body: readonly Statement[],
  replace: (axis: Axis) => Index | null,
): readonly Statement[] => {
  const index = (x: Index): Index => substituteAxes(x, replace);
  const values = new Map<Value, Value>();
  const value = (v: Value): Value => {
    const have = values.get(v);
    if (have !== undefined) return have;
    const d = v.definition;
    let out = v;
    if (d._tag === "Load" || d._tag === "FromIndex")
      out = { ...v, definition: { ...d, index: index(d.index) } };
    else if (d._tag === "Compute") {
      const args = d.args.map(value);
      if (args.some((a, i) => a !== d.args[i])) out = { ...v, definition: { ...d, args } };
    }
    values.set(v, out);
    return out;
  };
  const visit = (s: Statement): Statement => {
    switch (s._tag) {
      case "Let":
        return { ...s, value: value(s.value) };
      case "Nest":
        return { ...s, body: s.body.map(visit) };
      case "Accumulate":
        return s;
      case "Update":
        return { ...s, value: value(s.value), position: s.position === null ? null : index(s.position) };
      case "Store":
        return {
          ...s,
          index: index(s.index),
          value: value(s.value),
          conditions: s.conditions.map((c) => ({ ...c, value: index(c.value) })),
        };
      case "Guard":
        return {
          ...s,
          conditions: s.conditions.map((c) => ({ ...c, value: index(c.value) })),
          body: s.body.map(visit),
          value: value(s.value),
        };
      case "Contract":
      case "While":
      case "Branch":
      case "Call":
        throw new FluxionError("jit", `expected plain loops inside a nest of several axes, got ${s._tag}`);
    }
  };
  return body.map(visit);
};
