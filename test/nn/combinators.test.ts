import { fc, test } from "@fast-check/vitest";
import { describe, expect, expectTypeOf, it } from "vitest";
import { concat, mul, ones, random, relu, type Tensor, tensor, tree } from "fluxion";
import * as nn from "fluxion/nn";

const f32 = (...shape: number[]): { shape: readonly number[]; dtype: "float32" } => ({
  shape,
  dtype: "float32",
});
const key = random.key(1);

/** What a layer computes, whatever the structure of its parameters. */
const run = (layer: nn.Layer<any, any>, values: readonly Tensor[], x: Tensor): unknown => {
  const { params, state } = layer.init(key, x);
  return layer.apply(tree.fromLeaves(params, values), state, x)[0].toArray();
};

describe("sequential is a monoid", () => {
  const x = random.normal(random.key(2), [2, 3]);
  const f = (): nn.Layer<any, any> => nn.dense(4);
  const g = (): nn.Layer<any, any> => nn.layerNorm();
  const h = (): nn.Layer<any, any> => nn.dense(2);
  const values = (layer: nn.Layer<any, any>): readonly Tensor[] => {
    let i = 0;
    return tree.leaves(tree.map((p) => random.normal(random.key(i++), p.shape), layer.init(key, x).params));
  };

  it("with the identity as its unit", () => {
    const vs = values(f());
    expect(run(nn.sequential(nn.identity(), f()), vs, x)).toEqual(run(f(), vs, x));
    expect(run(nn.sequential(f(), nn.identity()), vs, x)).toEqual(run(f(), vs, x));
    expect(nn.sequential().init(key, f32(2, 3)).out).toEqual(f32(2, 3));
    expect(nn.sequential().apply([], [], x)[0]).toBe(x);
  });

  it("and associative", () => {
    const left = nn.sequential(nn.sequential(f(), g()), h());
    const right = nn.sequential(f(), nn.sequential(g(), h()));
    const vs = values(left);
    expect(run(right, vs, x)).toEqual(run(left, vs, x));
    expect(run(nn.sequential(f(), g(), h()), vs, x)).toEqual(run(left, vs, x));
  });
});

describe("types and structures", () => {
  const list = nn.sequential(nn.dense(3), relu, nn.batchNorm(), nn.dense(2, { bias: false }));
  const record = nn.sequential({ hidden: nn.dense(3), act: relu, norm: nn.batchNorm(), out: nn.dense(2) });

  it("a list has a place for every layer", () => {
    const { params, state } = list.init(key, f32(1, 5));
    expectTypeOf(params[0]).toEqualTypeOf<nn.KernelAndBias>();
    expectTypeOf(params[1]).toEqualTypeOf<nn.None>();
    expectTypeOf(params[2]).toEqualTypeOf<nn.ScaleAndOffset>();
    expectTypeOf(params[3]).toEqualTypeOf<nn.Kernel>();
    expectTypeOf(state[2]).toEqualTypeOf<nn.Statistics>();
    expect(params).toHaveLength(4);
    expect(params[1]).toEqual([]);
    expect(Object.keys(params[3])).toEqual(["kernel"]);
  });

  it("a record has the layers, and not the functions", () => {
    const { params, state } = record.init(key, f32(1, 5));
    expectTypeOf(params).toEqualTypeOf<{
      hidden: nn.KernelAndBias;
      norm: nn.ScaleAndOffset;
      out: nn.KernelAndBias;
    }>();
    expectTypeOf(state.norm).toEqualTypeOf<nn.Statistics>();
    expect(Object.keys(params)).toEqual(["hidden", "norm", "out"]);
    expect(Object.keys(state)).toEqual(["hidden", "norm", "out"]);
  });

  it("layers of all kinds are layers", () => {
    expectTypeOf(nn.conv(2, 3)).toExtend<nn.Layer>();
    expectTypeOf(nn.leNet()).toExtend<nn.Layer>();
    expectTypeOf<nn.ParamsOf<ReturnType<typeof nn.leNet>>>().toEqualTypeOf<nn.LeNetParams>();
    expectTypeOf<nn.LayerStateOf<typeof record>["norm"]>().toEqualTypeOf<nn.Statistics>();
    const project = nn.residual(nn.dense(3), nn.dense(3, { bias: false }));
    const { params } = project.init(key, f32(1, 2));
    expectTypeOf(params).toEqualTypeOf<{ body: nn.KernelAndBias; shortcut: nn.Kernel }>();
    expect(Object.keys(nn.residual(nn.dense(2)).init(key, f32(1, 2)).params)).toEqual(["body"]);
  });

  it("state goes through every layer, and comes back new", () => {
    const { params, state } = record.init(key, f32(1, 5));
    const x = random.normal(random.key(3), [8, 5]);
    const [, next] = record.apply(params, state, x, { training: true });
    expect(next.norm.mean.toArray()).not.toEqual(state.norm.mean.toArray());
    expect(record.apply(params, state, x)[1].norm).toBe(state.norm);
  });

  it("layers get different keys", () => {
    const { params } = nn.sequential(nn.dense(5), nn.dense(5)).init(key, f32(1, 5));
    expect(params[0].kernel.toArray()).not.toEqual(params[1].kernel.toArray());
    const both = nn.parallel([nn.dense(5), nn.dense(5)], (a) => a).init(key, f32(1, 5)).params;
    expect(both[0].kernel.toArray()).not.toEqual(both[1].kernel.toArray());
  });
});

