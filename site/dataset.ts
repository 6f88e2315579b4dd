/** The embedded subset of Fashion-MNIST, fetched: four IDX files beside the page. */
import { decodeIdx, gunzip, IDX_IMAGES, IDX_LABELS, isGzip, type NdArray } from "fluxion/data";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Part } from "../examples/fashion-mnist/dataset.js";

/** The two parts of the data set. */
export interface Images {
  readonly train: Part;
  readonly test: Part;
}

type Task<A> = TE.TaskEither<string, A>;

const fetchBytes = (url: URL): Task<Uint8Array> =>
  pipe(
    TE.tryCatch(
      async () => {
        const response = await fetch(url);
        if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
        return new Uint8Array(await response.arrayBuffer());
      },
      (error) => `${url.pathname}: expected a file, got ${error instanceof Error ? error.message : error}`,
    ),
    // A server that declares the file's own compression has the browser undo it.
    TE.chain((bytes) =>
      isGzip(bytes)
        ? pipe(
            gunzip(bytes),
            TE.mapLeft((error) => `${url.pathname}: ${error.message}`),
          )
        : TE.right(bytes),
    ),
  );

const fetchArray = (url: URL, magic: number): Task<NdArray> =>
  pipe(
    fetchBytes(url),
    TE.chainEitherK((bytes) =>
      pipe(
        decodeIdx(bytes, magic),
        E.mapLeft((error) => `${url.pathname}: ${error.message}`),
      ),
    ),
  );

const fetchPart = (folder: URL, stem: "train" | "t10k"): Task<Part> =>
  pipe(
    TE.Do,
    TE.apS("images", fetchArray(new URL(`${stem}-images-idx3-ubyte.gz`, folder), IDX_IMAGES)),
    TE.apS("labels", fetchArray(new URL(`${stem}-labels-idx1-ubyte.gz`, folder), IDX_LABELS)),
  );

/** The data set in the folder at a URL that ends with a slash; a Left is one line that says what is wrong. */
export const fetchImages = (folder: URL): Task<Images> =>
  pipe(TE.Do, TE.apS("train", fetchPart(folder, "train")), TE.apS("test", fetchPart(folder, "t10k")));
