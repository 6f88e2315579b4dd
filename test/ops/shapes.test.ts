import { describe, expect, test } from "vitest";
import {
  arange,
  argsort,
  argwhere,
  arraySplit,
  atLeast3d,
  broadcastArrays,
  broadcastTo,
  choose,
  columnStack,
  concat,
  dotProductAttention,
  dstack,
  dynamicSlice,
  dynamicUpdateSlice,
  expandDims,
  flatten,
  flip,
  gelu,
  glu,
  grad,
  hstack,
  jit,
  lexsort,
  logSoftmax,
  moveAxis,
  nonzero,
  oneHot,
  ones,
  pad,
  relu,
  repeat,
  reshape,
  roll,
  rot90,
  searchsorted,
  segmentSum,
  select,
  slice,
  sliceInDim,
  softmax,
  softplus,
  sort,
  split,
  squeeze,
  stack,
  sum,
  swapAxes,
  tensor,
  type Tensor,
  tile,
  topK,
  transpose,
  unique,
  unstack,
  vmap,
  vstack,
  zeros,
  mul,
  hardShrink,
  softShrink,
  tanhShrink,
  swish,
  standardize,
} from "../../src/index.js";
import { counting } from "./counting.js";
import { nodesOf } from "./nodes.js";

const int = (values: readonly number[]): Tensor => tensor(values, { dtype: "int32" });
const message = (text: string): unknown => expect.objectContaining({ message: text });

describe("shapes", () => {
  test("data-last, data-first and methods agree", () => {
    const x = counting(2, 3);
    expect(reshape([3, 2])(x).shape).toEqual(x.reshape([3, 2]).shape);
    expect(transpose([1, 0])(x).toArray()).toEqual(transpose(x, [1, 0]).toArray());
    expect(transpose(x).shape).toEqual([3, 2]);
    expect(x.transpose().shape).toEqual([3, 2]);
    expect(squeeze({ axis: 0 })(ones([1, 2])).shape).toEqual([2]);
    expect(flip({ axis: 1 })(x).toArray()).toEqual([
      [2, 1, 0],
      [5, 4, 3],
    ]);
    expect(softmax({ axis: 0 })(zeros([2])).toArray()).toEqual([0.5, 0.5]);
    expect(topK(2)(x)[0].toArray()).toEqual([
      [2, 1],
      [5, 4],
    ]);
    expect(split(2)(ones([4]))).toHaveLength(2);
    expect(split(2, { axis: 1 })(ones([2, 4]))[0]!.shape).toEqual([2, 2]);
    expect(x.split([1], { axis: 1 }).map((p) => p.shape)).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect(concat({ axis: 1 })([x, x]).shape).toEqual([2, 6]);
    expect(x.topK(1)[1].toArray()).toEqual([[2], [2]]);
    expect([x, x].map(flatten).map((e) => e.shape)).toEqual([[6], [6]]);
  });

  test("sizes with -1", () => {
    expect(reshape(ones([6]), -1).shape).toEqual([6]);
    expect(reshape(ones([0, 3]), [-1, 3]).shape).toEqual([0, 3]);
    expect(() => reshape(ones([6]), [-1, 4])).toThrow(
      message("reshape: expected sizes beside -1 whose product divides 6, got [-1,4] for float32[6]"),
    );
    expect(() => reshape(ones([6]), [-1, -1])).toThrow(
      "reshape: expected at most one -1 in the shape, got [-1,-1] for float32[6]",
    );
    expect(() => reshape(ones([0]), [-1, 0])).toThrow(
      "reshape: expected sizes beside -1 whose product divides 0, got [-1,0] for float32[0]",
    );
    expect(() => reshape(ones([6]), [4])).toThrow(
      message("reshape: expected a shape of 6 elements, got [4] for float32[6]"),
    );
  });

  test("axes that do not exist", () => {
    const x = ones([2, 3]);
    expect(() => transpose(x, [0, 0])).toThrow(
      message("transpose: expected a permutation of 2 axes, got [0,0] for float32[2,3]"),
    );
    expect(() => swapAxes(x, 0, 2)).toThrow(message("swapAxes: expected an axis from -2 to 1, got 2"));
    expect(() => moveAxis(x, [0, 1], 0)).toThrow(
      message("moveAxis: expected 2 destinations, one for each source, got [0]"),
    );
    expect(() => expandDims(x, 4)).toThrow(message("expandDims: expected an axis from -3 to 2, got 4"));
    expect(() => squeeze(x, { axis: 0 })).toThrow(
      message("squeeze: expected size 1 along axis 0, got float32[2,3]"),
    );
    expect(() => broadcastTo(x, [3, 2])).toThrow(
      message("broadcastTo: expected a shape that stretches to [3,2], got float32[2,3]"),
    );
    expect(() => sum(sort(x, { axis: 5 }))).toThrow(message("sort: expected an axis from -2 to 1, got 5"));
    expect(() => flip(x, { axis: NaN })).toThrow(message("flip: expected an axis from -2 to 1, got NaN"));
  });

  test("new axes come where they are asked for", () => {
    expect(expandDims(ones([2, 3]), [0, 2]).shape).toEqual([1, 2, 1, 3]);
    expect(expandDims(ones([2, 3]), [-1, 0]).shape).toEqual([1, 2, 3, 1]);
    expect(atLeast3d(ones([2, 3])).shape).toEqual([2, 3, 1]);
    expect(broadcastArrays(ones([3, 1]), 2).map((x) => [x.shape, x.dtype])).toEqual([
      [[3, 1], "float32"],
      [[3, 1], "float32"],
    ]);
  });

  test("views that change nothing are no nodes", () => {
    const x = counting(2, 3);
    expect(transpose(x, [0, 1])).toBe(x);
    expect(reshape(x, [2, 3])).toBe(x);
    expect(roll(x, 0, { axis: 0 })).toBe(x);
    expect(pad(x, 0)).toBe(x);
    expect(nodesOf(x.at(":", "::1"))).toEqual(nodesOf(x));
  });
});

