"""`structure.json`: functions that move elements about, with gradients. `args` first the arrays, then what NumPy takes positionally.

stack, concat, meshgrid take a list of arrays as their first argument.
"""

import jax
import jax.numpy as jnp
import numpy as np

from common import case, f32, i32


def pads():
    x, small = f32(3, 4, seed=1), f32(4, seed=2)
    out = []
    for widths in ([[1, 2], [0, 3]], [[0, 0], [1, 1]]):
        for mode in ("constant", "edge", "reflect", "symmetric", "wrap", "maximum", "minimum", "mean", "linear_ramp"):
            name = "linearRamp" if mode == "linear_ramp" else mode
            out.append(case("pad", lambda v, w: jnp.pad(v, w, mode), [x, widths], {"mode": name}, grad=[0]))
    for mode in ("reflect", "symmetric", "wrap"):
        out.append(case("pad", lambda v, w: jnp.pad(v, w, mode), [small, [[7, 9]]], {"mode": mode}, grad=[0]))
    out.append(case("pad", lambda v, w: jnp.pad(v, w, constant_values=2.5), [x, [[1, 0], [0, 2]]], {"constantValues": 2.5}, grad=[0]))
    out.append(case("pad", jnp.pad, [x, 1]))
    return out


def rearrangements():
    x, cube = f32(3, 4, seed=3), f32(2, 3, 4, seed=4)
    table = [
        ("flip", jnp.flip, {}), ("flip", lambda v: jnp.flip(v, 0), {"axis": 0}), ("flip", lambda v: jnp.flip(v, (0, 1)), {"axis": [0, 1]}),
        ("roll", lambda v: jnp.roll(v, 5), {"shift": 5}), ("roll", lambda v: jnp.roll(v, -1, 1), {"shift": -1, "axis": 1}),
        ("roll", lambda v: jnp.roll(v, (1, 2), (0, 1)), {"shift": [1, 2], "axis": [0, 1]}),
        ("tile", lambda v: jnp.tile(v, 2), {"reps": 2}), ("tile", lambda v: jnp.tile(v, (2, 3)), {"reps": [2, 3]}),
        ("tile", lambda v: jnp.tile(v, (2, 1, 1)), {"reps": [2, 1, 1]}),
        ("repeat", lambda v: jnp.repeat(v, 2), {"repeats": 2}), ("repeat", lambda v: jnp.repeat(v, 3, 0), {"repeats": 3, "axis": 0}),
        ("repeat", lambda v: jnp.repeat(v, jnp.array([1, 0, 2]), 0, total_repeat_length=3), {"repeats": [1, 0, 2], "axis": 0}),
        ("tril", jnp.tril, {}), ("tril", lambda v: jnp.tril(v, 1), {"k": 1}), ("triu", jnp.triu, {}), ("triu", lambda v: jnp.triu(v, -1), {"k": -1}),
        ("diag", jnp.diag, {}), ("diag", lambda v: jnp.diag(v, 1), {"k": 1}), ("diag", lambda v: jnp.diag(v, -2), {"k": -2}), ("rot90", jnp.rot90, {}),
        ("transpose", jnp.transpose, {}), ("reshape", lambda v: jnp.reshape(v, (2, -1)), {"shape": [2, -1]}), ("ravel", jnp.ravel, {}),
    ]
    out = [case(fn, f, [x], options, grad=[0]) for fn, f, options in table]
    cubes = [
        ("transpose", lambda v: jnp.transpose(v, (2, 0, 1)), {"axes": [2, 0, 1]}), ("swapAxes", lambda v: jnp.swapaxes(v, 0, 2), {"axis1": 0, "axis2": 2}),
        ("moveAxis", lambda v: jnp.moveaxis(v, 0, -1), {"source": 0, "destination": -1}), ("tril", jnp.tril, {}), ("diff", jnp.diff, {}),
        ("diff", lambda v: jnp.diff(v, 2, axis=1), {"n": 2, "axis": 1}), ("expandDims", lambda v: jnp.expand_dims(v, 1), {"axis": 1}),
        ("diagonal", jnp.diagonal, {}),
    ]
    out += [case(fn, f, [cube], options, grad=[0]) for fn, f, options in cubes]
    v = f32(3, seed=5)
    return out + [case("diag", jnp.diag, [v], grad=[0]), case("diag", lambda a: jnp.diag(a, -1), [v], {"k": -1}, grad=[0]),
                  case("squeeze", jnp.squeeze, [f32(1, 3, 1, seed=6)], grad=[0]), case("broadcastTo", lambda a: jnp.broadcast_to(a, (2, 3)), [v], {"shape": [2, 3]}, grad=[0])]


