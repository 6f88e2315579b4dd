/** Training of the network and of the baselines, and their scores on names held out. */
import { argmax, jit, random, take, tensor, type Tensor } from "fluxion";
import { confusionMatrix, type ConfusionMatrix } from "fluxion/data";
import * as nn from "fluxion/nn";
import { type Bag, logistic, type LogisticOptions } from "./bags.js";
import { classifier, type NetworkSize, padded } from "./network.js";
import { split, type Surname, type Surnames } from "./surnames.js";

/** How much data and work. */
export interface Size extends NetworkSize {
  /** Names, at most: every second, third … one is left out beyond that. */
  readonly names: number;
  /** Letters that are read. */
  readonly length: number;
  readonly batch: number;
  readonly epochs: number;
  readonly rate: number;
  readonly logistic: LogisticOptions;
}

export const full: Size = {
  ...{ names: Infinity, length: 16, embedding: 24, features: 48, dropout: 0.2 },
  ...{ batch: 64, epochs: 12, rate: 4e-3, logistic: { steps: 300, rate: 0.1, decay: 1e-3 } },
};
export const quick: Size = {
  ...{ names: 2400, length: 12, embedding: 16, features: 32, dropout: 0.1 },
  ...{ batch: 32, epochs: 6, rate: 1e-2, logistic: { steps: 100, rate: 0.1, decay: 1e-3 } },
};

export interface Answer {
  readonly name: Surname;
  readonly guess: number;
}

export interface Contestant {
  readonly title: string;
  /** How often names of each language (rows) were taken for each language (columns). */
  readonly confusion: ConfusionMatrix;
}

export interface Report {
  readonly trained: number;
  readonly heldOut: number;
  readonly contestants: readonly Contestant[];
  /** The network's. */
  readonly answers: readonly Answer[];
  readonly seconds: number;
}

const labelsOf = (names: readonly Surname[]): Int32Array<ArrayBuffer> =>
  Int32Array.from(names, (n) => n.language);

/** About so many of the names, evenly. */
export const thin = <A>(list: readonly A[], count: number): readonly A[] => {
  const step = Math.max(1, list.length / count);
  return Array.from({ length: Math.floor(list.length / step) }, (_, i) => list[Math.floor(i * step)]!);
};

/** Trains the network; logits `[names, languages]` of the names held out. */
const network = async (
  train: readonly Surname[],
  heldOut: readonly Surname[],
  languages: number,
  size: Size,
  log: (line: string) => void,
): Promise<Tensor> => {
  const inputs = padded(train, size.length);
  const labels = tensor(labelsOf(train));
  const steps = Math.floor(train.length / size.batch);
  const model = classifier(languages, size);
  const optimizer = nn.chain(
    nn.clipByGlobalNorm(1),
    nn.adam(nn.schedule.cosineDecay(size.rate, steps * size.epochs)),
  );
  const start = nn.initTraining(model, optimizer, random.key(0), inputs);
  const batches = function* (key: Tensor): Generator<nn.Batch> {
    const order = random.permutation(key, train.length);
    for (let i = 0; i < steps; i++) {
      const rows = order.slice([i * size.batch], [(i + 1) * size.batch]);
      yield { inputs: take(inputs, rows, { axis: 0 }), labels: take(labels, rows, { axis: 0 }) };
    }
  };
  let { params, state } = start;
  for await (const event of nn.train({ model, optimizer, start, epochs: size.epochs, steps, batches }))
    if (event._tag === "Epoch") {
      ({ params, state } = event.state);
      log(
        `epoch ${event.epoch}/${event.epochs}  loss ${event.loss.toFixed(3)}  ` +
          `accuracy in training ${(100 * event.metrics.accuracy).toFixed(1)}%  ${event.seconds.toFixed(1)} s`,
      );
    }
  const read = jit((p: typeof params, codes: Tensor) => model.apply(p, state, codes)[0]);
  return read(params, padded(heldOut, size.length));
};

/** Trains on four fifths of the names and reports on the rest. */
export const run = async (
  { languages, names }: Surnames,
  size: Size,
  log: (line: string) => void = () => undefined,
  held = 0,
): Promise<Report> => {
  const began = performance.now();
  const { train, heldOut } = split(thin(names, size.names), held);
  const labels = labelsOf(heldOut);
  const guesses = (logits: Tensor): Int32Array => Int32Array.from(argmax(logits, { axis: -1 }).dataSync());
  const contestant = (title: string, logits: Tensor): Contestant => ({
    title,
    confusion: confusionMatrix(labels, guesses(logits), languages.length),
  });
  const bag = (title: string, of: Bag): Contestant =>
    contestant(title, logistic(train, heldOut, languages.length, of, size.logistic));
  const baselines = [bag("logistic, bag of letters", "letters"), bag("logistic, bag of pairs", "pairs")];
  const logits = await network(train, heldOut, languages.length, size, log);
  const answered = guesses(logits);
  return {
    trained: train.length,
    heldOut: heldOut.length,
    contestants: [...baselines, contestant("GRU, letter by letter", logits)],
    answers: heldOut.map((name, i) => ({ name, guess: answered[i]! })),
    seconds: (performance.now() - began) / 1000,
  };
};
