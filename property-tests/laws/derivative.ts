/**
 * Derivatives against central differences, and forward mode against reverse mode.
 * The interpreter is the only thing that these laws trust.
 */
import { isFloat } from "../../src/ir/dtype.js";
import type { NdArray } from "../../src/ir/ndarray.js";
import type { Program } from "../../src/ir/program.js";
import { call } from "../../src/transforms/evaluate.js";
import { expectClose, inner, magnitude, moved } from "../arrays.js";
import { centralDifference, forward, reverse } from "../folds.js";
import { directions, type Place } from "./node.js";

export const at = (place: Place, ts: readonly NdArray[], h: number): NdArray[] => {
  const out = [...place.args];
  place.on.forEach((i, k) => (out[i] = moved(out[i]!, ts[k]!, h)));
  return out;
};

const floats = (xs: readonly NdArray[]): NdArray[] => xs.filter((x) => isFloat(x.dtype));
const on = (place: Place): NdArray[] => place.on.map((i) => place.args[i]!);

/** What finite differences allow; they are good to about 1e-9. */
const tolerance = 1e-6;

/** `derivative` must be the change of the float results of `program(x, fixed)` as x moves along `ts`. */
const expectDerivative = (
  what: string,
  program: Program,
  place: Place,
  fixed: readonly NdArray[],
  ts: readonly NdArray[],
  derivative: readonly NdArray[],
): void => {
  const want = centralDifference((h) => floats(call(program, [...at(place, ts, h), ...fixed])));
  expectClose(what, floats(derivative), want.derivative, tolerance, want.doubt);
  for (const d of derivative)
    if (!isFloat(d.dtype) && d.data.some((x) => x !== 0))
      throw new Error(`${what}: an integer result has a derivative`);
};

/** jvp = central differences. */
export const expectJvp = (place: Place): void => {
  const ts = directions(on(place), 1);
  const dual = call(forward(place.program, place.on), [...place.args, ...ts]);
  expectDerivative("jvp", place.program, place, [], ts, dual.slice(place.program.results.length));
};

/** jvp of jvp = central differences of jvp. */
export const expectSecondJvp = (place: Place): void => {
  const k = place.program.results.length;
  const [ts, us] = [directions(on(place), 1), directions(on(place), 2)];
  const first = forward(place.program, place.on);
  const tangents = { params: first.params, results: first.results.slice(k) };
  const second = call(forward(tangents, place.on), [...place.args, ...ts, ...us]);
  expectDerivative("jvp of jvp", tangents, place, ts, us, second.slice(k));
};

const cotangentsOf = (place: Place): NdArray[] => directions(floats(call(place.program, place.args)), 3);

/** The gradient as a program: params ++ cotangents → cotangents of the params `on`. */
const gradient = (place: Place): Program => {
  const { params, results } = reverse(place.program, place.on);
  return { params, results: results.slice(place.program.results.length) };
};

/** jvp of vjp = central differences of vjp: transposes are themselves differentiable. */
export const expectForwardOverReverse = (place: Place): void => {
  const [cts, us] = [cotangentsOf(place), directions(on(place), 2)];
  const g = gradient(place);
  const derivative = call(forward(g, place.on), [...place.args, ...cts, ...us]).slice(g.results.length);
  expectDerivative("jvp of vjp", g, place, cts, us, derivative);
};

/** Throws unless two inner products agree, relative to the size of their terms. */
export const expectInner = (what: string, a: number, b: number, size: number, allowed = 1e-9): void => {
  if (!(Math.abs(a - b) <= allowed * (1 + size))) throw new Error(`${what}: ${a} and ${b} differ`);
};

export const total = (
  xs: readonly NdArray[],
  ys: readonly NdArray[],
  f: (x: NdArray, y: NdArray) => number,
): number => xs.reduce((s, x, i) => s + f(x, ys[i]!), 0);

const expectAdjoint = (
  what: string,
  jt: NdArray[],
  cts: NdArray[],
  ct: NdArray[],
  ts: NdArray[],
  allowed?: number,
): void => {
  expectInner(what, total(jt, cts, inner), total(ct, ts, inner), total(jt, cts, magnitude), allowed);
};

/** ⟨J t, c⟩ = ⟨t, ct⟩ where J t is the change of `f` at 0. */
export const expectAdjointToDifference = (
  what: string,
  f: (h: number) => readonly NdArray[],
  cts: readonly NdArray[],
  ct: readonly NdArray[],
  ts: readonly NdArray[],
): void => {
  const { derivative, doubt } = centralDifference(f);
  const size = total(derivative, cts, magnitude) + total(doubt, cts, magnitude) / tolerance;
  expectInner(what, total(derivative, cts, inner), total(ct, ts, inner), size, tolerance);
};

/** ⟨J t, c⟩ = ⟨t, Jᵀ c⟩ for every differentiable operand by itself and for all together. */
export const expectPullback = (place: Place, forwardMode: boolean): void => {
  const subsets = place.on.length > 1 ? [place.on, ...place.on.map((i) => [i])] : [place.on];
  const cts = cotangentsOf(place);
  for (const subset of subsets) {
    const here = { ...place, on: subset };
    const ts = directions(on(here), 1);
    const pulled = call(gradient(here), [...here.args, ...cts]);
    const what = `vjp of operands ${subset}`;
    if (forwardMode) {
      const jt = call(forward(here.program, subset), [...here.args, ...ts]).slice(
        here.program.results.length,
      );
      expectAdjoint(what, floats(jt), cts, pulled, ts, 1e-9);
    } else
      expectAdjointToDifference(what, (h) => floats(call(here.program, at(here, ts, h))), cts, pulled, ts);
  }
};

/** ⟨H u, v⟩ = ⟨u, Hᵀ v⟩ where H is the derivative of the gradient: reverse over reverse. */
export const expectReverseOverReverse = (place: Place): void => {
  const cts = cotangentsOf(place);
  const g = gradient(place);
  const n = g.results.length;
  const [us, vs] = [directions(on(place), 2), directions(on(place), 4)];
  const hu = call(forward(g, place.on), [...place.args, ...cts, ...us]).slice(n);
  const hv = call(reverse(g, place.on), [...place.args, ...cts, ...vs]).slice(n);
  expectAdjoint("vjp of vjp", hu, vs, hv, us);
};