def joins():
    a, b, c = f32(2, 3, seed=7), f32(2, 3, seed=8), f32(1, 3, seed=9)
    out = [case("stack", jnp.stack, [[a, b]]), case("stack", lambda v: jnp.stack(v, 1), [[a, b]], {"axis": 1}), case("stack", lambda v: jnp.stack(v, -1), [[a, b]], {"axis": -1}),
           case("concat", jnp.concatenate, [[a, c, b]]), case("concat", lambda v: jnp.concatenate(v, 1), [[a, b]], {"axis": 1}),
           case("concat", jnp.concatenate, [[a, i32(1, 3)]], note="int32 with float32 gives float32")]
    for indexing in ("xy", "ij"):
        out.append(case("meshgrid", lambda v: jnp.meshgrid(*v, indexing=indexing), [[a[0], c[0, :2]]], {"indexing": indexing}))
    out.append(case("split", lambda v, n: jnp.split(v, n, 1), [f32(2, 6, seed=10), 3], {"axis": 1}))
    out.append(case("split", lambda v, n: jnp.split(v, n, 1), [f32(2, 6, seed=10), [1, 4]], {"axis": 1}))
    return out


def choices():
    x, y = f32(3, 4, seed=11), f32(4, seed=12)
    mask = np.array(x > 0)
    nan_branch = np.float32([-1, 4, 0])
    out = [case("where", jnp.where, [mask, x, y], grad=[1, 2]), case("where", lambda m, v: jnp.where(m, v, 0.0), [mask, x], note="third argument 0", grad=[1]),
           case("where", lambda v: jnp.where(v > 0, jnp.sqrt(jnp.where(v > 0, v, 1)), 0.0), [nan_branch], note="where(x > 0, sqrt(where(x > 0, x, 1)), 0)", grad=[0]),
           case("clip", jnp.clip, [x, -0.5, 0.75], grad=[0]), case("clip", lambda v: jnp.clip(v, min=0), [x], {"min": 0}, grad=[0]),
           case("clip", lambda v: jnp.clip(v, max=0), [np.float32([-1, 0, 1, np.nan])], {"max": 0}, grad=[0])]
    return out


LINSPACES = [(0, 1, 5, {}), (-1, 1, 7, {}), (0, 10, 4, {"endpoint": False}), (3, 3, 2, {}), (2, -2, 1, {}), (0, 1, 0, {}), (0.1, 0.7, 11, {})]
ARANGES = [(5,), (0,), (2, 7), (1, 10, 3), (10, 0, -3), (0.0, 1.0, 0.25), (0.5, 2.0), (3, 1)]


def sequences():
    out = [case("linspace", lambda a, b, n: jnp.linspace(a, b, n, **options), [start, stop, num], options) for start, stop, num, options in LINSPACES]
    out += [case("arange", jnp.arange, list(args)) for args in ARANGES]
    out += [case("arange", lambda n: jnp.arange(n, dtype="float32"), [4], {"dtype": "float32"}), case("logspace", jnp.logspace, [0, 2, 5]),
            case("eye", jnp.eye, [3]), case("eye", lambda n: jnp.eye(n, 4, 1), [3], {"m": 4, "k": 1}), case("tri", jnp.tri, [3]), case("geomspace", jnp.geomspace, [1, 1000, 4])]
    return out


def promotion():
    """Result dtypes of x + y for every pair of dtypes, and of x + a plain number."""
    dtypes = ["bool", "uint8", "int8", "uint32", "int32", "float32", "float64"]
    with jax.enable_x64(True):
        one = lambda t: np.ones((1,), t)
        pairs = [{"fn": "promotion", "args": [s, t], "out": str((jnp.asarray(one(s)) + jnp.asarray(one(t))).dtype)} for s in dtypes for t in dtypes]
        weak = [{"fn": "promotion", "args": [s, kind], "out": str((jnp.asarray(one(s)) * number).dtype)}
                for s in dtypes for kind, number in (("weak int", 2), ("weak float", 2.5), ("weak bool", True))]
    return pairs + weak


def cases():
    parts = [pads, rearrangements, joins, choices, sequences, promotion]
    return [c for part in parts for c in part()]