describe("options", () => {
  test("that do not exist, or are no object, are errors", () => {
    const x = ones([2, 2]);
    expect(() => flip(x, 1 as never)).toThrow(message("flip: expected options { axis }, got 1"));
    expect(() => softmax(x, { axes: 0 } as never)).toThrow(
      message("softmax: expected options { axis, where }, got axes"),
    );
    expect(() => concat([x, x], 1 as never)).toThrow(message("concat: expected options { axis }, got 1"));
    expect(() => x.sort(0 as never)).toThrow(message("sort: expected options { axis, descending }, got 0"));
    expect(() => x.maxPool(2, 2 as never)).toThrow(
      message("maxPool: expected options { stride, padding, dilation }, got 2"),
    );
    expect(() => lexsort([x], 0 as never)).toThrow(message("lexsort: expected options { axis }, got 0"));
  });
});

describe("joining and splitting", () => {
  test("promote and keep order", () => {
    expect(concat([int([1]), tensor([0.5])]).toArray()).toEqual([1, 0.5]);
    expect(stack([1, tensor(2, { dtype: "int32" })]).dtype).toBe("int32");
    expect(hstack([1, tensor([2])]).toArray()).toEqual([1, 2]);
    expect(vstack([tensor([1, 2]), tensor([3, 4])]).shape).toEqual([2, 2]);
    expect(dstack([tensor([1, 2]), tensor([3, 4])]).shape).toEqual([1, 2, 2]);
    expect(columnStack([tensor([1, 2]), ones([2, 2])]).shape).toEqual([2, 3]);
    expect(unstack(counting(2, 3), { axis: 1 }).map((x) => x.toArray())).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ]);
    expect(unstack(stack([ones([2]), zeros([2])]))[1]!.toArray()).toEqual([0, 0]);
  });
  test("cuts", () => {
    expect(split(arange(5), [2, 1, 9]).map((x) => x.toArray())).toEqual([[0, 1], [], [1, 2, 3, 4], []]);
    expect(split(arange(5), [-1]).map((x) => x.toArray())).toEqual([[0, 1, 2, 3], [4]]);
    expect(arraySplit(arange(5), 3).map((x) => x.toArray())).toEqual([[0, 1], [2, 3], [4]]);
    expect(() => split(arange(5), 2)).toThrow(
      message(
        "split: expected a number of parts that divides 5, the size of axis 0 (or use arraySplit), got 2",
      ),
    );
    expect(() => split(ones([]), 1)).toThrow(
      message("split: expected a tensor with at least one axis, got float32[]"),
    );
  });
  test("what does not fit", () => {
    expect(() => concat([])).toThrow(message("concat: expected at least one tensor, got an empty list"));
    expect(() => concat([ones([2]), ones([2, 2])])).toThrow(
      message("concat: expected shapes that are equal but for axis 0, got float32[2] and float32[2,2]"),
    );
    expect(() => concat([1, 2])).toThrow(
      message("concat: expected tensors with at least one axis, got float32[]"),
    );
    expect(() => stack([ones([2]), ones([3])])).toThrow(
      message("stack: expected tensors of one shape, got float32[2] and float32[3]"),
    );
    expect(() => concat([[1, 2] as never])).toThrow(
      message("concat: expected a tensor, number or boolean, got an array (wrap it in tensor(...))"),
    );
  });
});

