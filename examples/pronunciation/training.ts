/** Trains the model on words of the dictionary and reports on others. */
import { jit, random, take, type Tensor, valueAndGrad } from "fluxion";
import * as nn from "fluxion/nn";
import {
  type Entry,
  longest,
  readEntries,
  readTokens,
  type Spellings,
  spell,
  targetsOf,
} from "./dictionary.js";
import { makeModel, type Sizes } from "./model.js";
import type { Looks } from "./picture.js";
import { type Score, scoreOf } from "./score.js";

/** How much data and work. */
export interface Work extends Sizes {
  /** Words to learn from, and words held out. */
  readonly words: number;
  readonly heldOut: number;
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  readonly beams: number;
}

const common = { words: 24_000, heldOut: 1000, batch: 32, beams: 4 };

export const full: Work = { ...common, embedding: 24, encoder: 48, decoder: 96, epochs: 5, rate: 4e-3 };
/** For the JavaScript backend, which computes a fifth as much in the same time or less. */
export const modest: Work = { ...common, embedding: 24, encoder: 32, decoder: 64, epochs: 2, rate: 5e-3 };
export const quick: Work = {
  ...common,
  words: 4000,
  heldOut: 200,
  embedding: 16,
  encoder: 16,
  decoder: 32,
  epochs: 4,
  rate: 1e-2,
};

/** A word that was held out, what the dictionary says, and what beam search found, best first. */
export interface Sample extends Entry {
  readonly found: readonly { readonly said: readonly string[]; readonly score: number }[];
}

export interface Report {
  /** Mean loss of each epoch. */
  readonly losses: readonly number[];
  /** On the words held out, by the likeliest next phonemes and by beam search. */
  readonly greedy: Score;
  readonly beam: Score;
  readonly samples: readonly Sample[];
  readonly looks: readonly Looks[];
  readonly seconds: number;
}

const rowsOf = <A extends object>(columns: A, rows: Tensor): A =>
  Object.fromEntries(Object.entries(columns).map(([k, x]) => [k, take(x as Tensor, rows, { axis: 0 })])) as A;

type Found = Sample["found"];

/** The sequences of a decoder, as phonemes. */
const read = ({ tokens, lengths, scores }: nn.Decoded): readonly Found[] => {
  const [t, n, s] = [
    tokens.toArray() as number[][][],
    lengths.toArray() as number[][],
    scores.toArray() as number[][],
  ];
  return t.map((beams, i) => beams.map((row, k) => ({ said: readTokens(row, n[i]![k]!), score: s[i]![k]! })));
};

/** Words that show something in a picture: long ones. */
const shown = (entries: readonly Entry[], count: number): readonly Entry[] =>
  entries.filter(({ word }) => word.length >= longest - 1).slice(0, count);

export const run = async (work: Work, log: (line: string) => void = () => undefined): Promise<Report> => {
  const began = performance.now();
  const all = readEntries();
  const [learnt, heldOut] = [all.slice(0, work.words), all.slice(-work.heldOut)];
  const data = { words: spell(learnt.map((e) => e.word)), targets: targetsOf(learnt) };
  const model = makeModel(work);
  const steps = Math.floor(work.words / work.batch);
  const optimizer = nn.chain(
    nn.clipByGlobalNorm(1),
    nn.adam(nn.schedule.cosineDecay(work.rate, steps * work.epochs)),
  );
  const params = model.init(random.key(0));
  const start = { params, optimizer: optimizer.init(params) };
  type State = typeof start;

  const step = jit((now: State, rows: Tensor) => {
    const [words, targets] = [rowsOf(data.words, rows), rowsOf(data.targets, rows)];
    const [loss, gradients] = valueAndGrad((p: State["params"]) => model.loss(p, words, targets))(now.params);
    const [updates, next] = optimizer.update(gradients, now.optimizer, now.params);
    return { loss, now: { params: nn.applyUpdates(now.params, updates), optimizer: next } };
  });

  let now = start;
  const losses: number[] = [];
  for (let epoch = 0; epoch < work.epochs; epoch++) {
    const order = random.permutation(random.key(epoch), work.words);
    let total = 0;
    for (let i = 0; i < steps; i++) {
      const result = step(now, order.slice([i * work.batch], [(i + 1) * work.batch]));
      now = result.now;
      total += result.loss.item() as number;
    }
    losses.push(total / steps);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    log(`epoch ${epoch + 1}/${work.epochs}  loss of a phoneme ${losses[epoch]!.toFixed(4)}  ${seconds} s`);
    await new Promise((resolve) => setImmediate(resolve)); // lets the terminal keep up
  }

  const spelt = spell(heldOut.map((e) => e.word));
  const pronounce = (beams: number): readonly Found[] =>
    read(jit((p: State["params"], w: Spellings) => model.pronounce(p, w, beams))(now.params, spelt));
  const [greedy, beam] = [pronounce(1), pronounce(work.beams)];
  const score = (found: readonly Found[]): Score =>
    scoreOf(
      heldOut,
      found.map((f) => f[0]!.said),
    );
  const samples = heldOut.map((entry, i) => ({ ...entry, found: beam[i]! }));

  const pictured = shown(heldOut, 4);
  const said = pictured.map((e) => samples.find((s) => s.word === e.word)!.found[0]!.said);
  const drawn = targetsOf(pictured.map(({ word }, i) => ({ word, ways: [said[i]!] })));
  const { shares } = model.forced(now.params, spell(pictured.map((e) => e.word)), drawn.tokens);
  const looks = (shares.toArray() as number[][][]).map((rows, i) => {
    const { word } = pictured[i]!;
    return { word, said: said[i]!, shares: said[i]!.map((_, t) => rows[t]!.slice(0, word.length)) };
  });
  return {
    losses,
    greedy: score(greedy),
    beam: score(beam),
    samples,
    looks,
    seconds: (performance.now() - began) / 1000,
  };
};
