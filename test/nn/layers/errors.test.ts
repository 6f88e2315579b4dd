/** What layers say when they are used wrongly. */
import { describe, expect, it } from "vitest";
import { AbstractValueError, concat, jit, random, type Tensor, tensor, where, zeros } from "fluxion";
import * as nn from "fluxion/nn";

const key = random.key(0);
const f32 = (...shape: number[]): { shape: readonly number[]; dtype: "float32" } => ({
  shape,
  dtype: "float32",
});
const int32 = (...shape: number[]): { shape: readonly number[]; dtype: "int32" } => ({
  shape,
  dtype: "int32",
});
const message = (f: () => unknown): string => {
  try {
    f();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return (error as Error).message;
  }
  throw new Error("expected an error");
};

describe("messages", () => {
  it.each<[string, () => unknown]>([
    [
      "dense: expected an input with an axis of features, got float32[] (input of the layer: float32[])",
      () => nn.dense(3).init(key, f32()),
    ],
    ["dense: expected a number of features of at least 1, got 0", () => nn.dense(0)],
    [
      "dense: expected options { bias, kernelInit, biasInit }, got biass",
      () => nn.dense(3, { biass: false } as never),
    ],
    [
      "conv: expected an input [N, C, …space] with 2 spatial axes, got float32[1,28] (input of the layer: float32[1,28])",
      () => nn.conv(6, [5, 5]).init(key, f32(1, 28)),
    ],
    [
      "conv: expected groups that divide 3 channels of the input, got 2 (input of the layer: float32[1,3,8])",
      () => nn.conv(6, 3, { groups: 2 }).init(key, f32(1, 3, 8)),
    ],
    [
      "maxPool: expected at least 2 elements along spatial axis 0 for a window of 2 (dilation 1), got 1 after padding float32[1,1,1] (input of the layer: float32[1,1,1])",
      () => nn.maxPool(2).init(key, f32(1, 1, 1)),
    ],
    [
      "globalAvgPool: expected an input [N, C, …space] with at least one spatial axis, got float32[1,3] (input of the layer: float32[1,3])",
      () => nn.globalAvgPool().init(key, f32(1, 3)),
    ],
    [
      "batchNorm: expected a float input, got int32[1,3]: cast it (input of the layer: int32[1,3])",
      () => nn.batchNorm().init(key, int32(1, 3)),
    ],
    [
      "groupNorm: expected an input [N, C, …] with C divisible by 2 groups, got float32[1,3] (input of the layer: float32[1,3])",
      () => nn.groupNorm(2).init(key, f32(1, 3)),
    ],
    [
      "embedding: expected an integer input, got float32[1] (input of the layer: float32[1])",
      () => nn.embedding(3, 2).init(key, f32(1)),
    ],
    ["dropout: expected a rate of at least 0 and below 1, got 1", () => nn.dropout(1)],
    [
      "dropout: expected a key in training, got none: apply(params, state, x, { training: true, key }) (input of the layer: float32[2])",
      () => nn.dropout(0.5).apply([], [], zeros([2]), { training: true }),
    ],
    [
      "residual: expected a body whose result has the shape of what it is added to, float32[1,4], got float32[1,3]: give a shortcut that changes the shape (input of the layer: float32[1,4])",
      () => nn.residual(nn.dense(3)).init(key, f32(1, 4)),
    ],
    ["sequential: expected names of layers, got 1: use a list", () => nn.sequential({ 1: nn.dense(2) })],
    [
      "sequential: expected a layer or a function of a tensor at [1], got undefined",
      () => nn.sequential(nn.dense(2), undefined as never),
    ],
    ["leNet: expected at least one class, got 0", () => nn.leNet(0)],
    ["flatten: expected from as a number of axes, got -1", () => nn.flatten({ from: -1 })],
  ])("%s", (want, f) => {
    expect(message(f)).toBe(want);
  });
});

describe("paths", () => {
  const model = nn.sequential(
    nn.flatten(),
    nn.named("body", nn.sequential({ first: nn.dense(4), second: nn.dense(2) })),
  );

  it("name the way to the layer, in init and in apply", () => {
    const { params, state } = model.init(key, f32(1, 2, 3));
    expect(message(() => model.apply(params, state, zeros([5, 7])))).toBe(
      "sequential[1].body.first.dense: expected an input [..., 6], got float32[5,7] (input of the layer: float32[5,7])",
    );
    const deep = nn.parallel({ left: model, right: (x: Tensor) => x }, (a, b) => concat([a, b], { axis: 1 }));
    expect(message(() => deep.init(key, f32()))).toMatch(/^parallel\.left\.sequential\[0\]\.flatten: /);
  });

  it("are kept in the error, with its cause", () => {
    try {
      nn.leNet().init(key, f32(1, 28, 28));
    } catch (error) {
      expect(error).toBeInstanceOf(nn.LayerError);
      expect((error as nn.LayerError).path).toBe("leNet.conv1.conv");
      expect((error as nn.LayerError).detail).toMatch(/^expected an input \[N, C, …space\]/);
      expect((error as Error).cause).toBeInstanceOf(nn.LayerError);
      return;
    }
    throw new Error("expected an error");
  });

  it("parameters of another structure are refused by name", () => {
    const two = nn.sequential({ a: nn.dense(2), b: nn.dense(2) });
    const { params, state } = two.init(key, f32(1, 2));
    expect(message(() => two.apply({ a: params.a } as never, state, zeros([1, 2])))).toBe(
      "sequential: expected parameters for b, got {a} (input of the layer: float32[1,2])",
    );
    const list = nn.sequential(nn.dense(2), nn.dense(2));
    expect(message(() => list.apply([params.a] as never, [[], []] as never, zeros([1, 2])))).toBe(
      "sequential: expected parameters for 2 layers, got a list of 1 (input of the layer: float32[1,2])",
    );
  });

  it("reading a traced value keeps its own error", () => {
    const peeking = nn.sequential((x: Tensor) => (x.at(0).item() > 0 ? x : where(true, x, x)));
    const { params, state } =
      peeking.init.length === 2 ? { params: [[]] as never, state: [[]] as never } : (null as never);
    expect(() => jit((x: Tensor) => peeking.apply(params, state, x)[0])(tensor([1]))).toThrow(
      AbstractValueError,
    );
  });
});