describe("rearranging", () => {
  test("empty and whole turns", () => {
    expect(roll(zeros([0]), 3).shape).toEqual([0]);
    expect(tile(arange(2), 0).shape).toEqual([0]);
    expect(repeat(arange(2), 0).shape).toEqual([0]);
    expect(tile(arange(2), [2, 1, 2]).shape).toEqual([2, 1, 4]);
    const x = counting(2, 3);
    for (const k of [-3, 1, 5]) expect(rot90(x, { k }).toArray()).toEqual(rot90(x).toArray());
    expect(rot90(rot90(x, { k: 3 })).toArray()).toEqual(x.toArray());
    expect(rot90(x, { axes: [1, 0] }).toArray()).toEqual(rot90(x, { k: -1 }).toArray());
  });
  test("pads that crop", () => {
    expect(pad(arange(5), [-1, -2]).toArray()).toEqual([1, 2]);
    expect(pad(arange(4), [2, -1], { mode: "edge" }).toArray()).toEqual([0, 0, 0, 1, 2]);
    expect(() => pad(arange(2), [-2, -1])).toThrow(
      message("pad: expected to crop at most 2 elements along axis 0, got [-2, -1]"),
    );
    expect(() => pad(ones([0]), 1, { mode: "edge" })).toThrow(
      message('pad: expected elements along axis 0 to pad with mode "edge", got float32[0]'),
    );
    expect(() =>
      pad(ones([2, 2]), [
        [1, 1],
        [1, 1],
        [1, 1],
      ]),
    ).toThrow(message("pad: expected a width, a pair of them or 2 pairs, got [[1,1],[1,1],[1,1]]"));
    expect(pad(arange(3), 2, { mode: "mean" }).toArray()).toEqual([1, 1, 0, 1, 2, 1, 1]);
    expect(pad(tensor([true, false]), 1).toArray()).toEqual([false, true, false, false]);
  });
  test("padding modes are views", () => {
    for (const mode of ["edge", "reflect", "symmetric", "wrap"] as const)
      expect(nodesOf(pad(counting(4, 4), 2, { mode }))).not.toContain("gather");
  });
  test("slices", () => {
    expect(slice(counting(4, 4), [1, 0], [4, 4], { strides: [2, 3] }).toArray()).toEqual([
      [4, 7],
      [12, 15],
    ]);
    expect(() => slice(ones([2]), [0], [3])).toThrow(
      message(
        "slice: expected 0 ≤ start ≤ stop within [2] and positive strides, got starts [0] stops [3] strides [1]",
      ),
    );
    expect(sliceInDim(counting(2, 4), 0, 4, { axis: 1, stride: 2 }).toArray()).toEqual([
      [0, 2],
      [4, 6],
    ]);
  });
});

