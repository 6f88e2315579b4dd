/** The whole job: data, training with progress and checkpoints, and what the network has learnt. */
import { getBackend, tree } from "fluxion";
import { confusionMatrix, takeExamples, type NdArray } from "fluxion/data";
import { arraysOfTree, readSafetensors, treeOfArrays, writeSafetensors, type Arrays } from "fluxion/io";
import * as nn from "fluxion/nn";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { parseArguments, usage, type Options } from "./arguments.js";
import {
  configure,
  fromMetadata,
  toMetadata,
  type Configuration,
  type SavedConfiguration,
} from "./configuration.js";
import { loadDataset, type Dataset, type Part } from "./dataset.js";
import { first, network, predictor, shuffled, startState, type Network, type RunState } from "./network.js";
import { duration, progress, type Output } from "./progress.js";
import { formatConfusion, formatMistakes, formatScores } from "./report.js";
import { colourMode, drawPictures, predictionCaption, type Picture } from "./terminal.js";

type Task<A> = TE.TaskEither<string, A>;

/** A checkpoint's contents before it is known whether they fit the network. */
interface Opened {
  readonly saved: SavedConfiguration;
  readonly arrays: Arrays;
}

const open = (file: string | undefined): Task<Opened | null> => {
  if (file === undefined) return TE.right(null);
  return pipe(
    readSafetensors(file),
    TE.mapLeft((error) => error.message),
    TE.chainEitherK(({ tensors, metadata }) =>
      pipe(
        fromMetadata(metadata),
        E.bimap(
          (reason) => `${file}: ${reason}`,
          (saved) => ({ saved, arrays: tensors }),
        ),
      ),
    ),
  );
};

const quickly = (dataset: Dataset): Dataset => ({
  ...dataset,
  train: first(dataset.train, 512),
  test: first(dataset.test, 256),
});

const load = (options: Options, { quick }: Configuration): Task<Dataset> =>
  pipe(
    loadDataset(options.data),
    TE.bimap(
      (error) => error.message,
      (dataset) => (quick ? quickly(dataset) : dataset),
    ),
  );

const sameData = (opened: Opened | null, { name, train }: Dataset): E.Either<string, void> => {
  const images = train.labels.data.length;
  if (opened === null || (opened.saved.images === images && opened.saved.data === name))
    return E.right(undefined);
  const { saved } = opened;
  return E.left(
    `expected the data of the checkpoint, ${saved.data} with ${saved.images} training images, got ${name} with ${images}: give --data DIR`,
  );
};

/** Everything that a run needs. */
interface Job {
  readonly options: Options;
  readonly configuration: Configuration;
  readonly dataset: Dataset;
  readonly net: Network;
  readonly start: RunState;
  /** Where the checkpoint goes. */
  readonly file: string;
}

const begin = (
  net: Network,
  dataset: Dataset,
  { seed }: Configuration,
  opened: Opened | null,
  file: string,
): E.Either<string, RunState> => {
  const start = startState(net, dataset.train, seed);
  if (opened === null) return E.right(start);
  return pipe(
    treeOfArrays(opened.arrays, start),
    E.mapLeft((error) => `${file}: ${error.message}`),
  );
};

const prepare = (options: Options): Task<Job> =>
  pipe(
    TE.Do,
    TE.bind("opened", () => open(options.resume)),
    TE.bind("configuration", ({ opened }) => TE.fromEither(configure(options, opened?.saved ?? null))),
    TE.bind("dataset", ({ configuration }) => load(options, configuration)),
    TE.chainFirst(({ opened, dataset }) => TE.fromEither(sameData(opened, dataset))),
    TE.let("net", ({ dataset, configuration }) =>
      network(dataset.train, dataset.classes.length, configuration),
    ),
    TE.bind("start", ({ net, dataset, configuration, opened }) =>
      TE.fromEither(begin(net, dataset, configuration, opened, options.resume ?? "")),
    ),
    TE.map(({ configuration, dataset, net, start }) => {
      const fallback = configuration.quick ? "fashion-mnist-quick.safetensors" : "fashion-mnist.safetensors";
      return {
        options,
        configuration,
        dataset,
        net,
        start,
        file: options.save ?? options.resume ?? fallback,
      };
    }),
  );

const headline = ({ configuration: c, dataset, net, start }: Job): string => {
  const { images } = dataset.train;
  const count = tree.reduce((n, p) => n + p.size, 0, start.params);
  const done = Math.floor(start.step / net.steps);
  return [
    `${dataset.name}: ${images.shape[0]} training and ${dataset.test.labels.data.length} test images of ${images.shape[1]}×${images.shape[2]}, ${dataset.classes.length} classes`,
    `LeNet with ${count} parameters; Adam, learning rate ${c.rate}, batches of ${c.batch}, ${c.epochs} epochs, seed ${c.seed}, ${getBackend()} backend`,
    ...(done > 0 ? [`going on after epoch ${done}`] : []),
    "",
  ].join("\n");
};

