import { describe, expect, test } from "vitest";
import { jit, mul, tensor, type Tensor } from "fluxion";
import {
  difference,
  expectStructure,
  flatten,
  showStructure,
  structureKey,
  unflatten,
  valueKey,
} from "../../src/ir/tree.js";
import { scalar } from "./values.js";

const structureOf = (tree: unknown) => flatten("op", tree).structure;

describe("flatten and unflatten", () => {
  const [a, b] = [scalar(1), scalar(2)];

  test("leaves come in order, records by sorted key; unflatten puts them back", () => {
    const tree = { w: [a, 3], b: { z: true, a: b }, name: "dense", none: null };
    const { leaves, structure } = flatten("op", tree);
    expect(leaves).toEqual([b, true, a, 3]);
    expect(showStructure(structure)).toBe("{b: {a: *, z: *}, name: dense, none: null, w: [*, *]}");
    expect(unflatten(structure, leaves)).toEqual(tree);
    expect(unflatten(structure, [10, 20, 30, 40])).toEqual({
      b: { a: 10, z: 20 },
      name: "dense",
      none: null,
      w: [30, 40],
    });
  });

  test("a leaf is a tree; so are the empty ones", () => {
    expect(flatten("op", a)).toEqual({ leaves: [a], structure: { _tag: "Leaf" } });
    for (const empty of [[], {}, null, undefined, "text"]) {
      const { leaves, structure } = flatten("op", empty);
      expect(leaves).toEqual([]);
      expect(unflatten(structure, [])).toEqual(empty);
    }
  });

  test("records without a prototype, and keys that objects inherit, are plain data", () => {
    const tree = Object.assign(
      Object.create(null) as object,
      JSON.parse('{"__proto__": 1, "constructor": 2}'),
    );
    const { leaves, structure } = flatten("op", tree);
    expect(leaves).toEqual([1, 2]);
    expect(Object.entries(unflatten(structure, leaves) as object)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });

  test("instances of classes are refused, with their path", () => {
    expect(() => flatten("grad", { layers: [{ w: new Map() }] }, "params")).toThrow(
      "grad: expected a tree of tensors, arrays and plain objects, got a Map at params.layers[0].w",
    );
    expect(() => flatten("grad", new Float32Array(2))).toThrow(
      "grad: expected a tree of tensors, arrays and plain objects, got a Float32Array",
    );
    expect(() => flatten("grad", [1n])).toThrow("got a bigint at [0]");
  });
});

describe("mismatches name the first path that differs", () => {
  const cases: [unknown, unknown, string][] = [
    [1, [1], "op: expected * at the root, got [*]"],
    [{ a: 1, b: 2 }, { a: 1 }, "op: expected {a: *, b: *} at the root, got {a: *}"],
    [{ a: 1 }, { b: 1 }, "op: expected {a: *} at the root, got {b: *}"],
    [{ p: [1, { w: 1 }] }, { p: [1, { w: [1] }] }, "op: expected * at p[1].w, got [*]"],
    [[[1], [2, 3]], [[1], [2]], "op: expected [*, *] at [1], got [*]"],
    [{ mode: "a" }, { mode: "b" }, "op: expected a at mode, got b"],
    [[1], { 0: 1 }, "op: expected [*] at the root, got {0: *}"],
    [null, undefined, "op: expected null at the root, got undefined"],
    [{ a: null }, { a: 1 }, "op: expected null at a, got *"],
  ];
  test.each(cases)("%j and %j", (want, got, message) => {
    expect(() => expectStructure("op", structureOf(want), structureOf(got))).toThrow(message);
    expect(difference(structureOf(want), structureOf(want))).toBeNull();
  });

  test("the name of the tree is the start of the path", () => {
    expect(() => expectStructure("op", structureOf({ w: 1 }), structureOf({ w: [] }), "params")).toThrow(
      "op: expected * at params.w, got []",
    );
  });
});

describe("keys", () => {
  // Strings were written as they are: one that looked like more of the key made two structures equal.
  test("are equal exactly for structures without a difference", () => {
    const f = (k: number) => (x: number) => x * k;
    const [double, triple] = [f(2), f(3)];
    const trees = [
      [],
      {},
      1,
      [1],
      [[1]],
      [1, 1],
      { a: 1 },
      { "0": 1 },
      { a: [1] },
      [{ a: 1 }],
      { a: 1, b: 1 },
      { "a,b": 1 },
      "*",
      ["*"],
      [],
      null,
      "null",
      undefined,
      "undefined",
      ["a", "b"],
      ['a","b'],
      ["a,b"],
      ["a,#string:b"],
      [double],
      [triple],
      { a: "1" },
      { 'a":1,"b': 1 },
      "",
      [""],
      ["", ""],
    ].map(structureOf);
    for (const a of trees)
      for (const b of trees) expect(structureKey(a) === structureKey(b)).toBe(difference(a, b) === null);
  });

  test("of values tell apart what Object.is does", () => {
    const o = {};
    const f = () => 0;
    const xs = [
      0,
      -0,
      NaN,
      1,
      "1",
      "0",
      true,
      "true",
      null,
      undefined,
      "undefined",
      1n,
      o,
      {},
      f,
      () => 0,
      Symbol("a"),
      Symbol("a"),
    ];
    for (const a of xs) for (const b of xs) expect(valueKey(a) === valueKey(b)).toBe(Object.is(a, b));
  });

  // Functions were keyed by their source text: closures over different values shared one trace, silently.
  test("jit traces again for another function of the same text", () => {
    const scale = (k: number) => (x: Tensor) => mul(x, k);
    const apply = jit((f: (x: Tensor) => Tensor, x: Tensor) => f(x));
    const x = tensor([1, 2]);
    expect(apply(scale(2), x).toArray()).toEqual([2, 4]);
    expect(apply(scale(3), x).toArray()).toEqual([3, 6]);
  });

  test("jit tells apart static strings that look alike when joined", () => {
    const f = jit((x: Tensor, a: string, b: string) => mul(x, a.length * 10 + b.length), { static: [1, 2] });
    const x = tensor([1]);
    expect(f(x, "a", "b,string:c").toArray()).toEqual([20]);
    expect(f(x, "a,string:b", "c").toArray()).toEqual([101]);
  });
});
