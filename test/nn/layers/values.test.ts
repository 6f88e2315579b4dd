/** Layers against known values and against each other. */
import { describe, expect, it } from "vitest";
import {
  add,
  conv,
  div,
  grad,
  maximum,
  mean,
  mul,
  ones,
  random,
  reshape,
  sqrt,
  sub,
  sum,
  tensor,
  type Tensor,
  variance,
  zeros,
} from "fluxion";
import * as fluxion from "fluxion";
import * as nn from "fluxion/nn";
import { type GoldenArray, loadGolden } from "../../golden/load.js";

const f32 = (shape: readonly number[]): { shape: readonly number[]; dtype: "float32" } => ({
  shape,
  dtype: "float32",
});

const close = (got: Tensor, want: ArrayLike<number>, tolerance = 1e-5): void => {
  const data = got.dataSync();
  expect(data.length).toBe(want.length);
  Array.from(want).forEach((w, i) =>
    expect(Math.abs(data[i]! - w)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(w))),
  );
};

describe("golden normalisations", () => {
  const toTensor = (a: unknown): Tensor => {
    const { data, shape, dtype } = a as GoldenArray;
    return tensor(data, { shape, dtype });
  };
  const cases = loadGolden("nn").cases.filter((c) => c.fn === "layerNorm" || c.fn === "rmsNorm");
  it("has both", () =>
    expect(cases.map((c) => c.fn).sort()).toEqual(expect.arrayContaining(["layerNorm", "rmsNorm"])));
  it.each(cases.map((c, i) => [`${c.fn} ${i}`, c] as const))("%s", (_name, c) => {
    const [x, scale, offset] = c.args.map(toTensor);
    const eps = c.options!["epsilon"] as number;
    const f = (a: Tensor, s: Tensor, o: Tensor): Tensor =>
      c.fn === "rmsNorm"
        ? nn.rmsNorm({ eps }).apply({ scale: s }, [], a)[0]
        : nn.layerNorm({ eps }).apply({ scale: s, offset: o }, [], a)[0];
    const [y, pull] = fluxion.vjp(f, x!, scale!, offset ?? zeros(scale!.shape));
    close(y, (c.out as GoldenArray).data);
    const cts = pull(toTensor(c.grads!.cotangent));
    c.grads!.argnums.forEach((n, i) => close(cts[n]!, c.grads!.values[i]!.data, 2e-5));
  });
});

describe("conv", () => {
  it("adds its bias to every place of its channel", () => {
    const layer = nn.conv(2, 3);
    const kernel = random.normal(random.key(1), [2, 1, 3, 3]);
    const x = random.normal(random.key(2), [2, 1, 5, 5]);
    const [y] = layer.apply({ kernel, bias: tensor([10, -10]) }, [], x);
    const want = add(conv(x, kernel), reshape(tensor([10, -10]), [1, 2, 1, 1]));
    close(y, want.dataSync());
  });

  it("convTranspose has the shapes that conv came from", () => {
    for (const options of [
      { stride: 2 },
      { padding: 1 },
      { stride: 2, padding: 1 },
      { padding: "SAME", stride: 2 },
    ] as const) {
      const down = nn.conv(4, 4, options).init(random.key(0), f32([1, 3, 12, 12])).out;
      expect(nn.convTranspose(3, 4, options).init(random.key(0), down).out.shape).toEqual([1, 3, 12, 12]);
    }
  });

  it("kernels start with variance 1 / fan-in over channels and window, not over the window's axes", () => {
    const { params } = nn
      .conv(64, 5, { kernelInit: nn.init.lecunNormal })
      .init(random.key(0), f32([1, 16, 8, 8]));
    expect(variance(params.kernel).item() * 16 * 25).toBeCloseTo(1, 1);
    const transposed = nn.convTranspose(64, 5).init(random.key(0), f32([1, 16, 8, 8])).params;
    expect(variance(transposed.kernel).item() * 16 * 25).toBeCloseTo(1, 1);
    const dense = nn.dense(64, { kernelInit: nn.init.heNormal }).init(random.key(0), f32([1, 400])).params;
    expect(variance(dense.kernel).item() * 400).toBeCloseTo(2, 1);
  });
});

