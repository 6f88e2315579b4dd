"""`elementwise.json` (float32) and `elementwise64.json`: values, and the truth to float64 precision.

`truth` comes from mpmath at 60 digits at the exact input (special values from NumPy and SciPy in float64).
"""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import scipy.special as sp
from jax import lax

from common import encode

mp.mp.dps = 60

# fn: (jax, exact, special): `exact` on mpf, `special` on float64 where an argument is zero or not finite.
UNARY = {
    "neg": (jnp.negative, lambda x: -x, np.negative),
    "abs": (jnp.abs, abs, np.abs),
    "sign": (jnp.sign, mp.sign, np.sign),
    "floor": (jnp.floor, mp.floor, np.floor),
    "ceil": (jnp.ceil, mp.ceil, np.ceil),
    "round": (jnp.round, None, np.rint),
    "sqrt": (jnp.sqrt, mp.sqrt, np.sqrt),
    "rsqrt": (lax.rsqrt, lambda x: 1 / mp.sqrt(x), lambda x: 1 / np.sqrt(x)),
    "cbrt": (jnp.cbrt, lambda x: mp.sign(x) * mp.cbrt(abs(x)), np.cbrt),
    "exp": (jnp.exp, mp.exp, np.exp),
    "expm1": (jnp.expm1, mp.expm1, np.expm1),
    "exp2": (jnp.exp2, lambda x: mp.power(2, x), np.exp2),
    "log": (jnp.log, mp.log, np.log),
    "log1p": (jnp.log1p, mp.log1p, np.log1p),
    "log2": (jnp.log2, lambda x: mp.log(x, 2), np.log2),
    "log10": (jnp.log10, mp.log10, np.log10),
    "sin": (jnp.sin, mp.sin, np.sin),
    "cos": (jnp.cos, mp.cos, np.cos),
    "tan": (jnp.tan, mp.tan, np.tan),
    "asin": (jnp.arcsin, mp.asin, np.arcsin),
    "acos": (jnp.arccos, mp.acos, np.arccos),
    "atan": (jnp.arctan, mp.atan, np.arctan),
    "sinh": (jnp.sinh, mp.sinh, np.sinh),
    "cosh": (jnp.cosh, mp.cosh, np.cosh),
    "tanh": (jnp.tanh, mp.tanh, np.tanh),
    "asinh": (jnp.arcsinh, mp.asinh, np.arcsinh),
    "acosh": (jnp.arccosh, mp.acosh, np.arccosh),
    "atanh": (jnp.arctanh, mp.atanh, np.arctanh),
    "sigmoid": (jax.nn.sigmoid, lambda x: 1 / (1 + mp.exp(-x)), sp.expit),
    "erf": (jax.scipy.special.erf, mp.erf, sp.erf),
    "erfc": (jax.scipy.special.erfc, mp.erfc, sp.erfc),
    "erfInv": (lax.erf_inv, mp.erfinv, sp.erfinv),
    "lgamma": (lax.lgamma, lambda x: mp.log(abs(mp.gamma(x))) if abs(x) < 1e5 else mp.re(mp.loggamma(x)),
               lambda x: sp.gammaln(np.where(x == -np.inf, np.inf, x))),
    "digamma": (lax.digamma, lambda x: mp.digamma(x), sp.psi),
    "reciprocal": (jnp.reciprocal, lambda x: 1 / x, np.reciprocal),
    "square": (jnp.square, lambda x: x * x, np.square),
}

BINARY = {
    "add": (jnp.add, lambda x, y: x + y, np.add),
    "sub": (jnp.subtract, lambda x, y: x - y, np.subtract),
    "mul": (jnp.multiply, lambda x, y: x * y, np.multiply),
    "div": (jnp.divide, lambda x, y: x / y, np.divide),
    "pow": (jnp.power, lambda x, y: mp.power(x, y), np.power),
    "atan2": (jnp.arctan2, mp.atan2, np.arctan2),
    "maximum": (jnp.maximum, max, np.maximum),
    "minimum": (jnp.minimum, min, np.minimum),
    "rem": (lax.rem, None, np.fmod),
    "mod": (jnp.mod, None, np.mod),
    "floorDivide": (jnp.floor_divide, None, np.floor_divide),
    "equal": (jnp.equal, None, None), "notEqual": (jnp.not_equal, None, None),
    "less": (jnp.less, None, None), "lessEqual": (jnp.less_equal, None, None),
    "greater": (jnp.greater, None, None), "greaterEqual": (jnp.greater_equal, None, None),
}

