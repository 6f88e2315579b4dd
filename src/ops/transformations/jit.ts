/** Compilation of whole functions: traced once for each set of shapes, then one fused program. */
import { showAval } from "../../ir/aval.js";
import { constant, Expr, param, storedOf, watermark } from "../../ir/expr.js";
import { expected } from "../../ir/errors.js";
import { inline, lift, type Program } from "../../ir/program.js";
import { flatten, type Structure, structureKey, unflatten, valueKey } from "../../ir/tree.js";
import { DeviceArray, share, type Stored } from "../../ir/stored.js";
import { getBackend } from "../../jit/backend.js";
import { Cache, type CacheStats } from "../../jit/cache.js";
import { compile, type Compiled } from "../../jit/compile.js";
import { type CheckedProgram, withChecks } from "../../jit/checked.js";
import { giveUp, runShared } from "../../jit/donation.js";
import { explain, type Lowered } from "../../jit/explain.js";
import { realize } from "../../jit/realize.js";
import { checkOptions } from "../options.js";
import { describe, scalarTensor, type Tensor, toExpr } from "../tensor.js";
import { exprsOf, requireFunction } from "./bind.js";

/** Options of `jit`. */
export interface JitOptions {
  /** Positions of arguments that are not tensors: compiled anew for each value. They may be anything. */
  readonly static?: readonly number[];
  /**
   * Positions of arguments whose memory is given back with the call, for the next one. They must not be read afterwards:
   * a loop of steps that donate their state needs the memory of two states.
   */
  readonly donate?: readonly number[];
  /** Throw when an index of a gather, scatter or dynamic slice is out of bounds, instead of clamping or dropping it. */
  readonly checked?: boolean;
}

/** A compiled function: called like the original. */
export type Jitted<F extends (...args: never[]) => unknown> = F & {
  /** What the function becomes for such arguments: its program, kernels, memory and cost. */
  lower(...args: Parameters<F>): Lowered;
  /** How often a call found its trace, and how often it had to make one. */
  readonly cacheStats: CacheStats;
};

interface Trace {
  readonly program: Program;
  readonly captured: readonly Expr[];
  readonly result: Structure;
  /** An outer transformation is at work: the program is inlined into it. */
  readonly open: boolean;
  /** The program as it runs, made by the first call that runs it. */
  code: (Compiled & Pick<CheckedProgram, "verify">) | null;
}

interface Call {
  readonly key: string;
  readonly exprs: readonly Expr[];
  readonly structure: Structure;
}

/**
 * Compiles a function of trees of tensors. The first call with new shapes and dtypes traces and compiles; later ones
 * run the compiled program. Arguments are abstract while it traces: reading one throws and says what to use instead.
 * Under `grad`, `vmap` and their kin the function is simply part of their program.
 *
 * @example
 * ```ts
 * const f = jit((x) => sum(mul(x, x)));
 * f(tensor([1, 2, 3])).item() // 14
 * f.cacheStats.misses // 1
 * f(tensor([4, 5, 6])).item() // 77
 * f.cacheStats.misses // 1
 * ```
 */
