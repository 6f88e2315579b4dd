"""`random.json`: every sampler of `jax.random`, threefry2x32 with the partitionable layout.

`out` was computed without fused multiply-add, so that plain rounded float32 operations reproduce it;
where a machine with FMA (JAX's default on such a machine) gives other bits, `outFma` holds them.
`make.py` therefore runs this file twice, see `README.md`.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import random as jr

from common import encode

SEEDS = [0, 1, 42, 2**31, -1, 2**32 - 1]


def raw(key):
    return np.asarray(jr.key_data(key))


def sample(fn, key, args, options, f, grad_of=None):
    """A case whose first argument is the raw key. `grad_of`: the array to differentiate by (args[1])."""
    out = jax.jit(f)() if grad_of is None else f(grad_of)
    record = {"fn": fn, "args": [raw(key), *args], "out": out}
    if options:
        record["options"] = options
    if grad_of is not None:
        y, pullback = jax.vjp(f, grad_of)
        record["grads"] = {"argnums": [1], "cotangent": jnp.ones_like(y), "values": list(pullback(jnp.ones_like(y)))}
    return encode(record)


def keys():
    cases = []
    seeds = SEEDS + [7, 123456789, 2**31 - 1]
    for seed in seeds:
        cases.append(encode({"fn": "key", "args": [seed], "out": raw(jr.key(seed))}))
    for seed in [-1, -2, 2**32, 2**40 + 12345, 2**32 - 1]:
        with jax.enable_x64(True):
            cases.append(encode({"fn": "key", "args": [seed], "options": {"x64": True}, "out": raw(jr.key(seed))}))
    for seed in SEEDS:
        k = jr.key(seed)
        for n in (2, 3, 7):
            cases.append(encode({"fn": "split", "args": [raw(k), n], "out": raw(jr.split(k, n))}))
        for data in (0, 1, 17, 2**31, 2**32 - 1):
            folded = jr.fold_in(k, np.uint32(data))
            cases.append(encode({"fn": "foldIn", "args": [raw(k), data], "out": raw(folded)}))
    k = jr.key(3)
    cases.append(encode({"fn": "split", "args": [raw(k), [2, 3]], "out": raw(jr.split(k, (2, 3)))}))
    return cases


def threefry():
    """The Random123 known-answer vectors, and the bare hash."""
    from jax._src.random.threefry2x32 import threefry2x32_p
    cases = []
    vectors = [((0, 0), (0, 0)), ((2**32 - 1, 2**32 - 1), (2**32 - 1, 2**32 - 1)),
               ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3))]
    for key, counter in vectors:
        k = [jnp.uint32(v) for v in key]
        x = [jnp.array([v], jnp.uint32) for v in counter]
        out = np.concatenate(threefry2x32_p.bind(*k, *x))
        cases.append(encode({"fn": "threefry2x32", "args": [np.uint32(key), np.uint32(counter)], "out": out}))
    return cases


def bits_and_uniform():
    cases = []
    for seed in SEEDS:
        k = jr.key(seed)
        for shape in [(), (5,), (2, 3)]:
            cases.append(sample("bits", k, [shape], {"dtype": "uint32"}, lambda: jr.bits(k, shape, "uint32")))
        cases.append(sample("bits", k, [[7]], {"dtype": "uint8"}, lambda: jr.bits(k, (7,), "uint8")))
        cases.append(sample("uniform", k, [[5]], None, lambda: jr.uniform(k, (5,))))
        cases.append(sample("normal", k, [[7]], None, lambda: jr.normal(k, (7,))))
    k = jr.key(11)
    cases.append(sample("bits", k, [[3, 1, 5]], {"dtype": "uint8"}, lambda: jr.bits(k, (3, 1, 5), "uint8")))
    cases.append(sample("bits", k, [[2, 2, 3]], {"dtype": "uint32"}, lambda: jr.bits(k, (2, 2, 3), "uint32")))
    for lo, hi in [(-1.0, 1.0), (2.5, 7.25), (-3.0, -2.9), (0.0, 1e-3), (5.0, 5.0)]:
        cases.append(sample("uniform", k, [[2, 5]], {"minval": lo, "maxval": hi},
                            lambda: jr.uniform(k, (2, 5), minval=lo, maxval=hi)))
    cases.append(sample("uniform", k, [[]], None, lambda: jr.uniform(k, ())))
    cases.append(sample("normal", k, [[4, 8]], None, lambda: jr.normal(k, (4, 8))))
    cases.append(sample("normal", k, [[]], None, lambda: jr.normal(k, ())))
    with jax.enable_x64(True):
        k64 = jr.key(42)
        for fn, f in [("uniform", lambda: jr.uniform(k64, (6,), "float64")),
                      ("normal", lambda: jr.normal(k64, (40,), "float64"))]:
            cases.append(sample(fn, k64, [[6] if fn == "uniform" else [40]], {"dtype": "float64"}, f))
        cases.append(sample("uniform", k64, [[5]], {"dtype": "float64", "minval": -2.0, "maxval": 3.0},
                            lambda: jr.uniform(k64, (5,), "float64", -2.0, 3.0)))
    return cases


def integers():
    cases = []
    ranges = [(0, 10), (-5, 5), (0, 2), (3, 4), (5, 5), (7, 2), (0, 1000003), (-(2**31), 2**31 - 1), (0, 65536)]
    for i, (lo, hi) in enumerate(ranges):
        k = jr.key(100 + i)
        cases.append(sample("randint", k, [[9], lo, hi], {"dtype": "int32"},
                            lambda: jr.randint(k, (9,), lo, hi, "int32")))
    k = jr.key(200)
    for lo, hi in [(0, 3000000000), (10, 20), (0, 2**32 - 1)]:
        args = (jnp.uint32(lo), jnp.uint32(hi))
        cases.append(sample("randint", k, [[9], lo, hi], {"dtype": "uint32"},
                            lambda: jr.randint(k, (9,), *args, "uint32")))
    for dtype, lo, hi in [("uint8", 0, 256), ("int8", -128, 128), ("uint8", 3, 17), ("int8", -300, 300)]:
        cases.append(sample("randint", k, [[3, 5], lo, hi], {"dtype": dtype},
                            lambda: jr.randint(k, (3, 5), lo, hi, dtype)))
    cases.append(sample("rademacher", k, [[13]], None, lambda: jr.rademacher(k, (13,))))
    return cases


def discrete():
    cases = []
    k = jr.key(300)
    cases.append(sample("bernoulli", k, [0.5, [12]], None, lambda: jr.bernoulli(k, 0.5, (12,))))
    p = np.float32([0, 0.1, 0.5, 0.9, 1])
    cases.append(sample("bernoulli", k, [p], None, lambda: jr.bernoulli(k, p)))
    cases.append(sample("bernoulli", k, [0.3, [3, 4]], {"mode": "high"},
                        lambda: jr.bernoulli(k, 0.3, (3, 4), mode="high")))
    logits = np.log(np.float32([[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1], [0.25] * 4]))
    cases.append(sample("categorical", k, [logits], None, lambda: jr.categorical(k, logits)))
    cases.append(sample("categorical", k, [logits], {"axis": 0}, lambda: jr.categorical(k, logits, axis=0)))
    cases.append(sample("categorical", k, [logits], {"shape": [5, 3]},
                        lambda: jr.categorical(k, logits, shape=(5, 3))))
    cases.append(sample("categorical", k, [logits[0]], {"shape": [20]},
                        lambda: jr.categorical(k, logits[0], shape=(20,))))
    cases.append(sample("categorical", k, [logits], {"shape": [3, 3], "replace": False},
                        lambda: jr.categorical(k, logits, shape=(3, 3), replace=False)))
    for probability in (0.1, 0.5, 0.9):
        cases.append(sample("geometric", k, [probability, [8]], None, lambda: jr.geometric(k, probability, (8,))))
    for n, q in [(5.0, 0.3), (40.0, 0.5), (100.0, 0.8), (7.0, 0.9)]:
        cases.append(sample("binomial", k, [n, q, [8]], None, lambda: jr.binomial(k, n, q, (8,))))
    for lam in (0.5, 3.0, 9.5, 10.0, 50.0, 1000.0):
        cases.append(sample("poisson", k, [lam, [8]], None, lambda: jr.poisson(k, lam, (8,))))
    mixed = np.float32([0, 0.01, 4, 20, 300])
    cases.append(sample("poisson", k, [mixed], None, lambda: jr.poisson(k, mixed)))
    return cases


def orders():
    cases = []
    for n in (1, 2, 5, 10, 100):
        k = jr.key(400 + n)
        cases.append(sample("permutation", k, [n], None, lambda: jr.permutation(k, n)))
    k = jr.key(1600)
    cases.append(sample("permutation", k, [2000], None, lambda: jr.permutation(k, 2000)))
    x = np.arange(15, dtype=np.float32).reshape(5, 3)
    for axis in (0, 1):
        cases.append(sample("permutation", k, [x], {"axis": axis}, lambda: jr.permutation(k, x, axis)))
        cases.append(sample("permutation", k, [x], {"axis": axis, "independent": True},
                            lambda: jr.permutation(k, x, axis, independent=True)))
    p = np.float32([0.1, 0.2, 0.3, 0.15, 0.25])
    cases.append(sample("choice", k, [5, [8]], None, lambda: jr.choice(k, 5, (8,))))
    cases.append(sample("choice", k, [5, [3]], {"replace": False}, lambda: jr.choice(k, 5, (3,), False)))
    cases.append(sample("choice", k, [5, [8]], {"p": p}, lambda: jr.choice(k, 5, (8,), p=p)))
    cases.append(sample("choice", k, [5, [4]], {"replace": False, "p": p}, lambda: jr.choice(k, 5, (4,), False, p)))
    cases.append(sample("choice", k, [x, [4]], None, lambda: jr.choice(k, x, (4,))))
    cases.append(sample("choice", k, [x, [2, 2]], {"axis": 1}, lambda: jr.choice(k, x, (2, 2), axis=1)))
    cases.append(sample("choice", k, [x, [2]], {"replace": False}, lambda: jr.choice(k, x, (2,), False)))
    return cases


def continuous():
    cases = []
    k = jr.key(500)
    for lo, hi in [(-2.0, 2.0), (-1.0, 3.0), (0.0, 10.0), (2.0, 3.0)]:
        cases.append(sample("truncatedNormal", k, [lo, hi, [8]], None, lambda: jr.truncated_normal(k, lo, hi, (8,))))
    for name in ("gumbel", "exponential", "laplace", "logistic", "cauchy", "maxwell"):
        cases.append(sample(name, k, [[3, 7]], None, lambda: getattr(jr, name)(k, (3, 7))))
    for mode in ("high", "highest"):
        cases.append(sample("gumbel", k, [[12]], {"mode": mode}, lambda: jr.gumbel(k, (12,), mode=mode)))
    cases.append(sample("pareto", k, [2.5, [6]], None, lambda: jr.pareto(k, 2.5, (6,))))
    cases.append(sample("weibullMin", k, [2.0, 1.5, [6]], None, lambda: jr.weibull_min(k, 2.0, 1.5, (6,))))
    cases.append(sample("rayleigh", k, [np.float32(1.5), [6]], None, lambda: jr.rayleigh(k, jnp.float32(1.5), (6,))))
    cases.append(sample("lognormal", k, [0.5, [6]], None, lambda: jr.lognormal(k, 0.5, (6,))))
    cases.append(sample("triangular", k, [0.0, 0.3, 2.0, [6]], None, lambda: jr.triangular(k, 0.0, 0.3, 2.0, (6,))))
    return cases


def gammas():
    cases = []
    k = jr.key(600)
    for a in (0.1, 0.5, 0.99, 1.0, 1.5, 3.0, 10.0, 1000.0):
        alphas = jnp.full((6,), a, jnp.float32)
        cases.append(sample("gamma", k, [alphas], None, lambda alpha: jr.gamma(k, alpha), grad_of=alphas))
    alphas = jnp.float32([0.2, 1, 2.5, 30])
    cases.append(sample("loggamma", k, [alphas], None, lambda alpha: jr.loggamma(k, alpha), grad_of=alphas))
    cases.append(sample("gamma", k, [2.0, [2, 3]], None, lambda: jr.gamma(k, 2.0, (2, 3))))
    cases.append(sample("beta", k, [2.0, 3.0, [6]], None, lambda: jr.beta(k, 2.0, 3.0, (6,))))
    cases.append(sample("beta", k, [0.3, 0.2, [6]], None, lambda: jr.beta(k, 0.3, 0.2, (6,))))
    alpha = np.float32([0.5, 1, 3])
    cases.append(sample("dirichlet", k, [alpha, [4]], None, lambda: jr.dirichlet(k, alpha, (4,))))
    cases.append(sample("t", k, [3.0, [8]], None, lambda: jr.t(k, 3.0, (8,))))
    cases.append(sample("chisquare", k, [4.0, [6]], None, lambda: jr.chisquare(k, 4.0, (6,))))
    cases.append(sample("f", k, [4.0, 6.0, [6]], None, lambda: jr.f(k, 4.0, 6.0, (6,))))
    cases.append(sample("wald", k, [np.float32(2), [6]], None, lambda: jr.wald(k, jnp.float32(2), (6,))))
    cases.append(sample("generalizedNormal", k, [1.5, [6]], None, lambda: jr.generalized_normal(k, 1.5, (6,))))
    return cases


def geometry():
    k = jr.key(700)
    mean, cov = np.float32([1, -2, 0.5]), np.float32([[2, 0.5, 0], [0.5, 1, 0.25], [0, 0.25, 3]])
    return [
        sample("multivariateNormal", k, [mean, cov, [4]], None, lambda: jr.multivariate_normal(k, mean, cov, (4,))),
        sample("orthogonal", k, [3], None, lambda: jr.orthogonal(k, 3)),
        sample("orthogonal", k, [2], {"shape": [2], "m": 4}, lambda: jr.orthogonal(k, 2, (2,), m=4)),
        sample("ball", k, [3], {"shape": [5]}, lambda: jr.ball(k, 3, shape=(5,))),
        sample("ball", k, [2], {"p": 1, "shape": [4]}, lambda: jr.ball(k, 2, 1, (4,))),
    ]


def many():
    """Samplers with rejection, over wide ranges of their parameters."""
    k = jr.key(800)
    rates = np.round(np.exp(np.linspace(-3, 9, 150)), 2).astype(np.float32)
    counts = np.floor(np.exp(np.linspace(0, 8, 150))).astype(np.float32)
    chances = np.round(np.modf(np.arange(150) * 0.618)[0], 2).astype(np.float32)
    p = np.float32([[0.2, 0.3, 0.5], [0, 1, 0], [0.9, 0.05, 0.05]])
    return [
        sample("poisson", k, [rates], None, lambda: jr.poisson(k, rates)),
        sample("binomial", k, [counts, chances], None, lambda: jr.binomial(k, counts, chances)),
        sample("multinomial", k, [20.0, p], None, lambda: jr.multinomial(k, jnp.float32(20), p)),
        sample("multinomial", k, [np.float32([5, 0, 300]), p], None,
               lambda: jr.multinomial(k, np.float32([5, 0, 300]), p)),
        sample("doubleSidedMaxwell", k, [1.0, 2.0, [4]], None, lambda: jr.double_sided_maxwell(k, 1.0, 2.0, (4,))),
    ]


def cases():
    assert jax.config.jax_threefry_partitionable
    parts = [threefry, keys, bits_and_uniform, integers, discrete, orders, continuous, gammas, geometry, many]
    return [c for part in parts for c in part()]
