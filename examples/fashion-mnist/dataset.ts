/** Labelled images in MNIST's four IDX files: the embedded subset of Fashion-MNIST, or any folder of them. */
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeIdx, gunzip, IDX_IMAGES, IDX_LABELS, isGzip, type NdArray } from "fluxion/data";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { fashionClasses } from "./classes.js";

/** Images uint8 [n, height, width] and their labels uint8 [n]. */
export interface Part {
  readonly images: NdArray;
  readonly labels: NdArray;
}

export interface Dataset {
  readonly name: string;
  /** The name of each label. */
  readonly classes: readonly string[];
  readonly train: Part;
  readonly test: Part;
}

/** Why a folder is no data set. The message names the file. */
export class DatasetError extends Error {
  override readonly name: string = "DatasetError";
}

/** The folder of the embedded subset. */
export const embedded: string = fileURLToPath(new URL("data", import.meta.url));

type Result<A> = E.Either<DatasetError, A>;
type Task<A> = TE.TaskEither<DatasetError, A>;

const wrong = (file: string, reason: string): DatasetError => new DatasetError(`${file}: ${reason}`);

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The first of the usual spellings that is there: a dot or a dash before `idx`, compressed or not. */
const find = (directory: string, files: readonly string[], stem: string, kind: string): Result<string> => {
  const spellings = [`${stem}-${kind}`, `${stem}.${kind}`].flatMap((name) => [name, `${name}.gz`]);
  const found = spellings.find((name) => files.includes(name));
  if (found !== undefined) return E.right(join(directory, found));
  return E.left(wrong(directory, `expected a file ${stem}-${kind} or ${stem}-${kind}.gz, got none`));
};

const readBytes = (file: string): Task<Uint8Array> =>
  pipe(
    TE.tryCatch(
      () => readFile(file),
      (error) => wrong(file, reasonOf(error)),
    ),
    TE.chain((bytes) =>
      isGzip(bytes)
        ? pipe(
            gunzip(bytes),
            TE.mapLeft((error) => wrong(file, error.message)),
          )
        : TE.right<DatasetError, Uint8Array>(bytes),
    ),
  );

const readArray = (directory: string, files: readonly string[], stem: string, kind: string): Task<NdArray> =>
  pipe(
    TE.fromEither(find(directory, files, stem, kind)),
    TE.chain((file) =>
      pipe(
        readBytes(file),
        TE.chainEitherK((bytes) =>
          pipe(
            decodeIdx(bytes, kind === "idx3-ubyte" ? IDX_IMAGES : IDX_LABELS),
            E.mapLeft((error) => wrong(file, error.message)),
          ),
        ),
      ),
    ),
  );

const readPart = (directory: string, files: readonly string[], stem: "train" | "t10k"): Task<Part> =>
  pipe(
    TE.Do,
    TE.bind("images", () => readArray(directory, files, `${stem}-images`, "idx3-ubyte")),
    TE.bind("labels", () => readArray(directory, files, `${stem}-labels`, "idx1-ubyte")),
    TE.filterOrElse(
      ({ images, labels }) => images.shape[0] === labels.shape[0],
      ({ images, labels }) =>
        wrong(
          directory,
          `expected as many ${stem}-images as ${stem}-labels, got ${images.shape[0]} and ${labels.shape[0]}`,
        ),
    ),
    TE.filterOrElse(
      ({ images }) => images.data.length > 0,
      () => wrong(directory, `expected ${stem}-images of at least one pixel, got none`),
    ),
  );

const largest = ({ data }: NdArray): number => {
  let max = 0;
  for (const label of data) max = Math.max(max, label);
  return max;
};

/** Names from a file `classes.txt`, one a line; else Fashion-MNIST's if the folder says so; else 0, 1, 2, …. */
const readClasses = (
  directory: string,
  files: readonly string[],
  labels: NdArray,
): Task<readonly string[]> => {
  if (files.includes("classes.txt")) {
    return pipe(
      readBytes(join(directory, "classes.txt")),
      TE.map((bytes) =>
        new TextDecoder()
          .decode(bytes)
          .split(/\r?\n/)
          .filter((line) => line.trim() !== ""),
      ),
    );
  }
  if (directory === embedded || /fashion/i.test(basename(directory))) return TE.right(fashionClasses);
  return TE.right(Array.from({ length: largest(labels) + 1 }, (_, i) => String(i)));
};

/** What only the two parts together can tell: images of one size, labels that have names. */
const check = (directory: string, dataset: Dataset): Result<Dataset> => {
  const { train, test, classes } = dataset;
  const [a, b] = [train, test].map(({ images }) => images.shape.slice(1).join("×"));
  if (a !== b)
    return E.left(wrong(directory, `expected test images of ${a} pixels as in training, got ${b}`));
  for (const [stem, { labels }] of [
    ["train", train],
    ["t10k", test],
  ] as const) {
    const label = largest(labels);
    if (label >= classes.length) {
      return E.left(wrong(directory, `expected ${stem}-labels below ${classes.length}, got ${label}`));
    }
  }
  return E.right(dataset);
};

/**
 * The data set in `directory`: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and the same with `t10k`,
 * gzipped or not. Without a directory the embedded subset: 1,000 training and 200 test images of each class.
 */
export const loadDataset = (directory: string = embedded): Task<Dataset> =>
  pipe(
    TE.tryCatch(
      () => readdir(directory),
      (error) => wrong(directory, reasonOf(error)),
    ),
    TE.bindTo("files"),
    TE.bind("train", ({ files }) => readPart(directory, files, "train")),
    TE.bind("test", ({ files }) => readPart(directory, files, "t10k")),
    TE.bind("classes", ({ files, train }) => readClasses(directory, files, train.labels)),
    TE.chainEitherK(({ train, test, classes }) => {
      const name = directory === embedded ? "Fashion-MNIST (embedded subset)" : basename(directory);
      return check(directory, { name, classes, train, test });
    }),
  );
