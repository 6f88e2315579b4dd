"""Arrays, cases and files: the encoding shared by every `make_*.py`.

An array is `{shape, dtype, data}`, row-major. Floats are printed with the shortest digits that
read back to the same value *of that dtype*; NaN, the infinities and negative zero are strings.
"""

import json
import math
import os

import jax
import jax.numpy as jnp
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def number(x):
    """One element as JSON: an int, a shortest-digits float, or a string for what JSON cannot say."""
    if isinstance(x, (np.bool_, np.integer)):
        return int(x)
    if np.isnan(x):
        return "NaN"
    if np.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    if x == 0 and math.copysign(1, x) < 0:
        return "-0"
    short = float(str(x))  # numpy prints the shortest digits of x's own dtype
    return int(short) if short.is_integer() and abs(short) < 1e9 else short


def array(x):
    """An array record. Bool data is 0/1."""
    x = np.asarray(x)
    return {"shape": list(x.shape), "dtype": str(x.dtype), "data": [number(v) for v in x.ravel()]}


def is_array(x):
    return isinstance(x, (np.ndarray, np.generic, jax.Array))


def encode(x):
    """Arrays anywhere inside a plain value become records; everything else stays plain."""
    if is_array(x):
        return array(x)
    if isinstance(x, dict):
        return {k: encode(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [encode(v) for v in x]
    return number(np.float64(x)) if isinstance(x, float) else x


def cotangent_like(y):
    """A fixed cotangent, different at every element."""
    n = np.arange(y.size, dtype=y.dtype).reshape(y.shape)
    return ((n * 7) % 11 - 4) / np.asarray(4, y.dtype) + np.asarray(0.375, y.dtype)


def gradients(f, args, argnums):
    """vjp of `f` at `args` with respect to `argnums`."""
    def of_chosen(*chosen):
        full = list(args)
        for i, v in zip(argnums, chosen):
            full[i] = v
        return f(*full)

    y, pullback = jax.vjp(of_chosen, *[args[i] for i in argnums])
    ct = cotangent_like(np.asarray(y))
    return {"argnums": list(argnums), "cotangent": ct, "values": list(pullback(jnp.asarray(ct)))}


def case(fn, f, args, options=None, grad=None, **extra):
    """Run `f(*args)` and record it; `grad` lists the argument numbers to differentiate."""
    as_jax = [jnp.asarray(a) if is_array(a) else a for a in args]
    record = {"fn": fn, "args": args}
    if options:
        record["options"] = options
    record["out"] = f(*as_jax)
    if grad is not None:
        record["grads"] = gradients(f, as_jax, grad)
    record.update(extra)
    return encode(record)


def write(topic, cases, **header):
    """`<topic>.json`, one case a line."""
    head = json.dumps({"jax": jax.__version__, **header})[1:-1]
    lines = ",\n".join(json.dumps(c, separators=(",", ":"), allow_nan=False) for c in cases)
    with open(os.path.join(HERE, f"{topic}.json"), "w") as out:
        out.write("{" + head + ', "cases": [\n' + lines + "\n]}\n")


def f32(*shape, seed=0, scale=1.0):
    """Reproducible test values, rounded to few digits so that the files stay small."""
    rng = np.random.RandomState(seed * 7919 + 17)
    return (np.round(rng.randn(*shape) * scale * 64) / 64).astype(np.float32)


def i32(*shape, low=-9, high=10, seed=0, dtype=np.int32):
    return np.random.RandomState(seed + 5).randint(low, high, size=shape).astype(dtype)