export function jit<F extends (...args: never[]) => unknown = (...args: Tensor[]) => Tensor>(
  f: F,
  options: JitOptions = {},
): Jitted<F> {
  requireFunction("jit", f);
  checkOptions("jit", options, ["static", "donate", "checked"]);
  checkPositions(options);
  const traces = new Cache<Trace>(64);
  const isStatic = (i: number): boolean => options.static?.includes(i) === true;

  const prepare = (args: readonly unknown[]): Call => {
    checkBelow(options, Math.max(args.length, f.length));
    const dynamic = args.map((a, i) => (isStatic(i) ? null : a));
    const { leaves, structure } = flatten("jit", dynamic);
    const exprs = leaves.map((l) => stored(toExpr("jit", l)));
    const statics = (options.static ?? []).map((i) => valueKey(args[i])).join();
    const key = `${structureKey(structure)}|${exprs.map((e) => showAval(e.aval)).join()}|${statics}`;
    return { key, exprs, structure };
  };

  const run = (call: Call, args: readonly unknown[], params: readonly Expr[]): ReturnType<typeof exprsOf> => {
    const tree = unflatten(call.structure, params) as unknown[];
    const all = args.map((a, i) => (isStatic(i) ? a : tree[i]));
    return exprsOf("jit", f(...(all as never[])));
  };

  const trace = (call: Call, args: readonly unknown[]): Trace => {
    const mark = watermark();
    const params = call.exprs.map((e) => param(e.aval));
    const out = run(call, args, params);
    const { program, captured } = lift({ params, results: out.exprs }, mark);
    return { program, captured, result: out.structure, open: captured.some((c) => c.open), code: null };
  };

  const codeOf = (t: Trace): NonNullable<Trace["code"]> => {
    realize(t.captured, "jit");
    const { program, verify } =
      options.checked === true ? withChecks(t.program) : { ...t, verify: () => undefined };
    const compiled = compile(program);
    compiled.constants.forEach(share); // kept for the next calls
    return { ...compiled, verify };
  };

  const donated = (args: readonly unknown[]): Expr[] =>
    (options.donate ?? []).flatMap((i) =>
      flatten("jit", args[i]).leaves.filter((l): l is Expr => l instanceof Expr),
    );

  const evaluate = (call: Call, t: Trace, args: readonly unknown[]): Expr[] => {
    const operands = [...t.captured, ...call.exprs];
    if (t.open || call.exprs.some((e) => e.open)) return inline(t.program, operands);
    if (t.code?.runner.isStale === true) t.code = null;
    const { runner, constants, verify } = (t.code ??= codeOf(t));
    if (call.exprs.some((e) => e.value === null)) realize(call.exprs, "jit");
    const inputs = [...operands.map((e) => storedOf(e, "jit")), ...constants];
    const values = runShared(runner, inputs);
    const count = t.program.results.length;
    verify(values.slice(count).map(excess));
    giveUp(donated(args));
    return values.slice(0, count).map((data, i) => constant(t.program.results[i]!.aval, data));
  };

  const call = (...args: unknown[]): unknown => {
    const c = prepare(args);
    const t = traces.get(c.key, () => trace(c, args));
    // A trace that captured an open value belongs to the transformation that made it: never reuse it.
    if (t.open) traces.delete(c.key);
    return unflatten(t.result, evaluate(c, t, args));
  };

  return Object.defineProperties(call, {
    lower: {
      value: (...args: unknown[]): Lowered => {
        const c = prepare(args);
        return explain(trace(c, args).program);
      },
    },
    cacheStats: { get: () => traces.stats },
    name: { value: f.name === "" ? "jitted" : `jit(${f.name})` },
  }) as unknown as Jitted<F>; // callable with the same signature, plus the properties just defined
}

/** What a check found; it is asked for before the call returns. */
const excess = (v: Stored): number => {
  const here = v instanceof DeviceArray ? v.readNow() : v;
  if (here !== null) return here[0]!;
  throw expected(
    "jit",
    "a backend of the CPU where checked is set",
    `${getBackend()}, whose results are read asynchronously: leave checked out, or setBackend("wasm")`,
  );
};

const named = ["static", "donate"] as const;

/** Positions are lists of places from 0 on, and what is static has no memory to give. */
const checkPositions = (options: JitOptions): void => {
  for (const name of named) {
    const at: unknown = options[name] ?? [];
    if (!Array.isArray(at) || !at.every((i) => Number.isInteger(i) && (i as number) >= 0))
      throw expected("jit", `a list of positions as ${name}`, Array.isArray(at) ? `[${at}]` : describe(at));
  }
  const both = options.static?.find((i) => options.donate?.includes(i));
  if (both !== undefined)
    throw expected("jit", "an argument to be static or donated", `both for argument ${both}`);
};

const checkBelow = (options: JitOptions, count: number): void => {
  for (const name of named) {
    const beyond = options[name]?.find((i) => i >= count);
    if (beyond !== undefined)
      throw expected("jit", `${name} positions below the ${count} arguments`, String(beyond));
  }
};

/** A literal, as zeros([]) is, belongs to a program's text; as an argument it needs storage. */
const stored = (e: Expr): Expr => (e.literal === null ? e : scalarTensor(e.literal, e.dtype));
