/** Small random models for decoders, as a step function and as plain numbers. */
import { fc } from "@fast-check/vitest";
import { add, take, type Tensor, tensor } from "fluxion";
import type * as nn from "fluxion/nn";

/** Logits of the next token after the last two: `logits[example][before][last][next]`. */
export interface Model {
  readonly vocabulary: number;
  readonly end: number;
  readonly logits: readonly (readonly (readonly (readonly number[])[])[])[];
}

/** The state keeps the token before the last, in a tree, so that it must follow its sequence. */
export interface State {
  readonly before: readonly [Tensor];
  readonly example: Tensor;
}

export const stepOf = ({ logits, vocabulary }: Model): nn.DecodeStep<State> => {
  const table = tensor(Float64Array.from(logits.flat(3)), {
    shape: [logits.length * vocabulary * vocabulary, vocabulary],
  });
  return (tokens, { before: [before], example }) => [
    take(table, add(add(example.mul(vocabulary * vocabulary), before.mul(vocabulary)), tokens), { axis: 0 }),
    { before: [tokens], example },
  ];
};

export const stateOf = ({ logits }: Model): State => {
  const each = (f: (i: number) => number): Tensor =>
    tensor(
      Int32Array.from(logits, (_, i) => f(i)),
      { shape: [logits.length] },
    );
  return { before: [each(() => 0)], example: each((i) => i) };
};

const logSoftmax = (z: readonly number[]): number[] => {
  const top = Math.max(...z);
  const total = top + Math.log(z.reduce((t, v) => t + Math.exp(v - top), 0));
  return z.map((v) => v - total);
};

/** A sequence with its end token, if it has one, and its log-probability. */
export interface Written {
  readonly tokens: readonly number[];
  readonly logP: number;
  readonly ended: boolean;
}

export const nothing: Written = { tokens: [], logP: 0, ended: false };

/** All ways to go on by a token; one that has ended goes on as it is. Sequences start after token 0, twice. */
export const continued = (m: Model, example: number, s: Written): Written[] => {
  if (s.ended) return [s];
  const [before, last] = [s.tokens.at(-2) ?? 0, s.tokens.at(-1) ?? 0];
  return logSoftmax(m.logits[example]![before]![last]!).map((gain, token) => ({
    tokens: [...s.tokens, token],
    logP: s.logP + gain,
    ended: token === m.end,
  }));
};

/** Wu et al. */
export const scoreOf = ({ logP, tokens }: Written, alpha: number): number =>
  logP / ((5 + tokens.length) / 6) ** alpha;

/** What a decoder returns of sequences. */
export const padded = (m: Model, all: readonly Written[], maxLength: number): number[][] =>
  all.map(({ tokens }) => [...tokens, ...new Array<number>(maxLength - tokens.length).fill(m.end)]);

export const models: fc.Arbitrary<Model> = fc
  .record({ vocabulary: fc.integer({ min: 2, max: 4 }), batch: fc.integer({ min: 1, max: 3 }) })
  .chain(({ vocabulary, batch }) => {
    const list = <A>(of: fc.Arbitrary<A>, n: number): fc.Arbitrary<A[]> =>
      fc.array(of, { minLength: n, maxLength: n });
    const logits = fc
      .uniqueArray(fc.integer({ min: -4000, max: 4000 }), { minLength: vocabulary, maxLength: vocabulary })
      .map((row) => row.map((v) => v / 1000)); // no ties in a row
    const rows = list(list(logits, vocabulary), vocabulary);
    return fc.record({
      vocabulary: fc.constant(vocabulary),
      end: fc.integer({ min: 1, max: vocabulary - 1 }),
      logits: list(rows, batch),
    });
  });
