/** What holds for every layer, checked on a table of them. */
import { describe, expect, it } from "vitest";
import {
  add,
  cast,
  concat,
  type DType,
  grad,
  jit,
  mul,
  random,
  stack,
  sum,
  type Tensor,
  tree,
  vmap,
} from "fluxion";
import { arraysOfTree, treeOfArrays } from "fluxion/io";
import * as nn from "fluxion/nn";

interface Case {
  readonly layer: nn.Layer<any, any>;
  /** Without the axis of examples. */
  readonly input: readonly number[];
  readonly integer?: true;
  readonly training?: true;
}

const on = (layer: nn.Layer<any, any>, input: readonly number[], more: Partial<Case> = {}): Case => ({
  layer,
  input,
  ...more,
});

const cases: Readonly<Record<string, Case>> = {
  dense: on(nn.dense(3), [4]),
  "dense without bias": on(nn.dense(3, { bias: false }), [2, 4]),
  "conv 1-D": on(nn.conv(3, 2), [2, 5]),
  "conv 2-D": on(nn.conv(4, [3, 2], { padding: "SAME", stride: [2, 1] }), [2, 5, 4]),
  "conv 3-D": on(nn.conv(2, 2), [1, 3, 3, 3]),
  "conv in groups, dilated": on(nn.conv(4, 2, { groups: 2, dilation: 2, padding: 1 }), [2, 4, 4]),
  "depthwise conv": on(nn.conv(3, 2, { groups: 3, bias: false }), [3, 3, 3]),
  convTranspose: on(nn.convTranspose(3, 2, { stride: 2 }), [2, 3, 2]),
  "convTranspose in groups": on(
    nn.convTranspose(4, 3, { groups: 2, padding: 1, stride: 2, outputPadding: 1 }),
    [2, 3, 3],
  ),
  maxPool: on(nn.maxPool(2), [2, 4, 4]),
  avgPool: on(nn.avgPool(2, { stride: 1, padding: 1 }), [2, 3, 3]),
  globalAvgPool: on(nn.globalAvgPool(), [2, 3, 3]),
  globalMaxPool: on(nn.globalMaxPool(), [2, 3, 3]),
  flatten: on(nn.flatten(), [2, 3, 2]),
  "dropout, not training": on(nn.dropout(0.5), [5]),
  "batchNorm, not training": on(nn.batchNorm(), [3, 2]),
  layerNorm: on(nn.layerNorm(), [2, 4]),
  "layerNorm over two axes": on(nn.layerNorm({ axis: [-2, -1] }), [2, 4]),
  rmsNorm: on(nn.rmsNorm(), [4]),
  groupNorm: on(nn.groupNorm(2), [4, 3]),
  embedding: on(nn.embedding(7, 3), [4], { integer: true }),
  identity: on(nn.identity(), [3]),
  activation: on(nn.sequential(nn.tanh), [3]),
  sequential: on(nn.sequential(nn.dense(4), nn.gelu, nn.layerNorm(), nn.dense(2)), [3]),
  "sequential by name": on(nn.sequential({ one: nn.dense(4), act: nn.silu, two: nn.dense(2) }), [3]),
  parallel: on(
    nn.parallel({ a: nn.dense(2), b: nn.dense(3) }, (a, b) => concat([a, b], { axis: -1 })),
    [3],
  ),
  residual: on(nn.residual(nn.sequential(nn.dense(3), nn.tanh)), [3]),
  "residual with a shortcut": on(nn.residual(nn.dense(2), nn.dense(2, { bias: false })), [3]),
  leNet: on(nn.leNet(3), [1, 16, 16]),
};

const names = Object.keys(cases);
const examples = 3;

const dtypeOf = ({ integer }: Case, float: DType): DType => (integer === true ? "int32" : float);

const inputOf = (c: Case, n: number, float: DType): Tensor => {
  const shape = [n, ...c.input];
  return c.integer === true
    ? random.randint(random.key(9), shape, 0, 7)
    : cast(random.normal(random.key(9), shape), float);
};

const made = (c: Case, float: DType = "float64"): nn.Initialized<any, any> =>
  c.layer.init(random.key(3), { shape: [1, ...c.input], dtype: dtypeOf(c, float) });

/** Parameters a little away from where they start (zeros and ones hide mistakes), in float64. */
const nudged = (params: unknown): unknown => {
  let i = 0;
  return tree.map(
    (p) => add(cast(p, "float64"), mul(random.normal(random.key(100 + i++), p.shape), 0.1)),
    params,
  );
};

