"""The bit-exact heart of `jax.random`, in plain NumPy: README.md's pseudo-code, executable.

`python reference_random.py` checks it, bit for bit, against `random.json` (no JAX needed).
Every float32 operation rounds once; with `fused`, a multiplication feeding an addition rounds with it.
"""

import json
import math
import os

import numpy as np

U32, F32 = np.uint32, np.float32
np.seterr(all="ignore")


# -- bits ---------------------------------------------------------------------------------------

def rotate_left(x, d):
    return (x << U32(d)) | (x >> U32(32 - d))


def threefry2x32(key, x0, x1):
    k0, k1 = (U32(k) for k in key)
    ks = [k0, k1, k0 ^ k1 ^ U32(0x1BD11BDA)]
    rotations = [(13, 15, 26, 6), (17, 29, 16, 24)]
    x0, x1 = x0 + ks[0], x1 + ks[1]
    for i in range(5):
        for r in rotations[i % 2]:
            x0 = x0 + x1
            x1 = rotate_left(x1, r) ^ x0
        x0 = x0 + ks[(i + 1) % 3]
        x1 = x1 + ks[(i + 2) % 3] + U32(i + 1)
    return x0, x1


def counters(shape):
    n = np.arange(math.prod(shape), dtype=np.uint64).reshape(shape)
    return (n >> np.uint64(32)).astype(U32), n.astype(U32)


def key(seed, x64=False):
    return np.array([(seed >> 32) & 0xFFFFFFFF if x64 else 0, seed & 0xFFFFFFFF], U32)


def split(k, n=2):
    shape = tuple(n) if isinstance(n, (list, tuple)) else (n,)
    return np.stack(threefry2x32(k, *counters(shape)), -1)


def fold_in(k, data):
    return np.array(threefry2x32(k, np.zeros(1, U32), np.array([data], U32)))[:, 0]


def bits(k, shape, dtype="uint32"):
    hi, lo = threefry2x32(k, *counters(tuple(shape)))
    if dtype == "uint64":
        return (hi.astype(np.uint64) << np.uint64(32)) | lo
    return (hi ^ lo).astype(dtype)


# -- uniforms and integers ----------------------------------------------------------------------

def uniform(k, shape, dtype="float32", minval=0.0, maxval=1.0):
    T = np.dtype(dtype).type
    if dtype == "float32":
        pattern = (bits(k, shape) >> U32(9)) | U32(0x3F800000)
    else:
        pattern = (bits(k, shape, "uint64") >> np.uint64(12)) | np.uint64(0x3FF0000000000000)
    unit = np.asarray(pattern).view(dtype) - T(1)
    lo, hi = T(minval), T(maxval)
    return np.maximum(lo, madd(unit, hi - lo, lo) if dtype == "float32" else unit * (hi - lo) + lo)


def randint(k, shape, minval, maxval, dtype="int32"):
    info = np.iinfo(dtype)
    if info.bits < 32:  # draw as int32; the bounds saturate
        clip = lambda v, top: min(max(v, info.min), top)
        return randint(k, shape, clip(minval, info.max), clip(maxval, info.max + 1)).astype(dtype)
    k1, k2 = split(k)
    higher, lower = bits(k1, shape), bits(k2, shape)
    span = U32(1) if maxval <= minval else U32((maxval - minval) & 0xFFFFFFFF)
    multiplier = U32(2**16) % span
    multiplier = (multiplier * multiplier) % span
    offset = ((higher % span) * multiplier + lower % span) % span
    return (U32(minval & 0xFFFFFFFF) + offset).astype(U32).view(dtype)


def sort_by(keys, x):
    return x[np.argsort(keys, kind="stable")]


def shuffle(k, x):
    for _ in range(math.ceil(3 * math.log(max(1, x.size)) / math.log(2**32 - 1))):
        k, sub = split(k)
        x = sort_by(bits(sub, x.shape), x)
    return x


# -- XLA's float32 log, log1p, erf_inv and normal (CPU) --------------------------------------------

fused = False  # whether the processor has fused multiply-add, which XLA then uses


