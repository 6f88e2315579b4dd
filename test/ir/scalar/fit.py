"""Derives the coefficients used in src/ir/scalar: near-minimax rational functions.

Usage: pip install mpmath && python fit.py

A rational p/q of degrees (m, n) is made to interpolate f at m + n + 1 Chebyshev nodes of the
interval, in 60-digit arithmetic; then it is rounded to float64 and its worst relative error printed.
"""

import mpmath as mp

mp.mp.dps = 60


def chebyshev_nodes(count, low, high):
    """The zeros of the Chebyshev polynomial of this degree, moved to [low, high]."""
    middle, half = (low + high) / 2, (high - low) / 2
    return [middle + half * mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)]


def rational(f, m, n, low, high):
    """Coefficients (ascending) of p and q, q[0] = 1, with p(x) = q(x) f(x) at the nodes."""
    low, high = mp.mpf(low), mp.mpf(high)
    nodes = chebyshev_nodes(m + n + 1, low, high)
    matrix, right = mp.matrix(len(nodes), len(nodes)), mp.matrix(len(nodes), 1)
    for row, x in enumerate(nodes):
        value = f(x)
        for k in range(m + 1):
            matrix[row, k] = x**k
        for k in range(1, n + 1):
            matrix[row, m + k] = -value * x**k
        right[row] = value
    solution = list(mp.lu_solve(matrix, right))
    return [float(c) for c in solution[: m + 1]], [1.0] + [float(c) for c in solution[m + 1 :]]


def horner(coefficients, x):
    total = mp.mpf(0)
    for c in reversed(coefficients):
        total = total * x + mp.mpf(c)
    return total


def worst(f, p, q, low, high, points=400):
    """The largest error, relative above 0.1 and absolute below, of p/q (rounded coefficients, exact arithmetic)."""
    errors = []
    for i in range(points + 1):
        x = mp.mpf(low) + (mp.mpf(high) - mp.mpf(low)) * i / points
        value = f(x)
        scale = max(abs(value), mp.mpf("0.1"))  # erf(x)/x - 1 has a zero and is added to 1
        errors.append(abs(horner(p, x) / horner(q, x) - value) / scale)
    return max(errors)


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def erf_small(z):
    """erf(x)/x - 1 with z = x²."""
    x = mp.sqrt(z)
    return mp.erf(x) / x - 1 if x else 2 / mp.sqrt(mp.pi) - 1


def erfc_large(s):
    """x·erfcx(x) with s = 1/x²."""
    return erfcx(1 / mp.sqrt(s)) / mp.sqrt(s) if s else 1 / mp.sqrt(mp.pi)


def lgamma_ratio(t):
    """lgamma(x) / ((x-1)(x-2)) with t = x - 1."""
    if abs(t) < mp.mpf(10) ** -30:
        return mp.euler
    if abs(t - 1) < mp.mpf(10) ** -30:
        return mp.digamma(2)
    return mp.loggamma(1 + t) / (t * (t - 1))


DIGAMMA_ROOT = mp.findroot(mp.digamma, 1.46)


def digamma_ratio(t):
    """digamma(x) / (x - root) with t = x - 1."""
    if abs(1 + t - DIGAMMA_ROOT) < mp.mpf(10) ** -30:
        return mp.psi(1, DIGAMMA_ROOT)
    return mp.digamma(1 + t) / (1 + t - DIGAMMA_ROOT)


FITS = [
    ("erf(x)/x - 1 in z = x^2", erf_small, 5, 5, 0, 0.7225),
    ("erfcx(x) in x - 3/4", lambda t: erfcx(t + mp.mpf("0.75")), 5, 6, 0.1, 1.25),
    ("erfcx(x) in x - 2", lambda t: erfcx(t + 2), 6, 7, 0, 2),
    ("x erfcx(x) in s = 1/x^2", erfc_large, 5, 5, 0, 0.0625),
    ("lgamma(x)/((x-1)(x-2)) in x - 1", lgamma_ratio, 6, 6, -0.5, 0),
    ("lgamma(x)/((x-1)(x-2)) in x - 1", lgamma_ratio, 7, 6, 0, 1),
    ("lgamma(x)/((x-1)(x-2)) in x - 2", lambda t: lgamma_ratio(t + 1), 6, 6, 0, 1),
    ("digamma(x)/(x-root) in x - 1", digamma_ratio, 6, 6, 0, 1),
]

if __name__ == "__main__":
    for name, f, m, n, low, high in FITS:
        p, q = rational(f, m, n, low, high)
        print(f"{name} on [{low}, {high}]: worst {mp.nstr(worst(f, p, q, low, high), 3)}")
        print("  p", p)
        print("  q", q)
    parts, rest = [], DIGAMMA_ROOT
    for bits in (29, 58):  # two short parts, so that x - part is exact near the root
        part = mp.floor(rest * mp.mpf(2) ** bits) / mp.mpf(2) ** bits
        parts.append(float(part))
        rest -= part
    print("digamma root", *parts, float(rest))
