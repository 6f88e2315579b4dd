"""`indexing.json`: take, takeAlongAxis, advanced indexing, x.at[...] updates, sorting and searching.

`index` and `at*` cases: `args = [x, index]` and `[x, index, values]`, where `index` is a list with one entry per leading axis:
an integer, an int32 array record, `null` for newaxis, `"..."`, or a slice `{ "slice": [start, stop, step] }` (nulls allowed).
Out of bounds: gathers clamp (JAX's indexing, `mode="clip"` under take), scatters drop; negative indices wrap once.
JAX's own `take` fills with NaN by default: the cases pass `mode` explicitly.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from common import case, f32, i32, is_array


def to_index(entries):
    """JSON index to Python index."""
    def one(e):
        if isinstance(e, dict):
            return slice(*e["slice"])
        if is_array(e):
            return jnp.asarray(e)
        return Ellipsis if e == "..." else e
    return tuple(map(one, entries))


def i(*values):
    return np.int32(values[0] if len(values) == 1 and isinstance(values[0], list) else values)


S = lambda *parts: {"slice": list(parts) + [None] * (3 - len(parts))}

INDICES = [
    [2], [-1], [i(0, 2, 2)], [i(-1, 0)], [i([[0, 1], [2, -1]])], [S(1, 3)], [S(None, None, 2)], [S(None, None, -1)], [S(-2, None)], [S(0, 0)],
    [S(None), 1], [S(None), i(3, 0)], [i(0, 2), i(1, 3)], [i([[0], [2]]), i(1, 3)], [1, i(0, 3)], [i(0, 2), S(1, None, 2)],
    [None, 1], ["...", 0], [S(None), None, i(1, 2)], ["...", i(1, 1, 0)], [i(5, -9)], [i(0, 1), i(9, -9)],
]


def gathers():
    x = f32(3, 4, seed=1)
    out = [case("index", lambda v, ix: v[to_index(ix)], [x, entries], grad=[0]) for entries in INDICES]
    cube = f32(2, 3, 4, seed=2)
    for entries in ([i(0, 1), S(None), i(2, 3)], [S(None), i(0, 2), i(1, 1)], [1, S(None), i(0, 3)], [i(0, 1), 1, i(2, 2)], ["...", i(0, 2), S(0, 2)]):
        out.append(case("index", lambda v, ix: v[to_index(ix)], [cube, entries], grad=[0]))
    mask = np.array([True, False, True])
    out.append(case("index", lambda v, m: v[m], [x, mask], note="boolean mask: only outside jit"))
    return out


def takes():
    x = f32(3, 4, seed=3)
    out = []
    for indices in (i(0, 2), i([[1, -1], [0, 0]]), np.int32(1), i(7, -7)):
        for options in ({"axis": 0, "mode": "clip"}, {"axis": -1, "mode": "clip"}, {"axis": 1, "mode": "wrap"}):
            if options["mode"] == "clip" and (indices < 0).any():
                continue  # NumPy's clip sends every negative index to 0; Fluxion wraps them
            out.append(case("take", lambda v, j: jnp.take(v, j, **options), [x, indices], options, grad=[0]))
    for indices in (i(0, -1, 5), i([[11, -12]])):
        out.append(case("take", lambda v, j: jnp.take(v, j, mode="wrap"), [x, indices], {"mode": "wrap"}, grad=[0]))
    out.append(case("take", lambda v, j: jnp.take(v, j, axis=0, mode="fill"), [x, i(0, 7, -1)], {"axis": 0, "mode": "fill"}, grad=[0]))
    for axis, j in ((0, i([[0, 1, 2, 0], [2, 2, -1, 0]])), (1, i([[3], [0], [-2]])), (-1, i([[3, 3], [0, 1], [2, 1]]))):
        out.append(case("takeAlongAxis", lambda v, k: jnp.take_along_axis(v, k, axis), [x, j], {"axis": axis}, grad=[0]))
    return out


UPDATES = {"atSet": "set", "atAdd": "add", "atMul": "multiply", "atMin": "min", "atMax": "max"}


def update(method, unique=False):
    return lambda x, entries, values: getattr(x.at[to_index(entries)], method)(values, unique_indices=unique)


def scatters():
    """`atSet` with equal indices is left out: which one wins is not defined."""
    x = f32(3, 4, seed=4)
    unique = [([1], (4,)), ([i(0, 2)], (2, 4)), ([S(None), i(3, 0)], (3, 2)), ([i(0, 2), i(1, 3)], (2,)), ([i(0, 2)], ()), ([i(7, 1, -1)], (3, 4)),
              ([S(0, 2), S(1, None, 2)], (2, 2)), (["...", 2], (3,))]
    repeated = [([i(1, 1, 0)], (3, 4)), ([i(0, 0), i(1, 1)], (2,))]
    out = []
    for n, (entries, shape) in enumerate(unique + repeated):
        values, distinct = f32(*shape, seed=30 + n), n < len(unique)
        for fn, method in UPDATES.items():
            differentiable = method == "add" or (distinct and method in ("set", "multiply"))  # as far as JAX goes
            if distinct or method != "set":
                out.append(case(fn, update(method, distinct), [x, entries, values], grad=[0, 2] if differentiable else None))
    ints = i32(5)
    out += [case(fn, update(method), [ints, [i(0, 2)], i(100, -100)]) for fn, method in UPDATES.items()]
    return out


def slices():
    x = f32(4, 5, seed=5)
    out = []
    for start in ([1, 2], [3, 4], [-1, 0], [-9, 9]):
        out.append(case("dynamicSlice", lambda v, s: lax.dynamic_slice(v, s, (2, 3)), [x, np.int32(start)], {"sizes": [2, 3]}, grad=[0]))
        out.append(case("dynamicUpdateSlice", lambda v, u, s: lax.dynamic_update_slice(v, u, s), [x, f32(2, 3, seed=6), np.int32(start)], grad=[0, 1]))
    return out


def sorting():
    nan, inf = np.nan, np.inf
    x = f32(3, 5, seed=7)
    out = []
    for axis in (0, 1):
        out.append(case("sort", lambda v: jnp.sort(v, axis), [x], {"axis": axis}, grad=[0]))
        out.append(case("argsort", lambda v: jnp.argsort(v, axis), [x], {"axis": axis}))
    down = {"descending": True}
    special = [np.float32([3, nan, 1, -inf, inf, -0.0, 0.0, 1]), np.float32([nan, nan, 0]), i32(9, low=-3, high=4), np.uint8([3, 255, 0, 3])]
    for v in special:
        out += [case("sort", jnp.sort, [v]), case("argsort", jnp.argsort, [v])]
        out += [case("sort", lambda a: jnp.sort(a, descending=True), [v], down), case("argsort", lambda a: jnp.argsort(a, descending=True), [v], down)]
    for v, k in ((x, 2), (x, 5), (np.float32([1, 1, 2, 2, 0]), 3), (np.float32([1, nan, 3, -inf]), 2)):
        values, indices = lax.top_k(v, k)
        out.append(case("topK", lambda a, n: list(lax.top_k(a, n)), [v, k], valuesGrad=topk_gradient(v, k)))
    return out


def topk_gradient(x, k):
    """The vjp of topK's values, cotangent all ones."""
    values, pullback = jax.vjp(lambda a: lax.top_k(a, k)[0], jnp.asarray(x))
    return pullback(jnp.ones_like(values))[0]


def searching():
    table = np.float32([-1, 0, 0, 2, 5])
    queries = np.float32([-2, -1, 0, 1, 2, 5, 6, np.nan, -np.inf, np.inf])
    out = [case("searchsorted", lambda a, v: jnp.searchsorted(a, v, side=side), [table, queries], {"side": side}) for side in ("left", "right")]
    out.append(case("searchsorted", jnp.searchsorted, [i(1, 3, 5), i([[0, 1], [4, 9]])]))
    out.append(case("bincount", lambda v: jnp.bincount(v, length=5), [i(0, 1, 1, 4)], {"length": 5}))
    out.append(case("digitize", lambda v, b: jnp.digitize(v, b), [queries[:7], table[[0, 1, 3, 4]]]))
    return out


def segments():
    x, ids = f32(5, 2, seed=9), i(0, 2, 0, 1, 2)
    options = {"numSegments": 4}
    return [case("segmentSum", lambda v, s: jax.ops.segment_sum(v, s, 4), [x, ids], options, grad=[0]),
            case("segmentMax", lambda v, s: jax.ops.segment_max(v, s, 4), [x, ids], options)]


def cases():
    parts = [gathers, takes, scatters, slices, sorting, searching, segments]
    return [c for part in parts for c in part()]