PREDICATES = {"isNaN": jnp.isnan, "isFinite": jnp.isfinite, "isInf": jnp.isinf}

# Where the interesting inputs of a function lie, beside the common ones.
UNIT = {"asin", "acos", "atanh", "erfInv"}
PERIODIC = {"sin", "cos", "tan"}
GROWING = {"exp", "expm1", "exp2", "sinh", "cosh", "tanh", "sigmoid"}


def common(dtype):
    """Zeros, specials, powers, integers, neighbours of one, ties of rounding."""
    one = np.array(1, dtype)
    info = np.finfo(dtype)
    near = [np.nextafter(one, one * 2), np.nextafter(one, one * 0), 1 + 1e-3, 1 - 1e-3, 1 + 1e-5, 1 - 1e-5]
    tiny = [info.tiny, info.smallest_subnormal, info.tiny / 4, info.eps, 1e-30, 1e-20, 1e-10, 1e-7, 1e-5, 1e-3]
    plain = [0.1, 0.25, 0.3333, 0.4142, 0.5, 0.7071, 0.75, 0.9, 1, 1.1, 1.4142, 1.5, 2, 2.5, 2.718, 3, 3.5, 4.75, 5, 7, 9.3]
    large = [10, 12.5, 16, 20, 33, 50, 64, 87, 100, 255, 1000, 12345.678, 1e6, 8388609, 2.0**24, 1e10, 1e20, 1e30, info.max]
    positive = np.array([*near, *tiny, *plain, *large], dtype)
    return np.concatenate([np.array([0, -0.0, np.inf, -np.inf, np.nan], dtype), positive, -positive])


def particular(fn, dtype):
    """Inputs that probe where this function is hard."""
    rng = np.random.RandomState(sum(map(ord, fn)))
    if fn in UNIT:
        edge = 1 - 10.0 ** -np.arange(1, 7)
        return np.concatenate([rng.uniform(-1, 1, 30), edge, -edge])
    if fn in PERIODIC:
        k = np.array([1, 2, 3, 4, 5, 10, 22, 100, 355, 1000, 99999])
        return np.concatenate([k * np.pi, k * np.pi / 2, -k * np.pi / 4, rng.uniform(-1e5, 1e5, 10), rng.uniform(-7, 7, 20)])
    if fn in GROWING:
        return np.concatenate([rng.uniform(-12, 12, 25), rng.uniform(-103, 89, 15), [-103.5, -87.4, -88, 88.7, 88.8, -745, 709, 710]])
    if fn in {"lgamma", "digamma"}:
        return np.concatenate([rng.uniform(-8, 0, 20), rng.uniform(0, 12, 20), [-0.5, -1.5, -2.5, 1.4616, 1.999, 2.001, -2.457, 30.5, 171.6]])
    if fn in {"erf", "erfc"}:
        return np.concatenate([rng.uniform(-4, 4, 30), [5.5, 8, 9.19, 10.05, 13, 26, -5.9]])
    if fn in {"round", "floor", "ceil"}:
        return np.concatenate([np.arange(-5, 6) + 0.5, [0.49999997, -0.49999997, 2147483648.0, 4194304.5, -4194303.5]])
    return np.concatenate([np.exp(rng.uniform(-8, 8, 25)), -np.exp(rng.uniform(-8, 8, 8)), 1 + rng.uniform(-1e-2, 1e-2, 10)])