describe("dropout", () => {
  const layer = nn.dropout(0.25);
  const train = { training: true, key: random.key(5) };

  it("keeps the mean, drops the share, scales the rest", () => {
    const [y] = layer.apply([], [], ones([10_000]), train);
    const data = Array.from(y.dataSync());
    expect(data.filter((v) => v === 0).length / data.length).toBeCloseTo(0.25, 1);
    expect(new Set(data.map((v) => v.toFixed(5)))).toEqual(new Set(["0.00000", "1.33333"]));
  });

  it("its gradient is its mask", () => {
    const x = ones([50]);
    const [y] = layer.apply([], [], x, train);
    const g = grad((v) => sum(layer.apply([], [], v, train)[0]))(x);
    expect(g.toArray()).toEqual(y.toArray());
  });

  it("shares what is to be shared", () => {
    const [y] = nn.dropout(0.5, { shared: [2, 3] }).apply([], [], ones([4, 8, 3, 3]), train);
    const perChannel = mean(y, { axis: [2, 3] }).dataSync();
    expect(perChannel.every((m) => m === 0 || m === 2)).toBe(true);
    expect(new Set(perChannel).size).toBe(2);
  });

  it("is the identity outside of training and at rate 0", () => {
    const x = tensor([1, 2, 3]);
    expect(layer.apply([], [], x)[0]).toBe(x);
    expect(nn.dropout(0).apply([], [], x, { training: true })[0]).toBe(x);
  });

  it("every layer of a sequence draws from a key of its own", () => {
    const twice = nn.sequential(nn.dropout(0.5), nn.dropout(0.5));
    const { params, state } = twice.init(random.key(0), f32([1]));
    const [y] = twice.apply(params, state, ones([4000]), train);
    expect(mean(maximum(y, 0)).item()).toBeCloseTo(1, 0);
    expect(Array.from(y.dataSync()).filter((v) => v !== 0).length / 4000).toBeCloseTo(0.25, 1);
  });
});

describe("batchNorm", () => {
  const layer = nn.batchNorm({ momentum: 0.8, eps: 1e-3 });
  const x = add(mul(random.normal(random.key(3), [6, 2, 4, 4]), 3), 5);
  const { params, state } = layer.init(random.key(0), f32([1, 2, 4, 4]));

  it("in training, channels have mean 0 and variance 1, and the running statistics move", () => {
    const [y, next] = layer.apply(params, state, x, { training: true });
    close(mean(y, { axis: [0, 2, 3] }), [0, 0], 1e-5);
    close(variance(y, { axis: [0, 2, 3] }), [1, 1], 1e-3);
    const m = mean(x, { axis: [0, 2, 3] });
    const v = variance(x, { axis: [0, 2, 3] });
    close(next.mean, mul(m, 0.2).dataSync());
    close(next.variance, add(mul(v, 0.2), 0.8).dataSync());
  });

  it("otherwise it uses them, and leaves them alone", () => {
    const running = { mean: tensor([1, 2]), variance: tensor([4, 9]) };
    const [y, same] = layer.apply({ scale: tensor([2, 3]), offset: tensor([1, 0]) }, running, x);
    expect(same).toBe(running);
    const channel = (v: number[]): Tensor => reshape(tensor(v), [1, 2, 1, 1]);
    const want = add(
      mul(div(sub(x, channel([1, 2])), sqrt(add(channel([4, 9]), 1e-3))), channel([2, 3])),
      channel([1, 0]),
    );
    close(y, want.dataSync());
  });

  it("its state has no gradient", () => {
    const total = (v: Tensor): Tensor => {
      const [, next] = layer.apply(params, state, v, { training: true });
      return add(sum(next.mean), sum(next.variance));
    };
    expect(sum(fluxion.abs(grad(total)(x))).item()).toBe(0);
  });

  it("in training the gradient is that of the whole batch: shifting all inputs changes nothing", () => {
    const probe = random.normal(random.key(4), x.shape);
    const g = grad((v) => sum(mul(layer.apply(params, state, v, { training: true })[0], probe)))(x);
    close(sum(g, { axis: [0, 2, 3] }), [0, 0], 1e-3);
  });
});

describe("normalisations of examples", () => {
  it("groupNorm with one group is layerNorm over all axes, with a group for each channel instance norm", () => {
    const x = random.normal(random.key(8), [2, 4, 3]);
    const affine = { scale: ones([4]), offset: zeros([4]) };
    const one = nn.groupNorm(1).apply(affine, [], x)[0];
    const all = nn
      .layerNorm({ axis: [1, 2] })
      .apply({ scale: ones([4, 3]), offset: zeros([4, 3]) }, [], x)[0];
    close(one, all.dataSync());
    const each = nn.groupNorm(4).apply(affine, [], x)[0];
    const instance = nn.layerNorm({ axis: 2 }).apply({ scale: ones([3]), offset: zeros([3]) }, [], x)[0];
    close(each, instance.dataSync());
  });
});

describe("embedding", () => {
  it("its gradient adds up what is looked up", () => {
    const layer = nn.embedding(3, 2);
    const table = zeros([3, 2]);
    const words = tensor([2, 0, 2], { dtype: "int32" });
    const g = grad((t) => sum(layer.apply({ table: t }, [], words)[0]))(table);
    expect(g.toArray()).toEqual([
      [1, 1],
      [0, 0],
      [2, 2],
    ]);
  });
});
