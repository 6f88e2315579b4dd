/** The command line of the example. */
import { parseArgs } from "node:util";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";

export interface Options {
  /** A folder of IDX files instead of the embedded subset. */
  readonly data: string | undefined;
  /** What was not given is up to the checkpoint, or to the defaults: see configuration.ts. */
  readonly epochs: number | undefined;
  readonly batch: number | undefined;
  readonly rate: number | undefined;
  readonly seed: number | undefined;
  /** A checkpoint to go on from, and where to write one. */
  readonly resume: string | undefined;
  readonly save: string | undefined;
  /** A short run, to see that everything works. */
  readonly quick: boolean;
  readonly help: boolean;
}

export const usage: string = `Trains a small convolutional network on images of clothes.

  npm start -- [options]

  --data DIR         a folder of MNIST's four IDX files, gzipped or not
                     (default: the embedded subset of Fashion-MNIST, 10,000 + 2,000 images)
  --epochs N         passes over the training images          (default 9; with --quick 1)
  --batch N          images per step                          (default 64)
  --learning-rate X  of the first epoch; it decays by a fifth every epoch  (default 0.002)
  --seed N           of initialisation and shuffling          (default 0)
  --save FILE        where the checkpoint is written (safetensors), after every epoch
                     (default fashion-mnist.safetensors; with --quick fashion-mnist-quick.safetensors)
  --resume FILE      go on from a checkpoint, with the options it was made with, until as many epochs are done
                     as it was meant for (if they are, for as many again; --epochs N: until N are)
  --quick            a run of seconds on 512 + 256 images
  --help             this text
`;

type Result<A> = E.Either<string, A>;

interface Range {
  readonly integer: boolean;
  readonly min: number;
  readonly max: number;
}

const describe = ({ integer, min, max }: Range): string => {
  const kind = integer ? "an integer" : "a number";
  return max === Infinity ? `${kind} of at least ${min}` : `${kind} from ${min} to ${max}`;
};

/** The number that option `name` was given, if it was. */
const numberOption = (name: string, text: string | undefined, range: Range): Result<number | undefined> => {
  if (text === undefined) return E.right(undefined);
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  const fits = value >= range.min && value <= range.max && (!range.integer || Number.isSafeInteger(value));
  return fits
    ? E.right(value)
    : E.left(`--${name}: expected ${describe(range)}, got ${JSON.stringify(text)}`);
};

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;

const parse = E.tryCatchK(
  (args: readonly string[]) =>
    parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        data: text,
        epochs: { ...text, short: "e" },
        batch: { ...text, short: "b" },
        "learning-rate": text,
        seed: text,
        resume: text,
        save: text,
        quick: flag,
        help: { ...flag, short: "h" },
      },
    }).values,
  // Node's messages say which option it was; what follows the first sentence is advice on positionals.
  (error) => (error instanceof Error ? error.message.split(". ")[0]! : String(error)),
);

const count: Range = { integer: true, min: 1, max: Infinity };
const rates: Range = { integer: false, min: 0, max: 10 };
const seeds: Range = { integer: true, min: 0, max: 2 ** 32 - 1 };

/** The options in the arguments of a command line; a Left is one line that says what is wrong. */
export const parseArguments = (args: readonly string[]): Result<Options> =>
  pipe(
    E.Do,
    E.bind("values", () => parse(args)),
    E.bind("epochs", ({ values }) => numberOption("epochs", values.epochs, count)),
    E.bind("batch", ({ values }) => numberOption("batch", values.batch, count)),
    E.bind("rate", ({ values }) => numberOption("learning-rate", values["learning-rate"], rates)),
    E.bind("seed", ({ values }) => numberOption("seed", values.seed, seeds)),
    E.map(({ values: { data, resume, save, quick, help }, epochs, batch, rate, seed }) => {
      return { data, epochs, batch, rate, seed, resume, save, quick, help };
    }),
  );
