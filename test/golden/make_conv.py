"""`conv.json`: convolutions, transposed convolutions and pooling, 1-D to 3-D, with gradients.

Layouts are channels-first, batched: x [N, C, ...space], w [O, C/groups, ...space].

`conv` is `lax.conv_general_dilated(x, w, stride, padding, rhs_dilation=dilation, feature_group_count=groups)` (no kernel flip).
Padding: "VALID", "SAME" (extra on the far side) or [[low, high], ...]. `inputDilation` is `lhs_dilation`.

`convTranspose` is `lax.conv_transpose(x, w, strides, padding, rhs_dilation=dilation,
dimension_numbers=("NCHW", "OIHW", "NCHW"), transpose_kernel=True)`, with w [C, O, ...space], C being x's channels: the gradient, with respect to
its input, of the `conv` from O to C channels whose kernel is that very w (read as [outputs C, inputs O, ...space]) with the same stride, dilation
and padding. The size of the result is `n * stride + max(k - stride, 0)` for VALID and `n * stride` for SAME (k the dilated kernel size);
pairs are what the dilated input is padded with.

Pooling windows that cover padding: maxPool pads with -inf; avgPool divides by the number of real elements unless `countIncludePad`.
"""

import jax.numpy as jnp
import jax
from jax import lax

from common import case, f32

LETTERS = {1: "W", 2: "HW", 3: "DHW"}


def padding_of(options):
    p = options.get("padding", "VALID")
    return p if isinstance(p, str) else [tuple(pair) for pair in p]


def conv(options):
    def f(x, w):
        n = x.ndim - 2
        space = LETTERS[n]
        return lax.conv_general_dilated(
            x, w, options.get("stride", [1] * n), padding_of(options), lhs_dilation=options.get("inputDilation", [1] * n),
            rhs_dilation=options.get("dilation", [1] * n), feature_group_count=options.get("groups", 1),
            dimension_numbers=("NC" + space, "OI" + space, "NC" + space))
    return f


def conv_transpose(options):
    def f(x, w):
        n = x.ndim - 2
        space = LETTERS[n]
        return lax.conv_transpose(
            x, w, options.get("stride", [1] * n), padding_of(options), rhs_dilation=options.get("dilation", [1] * n),
            dimension_numbers=("NC" + space, "OI" + space, "NC" + space), transpose_kernel=True)
    return f


def windows(options, n):
    size = (1, 1, *options["windowShape"])
    stride = (1, 1, *options.get("stride", options["windowShape"]))
    p = padding_of(options)
    return size, stride, p if isinstance(p, str) else [(0, 0), (0, 0), *p]


def max_pool(options):
    return lambda x: lax.reduce_window(x, -jnp.inf, lax.max, *windows(options, x.ndim - 2))


def avg_pool(options):
    def f(x):
        sums = lambda v: lax.reduce_window(v, 0.0, lax.add, *windows(options, x.ndim - 2))
        count = jnp.prod(jnp.array(options["windowShape"])) if options.get("countIncludePad") else sums(jnp.ones_like(x))
        return sums(x) / count
    return f


CONVS = [  # (x, w, options)
    ((2, 3, 8), (4, 3, 3), {}),
    ((2, 3, 8), (4, 3, 3), {"stride": [2], "padding": "SAME"}),
    ((1, 2, 9), (3, 2, 2), {"dilation": [3], "padding": [[2, 1]]}),
    ((1, 4, 6), (6, 2, 3), {"groups": 2, "padding": "SAME"}),
    ((2, 3, 6, 5), (4, 3, 3, 3), {}),
    ((2, 3, 6, 5), (4, 3, 3, 3), {"padding": "SAME"}),
    ((1, 3, 7, 8), (2, 3, 3, 2), {"stride": [2, 3], "padding": "SAME"}),
    ((1, 2, 7, 7), (3, 2, 3, 3), {"stride": [2, 2], "padding": [[1, 1], [0, 2]]}),
    ((1, 2, 7, 7), (3, 2, 3, 2), {"dilation": [2, 3], "padding": "SAME"}),
    ((1, 2, 7, 7), (3, 2, 2, 2), {"stride": [2, 1], "dilation": [2, 2], "padding": [[1, 0], [2, 3]]}),
    ((2, 4, 5, 5), (4, 1, 3, 3), {"groups": 4, "padding": "SAME"}),
    ((1, 4, 5, 5), (8, 2, 2, 2), {"groups": 2, "stride": [2, 2]}),
    ((2, 3, 4, 4), (5, 3, 1, 1), {}),
    ((1, 2, 4, 4), (3, 2, 4, 4), {}),
    ((1, 1, 4, 5), (2, 1, 2, 2), {"padding": [[-1, 1], [0, -1]]}),
    ((1, 2, 4, 3), (2, 2, 3, 2), {"inputDilation": [2, 3], "padding": [[1, 2], [0, 1]]}),
    ((1, 2, 4, 4, 4), (3, 2, 2, 2, 2), {}),
    ((1, 2, 4, 5, 3), (2, 1, 3, 2, 2), {"groups": 2, "stride": [2, 1, 2], "padding": "SAME", "dilation": [1, 2, 1]}),
]

