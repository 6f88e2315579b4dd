/** The classifier: a recurrent network that reads a name letter by letter, both ways. */
import { cast, greater, sum, tensor, type Tensor } from "fluxion";
import * as nn from "fluxion/nn";
import { alphabet, type Surname } from "./surnames.js";

/** Letters count from 1; 0 is padding. */
export const padded = (names: readonly Surname[], length: number): Tensor => {
  const codes = new Int32Array(names.length * length);
  names.forEach(({ spelt }, i) =>
    [...spelt].slice(0, length).forEach((c, t) => (codes[i * length + t] = 1 + alphabet.indexOf(c))),
  );
  return tensor(codes, { shape: [names.length, length] });
};

/** int32 `[names]`: how many letters are no padding. */
export const lengthsOf = (codes: Tensor): Tensor => sum(cast(greater(codes, 0), "int32"), { axis: 1 });

/** A layer over padded codes that tells the layers in it how long each name is. */
const withLengths = <P, S>(inner: nn.Layer<P, S>): nn.Layer<P, S> =>
  nn.layer({
    name: "withLengths",
    init: (key, input) => inner.init(key, input),
    apply: (params, state, codes, context) =>
      inner.apply(params, state, codes, { ...context, lengths: lengthsOf(codes) }),
  });

export interface NetworkSize {
  readonly embedding: number;
  readonly features: number;
  /** The share of features that are dropped in training. */
  readonly dropout: number;
}

/** int32 `[names, letters]` to logits `[names, languages]`. */
export const classifier = (languages: number, { embedding, features, dropout }: NetworkSize) =>
  withLengths(
    nn.sequential(
      nn.embedding(alphabet.length + 1, embedding),
      nn.bidirectional(nn.gru(features, { dropout, recurrentDropout: dropout })),
      nn.dropout(dropout),
      nn.dense(languages),
    ),
  );
