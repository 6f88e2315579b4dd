/** Files, in Node, Deno and Bun. Elsewhere every task is a Left. Writing is atomic: the old file or the new one. */
import type * as files from "node:fs/promises";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { FluxionError } from "../ir/errors.js";
import { decodeSafetensors, encodeSafetensors, type Safetensors } from "./safetensors.js";
import { type Arrays, arraysOfTree, treeOfArrays } from "./tree.js";

type Task<A> = TE.TaskEither<FluxionError, A>;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const about = (operation: string, file: string, error: unknown): FluxionError =>
  new FluxionError(operation, `${file}: ${reasonOf(error)}`);

/** A task whose failures name the operation and the file. */
const attempt = <A>(operation: string, file: string, f: () => Promise<A>): Task<A> =>
  TE.tryCatch(f, (error) => about(operation, file, error));

/** Node's files. Bundlers for browsers stumble over names that begin with `node:`, so they are not shown this one. */
const nodeFiles = async (): Promise<typeof files> =>
  (await import(
    /* webpackIgnore: true */ /* @vite-ignore */ ["node", "fs/promises"].join(":")
  )) as typeof files;

/** A file beside `file`, so that renaming it is one step of the same file system. */
const besides = (file: string): string => `${file}.${globalThis.crypto.randomUUID()}.tmp`;

const replaceFile = async (file: string, bytes: Uint8Array): Promise<void> => {
  const { open, rename, rm } = await nodeFiles();
  const temporary = besides(file);
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

const writeWith = (operation: string, file: string, encode: () => Uint8Array): Task<void> =>
  attempt(operation, file, async () => replaceFile(file, encode()));

/**
 * Writes a safetensors file; see `encodeSafetensors`. An existing file is replaced as a whole or, if anything fails,
 * stays as it was. A Left names the file.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "fluxion/io";
 * import { rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 *
 * const file = `${tmpdir()}/fluxion-example-${process.pid}.safetensors`;
 * await writeSafetensors(file, { w: { shape: [2], dtype: "float32", data: Float32Array.of(1, 2) } }, { epoch: "1" })();
 * const read = await readSafetensors(file)();
 * read._tag === "Right" ? read.right.metadata["epoch"] : "" // "1"
 * await rm(file);
 * ```
 */
export const writeSafetensors = (
  file: string,
  tensors: Arrays,
  metadata: Readonly<Record<string, string>> = {},
): TE.TaskEither<FluxionError, void> =>
  writeWith("writeSafetensors", file, () => encodeSafetensors(tensors, metadata));

const readWith = (operation: string, file: string): Task<Safetensors> =>
  pipe(
    attempt(operation, file, async () => {
      const { readFile } = await nodeFiles();
      return readFile(file);
    }),
    TE.chainEitherK((bytes) => decodeSafetensors(bytes)),
    TE.mapLeft((error) => (error.operation === operation ? error : about(operation, file, error))),
  );

/**
 * Reads a safetensors file; see `decodeSafetensors`. A Left names the file and what is wrong with it.
 *
 * @example
 * ```ts
 * import { readSafetensors } from "fluxion/io";
 *
 * const read = await readSafetensors("/nowhere.safetensors")();
 * read._tag // "Left"
 * ```
 */
export const readSafetensors = (file: string): TE.TaskEither<FluxionError, Safetensors> =>
  readWith("readSafetensors", file);

/** A tree that was read, and what was written with it. */
export interface SavedTree<T> {
  readonly tree: T;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Saves a tree of tensors (parameters, or a whole training state) as a safetensors file, atomically; the names of the
 * tensors are their paths. A Left names the file.
 *
 * @example
 * ```ts
 * import { tensor, zeros } from "fluxion";
 * import { loadTree, saveTree } from "fluxion/io";
 * import { rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 *
 * const file = `${tmpdir()}/fluxion-example-${process.pid}.params.safetensors`;
 * await saveTree(file, { w: tensor([1, 2]) }, { made: "by hand" })();
 * const loaded = await loadTree(file, { w: zeros([2]) })();
 * loaded._tag === "Right" ? loaded.right.tree.w.toArray() : [] // [1, 2]
 * await rm(file);
 * ```
 */
export const saveTree = (
  file: string,
  tree: unknown,
  metadata: Readonly<Record<string, string>> = {},
): TE.TaskEither<FluxionError, void> =>
  writeWith("saveTree", file, () => encodeSafetensors(arraysOfTree(tree), metadata));

/**
 * Loads a tree that `saveTree` wrote, with the structure, shapes and dtypes of `like`. A Left names the file, and the
 * tensor that does not fit.
 *
 * @example
 * ```ts
 * import { tensor, zeros } from "fluxion";
 * import { loadTree, saveTree } from "fluxion/io";
 * import { rm } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 *
 * const file = `${tmpdir()}/fluxion-example-${process.pid}.w.safetensors`;
 * await saveTree(file, { w: tensor([1, 2]) })();
 * const loaded = await loadTree(file, { w: zeros([3]) })();
 * loaded._tag === "Left" && loaded.left.message.endsWith("expected w float32[3], got float32[2]") // true
 * await rm(file);
 * ```
 */
export const loadTree = <T>(file: string, like: T): TE.TaskEither<FluxionError, SavedTree<T>> =>
  pipe(
    readWith("loadTree", file),
    TE.chainEitherK(({ tensors, metadata }) =>
      pipe(
        treeOfArrays(tensors, like),
        E.bimap(
          (error) => about("loadTree", file, error),
          (tree) => ({ tree, metadata }),
        ),
      ),
    ),
  );
