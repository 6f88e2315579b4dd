/**
 * Programs with float16 compute in float32 and round each result, as XLA does on machines without half-precision
 * arithmetic. Afterwards only casts, and primitives that move elements, have float16 operands or results: what is kept
 * in memory is float16, what is computed is float32, and a cast to float16 is the rounding. Rounding a correctly rounded
 * float32 sum, product, quotient or square root of float16s gives the correctly rounded float16 (Figueroa 1995).
 */
import { applyAll, attrsOf, type Expr } from "../ir/expr.js";
import type { Lowering } from "../ir/lowering.js";
import type { Attrs } from "../ir/primitive.js";
import { cast, castPrimitive } from "../ir/primitives/arithmetic.js";
import { full, splatOf } from "../ir/primitives/layout.js";
import { type Program, topological } from "../ir/program.js";
import { condPrimitive } from "../transforms/loops/cond.js";
import { scanPrimitive } from "../transforms/loops/scan.js";
import { whilePrimitive } from "../transforms/loops/while.js";
import { exact } from "./exact.js";

type LoopKind = Extract<Lowering<never>, { readonly _tag: "Loop" }>["kind"];

/** Primitives that only move elements. */
const moves: ReadonlySet<Lowering<never>["_tag"]> = new Set([
  "View",
  "Concat",
  "Gather",
  "DynamicSlice",
  "DynamicUpdateSlice",
]);

const isHalf = (e: Expr): boolean => e.dtype === "float16";

/** The same numbers in float32. */
const widened = (x: Expr): Expr => {
  const n = splatOf(x);
  return n === null ? cast(x, "float32") : full(x.shape, "float32", n);
};

/** Attributes that name the dtype of a result. */
const wideAttrs = (attrs: Attrs): Attrs =>
  attrs.dtype === "float16" ? { ...attrs, dtype: "float32" } : attrs;

class Widening {
  /** What stands for each expression; float16s as such. */
  private readonly stored = new Map<Expr, Expr>();
  /** float16s as float32s. */
  private readonly wide = new Map<Expr, Expr>();
  /** The results of nodes that have several. */
  private readonly several = new Map<Expr, readonly Expr[]>();

  run(results: readonly Expr[]): Expr[] {
    for (const e of topological(results)) this.visit(e);
    return results.map((r) => this.storedOf(r));
  }

  private storedOf(e: Expr): Expr {
    let x = this.stored.get(e);
    if (x === undefined) this.stored.set(e, (x = cast(this.wide.get(e)!, "float16")));
    return x;
  }

  private wideOf(e: Expr): Expr {
    if (!isHalf(e)) return this.storedOf(e);
    let x = this.wide.get(e);
    if (x === undefined) this.wide.set(e, (x = widened(this.stored.get(e)!)));
    return x;
  }

  private visit(e: Expr): void {
    if (e.tag === "Apply") {
      const outs = this.apply(e);
      if (e.avals.length > 1) this.several.set(e, outs);
      else this.set(e, outs[0]!);
    } else if (e.tag === "Project") {
      const outs = this.several.get(e.args[0]!)!;
      this.set(e, outs[0] === e.args[0] ? e : outs[e.index]!); // an unchanged node keeps its projections
    } else this.stored.set(e, e);
  }

  private set(e: Expr, out: Expr): void {
    (out.dtype === e.dtype ? this.stored : this.wide).set(e, out);
  }

  /** Results of the node: float16s as such, or, where they need no rounding, as float32s. */
  private apply(e: Expr): readonly Expr[] {
    const { lower, name } = e.primitive!;
    if (lower._tag === "Loop") return this.loop(e, lower.kind);
    const touched = e.avals.some((a) => a.dtype === "float16") || e.args.some(isHalf);
    if (!touched || moves.has(lower._tag)) {
      const args = e.args.map((a) => this.storedOf(a));
      return args.every((a, i) => a === e.args[i]) ? [e] : applyAll(e.primitive!, args, e.attrs);
    }
    const args = e.args.map((a) => this.wideOf(a));
    if (e.primitive === castPrimitive) return [cast(args[0]!, attrsOf(castPrimitive, e).dtype)];
    const outs = applyAll(e.primitive!, args, wideAttrs(e.attrs));
    if (exact.has(name)) return outs;
    return outs.map((o, i) => cast(o, e.avals[i]!.dtype));
  }

  private loop(e: Expr, kind: LoopKind): readonly Expr[] {
    const args = e.args.map((a) => this.storedOf(a));
    switch (kind) {
      case "Scan": {
        const attrs = attrsOf(scanPrimitive, e);
        return applyAll(scanPrimitive, args, { ...attrs, body: widen(attrs.body) });
      }
      case "While": {
        const attrs = attrsOf(whilePrimitive, e);
        const [test, body] = [widen(attrs.test), widen(attrs.body)];
        return applyAll(whilePrimitive, args, { ...attrs, test, body });
      }
      case "Cond":
        return applyAll(condPrimitive, args, { branches: attrsOf(condPrimitive, e).branches.map(widen) });
    }
  }
}

/** Whether anything in a program, or in its loops, is a float16. */
const hasHalf = (program: Program): boolean =>
  program.params.some(isHalf) ||
  topological(program.results).some(
    (e) => e.avals.some((a) => a.dtype === "float16") || programsIn(e).some(hasHalf),
  );

const programsIn = (e: Expr): readonly Program[] => {
  const lower = e.primitive?.lower;
  if (lower?._tag !== "Loop") return [];
  switch (lower.kind) {
    case "Scan":
      return [attrsOf(scanPrimitive, e).body];
    case "While":
      return [attrsOf(whilePrimitive, e).test, attrsOf(whilePrimitive, e).body];
    case "Cond":
      return attrsOf(condPrimitive, e).branches;
  }
};

/** The program with float16 in memory and float32 where it computes. */
export const widen = (program: Program): Program =>
  hasHalf(program) ? { params: program.params, results: new Widening().run(program.results) } : program;