def pairs(fn, dtype):
    """Two columns: every pair of a few special values, then particular ones."""
    special = [0, -0.0, 1, -1, 0.5, -2, 3, np.inf, -np.inf, np.nan]
    x, y = (v.ravel() for v in np.meshgrid(special, special, indexing="ij"))
    rng = np.random.RandomState(sum(map(ord, fn)))
    if fn == "pow":
        a, b = np.exp(rng.uniform(-4, 4, 60)), rng.uniform(-15, 15, 60)
        a[:10], b[:10] = rng.uniform(0.99, 1.01, 10), rng.uniform(-3000, 3000, 10)
        a[10:20], b[10:20] = rng.uniform(-9, 0, 10), rng.randint(-9, 10, 10)
    elif fn in {"rem", "mod", "floorDivide"}:
        a, b = np.round(rng.uniform(-40, 40, 60), 2), np.round(rng.uniform(-9, 9, 60), 2)
        a[:20], b[:20] = np.round(a[:20]), np.where(np.round(b[:20]) == 0, 3, np.round(b[:20]))
    else:
        a, b = rng.randn(50) * 10 ** rng.uniform(-3, 3, 50), rng.randn(50) * 10 ** rng.uniform(-3, 3, 50)
    return np.concatenate([x, a]).astype(dtype), np.concatenate([y, b]).astype(dtype)


def to_float(v):
    """The float64 nearest an mpf."""
    if isinstance(v, mp.mpc):
        return np.nan if v.imag != 0 else to_float(v.real)
    try:
        return float(v)
    except OverflowError:
        return np.inf if v > 0 else -np.inf


def truth(exact, special, *args):
    """Elementwise: special values by NumPy, everything else at 60 digits."""
    columns = [np.asarray(a, np.float64) for a in args]
    with np.errstate(all="ignore"):
        out = np.array(special(*columns), np.float64)
    if exact is None:
        return out
    for i, point in enumerate(zip(*columns)):
        if all(np.isfinite(point)) and all(v != 0 for v in point):
            try:
                out[i] = to_float(exact(*[mp.mpf(float(v)) for v in point]))
            except (ValueError, ZeroDivisionError, OverflowError):
                pass  # a pole, an edge of the domain or beyond all range: the special value stands
    return out



def value_case(fn, f, args, exact, special):
    record = {"fn": fn, "args": list(args), "out": f(*map(jnp.asarray, args))}
    if special is not None:
        record["truth"] = truth(exact, special, *args)
    return encode(record)


def gradient_case(fn, f, args):
    """First derivatives at ordinary points, in one case of their own."""
    as_jax = [jnp.asarray(a) for a in args]
    y, pullback = jax.vjp(f, *as_jax)
    ct = jnp.ones_like(y)
    return encode({"fn": fn, "args": args, "out": y,
                   "grads": {"argnums": list(range(len(args))), "cotangent": ct, "values": list(pullback(ct))}})


def ordinary(fn, dtype):
    """Points inside the domain, away from trouble, for derivatives."""
    if fn in UNIT:
        return np.array([-0.9, -0.5, -0.1, 0.2, 0.7, 0.95], dtype)
    if fn == "acosh":
        return np.array([1.1, 1.5, 2, 5, 20], dtype)
    if fn in {"sqrt", "rsqrt", "cbrt", "log", "log2", "log10", "lgamma", "digamma"}:
        return np.array([0.1, 0.5, 1, 1.7, 3, 12], dtype)
    if fn == "log1p":
        return np.array([-0.9, -0.1, 1e-6, 0.5, 3], dtype)
    return np.array([-2.3, -0.7, -0.1, 0.2, 1.3, 2.6], dtype)


def cases(dtype, thin):
    out = []
    for fn, (f, exact, special) in UNARY.items():
        x = np.unique(np.concatenate([common(dtype)[::thin], particular(fn, dtype)[::thin].astype(dtype)]))
        x = np.concatenate([x, np.array([-0.0], dtype)])
        out.append(value_case(fn, f, [x], exact, special))
        out.append(gradient_case(fn, f, [ordinary(fn, dtype)]))
    for fn, (f, exact, special) in BINARY.items():
        args = [v[::thin] for v in pairs(fn, dtype)]
        out.append(value_case(fn, f, args, exact, special))
        if special is not None:
            a, b = np.array([0.3, 1.7, 2.5, 4], dtype), np.array([1.2, -0.8, 3.5, 0.5], dtype)
            out.append(gradient_case(fn, f, [a, b]))
    for fn, f in PREDICATES.items():
        out.append(value_case(fn, f, [common(dtype)[::4 * thin]], None, None))
    return out


def elementwise():
    return cases("float32", 1)


def elementwise64():
    with jax.enable_x64(True):
        return cases("float64", 2)
