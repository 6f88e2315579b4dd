"""Writes gamma.json: float64 arguments of Γ's relatives and of erfInv, the float64 nearest to the exact result, and how far
it is off, in ulp.

Usage: pip install mpmath && python make_gamma.py
"""

import json
import math
import pathlib

import mpmath as mp

mp.mp.prec = 200

GOLDEN = (math.sqrt(5) - 1) / 2


def lgamma(x):
    return mp.log(abs(mp.gamma(x))) if abs(x) < 100 else mp.re(mp.loggamma(x))


def erf_inv(x):
    """From erfc, whose argument mpmath's erfinv does not keep near 1."""
    if abs(x) < 0.5:
        return mp.erfinv(x)
    q = 1 - abs(x)
    y = mp.sqrt(-mp.log(q))
    for _ in range(200):
        step = (mp.erfc(y) - q) * mp.sqrt(mp.pi) / 2 * mp.exp(y * y)
        y += step / (1 - step * y) if abs(step) < 0.3 else step
        if abs(step) < mp.mpf(10) ** -50:
            return y * mp.sign(x)
    raise ValueError(x)


def polygamma(n):
    """Some terms of the sum, Euler and Maclaurin's formula for the others, and reflection."""
    cot = [0, 1]  # the n-th derivative of cot by its argument, in cot
    for _ in range(n):
        slope = [k * c for k, c in enumerate(cot)][1:] + [0, 0]
        cot = [-a - (slope[k - 2] if k >= 2 else 0) for k, a in enumerate(slope)]

    def positive(x):
        terms = 40 + 2 * n
        total = mp.fsum((x + k) ** -(n + 1) for k in range(terms)) * mp.factorial(n)
        a = x + terms
        total += mp.factorial(n - 1) / a**n + mp.factorial(n) / (2 * a ** (n + 1))
        total += mp.fsum(mp.bernoulli(2 * k) * mp.rf(2 * k + 1, n - 1) / a ** (2 * k + n) for k in range(1, 40))
        return total if n % 2 else -total

    def anywhere(x):
        if x > 0:
            return positive(x)
        mirrored = positive(1 - x)
        wave = mp.pi ** (n + 1) * mp.polyval(cot[::-1], mp.cot(mp.pi * x))
        return (-mirrored if n % 2 else mirrored) - wave

    return anywhere


EVERYWHERE = [2.0**e * 1.3 for e in range(-1074, 1022, 91)]
POSITIVE = [(0, 1), (0, 3), (3, 20)]
BELOW = [(-1, 0), (-4, 0), (-30, 0)]
SMALL = [-(2.0**-e) for e in (1, 2, 10, 60, 300, 1022)] + [-1e6 - 0.25, -1e10 - 0.5]

# Functions, where samples are dense, and other arguments: of all exponents, and those with the largest errors found.
FUNCTIONS = {
    "lgamma": (lgamma, POSITIVE, EVERYWHERE + [2.7763953589110315, 1 + 2**-52, 2 - 2**-52, 8.0, 2.5e305, 5e-324]),
    "digamma": (mp.digamma, POSITIVE, EVERYWHERE + [7.163839472756251, 1.4616321449683623, 10.0, 5.6e-309]),
    "erfInv": (erf_inv, [(-1, 1), (0.45, 0.9)], [0.7925225942405177, 0.5, 1 - 2**-53, -1 + 2**-30, 1e-9, 1e-300, 5e-324]),
    "polygamma 1": (polygamma(1), POSITIVE, EVERYWHERE + [1614046738617.7075]),
    "polygamma 2": (polygamma(2), POSITIVE, EVERYWHERE + [770180401653432.8]),
    "polygamma 5": (polygamma(5), POSITIVE, EVERYWHERE + [91242815955325470.0]),
    "polygamma 20": (polygamma(20), POSITIVE, EVERYWHERE + [15379427110448.14]),
    "lgamma below 0": (lgamma, BELOW, SMALL + [-3.8446372865419107]),
    "digamma below 0": (mp.digamma, BELOW, SMALL + [-0.6875438703718828]),
    "polygamma 1 below 0": (polygamma(1), BELOW, SMALL + [-2.812715735034857]),
    "polygamma 2 below 0": (polygamma(2), BELOW, SMALL + [-2.25396856015459]),
    "polygamma 5 below 0": (polygamma(5), BELOW, SMALL + [-1.8581799009319866]),
}


def rows(f, ranges, others):
    xs = [lo + (hi - lo) * ((k * GOLDEN) % 1) for lo, hi in ranges for k in range(1, 41)]
    out = []
    for x in xs + others:
        exact = f(mp.mpf(x))
        nearest = float(exact) if abs(exact) < mp.mpf(2) ** 1023 * 1.9999 else math.inf
        if 0 < abs(nearest) < math.inf:
            out.append([x, nearest, round(float((exact - mp.mpf(nearest)) / math.ulp(nearest)), 3)])
    return out


golden = {name: rows(*spec) for name, spec in FUNCTIONS.items()}
path = pathlib.Path(__file__).with_name("gamma.json")
path.write_text("{\n" + ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in golden.items()) + "\n}\n")
