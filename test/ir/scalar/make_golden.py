"""Writes golden.json: arguments and correctly rounded values of the special functions, by mpmath.

Usage: pip install mpmath && python make_golden.py [points per range] [file]
"""

import json
import random
import sys
from pathlib import Path

import mpmath as mp

mp.mp.dps = 50
points = int(sys.argv[1]) if len(sys.argv) > 1 else 24
target = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).with_name("golden.json")
rng = random.Random(20240607)


def uniform(low, high):
    return [rng.uniform(low, high) for _ in range(points)]


def logarithmic(low, high):
    return [10 ** rng.uniform(low, high) for _ in range(points)]


def both_signs(xs):
    return [s * x for x in xs for s in (1, -1)]


def near(centre, spread=1e-3):
    return [centre + s * 10 ** rng.uniform(-16, -3) / 1e-3 * spread for s in (1, -1) for _ in range(points // 2)]


def erfinv(x):
    """Newton's method on erfc of the exact 1 - |x| (mpmath's own loses digits in the tail)."""
    q = 1 - abs(mp.mpf(x))
    y = mp.findroot(lambda y: mp.log(mp.erfc(y)) - mp.log(q), mp.sqrt(max(mp.mpf("0.01"), -mp.log(q))) * 0.8)
    return mp.sign(x) * y


def erfinv_any(x):
    return mp.erfinv(x) if abs(x) < 0.9 else erfinv(x)


def lgamma(x):
    return mp.log(abs(mp.gamma(x))) if x < 0 else mp.re(mp.loggamma(x))


def polygamma(n, x):
    return mp.psi(n, x)


def zeta(s, q):
    with mp.workdps(400):  # mpmath's precision is absolute here
        return mp.zeta(s, q)


def igammac(a, x):
    with mp.workdps(80):
        return mp.gammainc(a, x, mp.inf, regularized=True)


def igamma(a, x):
    with mp.workdps(80):
        return mp.gammainc(a, 0, x, regularized=True)


def gamma_grad(a, x):
    """-(dP/da)/(dP/dx), by a central difference at 120 digits."""
    with mp.workdps(120):
        a, x, h = mp.mpf(a), mp.mpf(x), mp.mpf(10) ** -40
        slope = (mp.gammainc(a + h, 0, x, regularized=True) - mp.gammainc(a - h, 0, x, regularized=True)) / (2 * h)
        return -slope / mp.exp((a - 1) * mp.log(x) - x - mp.loggamma(a))


def table(f, xs):
    """[argument, value] pairs, less those whose value is not an ordinary float64 number."""
    rows = []
    for x in sorted(set(xs)):
        y = f(mp.mpf(x))
        if abs(y) < 1.7e308 and (y == 0 or abs(y) > 2.3e-308):
            rows.append([x, float(y)])
    return rows


def table2(f, pairs):
    rows = []
    for a, x in pairs:
        y = f(a, x)
        if 2.3e-308 < abs(y) < 1.7e308:
            rows.append([a, x, float(y)])
    return rows


def shapes():
    """(a, x) where x is a likely gamma sample of shape a."""
    pairs = []
    for low, high in ((-2, 0), (0, 2), (2, 4)):
        for a in logarithmic(low, high):
            x = rng.gammavariate(a, 1)
            if x > 1e-250:
                pairs.append((a, x))
    return pairs


tiny, huge = logarithmic(-307, -5), logarithmic(2, 300)
everywhere = both_signs(tiny + logarithmic(-5, 2) + huge)

golden = {
    "erf": table(mp.erf, both_signs(tiny + logarithmic(-5, 0) + uniform(0, 1.3) + uniform(1, 7))),
    "erfc": table(mp.erfc, both_signs(tiny + uniform(0, 1.3)) + uniform(0.7, 6) + uniform(2, 26.5) + [-x for x in uniform(0, 7)]),
    "erfInv": table(erfinv_any, both_signs(tiny + logarithmic(-5, 0) + uniform(0, 1) + [1 - y for y in logarithmic(-15, -1)])),
    "lgamma": table(lgamma, tiny + uniform(0, 3) + uniform(0, 10) + near(1) + near(2) + logarithmic(0, 4) + logarithmic(4, 304) + [-x for x in uniform(0, 8) + logarithmic(-10, 0)]),
    "digamma": table(mp.digamma, tiny + uniform(0, 3) + uniform(0, 12) + near(1.4616321449683622) + logarithmic(0, 300) + [-x for x in uniform(0, 8) + logarithmic(-10, 0)]),
    "trigamma": table(lambda x: mp.psi(1, x), logarithmic(-100, -1) + uniform(0, 3) + uniform(0, 30) + logarithmic(1, 300) + [-x for x in uniform(0, 8)]),
    "logistic": table(lambda x: 1 / (1 + mp.exp(-x)), both_signs(logarithmic(-10, 0) + uniform(0, 40) + uniform(0, 700))),
    "polygamma": table2(polygamma, [(n, x) for n in (1, 2, 3, 5, 8, 20, 60) for x in uniform(0.01, 4)[::3] + logarithmic(0, 5)[::3] + [-x for x in uniform(0, 5)[::3]]]),
    "hurwitzZeta": table2(zeta, [(s, q) for s in (1.01, 1.5, 2.0, 3.7, 11.0, 60.0) for q in uniform(0.01, 3)[::3] + logarithmic(0, 4)[::3]]),
    "igamma": table2(igamma, shapes()),
    "igammac": table2(igammac, shapes() + [(a, x) for a in (1e-10, 1e-3, 0.3) for x in logarithmic(-6, 1)[::3]]),
    "randomGammaGrad": table2(gamma_grad, shapes()),
}

if __name__ == "__main__":
    lines = [f'  "{name}": {json.dumps(rows, separators=(",", ":"))}' for name, rows in golden.items()]
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(target, {name: len(rows) for name, rows in golden.items()})