describe("order", () => {
  test("ties keep their order, also largest first", () => {
    const x = int([2, 1, 2, 1]);
    expect(argsort(x).toArray()).toEqual([1, 3, 0, 2]);
    expect(argsort(x, { descending: true }).toArray()).toEqual([0, 2, 1, 3]);
    expect(topK(x, 3)[1].toArray()).toEqual([0, 2, 1]);
    expect(sort(counting(2, 2), { axis: null, descending: true }).toArray()).toEqual([3, 2, 1, 0]);
    expect(sort(zeros([0])).shape).toEqual([0]);
    expect(topK(counting(3, 2), 1, { axis: 0 })[0].toArray()).toEqual([[4, 5]]);
  });
  test("derivatives follow the elements", () => {
    const weights = tensor([1, 10, 100]);
    expect(grad((x: Tensor) => sum(mul(sort(x), weights)))(tensor([3, 1, 2])).toArray()).toEqual([
      100, 1, 10,
    ]);
    expect(grad((x: Tensor) => sum(topK(x, 2)[0]))(tensor([3, 1, 2])).toArray()).toEqual([1, 0, 1]);
  });
  test("is mapped and jitted", () => {
    const x = tensor([
      [3, 1, 2],
      [9, 7, 8],
    ]);
    expect(vmap((r: Tensor) => argsort(r))(x).toArray()).toEqual([
      [1, 2, 0],
      [1, 2, 0],
    ]);
    expect(jit((r: Tensor) => sort(r))(x).toArray()).toEqual([
      [1, 2, 3],
      [7, 8, 9],
    ]);
    expect(
      vmap((r: Tensor) => searchsorted(r, 2.5))(
        tensor([
          [1, 2, 3],
          [7, 8, 9],
        ]),
      ).toArray(),
    ).toEqual([2, 0]);
  });
  test("what does not fit", () => {
    expect(() => topK(ones([3]), 4)).toThrow(
      message("topK: expected k from 0 to 3, the size of axis 0 of float32[3], got 4"),
    );
    expect(() => lexsort([ones([2]), ones([3])])).toThrow(
      message("lexsort: expected keys of one shape, got float32[2] and float32[3]"),
    );
    expect(() => nonzero(ones([3]), {} as never)).toThrow(
      message(
        "nonzero: expected a size in the options (a result's shape cannot depend on values), got undefined",
      ),
    );
    expect(() => unique(ones([3]), { size: -1 })).toThrow("unique: expected a size");
    expect(() => searchsorted(ones([2, 2]), 1)).toThrow(
      message("searchsorted: expected a sorted vector, got float32[2,2]"),
    );
    expect(() => segmentSum(ones([3]), int([0, 1]), { numSegments: 2 })).toThrow(
      message("segmentSum: expected ids [n] for data [n, …], got int32[2] and float32[3]"),
    );
  });
  test("places in empty tensors", () => {
    expect(argwhere(zeros([0, 2]), { size: 2, fillValue: -1 }).toArray()).toEqual([
      [-1, -1],
      [-1, -1],
    ]);
    expect(unique(zeros([0]), { size: 2 }).toArray()).toEqual([0, 0]);
  });
});

describe("choices and windows at computed places", () => {
  test("nothing flows back to what was not chosen", () => {
    const f = (x: Tensor): Tensor => sum(select([x.greater(0)], [x.exp()], { default: 0 }));
    expect(grad(f)(tensor([-1, 0.5])).toArray()).toEqual([0, Math.fround(Math.exp(0.5))]);
    expect(choose(tensor([true, false]), [1, 2]).toArray()).toEqual([2, 1]);
    expect(() => select([true], [1, 2])).toThrow(
      message("select: expected 1 choices, one for each condition, got 2"),
    );
  });
  test("dynamic windows are clamped", () => {
    const f = jit((i: Tensor) => dynamicSlice(arange(5), [i], [2]));
    expect(f(int([4]).at(0)).toArray()).toEqual([3, 4]);
    expect(f(int([-2]).at(0)).toArray()).toEqual([3, 4]);
    expect(dynamicUpdateSlice(zeros([3]), ones([2]), int([5])).toArray()).toEqual([0, 1, 1]);
    expect(() => dynamicSlice(ones([3]), [0, 0], [1])).toThrow(
      message("dynamicSlice: expected 1 starts, one for each axis of float32[3], got 2"),
    );
    expect(() => dynamicSlice(ones([3]), [0], [4])).toThrow(
      message("dynamicSlice: expected sizes within [3], got [4]"),
    );
  });
  test("oneHot", () => {
    expect(oneHot(int([-1, 0, 3]), 3).toArray()).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    expect(
      oneHot(tensor([300], { dtype: "uint32" }), 301)
        .at(0, 300)
        .item(),
    ).toBe(1);
    expect(oneHot(tensor([1], { dtype: "uint8" }), 300).shape).toEqual([1, 300]);
    expect(() => oneHot(int([1]), -1)).toThrow(message("oneHot: expected a number of classes, got -1"));
  });
});