def madd(a, b, c):
    """a * b + c: two roundings, or one (float64 holds the product of two float32 exactly)."""
    if fused:
        return (np.float64(a) * np.float64(b) + np.float64(c)).astype(F32)
    return a * b + c


def horner(coefficients, x, acc):
    for c in coefficients:
        acc = madd(acc, x, F32(c))
    return acc


def log(x):
    """Cephes logf, as XLA evaluates it."""
    y = np.maximum(F32(1.1754943508222875e-38), x)  # subnormals count as the least normal number
    pattern = y.view(U32)
    e = ((pattern >> U32(23)).astype(np.int32) - np.int32(127)).astype(F32) + F32(1)
    m = ((pattern & U32(0x807FFFFF)) | U32(0x3F000000)).view(F32)  # in [0.5, 1)
    small = m < F32(0.707106769084930419921875)
    e = e - np.where(small, F32(1), F32(0))
    t = (m - F32(1)) + np.where(small, m, F32(0))
    t2 = t * t
    t3 = t2 * t
    a = horner([-1.1514610310e-1, 1.1676998740e-1], t, F32(7.0376836292e-2))
    b = horner([1.4249322787e-1, -1.6668057665e-1], t, F32(-1.2420140846e-1))
    c = horner([-2.4999993993e-1, 3.3333331174e-1], t, F32(2.0000714765e-1))
    p = madd(madd(a, t3, b), t3, c)
    tail = madd(p, t3, F32(-2.12194440e-4) * e)
    out = madd(F32(0.693359375), e, madd(F32(-0.5), t2, t) + tail)
    out = np.where((x <= 0) | np.isnan(x), F32(np.nan), out)
    return np.where(x == 0, F32(-np.inf), np.where(x == np.inf, F32(np.inf), out))


LOG1P_P = [4.5270000862e-05, 0.49854102823, 6.5787325942, 29.911919328, 60.949667981, 57.112963590, 20.039553499]
LOG1P_Q = [1.0, 15.062909083, 83.047565968, 221.76239823, 309.09872225, 216.42788614, 60.118660498]


def log1p(x):
    x2 = x * x
    p = horner(LOG1P_P, x, F32(0) * x)
    q = horner(LOG1P_Q, x, F32(0) * x)
    near = x + madd(x2, F32(-0.5), (x2 * x) * (p / q))
    return np.where(np.abs(x) < F32(0.41421356237309504880), near, log(x + F32(1)))


ERF_INV_CENTRE = [2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                  -0.00125372503, -0.00417768164, 0.246640727, 1.50140941]
ERF_INV_TAIL = [-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773,
                -0.0076224613, 0.00943887047, 1.00167406, 2.83297682]


def erf_inv(x):
    """Giles' single-precision approximation."""
    w = -log1p(x * -x)
    centre = w < F32(5)
    w = np.where(centre, w - F32(2.5), np.sqrt(w) - F32(3))
    near = horner(ERF_INV_CENTRE[1:], w, F32(ERF_INV_CENTRE[0]))
    tail = horner(ERF_INV_TAIL[1:], w, F32(ERF_INV_TAIL[0]))
    return np.where(np.abs(x) == 1, F32(np.inf), np.where(centre, near, tail)) * x


def normal(k, shape):
    u = uniform(k, shape, "float32", np.nextafter(F32(-1), F32(0)), F32(1))
    return F32(np.sqrt(2)) * erf_inv(u)


# -- and what is built from them ------------------------------------------------------------------

def gumbel(k, shape):
    return -log(-log(uniform(k, shape, minval=np.finfo(F32).tiny)))


def exponential(k, shape):
    return -log1p(-uniform(k, shape))


def laplace(k, shape):
    u = uniform(k, shape, minval=-1 + np.finfo(F32).epsneg, maxval=1)
    return np.sign(u) * log1p(-np.abs(u))


def logistic(k, shape):
    x = uniform(k, shape, minval=np.finfo(F32).tiny)
    return log(x) - log1p(-x)


