/** The baseline: logistic regression on how often letters, or pairs of letters, occur in a name. */
import { jit, random, tensor, type Tensor } from "fluxion";
import * as nn from "fluxion/nn";
import { alphabet, type Surname } from "./surnames.js";

/** What is counted. A name begins and ends with a space. */
export type Bag = "letters" | "pairs";

const size = alphabet.length;

export const bagSize = (bag: Bag): number => (bag === "letters" ? size : size * size);

const codesOf = (spelt: string): readonly number[] => [...` ${spelt} `].map((c) => alphabet.indexOf(c));

/** How often each letter, or each pair of neighbours, occurs in a name. */
export const countBag = (spelt: string, bag: Bag): Float32Array<ArrayBuffer> => {
  const counts = new Float32Array(bagSize(bag));
  const codes = codesOf(spelt);
  const features =
    bag === "letters" ? codes.slice(1, -1) : codes.slice(1).map((c, i) => codes[i]! * size + c);
  for (const f of features) counts[f]! += 1;
  return counts;
};

const matrixOf = (names: readonly Surname[], bag: Bag): Tensor => {
  const width = bagSize(bag);
  const data = new Float32Array(names.length * width);
  names.forEach(({ spelt }, i) => data.set(countBag(spelt, bag), i * width));
  return tensor(data, { shape: [names.length, width] });
};

export interface LogisticOptions {
  readonly steps: number;
  readonly rate: number;
  /** Weights shrink by this share of the rate in each step. */
  readonly decay: number;
}

/** Logits `[names, languages]` of the names held out, by a regression trained on all others at once in each step. */
export const logistic = (
  train: readonly Surname[],
  heldOut: readonly Surname[],
  languages: number,
  bag: Bag,
  { steps, rate, decay }: LogisticOptions,
): Tensor => {
  const x = matrixOf(train, bag);
  const labels = tensor(Int32Array.from(train, (n) => n.language));
  const optimizer = nn.adamW(nn.schedule.cosineDecay(rate, steps), { weightDecay: decay });
  const model = nn.dense(languages);
  const start = nn.initTraining(model, optimizer, random.key(0), x);
  const step = jit(nn.trainStep({ model, optimizer, metrics: {} }));
  let now: Pick<typeof start, "params" | "optimizer"> = start;
  for (let i = 0; i < steps; i++)
    now = step(now.params, start.state, now.optimizer, start.key, { inputs: x, labels });
  return model.apply(now.params, start.state, matrixOf(heldOut, bag))[0];
};
