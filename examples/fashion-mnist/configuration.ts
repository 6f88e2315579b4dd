/** What a run does: the options, the checkpoint that it goes on from, and defaults for what neither says. */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Options } from "./arguments.js";

/** What determines a run's result, but for the data. All of it is saved in the checkpoint. */
export interface Configuration {
  /** Epochs in all. Nothing else depends on it, so a short run is the beginning of a long one. */
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  readonly seed: number;
  readonly quick: boolean;
}

/** A configuration as a checkpoint has it, with what else must not change. */
export interface SavedConfiguration extends Configuration {
  /** Epochs that are done. */
  readonly done: number;
  /** Training images of the data that the run has seen. */
  readonly images: number;
  readonly data: string;
}

type Result<A> = E.Either<string, A>;

const defaults = { batch: 64, rate: 2e-3, seed: 0 };
const defaultEpochs = (quick: boolean): number => (quick ? 1 : 9);

const fresh = (options: Options): Configuration => {
  const {
    quick,
    epochs = defaultEpochs(quick),
    batch = defaults.batch,
    rate = defaults.rate,
    seed = defaults.seed,
  } = options;
  return { epochs, batch, rate, seed, quick };
};

/** An option may repeat what the checkpoint says, and nothing else: the result would be no continuation. */
const unchanged = (flag: string, given: number | undefined, saved: number): Result<number> =>
  given === undefined || given === saved
    ? E.right(saved)
    : E.left(`--${flag}: expected ${saved}, as in the checkpoint, got ${given}: leave it out, or start anew`);

/** Epochs until the run's goal, or as many again where that is reached. */
const goal = (options: Options, saved: SavedConfiguration): number => {
  if (options.epochs !== undefined) return options.epochs;
  return saved.done < saved.epochs ? saved.epochs : saved.done + defaultEpochs(saved.quick);
};

/** The configuration of a run, new or continued. */
export const configure = (options: Options, saved: SavedConfiguration | null): Result<Configuration> => {
  if (saved === null) return E.right(fresh(options));
  return pipe(
    E.Do,
    E.bind("batch", () => unchanged("batch", options.batch, saved.batch)),
    E.bind("rate", () => unchanged("learning-rate", options.rate, saved.rate)),
    E.bind("seed", () => unchanged("seed", options.seed, saved.seed)),
    E.chainFirst(() =>
      options.quick && !saved.quick ? E.left("--quick: the checkpoint is of a full run") : E.right(undefined),
    ),
    E.map((same) => ({ ...same, epochs: goal(options, saved), quick: saved.quick })),
  );
};

const format = "fluxion-fashion-mnist-1";

/** A configuration as the strings of a file's metadata: the same text for the same run. */
export const toMetadata = (saved: SavedConfiguration): Record<string, string> => {
  const { epochs, batch, rate, seed, quick, done, images, data } = saved;
  return { format, configuration: JSON.stringify({ epochs, batch, rate, seed, quick, done, images, data }) };
};

const isPositive = (x: unknown): boolean => Number.isInteger(x) && (x as number) >= 1;

const isSaved = (x: unknown): x is SavedConfiguration => {
  if (typeof x !== "object" || x === null) return false;
  const { epochs, batch, rate, seed, quick, done, images, data } = x as Record<
    keyof SavedConfiguration,
    unknown
  >;
  return (
    [epochs, batch, done, images].every(isPositive) &&
    typeof rate === "number" &&
    Number.isInteger(seed) &&
    typeof quick === "boolean" &&
    typeof data === "string"
  );
};

/** The configuration in a file's metadata. */
export const fromMetadata = (metadata: Readonly<Record<string, string>>): Result<SavedConfiguration> => {
  if (metadata["format"] !== format)
    return E.left(
      `expected a checkpoint of this example (format ${format}), got ${metadata["format"] ?? "none"}`,
    );
  return pipe(
    E.tryCatch(
      () => JSON.parse(metadata["configuration"] ?? "") as unknown,
      () => "expected a configuration as JSON in the metadata, got something else",
    ),
    E.filterOrElse(
      isSaved,
      () => "expected a configuration with epochs, batch, rate and seed, got something else",
    ),
  );
};
