import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as E from "fp-ts/lib/Either.js";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { add, jit, random, tensor, type Tensor, tree, zeros } from "fluxion";
import {
  arraysOfTree,
  loadTree,
  readSafetensors,
  saveTree,
  treeOfArrays,
  writeSafetensors,
} from "fluxion/io";

const made = {
  layers: [
    {
      w: tensor([
        [1, 2],
        [3, 4],
      ]),
      b: add(tensor([1, 2], { dtype: "float64" }), 1),
    },
  ],
  flags: tensor([true, false]),
  key: random.key(7),
  name: "net",
  step: 12,
  done: false,
};

const plain = (t: unknown): unknown => tree.map((x) => [x.dtype, x.toArray()] as never, t);
const left = <A>(r: E.Either<Error, A>): string => {
  if (E.isRight(r)) throw new Error("expected a Left");
  return r.left.message;
};

describe("trees as arrays", () => {
  it("names are paths, and values come back with their types", () => {
    const arrays = arraysOfTree(made);
    expect(Object.keys(arrays)).toEqual(["done", "flags", "key", "layers[0].b", "layers[0].w", "step"]);
    const back = treeOfArrays(arrays, made);
    if (E.isLeft(back)) throw back.left;
    expectTypeOf(back.right).toEqualTypeOf<typeof made>();
    expect(back.right.step).toBe(12);
    expect(back.right.done).toBe(false);
    expect(back.right.name).toBe("net");
    expect(plain(back.right)).toEqual(plain(made));
  });

  it("a single tensor is a tree", () => {
    const back = treeOfArrays(arraysOfTree(tensor([1, 2])), zeros([2]));
    expect(E.isRight(back) && back.right.toArray()).toEqual([1, 2]);
  });

  it("leaves whose paths are the same text do not take each other's place", () => {
    const clashing = { "a.b": tensor(1), a: { b: tensor(2) } };
    const want = "expected a tree whose leaves have different paths, got a.b twice (rename a key)";
    expect(() => arraysOfTree(clashing)).toThrow(`arraysOfTree: ${want}`);
    const arrays = arraysOfTree({ a: { b: tensor(2) } });
    expect(left(treeOfArrays(arrays, clashing))).toBe(`treeOfArrays: ${want}`);
    expect(left(treeOfArrays(arrays, { "x[0]": tensor(1), x: [tensor(2)] }))).toContain("x[0] twice");
  });

  it("what is restored is a copy", () => {
    const arrays = arraysOfTree({ x: tensor([1, 2]) });
    const back = treeOfArrays(arrays, { x: zeros([2]) });
    arrays["x"]!.data[0] = 9;
    expect(E.isRight(back) && back.right.x.toArray()).toEqual([1, 2]);
  });

  it.each<[string, unknown, unknown]>([
    ["treeOfArrays: expected b float32[2], got float32[3]", { b: zeros([3]) }, { b: zeros([2]) }],
    [
      "treeOfArrays: expected b int32[2], got float32[2]",
      { b: zeros([2]) },
      { b: zeros([2], { dtype: "int32" }) },
    ],
    [
      "treeOfArrays: expected a tensor a[1].w, got none of that name",
      { a: [{ w: zeros(1) }] },
      { a: [{ w: zeros(1) }, { w: zeros(1) }] },
    ],
    ["treeOfArrays: expected only tensors of the tree, got c", { b: zeros(1), c: zeros(1) }, { b: zeros(1) }],
    [
      "treeOfArrays: expected only tensors of the tree, got a, b, c and 1 more",
      { a: zeros(1), b: zeros(1), c: zeros(1), d: zeros(1) },
      {},
    ],
    ["treeOfArrays: expected n float64[], got float32[]", { n: zeros([]) }, { n: 3 }],
  ])("%s", (message, written, like) => {
    expect(left(treeOfArrays(arraysOfTree(written), like))).toBe(message);
  });

  it("a traced tensor has no value to write", () => {
    expect(() => jit((x: Tensor) => (arraysOfTree({ x }), x))(tensor(1))).toThrow("traced");
  });
});

describe("files", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fluxion-tree-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are written whole, replaced, and leave nothing behind", async () => {
    const file = join(folder, "a.safetensors");
    expect(E.isRight(await saveTree(file, made, { epoch: "1" })())).toBe(true);
    expect(E.isRight(await saveTree(file, made, { epoch: "2" })())).toBe(true);
    expect(readdirSync(folder)).toEqual(["a.safetensors"]);
    const loaded = await loadTree(file, made)();
    if (E.isLeft(loaded)) throw loaded.left;
    expect(loaded.right.metadata).toEqual({ epoch: "2" });
    expect(plain(loaded.right.tree)).toEqual(plain(made));
  });

  it("a failed write keeps the old file", async () => {
    const file = join(folder, "a.safetensors");
    await saveTree(file, { x: tensor([1]) })();
    const before = readFileSync(file);
    const bad = { shape: [2], dtype: "float32", data: Float32Array.of(1) } as const;
    expect(left(await writeSafetensors(file, { bad })())).toContain(`writeSafetensors: ${file}: `);
    expect(readFileSync(file)).toEqual(before);
    expect(readdirSync(folder)).toEqual(["a.safetensors"]);
    const nowhere = join(folder, "no", "such.safetensors");
    expect(left(await saveTree(nowhere, made)())).toContain(`saveTree: ${nowhere}: `);
    expect(readdirSync(folder)).toEqual(["a.safetensors"]);
  });

  it("name the file and the tensor when they do not fit", async () => {
    const file = join(folder, "a.safetensors");
    await saveTree(file, { layers: [{ w: zeros([3]) }] })();
    expect(left(await loadTree(file, { layers: [{ w: zeros([2]) }] })())).toBe(
      `loadTree: ${file}: treeOfArrays: expected layers[0].w float32[2], got float32[3]`,
    );
  });

  it("corrupt and missing files are Lefts that name the file", async () => {
    const file = join(folder, "a.safetensors");
    await saveTree(file, made)();
    const whole = readFileSync(file);
    for (const bytes of [
      whole.subarray(0, 5),
      whole.subarray(0, whole.length - 3),
      Buffer.from("not a checkpoint at all"),
    ]) {
      writeFileSync(file, bytes);
      expect(left(await readSafetensors(file)())).toContain(
        `readSafetensors: ${file}: safetensors: expected`,
      );
      expect(left(await loadTree(file, made)())).toContain(`loadTree: ${file}: safetensors: expected`);
    }
    expect(left(await loadTree(join(folder, "none"), made)())).toContain("ENOENT");
  });
});
