import { describe, expect, expectTypeOf, it } from "vitest";
import { add, mul, tensor, type Tensor, tree } from "fluxion";

interface Params {
  readonly layers: readonly { readonly w: Tensor; readonly b: Tensor }[];
  readonly scale: Tensor;
}

const params: Params = { layers: [{ w: tensor([1, 2]), b: tensor(3) }], scale: tensor(4) };

describe("tree", () => {
  it("map keeps structure and type", () => {
    const doubled = tree.map((x) => mul(x, 2), params);
    expectTypeOf(doubled).toEqualTypeOf<Params>();
    expect(doubled.layers[0]!.w.toArray()).toEqual([2, 4]);
    expect(doubled.scale.item()).toBe(8);
  });

  it("map over several trees, and to other things than tensors", () => {
    expect(tree.map((x, y) => add(x, y), params, params).layers[0]!.b.item()).toBe(6);
    const four = tree.map((a, b, c, d) => add(add(a!, b!), add(c!, d!)), params, params, params, params);
    expect(four.scale.item()).toBe(16);
    const sizes = tree.map((x) => x.size, params);
    expectTypeOf(sizes.layers[0]!.w).toEqualTypeOf<number>();
    expect(sizes).toEqual({ layers: [{ w: 2, b: 1 }], scale: 1 });
  });

  it("numbers are leaves, strings and null are structure", () => {
    const t = { rate: 0.5, name: "adam", nothing: null };
    expect(tree.map((x) => x.item(), t)).toEqual({ rate: 0.5, name: "adam", nothing: null });
    expect(tree.leaves(t)).toHaveLength(1);
  });

  it("names the path where trees differ", () => {
    const other = { layers: [{ w: tensor([1, 2]) }], scale: tensor(4) } as unknown as Params;
    expect(() => tree.map((x, y) => add(x, y), params, other)).toThrow(
      "map: expected {b: *, w: *} at tree 1.layers[0], got {w: *}",
    );
    expect(() => tree.map((x) => x, { when: new Date(0) } as never)).toThrow("got a Date at when");
  });

  it("entries, fromLeaves and reduce share one order", () => {
    expect(tree.entries(params).map(([path]) => path)).toEqual(["layers[0].b", "layers[0].w", "scale"]);
    const again = tree.fromLeaves(params, tree.leaves(params));
    expect(again.layers[0]!.w).toBe(params.layers[0]!.w);
    expect(tree.reduce((n, x) => n + x.size, 0, params)).toBe(4);
    expect(() => tree.fromLeaves(params, [])).toThrow("fromLeaves: expected 3 leaves, got 0");
    expect(tree.mapWithPath((path, x) => `${path}:${x.size}`, params).layers[0]!.w).toBe("layers[0].w:2");
  });
});
