"""Derives the polynomials of src/ir/formulas: minimax in relative (or weighted) error, coefficients in float32.

Usage: pip install numpy mpmath && python fit.py [NAME ...]

Each fit is Remez's exchange on a dense grid. Coefficients are rounded to float32 from the lowest power up, and those
that are left are fitted again after each rounding.
"""

import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 40


def lawson(basis, target, weight):
    """The same by reweighted least squares: slower and less exact, but never stuck."""
    best, w = None, np.ones(len(target))
    for _ in range(400):
        row = np.sqrt(w) * weight
        c = np.linalg.lstsq(basis * row[:, None], target * row, rcond=None)[0]
        error = np.abs(weight * (basis @ c - target))
        if best is None or error.max() < best[1]:
            best = (c, error.max())
        w = w * (error + 1e-3 * error.max())
        w = w / w.sum()
    return best


def exchange(basis, target, weight):
    """Coefficients that minimise max |weight (basis c - target)| over the grid, and that maximum."""
    count = basis.shape[1]
    points = np.round(np.linspace(0, len(target) - 1, count + 1)).astype(int)
    best = None
    for _ in range(60):
        signs = (-1.0) ** np.arange(count + 1)
        system = np.hstack([basis[points], (signs / weight[points])[:, None]])
        scale = np.abs(system).max(axis=0)
        solution = np.linalg.solve(system / scale, target[points]) / scale
        error = weight * (basis @ solution[:count] - target)
        worst = np.abs(error).max()
        if best is None or worst < best[1]:
            best = (solution[:count], worst)
        if worst <= abs(solution[count]) * 1.001:
            break
        runs = np.split(np.arange(len(error)), np.where(np.diff(np.sign(error)) != 0)[0] + 1)
        peaks = [run[np.abs(error[run]).argmax()] for run in runs]
        while len(peaks) > count + 1:
            peaks.pop(0 if abs(error[peaks[0]]) < abs(error[peaks[-1]]) else -1)
        if len(peaks) < count + 1:
            break
        points = np.array(peaks)
    return min(best, lawson(basis, target, weight), key=lambda b: b[1])


def fit(name, g, powers, low, high, weight=lambda x: 1, variable=lambda x: x):
    """Prints c with sum c_k variable(x)^powers_k close to g(x) for x in [low, high]; errors count times weight(x)."""
    if len(sys.argv) > 1 and name not in sys.argv[1:]:
        return
    t = (1 - np.cos(np.pi * (np.arange(1200) + 0.5) / 1200)) / 2
    xs = [mp.mpf(low) + (mp.mpf(high) - mp.mpf(low)) * mp.mpf(float(u)) for u in t]
    target = np.array([float(g(x)) for x in xs])
    weights = np.array([float(abs(weight(x))) for x in xs])
    z = np.array([float(variable(x)) for x in xs])
    columns = [z**p for p in powers]
    fixed, rest = [], target.copy()
    exact = exchange(np.stack(columns, 1), target, weights)[1]
    worst = exact
    for k in range(len(powers)):
        c, worst = exchange(np.stack(columns[k:], 1), rest, weights)
        fixed.append(np.float32(c[0]))
        rest = rest - np.float64(fixed[-1]) * columns[k]
    worst = np.abs(weights * rest).max()
    print(f"{name}: error 2^{np.log2(worst):.1f} (2^{np.log2(exact):.1f} unrounded)")
    print("  [" + ", ".join(str(np.float64(c).astype(np.float32)) for c in fixed) + "]")


def series(f, x, order, terms=30):
    """f is smooth at 0: the sum of taylor coefficients from `order` on, without cancellation."""
    return sum(f(k) * x ** (k - order) for k in range(order, order + terms))


LN2 = mp.log(2)


def exp_tail(x):
    """(exp(x) - 1 - x) / x²."""
    return series(lambda k: 1 / mp.factorial(k), x, 2)


# exp(r) = 1 + r + r² q(r); errors relative to exp(r)
R = LN2 / 2 + mp.mpf("1e-4")
fit("exp", exp_tail, range(5), -R, R, lambda x: x * x / mp.exp(x))
# expm1(r) = r + r² q(r); errors relative to the result, for the r that expm1 uses
fit("expm1", exp_tail, range(6), -0.2975, 0.702, lambda x: x * x / mp.expm1(x))


def log_tail(f):
    """(log(1 + f) - f + f²/2) / f³."""
    return (mp.log1p(f) - f + f * f / 2) / f**3 if abs(f) > 1e-4 else series(lambda k: mp.mpf((-1) ** (k + 1)) / k, f, 3)


# log(1 + f) = f - f²/2 + f³ p(f); errors relative to the result
for n in (7, 8, 9):
    fit(f"log{n}", log_tail, range(n), mp.mpf(2) / 3 - 1, mp.mpf(1) / 3, lambda f: f**3 / mp.log1p(f))

# tanh(x) = x + x³ p(x²)
fit("tanh", lambda x: (mp.tanh(x) / x - 1) / x**2, range(5), 1e-3, 0.55, lambda x: x**3 / mp.tanh(x), lambda x: x * x)