def categorical(k, logits, axis=-1, shape=None):
    batch = tuple(np.delete(logits.shape, axis))
    shape = batch if shape is None else tuple(shape)
    prefix = shape[:len(shape) - len(batch)]
    inner = list(shape[len(prefix):])
    inner.insert(axis % logits.ndim, logits.shape[axis])
    noise = gumbel(k, (*prefix, *inner))
    return np.argmax(noise + logits, axis=axis if axis < 0 else axis - logits.ndim)


def gamma_one(k, alpha):
    """Marsaglia and Tsang, one scalar sample, one key."""
    one, third = F32(1), F32(1 / 3)
    boosted = alpha if alpha >= 1 else alpha + one
    d = boosted - third
    c = third / np.sqrt(d)
    k, boost_key = split(k)
    X, V, U = F32(0), one, F32(2)
    while U >= madd(F32(-0.0331), X * X, one) and log(U) >= X * F32(0.5) + d * ((one - V) + log(V)):
        k, x_key, u_key = split(k, 3)
        v = F32(-1)
        while v <= 0:
            x_key, sub = split(x_key)
            x = normal(sub, ())
            v = madd(x, c, one)
        X, V, U = x * x, (v * v) * v, uniform(u_key, ())
    return d, V, boost_key


def loggamma(k, alpha):
    out = np.empty(alpha.size, F32)
    for i, (sub, a) in enumerate(zip(split(k, alpha.size), alpha.ravel())):
        d, V, boost_key = gamma_one(sub, a)
        e = -exponential(boost_key, ())
        out[i] = (log(d) + log(V)) + (F32(0) if a >= 1 or e == 0 else e * (F32(1) / a))
    return out.reshape(alpha.shape)


def gamma(k, alpha):
    out = np.empty(alpha.size, F32)
    for i, (sub, a) in enumerate(zip(split(k, alpha.size), alpha.ravel())):
        d, V, boost_key = gamma_one(sub, a)
        u = F32(1) - uniform(boost_key, ())
        out[i] = (d * V) * (F32(1) if a >= 1 else F32(math.pow(u, F32(1) / a)))
    return out.reshape(alpha.shape)


# -- discrete samplers ------------------------------------------------------------------------------

def bernoulli(k, p, shape=None, mode="low"):
    p = np.asarray(p, F32)
    shape = p.shape if shape is None else tuple(shape)
    if mode == "low":
        return uniform(k, shape) < p
    u1, u2 = uniform(k, (2, *shape))
    return u2 * F32(2.0**-23) < p - u1


def rademacher(k, shape):
    return 2 * bernoulli(k, 0.5, shape).astype(np.int32) - 1


def geometric(k, p, shape):
    u = uniform(k, shape)
    u = np.where(u == 0, F32(1), u)
    return (np.floor(log(u) / log1p(F32(-p))) + 1).astype(np.int32)


def lgamma(x):
    return np.vectorize(math.lgamma)(np.float64(x)).astype(F32)


def poisson_knuth(k, lam, shape):
    count, log_product = np.zeros(shape, np.int32), np.zeros(shape, F32)
    while (log_product > -lam).any():
        k, sub = split(k)
        count = np.where(log_product > -lam, count + 1, count)
        log_product = log_product + log(uniform(sub, shape))
    return count - 1


def poisson_rejection(k, lam, shape):
    b = F32(0.931) + F32(2.53) * np.sqrt(lam)
    a = F32(-0.059) + F32(0.02483) * b
    inv_alpha = F32(1.1239) + F32(1.1328) / (b - F32(3.4))
    v_r = F32(0.9277) - F32(3.6224) / (b - F32(2))
    out, accepted = np.full(shape, -1, F32), np.zeros(shape, bool)
    while not accepted.all():
        k, s0, s1 = split(k, 3)
        u, v = uniform(s0, shape) - F32(0.5), uniform(s1, shape)
        us = F32(0.5) - np.abs(u)
        n = np.floor((2 * a / us + b) * u + lam + F32(0.43))
        s = log(v * inv_alpha / (a / (us * us) + b))
        t = -lam + n * log(lam) - lgamma(np.maximum(n + 1, F32(0.5)))
        reject = (n < 0) | ((us < F32(0.013)) & (v > us))
        accept = ((us >= F32(0.07)) & (v <= v_r)) | (~reject & (s <= t))
        out = np.where(accept, n, out)
        accepted |= accept
    return out.astype(np.int32)


