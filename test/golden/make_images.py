"""`images.json`: what `structure`, `nn` and `indexing` lack: resize, attention, put_along_axis, nonzero, unique, lexsort, select, segments, convolve.

Shapes are those of Fluxion's functions: `resize(x, shape, {method, antialias})`, `dotProductAttention(q, k, v, {...})`.
"""

import jax
import jax.numpy as jnp
import numpy as np

from common import case, f32

METHODS = ["nearest", "linear", "cubic", "lanczos3", "lanczos5"]
SHAPES = [((5,), (8,)), ((7,), (3,)), ((4, 6), (8, 3)), ((2, 3, 3), (2, 6, 5))]


def resizes():
    out = []
    for i, (old, new) in enumerate(SHAPES):
        x = f32(*old, seed=200 + i)
        for method in METHODS:
            for antialias in (True, False):
                if method == "nearest" and not antialias:
                    continue
                f = lambda v, s: jax.image.resize(v, s, method, antialias=antialias)
                out.append(case("resize", f, [x, list(new)], {"method": method, "antialias": antialias}, grad=[0]))
    return out


def attentions():
    q, k, v = f32(2, 5, 4, 3, seed=210), f32(2, 6, 2, 3, seed=211), f32(2, 6, 2, 3, seed=212)
    bias, mask = f32(1, 4, 5, 6, seed=213), np.random.RandomState(214).rand(2, 1, 5, 6) > 0.4
    mask[0, 0, 2] = False  # a query that may see nothing
    table = [({}, {}), ({"bias": bias}, {"bias": bias}), ({"mask": mask}, {"mask": mask}), ({"causal": True}, {"is_causal": True}),
             ({"scale": 0.5, "mask": mask, "bias": bias}, {"scale": 0.5, "mask": mask, "bias": bias})]
    return [case("dotProductAttention", lambda a, b, c: jax.nn.dot_product_attention(a, b, c, **theirs), [q, k, v], ours, grad=[0, 1, 2])
            for ours, theirs in table]


def places():
    x = np.float32([[0, 1, 0, 3], [2, 0, 0, np.nan]])
    repeated = np.float32([3, 1, np.nan, 3, 2, np.nan, 1])
    out = [case("nonzero", lambda v: list(jnp.nonzero(v, size=n, fill_value=fill)), [x], {"size": n, "fillValue": fill}) for n, fill in ((4, 0), (6, -1), (2, 0))]
    out += [case("unique", lambda v: jnp.unique(v, size=n), [repeated], {"size": n}) for n in (4, 6, 2)]
    out.append(case("unique", lambda v: jnp.unique(v, size=5, fill_value=0), [repeated], {"size": 5, "fillValue": 0}))
    keys = [np.int32([2, 1, 2, 1, 2]), np.float32([0, 5, -1, 5, 0])]
    out.append(case("lexsort", lambda a: jnp.lexsort(a), [keys]))
    return out


def choices():
    x = f32(3, 4, seed=220)
    conditions = [x < -0.5, x > 0.5]
    out = [case("select", lambda c, v: jnp.select(c, v, 7.0), [conditions, [x, 2 * x]], {"default": 7}),
           case("choose", lambda i, v: jnp.choose(i, v, mode="clip"), [np.int32([[0, 2], [5, -1]]), [f32(2, 2, seed=221), f32(2, 2, seed=222), f32(2, seed=223)]])]
    j = np.int32([[3, 0], [1, 2], [0, 1]])
    out.append(case("putAlongAxis", lambda v, i, u: jnp.put_along_axis(v, i, u, 1, inplace=False), [x, j, f32(3, 2, seed=224)], {"axis": 1}, grad=[0, 2]))
    return out


def segments():
    x, ids = f32(6, 2, seed=230), np.int32([0, 2, 0, 7, 2, -1])
    options = {"numSegments": 4}
    table = {"segmentSum": jax.ops.segment_sum, "segmentProd": jax.ops.segment_prod, "segmentMax": jax.ops.segment_max, "segmentMin": jax.ops.segment_min}
    return [case(fn, lambda v, s: f(v, s, 4), [x, ids], options) for fn, f in table.items()]


def standardized():
    x = f32(2, 3, 4, seed=240, scale=3)
    return [case("standardize", lambda v: jax.nn.standardize(v, axis=tuple(axis) if isinstance(axis, list) else axis, epsilon=1e-5), [x], {"axis": axis}, grad=[0]) for axis in (-1, 0, [1, 2])]


def signals():
    out = []
    for i, (n, m) in enumerate(((7, 3), (7, 4), (4, 6), (3, 6), (5, 5), (4, 1))):
        x, y = f32(n, seed=250 + i), f32(m, seed=260 + i)
        for mode in ("full", "same", "valid"):
            out.append(case("convolve", lambda a, b: jnp.convolve(a, b, mode), [x, y], {"mode": mode}, grad=[0, 1]))
            out.append(case("correlate", lambda a, b: jnp.correlate(a, b, mode), [x, y], {"mode": mode}, grad=[0, 1]))
    x, y = f32(2, 3, 4, seed=270), f32(4, 2, 5, seed=271)
    f = lambda a, b: jax.lax.dot_general(a, b, (((2,), (0,)), ((0,), (1,))))
    out.append(case("dotGeneral", f, [x, y], {"contract": [[2], [0]], "batch": [[0], [1]]}, grad=[0, 1]))
    out.append(case("isin", jnp.isin, [np.float32([[1, 2], [np.nan, 4]]), np.float32([4, 1, np.nan])]))
    out.append(case("unravelIndex", lambda i: list(jnp.unravel_index(i, (3, 4))), [np.int32([0, 5, -1, 99])], {"shape": [3, 4]}))
    return out


def cases():
    parts = [resizes, attentions, places, choices, segments, standardized, signals]
    return [c for part in parts for c in part()]