TRANSPOSES = [
    ((2, 3, 5), (3, 2, 3), {}),
    ((2, 3, 5), (3, 2, 3), {"stride": [2], "padding": "SAME"}),
    ((1, 2, 4, 3), (2, 3, 3, 3), {"stride": [2, 2], "padding": "VALID"}),
    ((1, 2, 4, 3), (2, 3, 3, 3), {"stride": [2, 2], "padding": "SAME"}),
    ((1, 2, 4, 3), (2, 3, 2, 4), {"stride": [3, 1], "padding": "VALID"}),
    ((1, 2, 4, 3), (2, 3, 4, 4), {"stride": [2, 2], "padding": [[1, 2], [3, 0]]}),
    ((1, 2, 3, 3), (2, 1, 2, 2), {"stride": [1, 2], "dilation": [2, 1], "padding": "VALID"}),
    ((1, 2, 2, 3, 2), (2, 2, 2, 2, 2), {"stride": [2, 2, 2], "padding": "SAME"}),
]

POOLS = [
    ((2, 2, 7), {"windowShape": [3], "stride": [2]}),
    ((2, 2, 6, 6), {"windowShape": [2, 2]}),
    ((1, 2, 7, 6), {"windowShape": [3, 2], "stride": [2, 2], "padding": "SAME"}),
    ((1, 2, 6, 5), {"windowShape": [3, 3], "stride": [1, 2], "padding": [[1, 1], [0, 1]]}),
    ((1, 1, 4, 4, 4), {"windowShape": [2, 2, 2], "stride": [2, 1, 2]}),
]


def pools(i, shape, options):
    x = f32(*shape, seed=50 + i, scale=2)
    out = [case("maxPool", max_pool(options), [x], options, grad=[0]), case("avgPool", avg_pool(options), [x], options, grad=[0])]
    if "padding" in options:
        including = {**options, "countIncludePad": True}
        out.append(case("avgPool", avg_pool(including), [x], including, grad=[0]))
    return out


def ties():
    """The first of equal maxima, in row-major order of the window, takes the gradient."""
    x = jnp.ones((1, 1, 4, 4), jnp.float32)
    options = {"windowShape": [2, 2], "stride": [1, 1]}
    return [case("maxPool", max_pool(options), [x], options, grad=[0])]


def cases():
    out = []
    for i, (x, w, options) in enumerate(CONVS):
        out.append(case("conv", conv(options), [f32(*x, seed=i), f32(*w, seed=100 + i)], options, grad=[0, 1]))
    for i, (x, w, options) in enumerate(TRANSPOSES):
        out.append(case("convTranspose", conv_transpose(options), [f32(*x, seed=20 + i), f32(*w, seed=120 + i)], options, grad=[0, 1]))
    for i, (shape, options) in enumerate(POOLS):
        out += pools(i, shape, options)
    with jax.enable_x64(True):
        x, w = f32(1, 2, 5, 5, seed=70).astype("float64"), f32(3, 2, 3, 3, seed=71).astype("float64")
        out.append(case("conv", conv({"padding": "SAME", "stride": [2, 2]}), [x, w], {"padding": "SAME", "stride": [2, 2]}, grad=[0, 1]))
    return out + ties()
