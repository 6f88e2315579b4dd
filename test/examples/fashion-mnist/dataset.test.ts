import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { encodeIdx } from "fluxion/data";
import * as E from "fp-ts/lib/Either.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fashionClasses } from "../../../examples/fashion-mnist/classes.js";
import { DatasetError, loadDataset, type Dataset } from "../../../examples/fashion-mnist/dataset.js";

const images = (count: number, size = 2): Uint8Array =>
  encodeIdx({ shape: [count, size, size], dtype: "uint8", data: new Uint8Array(count * size * size) });

const labels = (...values: number[]): Uint8Array =>
  encodeIdx({ shape: [values.length], dtype: "uint8", data: Uint8Array.from(values) });

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "fluxion-digits-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const good: Readonly<Record<string, Uint8Array>> = {
  "train-images-idx3-ubyte": images(3),
  "train-labels-idx1-ubyte": labels(0, 2, 1),
  "t10k-images-idx3-ubyte": images(2),
  "t10k-labels-idx1-ubyte": labels(1, 0),
};

const write = (files: Readonly<Record<string, Uint8Array | undefined>>): void => {
  for (const [name, bytes] of Object.entries(files)) if (bytes) writeFileSync(join(directory, name), bytes);
};

const load = async (): Promise<Dataset> => {
  const result = await loadDataset(directory)();
  if (E.isLeft(result)) throw result.left;
  return result.right;
};

/** The message, with the folder written as DIR. */
const message = async (): Promise<string> => {
  const result = await loadDataset(directory)();
  if (E.isRight(result)) return "loaded";
  expect(result.left).toBeInstanceOf(DatasetError);
  return result.left.message.replaceAll(directory, "DIR").replaceAll("\\", "/");
};

describe("loadDataset", () => {
  it("has an embedded subset with equally many images of each class", async () => {
    const result = await loadDataset()();
    if (E.isLeft(result)) throw result.left;
    const { train, test, classes } = result.right;
    expect(classes).toBe(fashionClasses);
    expect(train.images.shape).toEqual([10000, 28, 28]);
    expect(test.images.shape).toEqual([2000, 28, 28]);
    for (const [part, perClass] of [
      [train, 1000],
      [test, 200],
    ] as const) {
      const counts = new Array<number>(10).fill(0);
      for (const label of part.labels.data) counts[label]!++;
      expect(counts).toEqual(new Array<number>(10).fill(perClass));
    }
  });

  it("reads plain and compressed files, with dashes and dots", async () => {
    write({
      "train-images.idx3-ubyte": good["train-images-idx3-ubyte"],
      "train-labels-idx1-ubyte.gz": gzipSync(good["train-labels-idx1-ubyte"]!),
      "t10k-images.idx3-ubyte.gz": gzipSync(good["t10k-images-idx3-ubyte"]!),
      "t10k-labels-idx1-ubyte": good["t10k-labels-idx1-ubyte"],
    });
    const { classes, train, test } = await load();
    expect(classes).toEqual(["0", "1", "2"]);
    expect(Array.from(train.labels.data)).toEqual([0, 2, 1]);
    expect(test.images.shape).toEqual([2, 2, 2]);
  });

  it("takes the names of the classes from classes.txt", async () => {
    write({ ...good, "classes.txt": new TextEncoder().encode("cat\r\ndog\nhen\n") });
    expect((await load()).classes).toEqual(["cat", "dog", "hen"]);
  });

  it.each<[string, Record<string, Uint8Array | undefined>, string | RegExp]>([
    [
      "a missing file",
      { "train-labels-idx1-ubyte": undefined },
      "DIR: expected a file train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz, got none",
    ],
    [
      "labels for images",
      { "train-images-idx3-ubyte": labels(1) },
      "DIR/train-images-idx3-ubyte: idx: expected magic 0x00000803, got 0x00000801",
    ],
    [
      "a cut file",
      { "t10k-labels-idx1-ubyte": labels(1, 0).subarray(0, 9) },
      "DIR/t10k-labels-idx1-ubyte: idx: expected 2 bytes of data for shape [2], got 1",
    ],
    [
      "broken compression",
      { "t10k-labels-idx1-ubyte": gzipSync(labels(1, 0)).subarray(0, 15) },
      /^DIR\/t10k-labels-idx1-ubyte: gunzip: expected an intact gzip file, got /,
    ],
    [
      "different counts",
      { "train-labels-idx1-ubyte": labels(0, 1) },
      "DIR: expected as many train-images as train-labels, got 3 and 2",
    ],
    [
      "no images",
      { "t10k-images-idx3-ubyte": images(0), "t10k-labels-idx1-ubyte": labels() },
      "DIR: expected t10k-images of at least one pixel, got none",
    ],
    [
      "different sizes",
      { "t10k-images-idx3-ubyte": images(2, 3) },
      "DIR: expected test images of 2×2 pixels as in training, got 3×3",
    ],
    [
      "an unknown label",
      { "t10k-labels-idx1-ubyte": labels(0, 3) },
      "DIR: expected t10k-labels below 3, got 3",
    ],
    [
      "a label without a name",
      { "classes.txt": new TextEncoder().encode("cat\ndog") },
      "DIR: expected train-labels below 2, got 2",
    ],
  ])("names the file and the reason: %s", async (_, changes, want) => {
    write({ ...good, ...changes });
    if (typeof want === "string") expect(await message()).toBe(want);
    else expect(await message()).toMatch(want);
  });

  it("says so if there is no such folder", async () => {
    const result = await loadDataset(join(directory, "nowhere"))();
    expect(E.isLeft(result) && result.left.message).toMatch(/nowhere: ENOENT: no such file or directory/);
  });
});
