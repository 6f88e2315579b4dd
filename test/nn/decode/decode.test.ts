/** Decoders against enumeration and against plain loops, on small random Markov models. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { jit, log, minimum, oneHot, take, type Tensor, tensor, vmap, zeros } from "fluxion";
import * as nn from "fluxion/nn";
import {
  continued,
  type Model,
  models,
  nothing,
  padded,
  scoreOf,
  stateOf,
  stepOf,
  type Written,
} from "./markov.js";

const near = (got: unknown, want: readonly number[]): void => {
  const numbers = got as number[];
  expect(numbers.length).toBe(want.length);
  numbers.forEach((v, i) => expect(v).toBeCloseTo(want[i]!, 9));
};

const lengthOf = ({ tokens, ended }: Written): number => tokens.length - (ended ? 1 : 0);

const best = (all: readonly Written[], alpha: number, count: number): Written[] =>
  [...all].sort((a, b) => scoreOf(b, alpha) - scoreOf(a, alpha)).slice(0, count);

/** Whether the best are the best by more than rounding. */
const clear = (all: readonly Written[], alpha: number): boolean => {
  const scores = all.map((s) => scoreOf(s, alpha)).sort((a, b) => b - a);
  return scores.every((s, i) => i === 0 || scores[i - 1]! - s > 1e-9);
};

const searched = (m: Model, beams: number, maxLength: number, alpha: number): nn.Decoded =>
  nn.beamSearch(stepOf(m), stateOf(m), { start: 0, end: m.end, maxLength, beams, lengthPenalty: alpha });

/** Rows of one example: tokens, lengths, scores. */
const rowsOf = (
  d: nn.Decoded,
  example: number,
): { tokens: number[][]; lengths: number[]; scores: number[] } => ({
  tokens: (d.tokens.toArray() as number[][][])[example]!,
  lengths: (d.lengths.toArray() as number[][])[example]!,
  scores: (d.scores.toArray() as number[][])[example]!,
});

const alphas = fc.constantFrom(0, 0.6, 1, 2);