describe("parallel and named", () => {
  it("gives all the same input", () => {
    const fan = nn.parallel([(x: Tensor) => mul(x, 2), nn.identity()], (a, b) => concat([a, b], { axis: 1 }));
    const { params, state, out } = fan.init(key, f32(1, 2));
    expect(out.shape).toEqual([1, 4]);
    expect(fan.apply(params, state, tensor([[1, 3]]))[0].toArray()).toEqual([[2, 6, 1, 3]]);
  });

  it("named changes nothing but the name", () => {
    const layer = nn.dense(2);
    const { params, state } = layer.init(key, f32(1, 3));
    const again = nn.named("head", layer);
    expect(again.name).toBe("head");
    expect(again.init(key, f32(1, 3)).params.kernel.toArray()).toEqual(params.kernel.toArray());
    expect(again.apply(params, state, ones([1, 3]))[0].toArray()).toEqual(
      layer.apply(params, state, ones([1, 3]))[0].toArray(),
    );
  });
});

/** Layers that take whatever comes, with what they make of a shape [n, c, h, w]. */
const imageLayers = fc.oneof(
  fc
    .record({
      f: fc.integer({ min: 1, max: 3 }),
      k: fc.integer({ min: 1, max: 3 }),
      s: fc.integer({ min: 1, max: 2 }),
      d: fc.integer({ min: 1, max: 2 }),
      p: fc.integer({ min: 0, max: 2 }),
    })
    .map(({ f, k, s, d, p }) => ({
      layer: nn.conv(f, [k, k], { stride: s, dilation: d, padding: p }) as nn.Layer,
      out: ([n, , ...space]: number[]) => [
        n!,
        f,
        ...space.map((m) => Math.floor((m + 2 * p - d * (k - 1) - 1) / s) + 1),
      ],
    })),
  fc
    .record({
      f: fc.integer({ min: 1, max: 3 }),
      k: fc.integer({ min: 1, max: 3 }),
      s: fc.integer({ min: 1, max: 2 }),
    })
    .map(({ f, k, s }) => ({
      layer: nn.convTranspose(f, [k, k], { stride: s, padding: 0 }) as nn.Layer,
      out: ([n, , ...space]: number[]) => [n!, f, ...space.map((m) => (m - 1) * s + k)],
    })),
  fc.record({ k: fc.integer({ min: 1, max: 3 }), s: fc.integer({ min: 1, max: 3 }) }).map(({ k, s }) => ({
    layer: nn.maxPool(k, { stride: s }) as nn.Layer,
    out: ([n, c, ...space]: number[]) => [n!, c!, ...space.map((m) => Math.floor((m - k) / s) + 1)],
  })),
  fc.constant({ layer: nn.batchNorm() as nn.Layer, out: (shape: number[]) => shape }),
  fc.constant({ layer: nn.lambda(relu, "relu") as nn.Layer, out: (shape: number[]) => shape }),
);

describe("shapes", () => {
  test.prop(
    [
      fc.array(imageLayers, { maxLength: 4 }),
      fc.tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 7, max: 12 }),
        fc.integer({ min: 7, max: 12 }),
      ),
    ],
    { numRuns: 40, seed: 7 },
  )("of any stack follow the formulas, and are what comes out", (stack, [c, h, w]) => {
    let want = [1, c, h, w];
    for (const { out } of stack) want = out(want);
    fc.pre(want.every((n) => n > 0));
    const model = nn.sequential(...stack.map(({ layer }) => layer));
    let made: nn.Initialized<any, any>;
    try {
      made = model.init(key, f32(1, c, h, w));
    } catch (error) {
      fc.pre(!String(error).includes("for a window of")); // too small for a window half way
      throw error;
    }
    expect(made.out.shape).toEqual(want);
    expect(model.apply(made.params, made.state, ones([3, c, h, w]))[0].shape).toEqual([3, ...want.slice(1)]);
  });
});