const save = ({ configuration, dataset, file }: Job, state: RunState, done: number): Task<void> => {
  const images = dataset.train.labels.data.length;
  const metadata = toMetadata({ ...configuration, done, images, data: dataset.name });
  return pipe(
    writeSafetensors(file, arraysOfTree(state), metadata),
    TE.mapLeft((error) => error.message),
  );
};

const orThrow = async <A>(task: Task<A>): Promise<A> => {
  const result = await task();
  if (E.isRight(result)) return result.right;
  throw new Failure(result.left);
};

/** What ends the run with a line on the error output. */
class Failure extends Error {
  override readonly name: string = "Failure";
}

type Predict = ReturnType<typeof predictor>;

const countRight = (predicted: ArrayLike<number>, labels: ArrayLike<number>): number =>
  Array.from(labels).filter((label, i) => label === predicted[i]).length;

const testAccuracy = async (predict: Predict, state: RunState, { images, labels }: Part): Promise<number> =>
  countRight(await predict(state, images), labels.data) / labels.data.length;

/** Trains until all epochs are done; the state after the last of them. */
const train = async (job: Job, predict: Predict, output: Output): Promise<RunState> => {
  const { configuration, dataset, net, start } = job;
  const show = progress(output);
  let state = start;
  for await (const event of nn.train({
    ...net,
    start,
    epochs: configuration.epochs,
    batches: shuffled(dataset.train, configuration.batch),
  })) {
    if (event._tag === "Step") {
      show.step(event);
      if (!Number.isFinite(event.batchLoss))
        throw new Failure(
          `expected a finite loss, got ${event.batchLoss} in step ${event.step} of epoch ${event.epoch}: try a lower --learning-rate`,
        );
      continue;
    }
    state = event.state;
    await orThrow(save(job, state, event.epoch));
    const test = await testAccuracy(predict, state, dataset.test);
    const scores = `loss ${event.loss.toFixed(4)}  accuracy ${(100 * event.metrics.accuracy).toFixed(1)}%  test ${(100 * test).toFixed(1)}%`;
    show.finish(`epoch ${event.epoch}/${event.epochs}  ${scores}  ${event.seconds.toFixed(1)}s`);
  }
  return state;
};

/** Pictures of some images that were predicted wrong, and some that were right. */
const gallery = (dataset: Dataset, predicted: Int32Array, columns: number): Picture[] => {
  const { images, labels } = dataset.test;
  const [, height, width] = images.shape as [number, number, number];
  const perRow = Math.max(1, Math.floor((columns + 2) / (width + 2)));
  const indices = Array.from(predicted.keys());
  const right = indices.filter((i) => predicted[i] === labels.data[i]).slice(0, perRow);
  const wrong = indices.filter((i) => predicted[i] !== labels.data[i]).slice(0, perRow);
  const name = (label: number): string => dataset.classes[label] ?? String(label);
  return [...right, ...wrong].map((i) => {
    const { data }: NdArray = takeExamples(images, [i]);
    return {
      width,
      height,
      pixels: data,
      caption: predictionCaption(name(labels.data[i]!), name(predicted[i]!)),
    };
  });
};

const report = (dataset: Dataset, predicted: Int32Array, output: Output): string => {
  const { classes, test } = dataset;
  const matrix = confusionMatrix(test.labels.data, predicted, classes.length);
  const pictures = gallery(dataset, predicted, output.columns);
  const mistakes = formatMistakes(matrix, classes);
  return [
    formatScores(matrix, classes),
    formatConfusion(matrix, classes),
    ...(mistakes === "" ? [] : [mistakes]),
    drawPictures(pictures, colourMode({ isTTY: output.isTTY, env: output.env }), output.columns),
  ].join("\n\n");
};

const work = async (options: Options, output: Output): Promise<void> => {
  const write = (text: string): void => void output.stream.write(`${text}\n`);
  const job = await orThrow(prepare(options));
  write(headline(job));
  const predict = predictor(job.net);
  const began = performance.now();
  const state = await train(job, predict, output);
  const seconds = (performance.now() - began) / 1000;
  const predicted = await predict(state, job.dataset.test.images);
  write(`\n${report(job.dataset, predicted, output)}\n`);
  write(`checkpoint ${job.file}: npm start -- --resume ${job.file} goes on from it`);
  const right = countRight(predicted, job.dataset.test.labels.data);
  const all = predicted.length;
  write(`test accuracy ${(right / all).toFixed(3)} (${right} of ${all}), trained in ${duration(seconds)}`);
};

/** Runs the example with the arguments of a command line; the exit code. */
export const run = async (
  args: readonly string[],
  output: Output,
  errors: NodeJS.WritableStream,
): Promise<number> => {
  const options = parseArguments(args);
  if (E.isLeft(options)) {
    errors.write(`${options.left}\n\n${usage}`);
    return 2;
  }
  if (options.right.help) {
    output.stream.write(usage);
    return 0;
  }
  try {
    await work(options.right, output);
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    errors.write(`fashion-mnist: ${error.message}\n`);
    return 1;
  }
};
