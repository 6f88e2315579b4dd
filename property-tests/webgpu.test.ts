/** WebGPU against the interpreter, in float32: every primitive; random programs. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DType } from "../src/ir/dtype.js";
import { type NdArray, ndarray } from "../src/ir/ndarray.js";
import type { Primitive } from "../src/ir/primitive.js";
import { isProgram } from "../src/ir/print.js";
import { type Program, topological } from "../src/ir/program.js";
import { type PrimitiveName, primitives } from "../src/transforms/table.js";
import { call } from "../src/transforms/evaluate.js";
import { expectClose, expectWithin } from "./arrays.js";
import { backends } from "./backends.js";
import { allowedFor, tangentOnly } from "./laws/exceptions.js";
import { nodeProgram } from "./laws/node.js";
import { everything, type Mode, programs, type RandomProgram } from "./programs.js";
import { samplers } from "./samplers/index.js";

const effort = Number(process.env["FLUXION_RUNS"] ?? 1);
const [webgpu] = backends as [(typeof backends)[number]];

const dtypesOf = (program: Program): Set<DType> => {
  const found = new Set<DType>();
  for (const e of [...program.params, ...topological(program.results)]) {
    for (const a of e.avals) found.add(a.dtype);
    for (const v of Object.values(e.attrs).flat()) if (isProgram(v)) dtypesOf(v).forEach((d) => found.add(d));
  }
  return found;
};

const looksAtBits = (program: Program): boolean =>
  topological(program.results).some(
    (e) =>
      (e.primitive?.name === "bitcast" && e.args[0]!.dtype === "float32") ||
      Object.values(e.attrs)
        .flat()
        .some((v) => isProgram(v) && looksAtBits(v)),
  );

/** WGSL may take a subnormal number for 0, and lose the sign of 0. */
const flushed = (x: NdArray): NdArray =>
  x.dtype === "float32"
    ? ndarray(
        x.shape,
        "float32",
        Float32Array.from(x.data, (v) => (Math.abs(v) < 2 ** -125 ? 0 : v)),
      )
    : x;

const narrowed = (x: NdArray): NdArray =>
  flushed(x.dtype === "float64" ? ndarray(x.shape, "float32", Float32Array.from(x.data)) : x);

/** A node on operands without float64, or null where the node itself asks for it. */
const programOn = (primitive: Primitive, args: readonly NdArray[], attrs: object): Program | null => {
  try {
    const program = nodeProgram(primitive, args, attrs as never);
    return dtypesOf(program).has("float64") ? null : program;
  } catch {
    return null; // its attributes name the dtype of the operands that it had
  }
};

/** Divisions are within 2.5 ulp, and what is below the smallest normal number may be 0. */
const inexact = 8;

/** The sub-programs of their samples are in float64; random programs have them in float32. */
const withPrograms: ReadonlySet<string> = new Set<PrimitiveName>([
  "checkpoint",
  "customJvp",
  "customVjp",
  "scan",
  "cond",
  "while",
]);

/** Sums of what may cancel; on the negative side of Γ, too. */
const summing: ReadonlySet<string> = new Set<PrimitiveName>([
  "sum",
  "dot",
  "cumsum",
  "overlapAdd",
  "scatter",
  "lgamma",
  "digamma",
  "polygamma",
]);

const ordinary = (Object.entries(primitives) as [PrimitiveName, Primitive][]).filter(
  ([name]) => name !== tangentOnly && !withPrograms.has(name),
);

describe("webgpu", () => {
  test("is the backend of these tests", () => {
    expect(webgpu.name).toBe("webgpu");
  });

  test.each(ordinary)("%s equals the interpreter", { timeout: 120_000 }, (name, primitive) => {
    let told = 0;
    fc.assert(
      fc.property(samplers[name], (s) => {
        const args = s.args.map(narrowed);
        const program = programOn(primitive, args, s.attrs);
        if (program === null) return;
        told++;
        const allowed = (summing.has(name) ? 64 : inexact) + 2 * allowedFor(name, "wasm");
        const [got, want] = [webgpu.run(program, args), call(program, args)];
        expectWithin("result", got.map(flushed), want.map(flushed), allowed);
      }),
      { seed: 20261121, numRuns: 15 * effort },
    );
    expect(told).toBeGreaterThan(0);
  });

  const single: Mode = { ...everything, floats: ["float32"] };
  const each = (numRuns: number, law: (p: RandomProgram) => void): void => {
    const property = fc.property(programs(single), (p) => {
      law(p);
    });
    fc.assert(property, { seed: 20261122, numRuns: numRuns * effort });
  };

  test("random programs equal the interpreter", { timeout: 300_000 }, () => {
    each(60, ({ program, args }) => {
      if (looksAtBits(program)) return; // of zeros, whose sign WGSL may lose
      expectClose("values", webgpu.run(program, args), call(program, args), 1e-4);
    });
  });
});
