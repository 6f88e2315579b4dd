"""`reductions.json`: reductions and cumulative operations, with gradients at ties, zeros and NaNs."""

import jax
import jax.numpy as jnp
import numpy as np

from common import case, f32, i32

REDUCTIONS = {
    "sum": jnp.sum, "prod": jnp.prod, "max": jnp.max, "min": jnp.min, "mean": jnp.mean, "var": jnp.var, "std": jnp.std,
    "logsumexp": lambda x, axis=None, keepdims=False: jax.scipy.special.logsumexp(x, axis=axis, keepdims=keepdims),
}
ARG = {"argmax": jnp.argmax, "argmin": jnp.argmin}
LOGICAL = {"any": jnp.any, "all": jnp.all}
CUMULATIVE = {"cumsum": jnp.cumsum, "cumprod": jnp.cumprod,
              "cummax": lambda x, axis: jax.lax.cummax(x, axis % x.ndim), "cummin": lambda x, axis: jax.lax.cummin(x, axis % x.ndim)}
AXES = [{}, {"axis": 0}, {"axis": -1}, {"axis": 1, "keepdims": True}, {"axis": [0, 2]}, {"keepdims": True}]


def apply(f, options):
    """`f` with JSON options turned into keyword arguments."""
    keywords = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
    return lambda x: f(x, **keywords)


def over_axes():
    x = f32(2, 3, 4, seed=1)
    out = []
    for options in AXES:
        out += [case(fn, apply(f, options), [x], options, grad=[0]) for fn, f in REDUCTIONS.items()]
        flags = np.array(x > 1)
        out += [case(fn, apply(f, options), [flags], options) for fn, f in LOGICAL.items()]
        if not isinstance(options.get("axis"), list):
            out += [case(fn, apply(f, options), [i32(2, 3, 4, low=0, high=4, seed=2)], options) for fn, f in ARG.items()]
    return out


def hard_values():
    """Zeros under prod, ties under max, NaN and infinities everywhere."""
    nan, inf = np.nan, np.inf
    out = []
    for data in ([2, 0, 3, -1.5], [2, 0, 3, 0], [0, 0, 0], [1e20, 1e20, 1e-30]):
        out.append(case("prod", jnp.prod, [np.float32(data)], grad=[0]))
        out.append(case("cumprod", apply(jnp.cumprod, {"axis": 0}), [np.float32(data)], {"axis": 0}, grad=[0]))
    for data in ([1, 3, 3, 2], [5, 5, 5], [-1, -1, 0], [-0.0, 0.0], [0.0, -0.0]):
        for fn, f in [("max", jnp.max), ("min", jnp.min)]:
            out.append(case(fn, f, [np.float32(data)], grad=[0]))
        for fn in ("cummax", "cummin"):
            out.append(case(fn, apply(CUMULATIVE[fn], {"axis": 0}), [np.float32(data)], {"axis": 0}, grad=[0]))
        out += [case(fn, f, [np.float32(data)]) for fn, f in ARG.items()]
    for data in ([1, nan, 3], [nan, nan], [inf, 1, -inf], [-inf, -inf], [inf, inf], [inf, 2]):
        x = np.float32(data)
        out += [case(fn, f, [x]) for fn, f in (REDUCTIONS | ARG | LOGICAL).items()]
        out += [case(fn, apply(f, {"axis": 0}), [x], {"axis": 0}) for fn, f in CUMULATIVE.items()]
    for data in ([1000, 1000.5, 999], [-1000, -1001], [3e38, 3e38], [-inf, 0, 1], [0]):
        out.append(case("logsumexp", REDUCTIONS["logsumexp"], [np.float32(data)], grad=[0]))
    return out


def statistics():
    x = f32(3, 5, seed=4)
    out = []
    for options in ({"correction": 1}, {"axis": 1, "correction": 1}, {"axis": 0, "keepdims": True}):
        for fn in ("var", "std"):
            out.append(case(fn, apply(REDUCTIONS[fn], options), [x], options, grad=[0]))
    offset = (x + np.float32(1000)).astype(np.float32)
    out.append(case("var", jnp.var, [offset]))
    out.append(case("std", jnp.std, [np.float32([2, 2, 2])]))
    return out


def cumulative():
    x = f32(3, 4, seed=6)
    out = []
    for axis in (0, 1, -1):
        options = {"axis": axis}
        out += [case(fn, apply(f, options), [x], options, grad=[0]) for fn, f in CUMULATIVE.items()]
    for fn in CUMULATIVE:
        f = getattr(jax.lax, fn)
        options = {"axis": 1, "reverse": True}
        out.append(case(fn, lambda v: f(v, axis=1, reverse=True), [x], options, grad=[0]))
        out.append(case(fn, apply(CUMULATIVE[fn], {"axis": 0}), [i32(6, low=-5, high=6)], {"axis": 0}))
    return out


def empties_and_integers():
    empty, wide = np.zeros((0, 3), np.float32), i32(2, 3, low=-100, high=100, dtype=np.int8)
    out = []
    for fn in ("sum", "prod"):
        out.append(case(fn, REDUCTIONS[fn], [empty]))
        out.append(case(fn, apply(REDUCTIONS[fn], {"axis": 0}), [empty], {"axis": 0}))
        for x in (wide, wide.astype(np.uint8), i32(2, 3), i32(3, low=0, high=9, dtype=np.uint32), np.array([True, True, False])):
            out.append(case(fn, REDUCTIONS[fn], [x]))
    out += [case(fn, apply(f, {"axis": 0}), [empty], {"axis": 0}) for fn, f in LOGICAL.items()]
    for fn, f in [("max", jnp.max), ("min", jnp.min), ("mean", jnp.mean)]:
        out += [case(fn, f, [x]) for x in (wide, i32(2, 3))]
        out.append(case(fn, apply(f, {"axis": 1}), [np.zeros((0, 3), np.float32)], {"axis": 1}))
    return out


def doubles():
    with jax.enable_x64(True):
        x = f32(2, 3, seed=8).astype(np.float64)
        out = []
        for options in ({}, {"axis": 1}):
            out += [case(fn, apply(f, options), [x], options, grad=[0]) for fn, f in REDUCTIONS.items()]
        out += [case(fn, apply(f, {"axis": 1}), [x], {"axis": 1}, grad=[0]) for fn, f in CUMULATIVE.items()]
        return out


def cases():
    parts = [over_axes, hard_values, statistics, cumulative, empties_and_integers, doubles]
    return [c for part in parts for c in part()]