def poisson(k, lam, shape=None):
    lam = np.asarray(lam, F32)
    lam = np.broadcast_to(lam, lam.shape if shape is None else tuple(shape))
    knuth = lam < 10
    small = poisson_knuth(k, np.where(knuth, lam, F32(0)), lam.shape)
    large = poisson_rejection(k, np.where(knuth, F32(1e5), lam), lam.shape)
    return np.where(lam == 0, 0, np.where(knuth, small, large))


def btrs(k, n, q, shape):
    def tail(x):
        table = [0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
                 0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287]
        low = np.clip(x, 0, 9)
        sq = (low + 1) * (low + 1)
        approximate = (1 / 12 - (1 / 360 - 1 / 1260 / sq) / sq) / (low + 1)
        return np.where(x <= 9, np.array(table)[np.floor(low).astype(int)], approximate)

    sd = np.sqrt(n * q * (1 - q))
    b = 1.15 + 2.53 * sd
    a, c, v_r, r = -0.0873 + 0.0248 * b + 0.01 * q, n * q + 0.5, 0.92 - 4.2 / b, q / (1 - q)
    alpha, m = (2.83 + 5.1 / b) * sd, np.floor((n + 1) * q)
    out, accepted = np.full(shape, -1.0), np.zeros(shape, bool)
    while not accepted.all():
        k, s0, s1 = split(k, 3)
        u, v = np.float64(uniform(s0, shape)) - 0.5, np.float64(uniform(s1, shape))
        us = 0.5 - np.abs(u)
        x = np.floor((2 * a / us + b) * u + c)
        reject = (x < 0) | (x > n)
        lhs = np.log(v * alpha / (a / (us * us) + b))
        bound = ((m + 0.5) * np.log((m + 1) / (r * (n - m + 1))) + (n + 1) * np.log((n - m + 1) / (n - x + 1))
                 + (x + 0.5) * np.log(r * (n - x + 1) / (x + 1)) + tail(m) + tail(n - m) - tail(x) - tail(n - x))
        accept = ((us >= 0.07) & (v <= v_r)) | (~reject & (lhs <= bound))
        out = np.where(accept, x, out)
        accepted |= accept
    return out


def binomial_inversion(k, n, q, shape):
    count, total = np.zeros(shape), np.zeros(shape)
    while (total <= n).any():
        sub, k = split(k)
        count = np.where(total <= n, count + 1, count)
        total = total + np.ceil(np.log(np.float64(uniform(sub, shape))) / np.log1p(-q))
    return count - 1


def binomial(k, n, p, shape):
    """In float64 inside: enough to draw the same samples."""
    shape = tuple(shape)
    n, p = np.floor(np.float64(n)), np.float64(F32(p))
    q = p if p < 0.5 else 1 - p
    out = binomial_inversion(k, n, q, shape) if n * q <= 10 else btrs(k, n, q, shape)
    return (out if p < 0.5 else n - out).astype(F32)


def choice(k, a, shape, replace=True, p=None, axis=0):
    shape, n = tuple(shape), a if isinstance(a, int) else a.shape[axis]
    if p is None and not replace:
        x = shuffle(k, np.arange(n, dtype=np.int32))[:math.prod(shape)]
    elif p is None:
        x = randint(k, shape, 0, n)
    elif replace:
        c = np.cumsum(p, dtype=F32)
        x = np.searchsorted(c, c[-1] * (1 - uniform(k, shape)))
    else:
        x = np.argsort(-(gumbel(k, (n,)) + log(p)), kind="stable")[:math.prod(shape)]
    if isinstance(a, int):
        return x.reshape(shape)
    return np.take(a, x, axis).reshape(a.shape[:axis] + shape + a.shape[axis + 1:])


