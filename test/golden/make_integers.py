"""`integers.json`: wrap-around arithmetic, bits, shifts, division; `casts.json`: every dtype to every dtype."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from common import encode

DTYPES = ["int32", "uint32", "int8", "uint8"]
BINARY = {
    "add": jnp.add, "sub": jnp.subtract, "mul": jnp.multiply, "maximum": jnp.maximum, "minimum": jnp.minimum,
    "rem": lax.rem, "mod": jnp.mod, "floorDivide": jnp.floor_divide, "div": jnp.divide,
    "bitwiseAnd": jnp.bitwise_and, "bitwiseOr": jnp.bitwise_or, "bitwiseXor": jnp.bitwise_xor,
    "equal": jnp.equal, "notEqual": jnp.not_equal, "less": jnp.less, "lessEqual": jnp.less_equal,
    "greater": jnp.greater, "greaterEqual": jnp.greater_equal,
}
SHIFTS = {"shiftLeft": lax.shift_left, "shiftRight": lax.shift_right_arithmetic, "shiftRightLogical": lax.shift_right_logical}
UNARY = {"neg": jnp.negative, "abs": jnp.abs, "sign": jnp.sign, "bitwiseNot": jnp.bitwise_not, "square": jnp.square,
         "populationCount": lax.population_count, "countLeadingZeros": lax.clz}
BOOLEAN = {"logicalAnd": jnp.logical_and, "logicalOr": jnp.logical_or, "logicalXor": jnp.logical_xor,
           "bitwiseAnd": jnp.bitwise_and, "bitwiseOr": jnp.bitwise_or, "bitwiseXor": jnp.bitwise_xor,
           "equal": jnp.equal, "less": jnp.less, "maximum": jnp.maximum}


def values(dtype):
    info = np.iinfo(dtype)
    wanted = [0, 1, 2, 3, 7, 100, info.max, info.max - 1, -1, -2, -7, info.min, info.min + 1]
    return np.array(sorted({v for v in wanted if info.min <= v <= info.max}), dtype)


def grid(dtype):
    v = values(dtype)
    x, y = np.meshgrid(v, v, indexing="ij")
    return x.ravel(), y.ravel()


def record(fn, f, *args):
    return encode({"fn": fn, "args": list(args), "out": f(*map(jnp.asarray, args))})


def integers():
    out = []
    for dtype in DTYPES:
        x, y = grid(dtype)
        out += [record(fn, f, x, y) for fn, f in BINARY.items()]
        amounts = np.array([0, 1, 3, 7, 8, 15, 31, 32, 40], dtype)
        s, n = (v.ravel() for v in np.meshgrid(values(dtype), amounts, indexing="ij"))
        out += [record(fn, f, s, n) for fn, f in SHIFTS.items()]
        out += [record(fn, f, values(dtype)) for fn, f in UNARY.items()]
        exponents = np.array([0, 1, 2, 3, 5], dtype)
        b, e = (v.ravel() for v in np.meshgrid(values(dtype), exponents, indexing="ij"))
        out.append(record("pow", jnp.power, b, e))
    p, q = np.array([0, 0, 1, 1], bool), np.array([0, 1, 0, 1], bool)
    out += [record(fn, f, p, q) for fn, f in BOOLEAN.items()]
    out.append(record("logicalNot", jnp.logical_not, p[1:3]))
    return out


# -- casts ---------------------------------------------------------------------------------------

FLOATS = [0.0, -0.0, 0.4, 0.5, 0.9, 1, 1.5, 2.5, -0.5, -0.9, -1, -1.5, 3.99, 100.7, 127, 128, 200, 255, 256, -128, -129, -200, 1e3,
          65536.5, 2**24, 2**24 + 1, 2147483520, -2147483648, 2**31, 3e9, 4294967040, 2**32, 1e10, -1e10, 1e30, -1e30,
          np.inf, -np.inf, np.nan, 0.1, 1e-40]
ALL = ["float32", "float64", *DTYPES, "bool"]


def in_range(x, dtype):
    """Whether truncating x to the integer dtype is defined by C, and so by every backend."""
    info = np.iinfo(dtype)
    return np.isfinite(x) & (np.trunc(x) >= info.min) & (np.trunc(x) <= info.max)


def inputs(source):
    if source == "bool":
        return np.array([False, True])
    if source.startswith("float"):
        with np.errstate(over="ignore"):
            return np.array(FLOATS, source)
    return values(source)


def cast_case(source, target):
    """`defined` marks elements whose value does not depend on the backend; the others are what XLA on CPU does."""
    x = inputs(source)
    record = {"fn": "cast", "args": [x], "options": {"dtype": target}, "out": jnp.asarray(x).astype(target)}
    if source.startswith("float") and target in DTYPES:
        record["defined"] = in_range(x.astype(np.float64), target)
    return encode(record)


def casts():
    with jax.enable_x64(True):
        out = [cast_case(s, t) for s in ALL for t in ALL]
    for s, t in [("float32", "int32"), ("float32", "uint32"), ("int32", "float32"), ("uint32", "float32"), ("int32", "uint32")]:
        x = np.array([0, 1, 1.5, -2, np.inf, np.nan, 3e38], s) if s == "float32" else values(s)
        out.append(encode({"fn": "bitcast", "args": [x], "options": {"dtype": t},
                           "out": lax.bitcast_convert_type(jnp.asarray(x), np.dtype(t))}))
    return out