describe("beamSearch", () => {
  test.prop([models, fc.integer({ min: 1, max: 3 }), alphas], { seed: 1, numRuns: 40 })(
    "with a beam for each sequence finds the best of all",
    (m, maxLength, alpha) => {
      const beams = m.vocabulary ** maxLength;
      const found = searched(m, beams, maxLength, alpha);
      m.logits.forEach((_, example) => {
        let all = [nothing];
        for (let t = 0; t < maxLength; t++) all = all.flatMap((s) => continued(m, example, s));
        fc.pre(clear(all, alpha));
        const want = best(all, alpha, all.length);
        const rows = rowsOf(found, example);
        expect(rows.tokens.slice(0, all.length)).toEqual(padded(m, want, maxLength));
        expect(rows.lengths.slice(0, all.length)).toEqual(want.map(lengthOf));
        near(
          rows.scores.slice(0, all.length),
          want.map((s) => scoreOf(s, alpha)),
        );
        const none = beams - all.length; // sequences that ended early leave beams empty
        expect(rows.scores.slice(all.length)).toEqual(new Array(none).fill(-Infinity));
        expect(rows.lengths.slice(all.length)).toEqual(new Array(none).fill(0));
        expect(rows.tokens.slice(all.length).flat()).toEqual(new Array(none * maxLength).fill(m.end));
      });
    },
  );

  test.prop([models, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), alphas], {
    seed: 2,
    numRuns: 60,
  })("with few beams is the plain loop", (m, maxLength, beams, alpha) => {
    const found = searched(m, beams, maxLength, alpha);
    m.logits.forEach((_, example) => {
      let kept = [nothing];
      for (let t = 0; t < maxLength; t++) {
        const all = kept.flatMap((s) => continued(m, example, s));
        fc.pre(clear(all, alpha));
        kept = best(all, alpha, beams);
      }
      const rows = rowsOf(found, example);
      expect(rows.tokens.slice(0, kept.length)).toEqual(padded(m, kept, maxLength));
      expect(rows.lengths.slice(0, kept.length)).toEqual(kept.map(lengthOf));
      near(
        rows.scores.slice(0, kept.length),
        kept.map((s) => scoreOf(s, alpha)),
      );
    });
  });

  test.prop([models, fc.integer({ min: 1, max: 5 })], { seed: 3, numRuns: 30 })(
    "with one beam is greedyDecode, and that is the plain loop",
    (m, maxLength) => {
      const greedy = nn.greedyDecode(stepOf(m), stateOf(m), { start: 0, end: m.end, maxLength });
      const beam = searched(m, 1, maxLength, 0);
      expect(beam.tokens.reshape([-1, maxLength]).toArray()).toEqual(greedy.tokens.toArray());
      expect(beam.lengths.reshape([-1]).toArray()).toEqual(greedy.lengths.toArray());
      near(beam.scores.reshape([-1]).toArray(), greedy.scores.toArray() as number[]);
      const want = m.logits.map((_, example) => {
        let s = nothing;
        for (let t = 0; t < maxLength; t++) s = best(continued(m, example, s), 0, 1)[0]!;
        return s;
      });
      expect(greedy.tokens.toArray()).toEqual(padded(m, want, maxLength));
      near(
        greedy.scores.toArray(),
        want.map((s) => s.logP),
      );
    },
  );

  test.prop([models, alphas], { seed: 4, numRuns: 15 })(
    "jitted as a whole, and under vmap, is the same",
    (m, lengthPenalty) => {
      const options = { start: 0, end: m.end, maxLength: 4, beams: 3, lengthPenalty };
      const decode = (state: ReturnType<typeof stateOf>): nn.Decoded =>
        nn.beamSearch(stepOf(m), state, options);
      const state = stateOf(m);
      const eager = decode(state);
      const compiled = jit(decode);
      const one = (x: Tensor): Tensor => x.reshape([1, -1]);
      const mapped = vmap<[typeof state], nn.Decoded>(decode)({
        before: [one(state.before[0])],
        example: one(state.example),
      });
      for (const other of [compiled(state), { ...map(mapped, (x) => x.at(0)) }]) {
        expect(other.tokens.toArray()).toEqual(eager.tokens.toArray());
        expect(other.lengths.toArray()).toEqual(eager.lengths.toArray());
        near(other.scores.reshape([-1]).toArray(), eager.scores.reshape([-1]).toArray() as number[]);
      }
    },
  );

  it("the length penalty favours longer sequences", () => {
    // Ending at once has probability 0.5, any of the longer ones less.
    const table = log(tensor(Float64Array.of(0.5, 0.5, 0.1, 0.9), { shape: [2, 2] }));
    const step: nn.DecodeStep<null> = (tokens, s) => [take(table, tokens, { axis: 0 }), s];
    const start = tensor([0], { dtype: "int32" });
    const first = (lengthPenalty: number): unknown =>
      nn
        .beamSearch(step, null, { start, end: 1, maxLength: 6, beams: 3, lengthPenalty })
        .lengths.at(0, 0)
        .item();
    expect(first(0)).toBe(0);
    expect(first(6)).toBeGreaterThan(0);
  });

  it("tokens that are ruled out are never written", () => {
    const table = log(tensor(Float64Array.of(0, 0.75, 0.25, 0, 0, 1, 0, 0, 1), { shape: [3, 3] }));
    const step: nn.DecodeStep<null> = (tokens, s) => [take(table, tokens, { axis: 0 }), s];
    const start = tensor([0], { dtype: "int32" });
    const found = nn.beamSearch(step, null, { start, end: 2, maxLength: 4, beams: 4 });
    expect(found.tokens.at(0).toArray()).toEqual([
      [1, 2, 2, 2],
      [2, 2, 2, 2],
      [2, 2, 2, 2],
      [2, 2, 2, 2],
    ]);
    expect(found.lengths.toArray()).toEqual([[1, 0, 0, 0]]);
    near(found.scores.at(0, "0:2").toArray(), [Math.log(0.75), Math.log(0.25)]);
    expect(found.scores.at(0, "2:").toArray()).toEqual([-Infinity, -Infinity]);
  });

  it("reads what the step uses from outside, which may be traced", () => {
    const step =
      (bias: Tensor): nn.DecodeStep<null> =>
      (tokens, s) => [take(bias, tokens, { axis: 0 }), s];
    const decode = jit((bias: Tensor) =>
      nn.beamSearch(step(bias), null, {
        start: tensor([0, 0], { dtype: "int32" }),
        end: 1,
        maxLength: 3,
        beams: 2,
      }),
    );
    const table = tensor([
      [0, 1],
      [0, 0],
    ]);
    const found = decode(table);
    expect(found.tokens.toArray()).toEqual([found.tokens.at(0).toArray(), found.tokens.at(0).toArray()]);
    expect(found.lengths.at(0).toArray()).toEqual([0, 1]);
    decode(table.mul(2));
    expect(decode.cacheStats.misses).toBe(1);
  });
});