def gumbel_highest(k, shape):
    """A 64-bit uniform as a float32 that keeps its precision near 0, and 1 minus it near 1."""
    b = bits(k, (2, *shape))
    n = ~b
    n = np.stack([n[0] + (n[1] == U32(0xFFFFFFFF)), n[1] + U32(1)])
    flip = b[0] < U32(2**31)
    hi, lo = np.where(flip, b, n)
    clz = np.vectorize(lambda v: 32 - int(v).bit_length())
    z, zlo = clz(hi), clz(lo)
    shift = lambda v, by: ((v.astype(np.uint64) << by.astype(np.uint64)) & np.uint64(0xFFFFFFFF)).astype(U32)
    mantissa = shift(hi, z) | np.where(z == 32, shift(lo, zlo), (lo.astype(np.uint64) >> (32 - z).astype(np.uint64)).astype(U32))
    exponent = (126 - np.where(z == 32, 32 + zlo, z)).astype(np.int32).view(U32) << U32(23)
    x = ((exponent & U32(0x3FC00000)) | ((mantissa >> U32(8)) & U32(0x7FFFFF))).view(F32)
    return np.where(flip, -log(-log1p(-x)), -log(-log(x)))


def gumbel_of(k, shape, mode="low"):
    if mode == "high":
        high, low = uniform(k, (2, *shape))
        x = np.where(high >= F32(0.5), high, madd(F32(2.0**-23), low, high) + np.finfo(F32).tiny)
        return -log(-log1p(-x))
    return gumbel(k, shape) if mode == "low" else gumbel_highest(k, tuple(shape))


# -- the check ------------------------------------------------------------------------------------

def decode(a):
    return np.array([float(v) if isinstance(v, str) or a["dtype"].startswith("float") else v
                     for v in a["data"]], a["dtype"]).reshape(a["shape"]) if isinstance(a, dict) and "data" in a else a


def of(case):
    """This file's answer to a case, or None where the file says nothing about it."""
    fn, options = case["fn"], dict(case.get("options", {}))
    args = [decode(a) for a in case["args"]]
    if "p" in options:
        options["p"] = decode(options["p"])
    if options.get("dtype") == "float64" and fn != "uniform" or fn == "categorical" and "replace" in options:
        return None
    if fn == "permutation":
        return shuffle(args[0], np.arange(args[1], dtype=np.int32)) if isinstance(args[1], int) else None
    if fn == "binomial" and isinstance(args[1], np.ndarray):
        return None
    if fn == "gamma" and not isinstance(args[1], np.ndarray):
        return gamma(args[0], np.full(args[2], args[1], F32))
    known = dict(threefry2x32=lambda k, c: np.array(threefry2x32(k, c[:1], c[1:]))[:, 0], key=key, split=split,
                 foldIn=fold_in, bits=bits, uniform=uniform, randint=randint, normal=normal, gumbel=gumbel_of,
                 exponential=exponential, laplace=laplace, logistic=logistic, categorical=categorical,
                 gamma=gamma, loggamma=loggamma, bernoulli=bernoulli, rademacher=rademacher, geometric=geometric,
                 poisson=poisson, binomial=binomial, choice=choice)
    return known[fn](*args, **options) if fn in known else None


def tally(cases, field):
    """fn -> [identical cases, all cases, worst ulp]."""
    counts = {}
    for case in cases:
        got = of(case)
        if got is None:
            continue
        expected = decode(case.get(field, case["out"]))
        got = np.asarray(got).reshape(expected.shape)
        row = counts.setdefault(case["fn"], [0, 0, 0.0])
        row[1] += 1
        if np.array_equal(got, expected, equal_nan=True):
            row[0] += 1
        else:
            row[2] = max(row[2], float(np.max(np.abs(got - expected) / np.spacing(np.abs(expected)))))
    return counts


def check():
    global fused
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "random.json")) as file:
        cases = json.load(file)["cases"]
    for fused, field in [(False, "out"), (True, "outFma")]:
        print(f"{field}:")
        for fn, (same, total, worst) in tally(cases, field).items():
            print(f"  {fn}: {same} of {total} cases identical" + (f", worst {worst:.0f} ulp" if worst else ""))


if __name__ == "__main__":
    check()
