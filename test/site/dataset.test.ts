import { gzipSync } from "node:zlib";
import { encodeIdx } from "fluxion/data";
import * as E from "fp-ts/lib/Either.js";
import { afterEach, expect, it, vi } from "vitest";
import { fetchImages } from "../../site/dataset.js";

const images = encodeIdx({ shape: [3, 2, 2], dtype: "uint8", data: new Uint8Array(12) });
const labels = encodeIdx({ shape: [3], dtype: "uint8", data: Uint8Array.from([0, 1, 2]) });
const folder = new URL("https://example.org/demo/data/");

const serve = (answer: (file: string) => Response): void => {
  vi.stubGlobal("fetch", async (url: URL) => answer(url.pathname));
};

afterEach(() => {
  vi.unstubAllGlobals();
});

const bytesOf = (file: string): Uint8Array => (file.includes("images") ? images : labels);

it.each([
  ["compressed", (bytes: Uint8Array) => gzipSync(bytes)],
  ["decompressed on the way", (bytes: Uint8Array) => bytes],
])("reads the four files, %s", async (_, encode) => {
  const asked: string[] = [];
  serve((file) => {
    asked.push(file);
    return new Response(encode(bytesOf(file)) as BodyInit);
  });
  const result = await fetchImages(folder)();
  if (E.isLeft(result)) throw new Error(result.left);
  expect(result.right.train.images.shape).toEqual([3, 2, 2]);
  expect(Array.from(result.right.test.labels.data)).toEqual([0, 1, 2]);
  expect(asked.sort()).toEqual(
    ["t10k-images-idx3", "t10k-labels-idx1", "train-images-idx3", "train-labels-idx1"].map(
      (f) => `/demo/data/${f}-ubyte.gz`,
    ),
  );
});

it("says which file is missing or broken", async () => {
  serve((file) =>
    file.includes("train-labels")
      ? new Response("", { status: 404, statusText: "Not Found" })
      : new Response(bytesOf(file) as BodyInit),
  );
  expect(await fetchImages(folder)()).toEqual(
    E.left("/demo/data/train-labels-idx1-ubyte.gz: expected a file, got 404 Not Found"),
  );
  serve((file) => new Response((file.includes("t10k-images") ? labels : bytesOf(file)) as BodyInit));
  expect(await fetchImages(folder)()).toEqual(
    E.left("/demo/data/t10k-images-idx3-ubyte.gz: idx: expected magic 0x00000803, got 0x00000801"),
  );
});
