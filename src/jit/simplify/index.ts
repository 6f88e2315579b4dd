/**
 * From a program as people wrote it to one that is worth compiling: sub-programs spliced in, equal nodes shared
 * (value numbering), rules applied until none matches, dead nodes gone. One pass, operands first.
 */
import * as O from "fp-ts/lib/Option.js";
import { applyAll, attrsOf, type Expr, watermark } from "../../ir/expr.js";
import { nodeKey } from "../../ir/key.js";
import type { Lowering } from "../../ir/lowering.js";
import { type Program, topological } from "../../ir/program.js";
import { type Blocking, blocking, inBlocks } from "../blocks/index.js";
import { condPrimitive } from "../../transforms/loops/cond.js";
import { scanPrimitive } from "../../transforms/loops/scan.js";
import { whilePrimitive } from "../../transforms/loops/while.js";
import { simplifyCond } from "./cond.js";
import { prune } from "./prune.js";
import { type Context, simplifyScan } from "./scan.js";
import { simplifyWhile } from "./while.js";
import { type Rule, rules as allRules } from "./rules.js";

export { type Rule, rules } from "./rules.js";

type LoopKind = Extract<Lowering<never>, { readonly _tag: "Loop" }>["kind"];

class Simplifier {
  /** Nodes by what they are. Nodes inside a barrier are numbered apart: a checkpoint recomputes. */
  private readonly numbered = new Map<string, Expr>();
  private scope = 0;
  private scopes = 0;

  constructor(private readonly rules: readonly Rule[]) {}

  /** The results in terms of `known`, which gives what the params became. */
  results(results: readonly Expr[], known: ReadonlyMap<Expr, Expr>): Expr[] {
    const outs = new Map<Expr, readonly Expr[]>();
    for (const [from, to] of known) outs.set(from, [to]);
    for (const e of topological(results, 0, known))
      if (!outs.has(e))
        outs.set(
          e,
          this.node(
            e,
            (a) => outs.get(a)![0]!,
            (a) => outs.get(a)!,
          ),
        );
    return results.map((r) => outs.get(r)![0]!);
  }

  private node(e: Expr, now: (a: Expr) => Expr, all: (a: Expr) => readonly Expr[]): readonly Expr[] {
    switch (e.tag) {
      case "Param":
        return [e];
      case "Const":
        return [e.literal === null ? e : this.shared(e)];
      case "Project": {
        const outs = all(e.args[0]!);
        return outs[0] === e.args[0] ? [e] : [outs[e.index]!]; // an unchanged node keeps its projections
      }
      case "Apply":
        return this.apply(e, e.args.map(now));
    }
  }

  private apply(e: Expr, args: readonly Expr[]): readonly Expr[] {
    const lower = e.primitive!.lower;
    if (lower._tag === "Inline") return this.splice(lower.program(e.attrs), args, lower.barrier === true);
    if (lower._tag === "Loop") return this.loop(e, args, lower.kind);
    const rebuilt = this.rebuilt(e, args);
    return e.avals.length > 1 ? rebuilt : [this.rewrite(rebuilt[0]!)];
  }

  private splice(program: Program, args: readonly Expr[], barrier: boolean): readonly Expr[] {
    const outer = this.scope;
    if (barrier) this.scope = ++this.scopes;
    const outs = this.results(program.results, new Map(program.params.map((p, i) => [p, args[i]!])));
    this.scope = outer;
    return outs;
  }

  /** Sub-programs are simplified by themselves: what they hold is shared with nothing outside. */
  private loop(e: Expr, args: readonly Expr[], kind: LoopKind): readonly Expr[] {
    const mark = watermark();
    const context: Context = {
      program: (p) => ({
        params: p.params,
        results: new Simplifier(this.rules).results(p.results, new Map()),
      }),
      outer: (x) => this.again(x, mark),
    };
    switch (kind) {
      case "Scan":
        return simplifyScan(args, attrsOf(scanPrimitive, e), context) ?? this.rebuilt(e, args);
      case "While":
        return simplifyWhile(args, attrsOf(whilePrimitive, e), context);
      case "Cond":
        return simplifyCond(args, attrsOf(condPrimitive, e), context);
    }
  }

  private rebuilt(e: Expr, args: readonly Expr[]): readonly Expr[] {
    return args.every((a, i) => a === e.args[i]) ? [e] : applyAll(e.primitive!, args, e.attrs);
  }

  /** Shares the node, then applies the first rule that matches, until none does. */
  private rewrite(e: Expr): Expr {
    const shared = this.shared(e);
    if (shared !== e) return shared;
    for (const rule of this.rules) {
      const mark = watermark();
      const found = rule.rewrite(e);
      if (O.isNone(found)) continue;
      const better = this.again(found.value, mark);
      this.numbered.set(this.keyOf(e), better);
      return better;
    }
    return e;
  }

  /** Simplifies what a rule has made: nodes from `mark` on. */
  private again(e: Expr, mark: number): Expr {
    const outs = new Map<Expr, readonly Expr[]>();
    const all = (a: Expr): readonly Expr[] => outs.get(a) ?? [a];
    for (const x of topological([e], mark))
      outs.set(
        x,
        this.node(x, (a) => all(a)[0]!, all),
      );
    return all(e)[0]!;
  }

  private keyOf(e: Expr): string {
    return `${this.scope}|${nodeKey(e, (a) => a.id)}${e.tag === "Apply" ? e.dtype : ""}`;
  }

  private shared(e: Expr): Expr {
    const key = this.keyOf(e);
    const have = this.numbered.get(key);
    if (have !== undefined) return have;
    this.numbered.set(key, e);
    return e;
  }
}

/** The simplified program: same params, equal results. Large intermediates are in blocks where `sizes` are given. */
export const simplify = (
  program: Program,
  rules: readonly Rule[] = allRules,
  sizes: Blocking | null = blocking,
): Program => {
  const simple = (p: Program): Program =>
    prune({ params: p.params, results: new Simplifier(rules).results(p.results, new Map()) });
  const whole = simple(program);
  const blocks = sizes === null ? whole : inBlocks(whole, sizes);
  return blocks === whole ? whole : simple(blocks);
};