# sin(r) = r + r³ p(r²) and cos(r) = 1 - r²/2 + r⁴ p(r²) for |r| ≤ π/4, a little more where the quotient was rounded
Q = mp.pi / 4 + mp.mpf("1e-3")
fit("sin", lambda x: (mp.sin(x) / x - 1) / x**2, range(3), 1e-3, Q, lambda x: x**3 / mp.sin(x), lambda x: x * x)
fit("cos", lambda x: (mp.cos(x) - 1 + x * x / 2) / x**4, range(3), 1e-2, Q, lambda x: x**4 / mp.cos(x), lambda x: x * x)
# tan(r) = r + r³ p(r²) for |r| ≤ π/4
fit("tan", lambda x: (mp.tan(x) / x - 1) / x**2, range(7), 1e-3, mp.pi / 4 + mp.mpf("1e-4"), lambda x: x**3 / mp.tan(x), lambda x: x * x)
# atan(x) = x + x³ p(x²) for |x| ≤ 1
fit("atan", lambda x: (mp.atan(x) / x - 1) / x**2, range(9), 1e-3, 1, lambda x: x**3 / mp.atan(x), lambda x: x * x)
# asin(x) = x + x³ p(x²) for |x| ≤ 1/2
fit("asin", lambda x: (mp.asin(x) / x - 1) / x**2, range(5), 1e-3, 0.5, lambda x: x**3 / mp.asin(x), lambda x: x * x)
# sinh(x) = x + x³ p(x²) for |x| ≤ 1
fit("sinh", lambda x: (mp.sinh(x) / x - 1) / x**2, range(3), 1e-3, 1, lambda x: x**3 / mp.sinh(x), lambda x: x * x)
# asinh(x) = x + x³ p(x²) for |x| ≤ 1
fit("asinh", lambda x: (mp.asinh(x) / x - 1) / x**2, range(8), 1e-3, 1, lambda x: x**3 / mp.asinh(x), lambda x: x * x)
# atanh(x) = x + x³ p(x²) for |x| ≤ 1/2
fit("atanh", lambda x: (mp.atanh(x) / x - 1) / x**2, range(6), 1e-3, 0.5, lambda x: x**3 / mp.atanh(x), lambda x: x * x)
# erf(x) = x + x p(x²) for |x| ≤ 0.93, and 1 - exp(-p(x)) from there to 4
fit("erf", lambda x: mp.erf(x) / x - 1, range(6), 1e-3, 0.93, lambda x: x / mp.erf(x), lambda x: x * x)
fit("erfLarge", lambda x: -mp.log(mp.erfc(x)), range(7), 0.92, 4, lambda x: mp.erfc(x) / mp.erf(x))
# log2((1 + s) / (1 - s)) = 2/log(2) s + s³ p(s²) for |s| ≤ 0.1717
fit("pow", lambda s: (2 * mp.atanh(s) - 2 * s) / s**3 / LN2, range(4), 1e-3, 0.1717, lambda s: s**3 * LN2 / 2 / mp.atanh(s), lambda s: s * s)
# 2^r = 1 + r p(r) for |r| ≤ 1/2
fit("exp2", lambda r: mp.expm1(r * LN2) / r if abs(r) > 1e-9 else LN2, range(6), -0.5001, 0.5001, lambda r: r / 2**r)
# erfc(x) = 1 - x - x p(x²) for |x| ≤ 0.76, and exp(-x²) / x · p((x - 3/2) / (x + 3/2)) for x from there to 10.1
fit("erfcSmall", lambda x: mp.erf(x) / x - 1, range(6), 1e-3, 0.76, lambda x: x / mp.erfc(x), lambda x: x * x)


def scaled(x):
    return x * mp.exp(x * x) * mp.erfc(x)


fit("erfc", scaled, range(10), 0.74, 10.1, lambda x: 1 / scaled(x), lambda x: (x - 1.5) / (x + 1.5))

# lgamma(x) = (x - 1) (x - 2) p(w), but without x - 2 below 1 and without x - 1 from 2 on, for x = 2^e (3/2 + w) with |w| ≤ 1/2
def lgamma_ratio(x):
    return mp.loggamma(x) / (1 if x < 1 else x - 2) / (1 if x > 2 else x - 1)


for e in (-1, 0, 1, 2):
    fit(f"lgamma{e}", lambda w: lgamma_ratio(2**e * (w + 1.5)), range(10), -0.5, 0.5, lambda w: 1 / lgamma_ratio(2**e * (w + 1.5)))

# digamma(x) = (x - zero) p(w), but p(w) from 2 on
ZERO = mp.findroot(mp.digamma, 1.46)


def digamma_ratio(x):
    return mp.digamma(x) / (1 if x > 2 else x - ZERO)


for e in (0, 1, 2):
    fit(f"digamma{e}", lambda w: digamma_ratio(2**e * (w + 1.5)), range(10), -0.5, 0.5, lambda w: 1 / digamma_ratio(2**e * (w + 1.5)))

# sin(πu) / π = u + u³ p(u²) and cos(πu) = 1 + u² p(u²) for |u| ≤ 1/4
fit("sinPi", lambda u: (mp.sinpi(u) / mp.pi / u - 1) / u**2, range(4), 1e-3, 0.25, lambda u: u**3 * mp.pi / mp.sinpi(u), lambda u: u * u)
fit("cosPi", lambda u: (mp.cos(mp.pi * u) - 1) / u**2, range(4), 1e-3, 0.25, lambda u: u**2 / mp.cos(mp.pi * u), lambda u: u * u)
