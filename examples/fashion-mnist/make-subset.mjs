/**
 * Makes the embedded subset of Fashion-MNIST: the first images of each class, in the order of the originals.
 *
 *     node examples/fashion-mnist/make-subset.mjs DIR
 *
 * DIR holds the four original files (https://github.com/zalandoresearch/fashion-mnist). Equal input gives
 * equal bytes.
 */
import { Buffer } from "node:buffer";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

const CLASSES = 10;
const PER_CLASS = { train: 1000, t10k: 200 };

const source = process.argv[2];
if (source === undefined) throw new Error("usage: make-subset.mjs DIR");
const target = fileURLToPath(new URL("data", import.meta.url));
mkdirSync(target, { recursive: true });

const read = (name) => gunzipSync(readFileSync(join(source, name)));
const write = (name, bytes) => writeFileSync(join(target, name), gzipSync(bytes, { level: 9 }));

/** The IDX header of `bytes` with another number of items. */
const header = (bytes, length, count) => {
  const copy = Buffer.from(bytes.subarray(0, length));
  copy.writeUInt32BE(count, 4);
  return copy;
};

/** The indices of the first `perClass` items of each class, ascending. */
const chosen = (labels, perClass) => {
  const seen = new Array(CLASSES).fill(0);
  return [...labels.keys()].filter((i) => seen[labels[i]]++ < perClass);
};

for (const [part, perClass] of Object.entries(PER_CLASS)) {
  const images = read(`${part}-images-idx3-ubyte.gz`);
  const labels = read(`${part}-labels-idx1-ubyte.gz`);
  const size = images.readUInt32BE(8) * images.readUInt32BE(12);
  const indices = chosen(labels.subarray(8), perClass);
  const picture = (i) => images.subarray(16 + i * size, 16 + (i + 1) * size);
  write(
    `${part}-images-idx3-ubyte.gz`,
    Buffer.concat([header(images, 16, indices.length), ...indices.map(picture)]),
  );
  write(
    `${part}-labels-idx1-ubyte.gz`,
    Buffer.concat([header(labels, 8, indices.length), Buffer.from(indices.map((i) => labels[8 + i]))]),
  );
  console.log(`${part}: ${indices.length} images, ${perClass} of each class`);
}