const map = (d: nn.Decoded, f: (x: Tensor) => Tensor): nn.Decoded => ({
  tokens: f(d.tokens),
  lengths: f(d.lengths),
  scores: f(d.scores),
});

describe("both", () => {
  /** Counts up from the start token, and ends after token 4. */
  const count: nn.DecodeStep<null> = (tokens, s) => [log(oneHot(minimum(tokens.add(1), 5), 6)), s];

  it("every sequence ends for itself, and what does not end is cut off", () => {
    const start = tensor([3, 0, 5, 4], { dtype: "int32" });
    const { tokens, lengths, scores } = nn.greedyDecode(count, null, { start, end: 5, maxLength: 3 });
    expect(tokens.toArray()).toEqual([
      [4, 5, 5],
      [1, 2, 3],
      [5, 5, 5],
      [5, 5, 5],
    ]);
    expect(lengths.toArray()).toEqual([1, 3, 0, 0]);
    expect(scores.toArray()).toEqual([0, 0, 0, 0]);
    const beam = nn.beamSearch(count, null, { start, end: 5, maxLength: 3, beams: 2 });
    expect(beam.tokens.at(":", 0).toArray()).toEqual(tokens.toArray());
    expect(beam.lengths.toArray()).toEqual([
      [1, 0],
      [3, 0],
      [0, 0],
      [0, 0],
    ]);
  });

  it("stops when all have ended, however long they might have become", () => {
    const start = tensor([0], { dtype: "int32" });
    const options = { start, end: 5, maxLength: 200_000 }; // to go on would take minutes
    const began = performance.now();
    expect(nn.greedyDecode(count, null, options).lengths.toArray()).toEqual([4]);
    expect(nn.beamSearch(count, null, { ...options, beams: 2 }).lengths.toArray()).toEqual([[4, 0]]);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  const start = tensor([0, 1], { dtype: "int32" });
  const fine: nn.DecodeStep<Tensor> = (tokens, s) => [zeros([2, 3]).add(tokens.expandDims(1)), s];
  const asked = { start, end: 1, maxLength: 2 };
  const state = zeros([2, 4]);

  it.each<[() => unknown, string]>([
    [
      () => nn.greedyDecode(fine, state, { ...asked, end: 3 }),
      "greedyDecode: expected an end token from 0 to 2, got 3",
    ],
    [
      () => nn.greedyDecode(fine, state, { ...asked, maxLength: 0 }),
      "greedyDecode: expected maxLength of at least 1, got 0",
    ],
    [
      () => nn.beamSearch(fine, state, { ...asked, beams: 0 }),
      "beamSearch: expected beams of at least 1, got 0",
    ],
    [
      () => nn.beamSearch(fine, state, { ...asked, beams: 1, lengthPenalty: NaN }),
      "beamSearch: expected a finite lengthPenalty, got NaN",
    ],
    [
      () => nn.beamSearch(fine, state, { ...asked, beams: 1, beamWidth: 3 } as never),
      "beamSearch: expected options { start, end, maxLength, beams, lengthPenalty }, got beamWidth",
    ],
    [
      () => nn.greedyDecode(fine, state, { ...asked, start: tensor([0.5, 1]) }),
      "greedyDecode: expected integer start tokens [batch], got float32[2]",
    ],
    [
      () => nn.greedyDecode((_t, s: null) => [zeros([2, 3]), s], null, { ...asked, start: 0 }),
      "greedyDecode: expected start tokens [batch], or a state with tensors, got neither",
    ],
    [
      () => nn.greedyDecode(fine, zeros([3, 4]), asked),
      "greedyDecode: expected a state of tensors [2, …], got float32[3,4] at state",
    ],
    [
      () =>
        nn.greedyDecode((t, s: { h: Tensor }) => [fine(t, state)[0], { h: s.h.at(0) }], { h: state }, asked),
      "greedyDecode: expected a step that keeps float32[2,4] at state.h, got float32[4] (cast or reshape it)",
    ],
    [
      () => nn.beamSearch((t, s) => [fine(t, s)[0], [s]] as never, state, { ...asked, beams: 2 }),
      "beamSearch: expected * at state, got [*]",
    ],
    [
      () => nn.greedyDecode((_t, s) => [zeros([2]), s], state, asked),
      "greedyDecode: expected float logits [2, vocabulary], got float32[2]",
    ],
    [
      () => nn.greedyDecode((t) => t as never, state, asked),
      "greedyDecode: expected a step that returns [logits, state]",
    ],
  ])("%#: says what it expects", (f, message) => {
    expect(f).toThrow(message);
  });
});
