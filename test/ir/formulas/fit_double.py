"""Prints the coefficients of src/ir/formulas/float64 that are not from FreeBSD's msun: Chebyshev's approximations, and one
by weighted least squares.

Usage: pip install mpmath && python fit_double.py [NAME...]
"""

import sys

import mpmath as mp

mp.mp.prec = 400
z0 = mp.mpf(10) ** -60


def odd_tail(f, times):
    """(f(x) / x - 1) / x² in x², or, with times = 0, f(x) / x - 1."""
    return lambda z: (lambda x: (f(x) / x - 1) / x ** (2 * times))(mp.sqrt(max(z, z0)))


def scaled(q):
    """(1 + 2x) exp(x²) erfc(x) for q = (x - 3) / (x + 3)."""
    x = 3 * (1 + q) / (1 - q)
    return (1 + 2 * x) * mp.exp(x * x) * mp.erfc(x)


def at(x):
    return (mp.mpf(x) - 3) / (mp.mpf(x) + 3)


def tail(q):
    """exp(x²) erfc(x) for q = (x - 2) / (x + 2), and what its error is multiplied by."""
    x = 2 * (1 + q) / (1 - q)
    return mp.exp(x * x) * mp.erfc(x), mp.exp(-x * x)


def weighted(f, interval, count, nodes=160):
    """Coefficients, from the lowest, that minimise the weighted error over Chebyshev's nodes; large errors weigh more."""
    lo, hi = interval
    xs = [lo + (hi - lo) * (1 - mp.cos(mp.pi * (k + mp.mpf(1) / 2) / nodes)) / 2 for k in range(nodes)]
    rows = [f(x) for x in xs]
    more = [mp.mpf(1)] * nodes
    for _ in range(3):
        basis = mp.matrix([[w * m * x**j for j in range(count)] for x, (_, w), m in zip(xs, rows, more)])
        target = mp.matrix([y * w * m for (y, w), m in zip(rows, more)])
        c = list(mp.qr_solve(basis, target)[0])
        errors = [abs(w * (mp.polyval(c[::-1], x) - y)) for x, (y, w) in zip(xs, rows)]
        more = [m * mp.sqrt(e / max(errors) + 0.05) for m, e in zip(more, errors)]
    return c, max(errors)


FITS = {
    "atanh": (odd_tail(mp.atanh, 1), [0, mp.mpf("0.3334") ** 2], 12),
    "erf": (odd_tail(mp.erf, 0), [0, mp.mpf("0.8751") ** 2], 13),
    "erfc": (scaled, [at("0.74"), at(28)], 22),
}

for name, (f, interval, count) in FITS.items():
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
        continue
    coefficients, error = mp.chebyfit(f, interval, count, error=True)
    print(name, "good to 2 **", mp.nstr(mp.log(error, 2), 4))
    print([float(c) for c in reversed(coefficients)])

if len(sys.argv) == 1 or "erfLarge" in sys.argv:
    coefficients, error = weighted(tail, [-mp.mpf("0.4599"), mp.mpf("0.5")], 14)
    print("erfLarge good to 2 **", mp.nstr(mp.log(error, 2), 4))
    print([float(c) for c in coefficients])
