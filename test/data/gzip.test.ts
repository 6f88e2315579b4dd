import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, it } from "vitest";
import { gunzip, gzip, isGzip } from "../../src/data/gzip.js";
import { corrupted } from "../io/arrays.js";

fc.configureGlobal({ seed: 20240607 });

const someBytes = fc.uint8Array({ maxLength: 300 });

const message = async (bytes: Uint8Array, limit?: number): Promise<string> => {
  const result = await gunzip(bytes, limit === undefined ? {} : { limit })();
  return E.isLeft(result) ? result.left.message : "decompressed";
};

describe("gzip", () => {
  it("decompresses what it and zlib compress", async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, async (bytes) => {
        const compressed = await gzip(bytes);
        expect(isGzip(compressed)).toBe(true);
        expect(new Uint8Array(gunzipSync(compressed))).toEqual(bytes);
        expect(await gunzip(compressed)()).toEqual(E.right(bytes));
        expect(await gunzip(gzipSync(bytes))()).toEqual(E.right(bytes));
      }),
    );
  });

  it("handles many pieces", async () => {
    const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * i * 31) >> 5);
    const result = await gunzip(await gzip(bytes))();
    expect(E.isRight(result) && Buffer.compare(result.right, bytes)).toBe(0);
  });

  it("refuses what is no gzip file", async () => {
    expect(await message(new Uint8Array([1, 2, 3]))).toBe(
      "gunzip: expected bytes that begin with 1f 8b, got others",
    );
    expect(await message(new Uint8Array())).toBe("gunzip: expected bytes that begin with 1f 8b, got others");
  });

  it("stops at the limit", async () => {
    const bomb = gzipSync(new Uint8Array(10_000_000));
    expect(await message(bomb, 1000)).toBe("gunzip: expected at most 1000 bytes, got more");
    expect(await message(bomb, 10_000_000)).toBe("decompressed");
  });

  it("never throws, whatever is broken", async () => {
    const files = someBytes.map((bytes) => new Uint8Array(gzipSync(bytes)));
    await fc.assert(
      fc.asyncProperty(files.chain(corrupted), async (file) => {
        const result = await gunzip(file)();
        if (E.isLeft(result)) expect(result.left.message).toMatch(/^gunzip: expected .*, got /);
      }),
      { numRuns: 300 },
    );
    const file = gzipSync(new Uint8Array(1000).map((_, i) => i * 7));
    expect(await message(file.subarray(0, 100))).toMatch(/^gunzip: expected an intact gzip file, got /);
  });
});
