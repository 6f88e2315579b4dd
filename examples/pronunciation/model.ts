/**
 * Sequence to sequence with attention (D. Bahdanau et al., 2014; M.-T. Luong et al., 2015): an encoder reads the letters
 * both ways; a decoder writes phonemes, and before each looks at the letters.
 */
import { concat, random, scan, swapAxes, tanh, type Tensor, zeros } from "fluxion";
import * as nn from "fluxion/nn";
import { end, letters, longest, type Spellings, type Targets, vocabulary } from "./dictionary.js";

/** Sizes of the layers. */
export interface Sizes {
  /** Features of a letter and of a phoneme. */
  readonly embedding: number;
  /** Features of the encoder, each way. */
  readonly encoder: number;
  readonly decoder: number;
}

/** What the decoder carries from phoneme to phoneme: its own state, and what it saw last. */
export interface Writing {
  readonly h: Tensor;
  readonly context: Tensor;
}

/** What the encoder makes of the letters: `[batch, longest, 2 · encoder]`, and which of them are letters. */
export interface Memory {
  readonly states: Tensor;
  readonly mask: Tensor;
}

/** The parts of the model, pure functions of its parameters. */
export const makeModel = (sizes: Sizes) => {
  const reader = nn.sequential({
    letters: nn.embedding(letters, sizes.embedding),
    ways: nn.bidirectional(nn.gru(sizes.encoder, { returnSequences: true })),
  });
  const cell = nn.gruCell(sizes.decoder);
  const seen = 2 * sizes.encoder;
  const tokens = nn.embedding(vocabulary, sizes.embedding);
  const first = nn.dense(sizes.decoder);
  const query = nn.dense(seen, { bias: false });
  const output = nn.dense(vocabulary);
  const float = (...shape: number[]) => ({ shape, dtype: "float32" }) as const;
  const readerStart = reader.init(random.key(0), { shape: [1, longest], dtype: "int32" });

  const init = (key: Tensor) => {
    const [k1, k2, k3, k4, k5, k6] = random.split(key, 6) as unknown as Tensor[];
    return {
      reader: reader.init(k1!, { shape: [1, longest], dtype: "int32" }).params,
      tokens: tokens.init(k2!, { shape: [1], dtype: "int32" }).params,
      first: first.init(k3!, float(1, sizes.encoder)).params,
      cell: cell.init(k4!, sizes.embedding + seen, "float32"),
      query: query.init(k5!, float(1, sizes.decoder)).params,
      output: output.init(k6!, float(1, sizes.decoder + seen)).params,
    };
  };
  type Params = ReturnType<typeof init>;

  const read = (p: Params, { letters, lengths }: Spellings): Memory => ({
    states: reader.apply(p.reader, readerStart.state, letters, { lengths })[0],
    mask: nn.sequenceMask(lengths, longest),
  });

  /** Before the first phoneme: from what the way back has made of the whole word. */
  const begin = (p: Params, { states }: Memory): Writing => {
    const batch = states.shape[0] as number;
    const back = states.at(":", 0, `${sizes.encoder}:`);
    return { h: tanh(first.apply(p.first, [], back)[0]), context: zeros([batch, seen]) };
  };

  /** One phoneme further: features of the next one `[batch, decoder + seen]`, and where the decoder looked. */
  const write = (p: Params, memory: Memory, { h, context }: Writing, token: Tensor) => {
    const next = cell.apply(p.cell, h, concat([token, context], { axis: 1 }));
    const asked = query.apply(p.query, [], next)[0];
    const { context: seenNow, shares } = nn.dotAttention(asked, memory.states, { mask: memory.mask });
    return { writing: { h: next, context: seenNow }, features: concat([next, seenNow], { axis: 1 }), shares };
  };

  const embed = (p: Params, t: Tensor): Tensor => tokens.apply(p.tokens, [], t)[0];
  const logitsOf = (p: Params, features: Tensor): Tensor => output.apply(p.output, [], features)[0];

  /** Teacher forcing: at each step the decoder is given what it should have written before. */
  const forced = (p: Params, words: Spellings, targets: Tensor): { logits: Tensor; shares: Tensor } => {
    const memory = read(p, words);
    const [batch, time] = targets.shape as readonly [number, number];
    const before = concat(
      [zeros([batch, 1], { dtype: "int32" }).add(end), targets.slice([0, 0], [batch, time - 1])],
      {
        axis: 1,
      },
    );
    type Row = { features: Tensor; shares: Tensor };
    const step = (w: Writing, token: Tensor): [Writing, Row] => {
      const { writing, features, shares } = write(p, memory, w, token);
      return [writing, { features, shares }];
    };
    const [, rows] = scan<Writing, Tensor, Row>(step, begin(p, memory), swapAxes(embed(p, before), 0, 1));
    return { logits: logitsOf(p, swapAxes(rows.features, 0, 1)), shares: swapAxes(rows.shares, 0, 1) };
  };

  const loss = (p: Params, words: Spellings, targets: Targets): Tensor =>
    nn.sequenceCrossEntropy(forced(p, words, targets.tokens).logits, targets.tokens, {
      lengths: targets.lengths,
    });

  const pronounce = (p: Params, words: Spellings, beams: number): nn.Decoded => {
    const memory = read(p, words);
    const step: nn.DecodeStep<Writing> = (t, w) => {
      const { writing, features } = write(p, memory, w, embed(p, t));
      return [logitsOf(p, features), writing];
    };
    return nn.beamSearch(step, begin(p, memory), {
      start: end,
      end,
      maxLength: longest + 1,
      beams,
      lengthPenalty: 0.6,
    });
  };
  return { init, loss, forced, pronounce };
};
