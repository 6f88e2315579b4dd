"""Prints the coefficients of src/ir/formulas/float64 that are not from FreeBSD's msun: Chebyshev's approximations.

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


FITS = {
    "atanh": (odd_tail(mp.atanh, 1), [0, mp.mpf("0.3334") ** 2], 12),
    "erf": (odd_tail(mp.erf, 0), [0, mp.mpf("0.7501") ** 2], 12),
    "erfc": (scaled, [at("0.74"), at(28)], 22),
}

for name, (f, interval, count) in FITS.items():
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
        continue
    coefficients, error = mp.chebyfit(f, interval, count, error=True)
    print(name, "good to 2 **", mp.nstr(mp.log(error, 2), 4))
    print([float(c) for c in reversed(coefficients)])