describe("activations beyond JAX's", () => {
  test("keep dtypes and special values", () => {
    expect(relu(int([-1, 2])).dtype).toBe("int32");
    expect(relu(tensor([NaN, -Infinity, Infinity])).toArray()).toEqual([NaN, 0, Infinity]);
    expect(softplus(tensor([-1000, 1000, Infinity, -Infinity])).toArray()).toEqual([0, 1000, Infinity, 0]);
    expect(gelu(int([0])).dtype).toBe("float32");
    expect(
      hardShrink(tensor([-0.5, 0.6]))
        .at(0)
        .item(),
    ).toBe(0);
    expect(softShrink(tensor([1]), { lambda: 0.25 }).toArray()).toEqual([0.75]);
    expect(tanhShrink(tensor([0])).toArray()).toEqual([0]);
    expect(swish(tensor([0])).toArray()).toEqual([0]);
    expect(() => glu(ones([3]))).toThrow(message("glu: expected an even size along axis 0, got 3"));
  });
  test("softplus has its second derivative at 0", () => {
    const d2 = grad((x: Tensor) => sum(grad((v: Tensor) => sum(softplus(v)))(x)));
    expect(d2(tensor([0, 1])).dataSync()[0]).toBeCloseTo(0.25, 6);
  });
});

describe("softmax", () => {
  test("is stable, sums to one and leaves out what is masked", () => {
    expect(softmax(tensor([1e4, 0])).toArray()).toEqual([1, 0]);
    expect(softmax(tensor([-Infinity, 0])).toArray()).toEqual([0, 1]);
    const where = tensor([
      [true, false],
      [false, false],
    ]);
    expect(
      softmax(
        tensor([
          [1, 9],
          [1, 9],
        ]),
        { where },
      ).toArray(),
    ).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(
      logSoftmax(
        tensor([
          [1, 9],
          [1, 9],
        ]),
        { where },
      ).toArray(),
    ).toEqual([
      [0, -Infinity],
      [-Infinity, -Infinity],
    ]);
    const g = grad((x: Tensor) =>
      sum(
        mul(
          softmax(x, { where }),
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ),
      ),
    )(
      tensor([
        [1, NaN],
        [-Infinity, 9],
      ]),
    );
    expect(g.toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(softmax(zeros([2, 2]), { axis: [0, 1] }).toArray()).toEqual([
      [0.25, 0.25],
      [0.25, 0.25],
    ]);
    expect(softmax(zeros([0, 3]), { axis: 0 }).shape).toEqual([0, 3]);
    expect(softmax(5).item()).toBe(1);
    expect(() => softmax(ones([2]), { where: ones([2]) })).toThrow(
      message("softmax: expected a bool mask as where, got float32"),
    );
  });
  test("attention in both layouts", () => {
    const [q, k, v] = [counting(2, 3, 2, 4), counting(2, 5, 2, 4), counting(2, 5, 2, 4)];
    const swap = (x: Tensor): Tensor => swapAxes(x, 1, 2);
    const a = dotProductAttention(q, k, v, { scale: 0.01, causal: true });
    const b = swap(
      dotProductAttention(swap(q), swap(k), swap(v), { scale: 0.01, causal: true, layout: "BNTH" }),
    );
    a.dataSync().forEach((x: number, i: number) => expect(x).toBeCloseTo(b.dataSync()[i]!, 4));
    expect(() => dotProductAttention(q, k, ones([2, 4, 2, 4]))).toThrow(
      "dotProductAttention: expected q, k and v in layout BTNH",
    );
    expect(() => dotProductAttention(q, k, v, { mask: ones([3]) })).toThrow(
      message("dotProductAttention: expected a bool mask, got float32[3]"),
    );
  });
  test("standardize with statistics of its own", () => {
    expect(standardize(tensor([3, 5]), { mean: 1, variance: 4, epsilon: 0 }).toArray()).toEqual([1, 2]);
    expect(() => standardize(ones([2]), { mean: ones([3]) })).toThrow(
      "standardize: expected shapes that broadcast together",
    );
  });
});