const close = (a: Tensor, b: Tensor, tolerance: number): void => {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [a.dataSync(), b.dataSync()];
  y.forEach((want, i) =>
    expect(Math.abs(x[i]! - want)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(want))),
  );
};

/** A scalar that depends on every output differently. */
const probe = (y: Tensor): Tensor => sum(mul(y, cast(random.normal(random.key(77), y.shape), y.dtype)));

const dot = (a: unknown, b: unknown): number => {
  const bs = tree.leaves(b);
  return tree.leaves(a).reduce((s, x, i) => s + (sum(mul(x, bs[i]!)).item() as number), 0);
};

/** Central differences of float64 with h = 1e-5 have about ten digits, those of gradients fewer. */
const near = (got: number, want: number): void =>
  expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(want)));

const along = (p: unknown, v: unknown, h: number): any => tree.map((x, d) => add(x, mul(d, h)), p, v);
const direction = (p: unknown): unknown => {
  let i = 0;
  return tree.map((x) => cast(random.normal(random.key(500 + i++), x.shape), x.dtype), p);
};

describe.each(names)("%s", (name) => {
  const c = cases[name]!;

  it("says what it returns, for any number of examples", () => {
    const { params, state, out } = made(c, "float32");
    const [y] = c.layer.apply(params, state, inputOf(c, examples, "float32"));
    expect(y.shape).toEqual([examples, ...out.shape.slice(1)]);
    expect(y.dtype).toBe(out.dtype);
    expect(tree.leaves(params).every((p) => p.dtype === "float32")).toBe(true);
  });

  it("starts from its key alone", () => {
    const at = (seed: number): number[][] =>
      tree
        .leaves(
          c.layer.init(random.key(seed), { shape: [1, ...c.input], dtype: dtypeOf(c, "float32") }).params,
        )
        .map((p) => Array.from(p.dataSync()));
    expect(at(3)).toEqual(at(3));
    const random_ = at(3).filter((p) => new Set(p).size > 1);
    if (random_.length > 0) expect(at(4)).not.toEqual(at(3));
  });

  it("jit is eager", () => {
    const { params, state } = made(c);
    const x = inputOf(c, examples, "float64");
    const f = (p: any, s: any, v: Tensor): Tensor => c.layer.apply(p, s, v)[0];
    close(jit(f)(params, state, x), f(params, state, x), 1e-12);
  });

  it("vmap is a loop", () => {
    const { params, state } = made(c);
    const xs = stack([inputOf(c, 2, "float64"), mul(inputOf(c, 2, "float64"), c.integer === true ? 1 : 0.5)]);
    const f = (x: Tensor): Tensor => c.layer.apply(params, state, x)[0];
    close(vmap(f)(xs), stack([f(xs.at(0)), f(xs.at(1))]), 1e-12);
  });

  it("gradients are central differences, of second order too", () => {
    const { params: start, state } = made(c);
    const params: any = nudged(start);
    const x = inputOf(c, examples, "float64");
    const args = c.integer === true ? { params } : { params, x };
    const loss = (a: any): Tensor => probe(nn.tanh(c.layer.apply(a.params, state, a.x ?? x)[0]));
    const v = direction(args);
    const h = 1e-5;
    const slope = (loss(along(args, v, h)).item() - loss(along(args, v, -h)).item()) / (2 * h);
    const g = grad(loss)(args as any);
    near(dot(g, v), slope);
    const bend = (dot(grad(loss)(along(args, v, h)), v) - dot(grad(loss)(along(args, v, -h)), v)) / (2 * h);
    const along2 = (a: any): Tensor => {
      const gs = tree.leaves(grad(loss)(a));
      const vs = tree.leaves(v);
      return gs.map((gi, i) => sum(mul(gi, vs[i]!))).reduce((s, t) => add(s, t));
    };
    near(dot(grad(along2)(args as any), v), bend);
  });

  it("its parameters survive being written and read", () => {
    const { params } = made(c, "float32");
    const back = treeOfArrays(arraysOfTree(params), params);
    expect(back._tag).toBe("Right");
    if (back._tag === "Right")
      expect(tree.leaves(back.right).map((p) => p.toArray())).toEqual(
        tree.leaves(params).map((p) => p.toArray()),
      );
  });
});

describe("precision", () => {
  it("parameters follow the input's dtype; integers give float32", () => {
    const kernel = (dtype: DType): DType =>
      nn.dense(2).init(random.key(0), { shape: [1, 3], dtype }).params.kernel.dtype;
    expect(kernel("float64")).toBe("float64");
    expect(kernel("float32")).toBe("float32");
    expect(kernel("uint8")).toBe("float32");
  });
});
