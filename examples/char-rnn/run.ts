/** Training by truncated backpropagation through time, and the comparison with n-grams. */
import { add, jit, random, tensor, tree, type Tensor } from "fluxion";
import * as nn from "fluxion/nn";
import {
  characterModel,
  type CharacterModel,
  freshState,
  type ModelSize,
  type Params,
  sampler,
} from "./model.js";
import { bitsPerCharacter, trainNGram } from "./ngram.js";
import { type Alphabet, alphabetOf, type Window, windows } from "./text.js";

/** How much data and work. */
export interface Size extends ModelSize {
  /** Characters of the text that are trained on, at most; those held out follow them. */
  readonly characters: number;
  readonly heldOut: number;
  /** Texts that are read side by side, and characters of each in a step. */
  readonly streams: number;
  readonly window: number;
  readonly steps: number;
  readonly rate: number;
  /** Samples are drawn so often. */
  readonly samples: number;
}

export const full: Size = {
  ...{ characters: 364_000, heldOut: 40_000 },
  ...{ embedding: 64, features: 256, streams: 16, window: 48, steps: 2400, rate: 5e-3, samples: 5 },
};
export const quick: Size = {
  ...{ characters: 60_000, heldOut: 8_000 },
  ...{ embedding: 16, features: 64, streams: 8, window: 25, steps: 600, rate: 1e-2, samples: 2 },
};

export interface Report {
  /** Bits per character of the held-out text. */
  readonly model: number;
  readonly nGrams: readonly { readonly order: number; readonly bits: number }[];
  readonly parameters: number;
  /** How often the training text was read. */
  readonly epochs: number;
  readonly seconds: number;
}

const batchOf = ({ inputs, labels }: Window, streams: number): nn.Batch => ({
  inputs: tensor(inputs, { shape: [streams, inputs.length / streams] }),
  labels: tensor(labels, { shape: [streams, labels.length / streams] }),
});

/** Mean of -log₂ p over the characters of a text from the second one on, read in `streams` parts. */
export const bitsOf = (
  model: CharacterModel,
  params: Params,
  codes: Int32Array,
  streams: number,
  window: number,
): number => {
  const read = jit((p: Params, state: nn.LayerStateOf<CharacterModel>, { inputs, labels }: nn.Batch) => {
    const [logits, next] = model.apply(p, state, inputs);
    return { loss: nn.crossEntropy(logits, labels), state: next };
  });
  const count = Math.floor((codes.length - 1) / streams / window);
  let state = freshState(model, streams);
  let total = 0;
  const all = windows(codes, streams, window);
  for (let i = 0; i < count; i++) {
    const out = read(params, state, batchOf(all.next().value, streams));
    state = out.state;
    total += out.loss.item();
  }
  return total / count / Math.LN2;
};

const sizeOf = (params: Params): number =>
  (tree.leaves(params) as readonly Tensor[]).reduce((n, p) => n + p.size, 0);

const show = (text: string): string => text.replace(/\n/g, "\n  ¶ ");

/** Trains on the beginning of the text and reports on what follows. */
export const run = (text: string, size: Size, log: (line: string) => void = () => undefined): Report => {
  const began = performance.now();
  const alphabet: Alphabet = alphabetOf(text);
  const codes = alphabet.encode(text);
  const train = codes.subarray(0, size.characters);
  const heldOut = codes.subarray(size.characters, size.characters + size.heldOut + 1);
  const count = alphabet.symbols.length;

  const nGrams = [3, 4, 5].map((order) => ({
    order,
    bits: bitsPerCharacter(trainNGram(train, order, count), heldOut),
  }));
  for (const { order, bits } of nGrams) log(`${order}-grams: ${bits.toFixed(3)} bits per character held out`);

  const model = characterModel(count, size);
  const optimizer = nn.chain(
    nn.clipByGlobalNorm(1),
    nn.adam(nn.schedule.cosineDecay(size.rate, size.steps, { alpha: 0.02 })),
  );
  const step = jit(nn.trainStep({ model, optimizer, metrics: {} }));
  const write = sampler(model, 160);
  const prompt = "The whale";
  const { key, ...start } = nn.initTraining(model, optimizer, random.key(0), {
    shape: [size.streams, size.window],
    dtype: "int32",
  });
  const texts = windows(train, size.streams, size.window);
  let now: Pick<typeof start, "params" | "state" | "optimizer"> = start;
  let losses: Tensor[] = [];
  for (let i = 1; i <= size.steps; i++) {
    const out = step(now.params, now.state, now.optimizer, key, batchOf(texts.next().value, size.streams));
    now = out;
    losses.push(out.loss);
    if (i % Math.ceil(size.steps / size.samples) !== 0 && i !== size.steps) continue;
    const loss = losses.reduce((a, b) => add(a, b)).item() / losses.length;
    losses = [];
    const drawn = write(now.params, tensor(alphabet.encode(prompt)), random.key(i), tensor(0.7));
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    log(
      `\nstep ${i}/${size.steps}: ${(loss / Math.LN2).toFixed(3)} bits per character in training, ${seconds} s`,
    );
    log(`  ${show(prompt + alphabet.decode(drawn.dataSync()))}`);
  }
  return {
    model: bitsOf(model, now.params, heldOut, 8, Math.min(100, Math.floor(size.heldOut / 8))),
    nGrams,
    parameters: sizeOf(now.params),
    epochs: (size.steps * size.streams * size.window) / train.length,
    seconds: (performance.now() - began) / 1000,
  };
};
