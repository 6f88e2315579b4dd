"""Prints the coefficients of the rational functions in src/ir/formulas/float64, from the lowest power up: weighted linear
least squares for P - f Q, divided by the Q before, where large errors weigh more each time.

Usage: pip install mpmath && python fit_rational.py [NAME...]
"""

import sys

import mpmath as mp

mp.mp.dps = 50
HALF_ROOT_PI = mp.sqrt(mp.pi) / 2


def lgamma(x):
    """log Γ(x) / ((x - 1) (x - 2))."""
    return mp.loggamma(x) / ((x - 1) * (x - 2)) if x != 1 else mp.euler


def erf_inv_near(z):
    """(erfInv(x) / x - √π/2) / x² for z = x²."""
    x = mp.sqrt(z)
    return (mp.erfinv(x) / x - HALF_ROOT_PI) / z


def erf_inv_of_rest(q):
    """erfInv(1 - q), by Halley's method on erfc."""
    l = -mp.log(q * mp.sqrt(mp.pi))
    y = mp.sqrt(l - mp.log(l) / 2) if l > 2 else mp.erfinv(mp.mpf(float(1 - q)))
    while True:
        step = (mp.erfc(y) - q) * HALF_ROOT_PI * mp.exp(y * y)
        y += step / (1 - step * y) if abs(step) < 0.3 else step
        if abs(step) < mp.mpf(10) ** -40:
            return y


def erf_inv_tail(s):
    """s - erfInv(1 - exp(-s²))."""
    return s - erf_inv_of_rest(mp.exp(-s * s))


def fit(f, interval, over, under, center, weight):
    a, b = map(mp.mpf, interval)
    n = 4 * (over + under + 2)
    xs = [(a + b) / 2 - (b - a) / 2 * mp.cos(mp.pi * (k + mp.mpf(1) / 2) / n) for k in range(n)]
    ys = [f(x) for x in xs]
    center = mp.mpf(center)
    reach = max(abs(a - center), abs(b - center))
    q, more, best = [mp.mpf(1)] * n, [mp.mpf(1)] * n, None
    for _ in range(8):
        rows, target = [], []
        for x, y, below, m in zip(xs, ys, q, more):
            w, t = m * weight(x, y) / below, (x - center) / reach
            rows.append([w * t**j for j in range(over + 1)] + [-w * y * t**j for j in range(1, under + 1)])
            target.append(w * y)
        c = list(mp.qr_solve(mp.matrix(rows), mp.matrix(target))[0])
        p_of = [c[j] / reach**j for j in range(over + 1)]
        q_of = [mp.mpf(1)] + [c[over + j] / reach**j for j in range(1, under + 1)]
        q = [abs(mp.polyval(q_of[::-1], x - center)) for x in xs]
        errors = [abs(weight(x, y) * (mp.polyval(p_of[::-1], x - center) / mp.polyval(q_of[::-1], x - center) - y)) for x, y in zip(xs, ys)]
        worst = max(errors)
        if best is None or worst < best[0]:
            best = worst, p_of, q_of
        more = [m * mp.sqrt(e / worst + mp.mpf("0.05")) for m, e in zip(more, errors)]
    return best


def relative(x, y):
    return 1 / abs(y)


FITS = {
    "lgammaHalf": (lgamma, ["0.5", 1], 7, 7, "0.5", relative),
    "digamma2": (mp.digamma, [2, "4.5"], 7, 7, 2, relative),
    "digamma4": (mp.digamma, ["4.5", 10], 7, 7, "4.5", relative),
    "erfInvNear": (erf_inv_near, [mp.mpf(10) ** -14, "0.2501"], 5, 5, 0, lambda z, y: z),
    "erfInvMiddle": (erf_inv_tail, ["0.832", "2.2"], 8, 8, 0, lambda s, y: 1 / s),
    "erfInvFar": (erf_inv_tail, ["2.2", "6.0621"], 8, 7, 0, lambda s, y: 1 / s),
}

for name, spec in FITS.items():
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
        continue
    error, over, under = fit(*spec)
    print(name, "good to 2 **", mp.nstr(mp.log(error, 2), 4))
    print([float(c) for c in over])
    print([float(c) for c in under])
