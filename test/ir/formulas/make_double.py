"""Writes double.json: float64 arguments, the float64 nearest to the exact result, and how far it is off, in ulp.

Usage: pip install mpmath && python make_double.py
"""

import json
import math
import pathlib

import mpmath as mp

mp.mp.prec = 200

GOLDEN = (math.sqrt(5) - 1) / 2


def cbrt(x):
    return mp.sign(x) * mp.cbrt(abs(x))


# Functions, where samples are dense, and the arguments with the largest errors that were found.
FUNCTIONS = {
    "exp": (mp.exp, [(-745, 709), (-1, 1)], [40.98377626730485, 1.0, 709.78, -745.13, -740.5]),
    "expm1": (mp.expm1, [(-40, 709.7), (-1.5, 1.5)], [38.01280640178588, 0.40467029804131016, 709.78, 709.3, 1e-300]),
    "log": (mp.log, [(0, 4), (0.6, 1.6)], [1.5593469062211285, 5e-324, 1e-310, 1.7976931348623157e308]),
    "log1p": (mp.log1p, [(-1, 3), (-0.5, 0.5)], [-0.38932263621882157, 1e-9, -1e-9, 1e-20, 1e300, 5e-324]),
    "sin": (mp.sin, [(-1e6, 1e6), (-7, 7)], [5.470405252287492, math.pi, 355.0, 1e-8, 1e-300, 103993.0, 710.0]),
    "cos": (mp.cos, [(-1e6, 1e6), (-7, 7)], [3.8934113542077284, math.pi / 2, 11.0, 1e-8, 344.0]),
    "tanh": (mp.tanh, [(-20, 20), (-1, 1), (0.5, 0.7)], [0.5741459544958417, 1e-300, 0.55, 21.9]),
    "tan": (mp.tan, [(-1e6, 1e6), (-7, 7)], [166838.12945984746, 11.0, 355.0, 1e-8, 1e-300]),
    "sinh": (mp.sinh, [(-710, 710), (-2, 2)], [1.4039853849382666, 1.0, 710.4, 1e-300]),
    "cosh": (mp.cosh, [(-710, 710), (-2, 2)], [5.253111241518127, 1.0, 710.4, 1e-300]),
    "logistic": (lambda x: 1 / (1 + mp.exp(-x)), [(-740, 40), (-5, 5)], [-3.4642445134750233, -745.0]),
    "atan": (mp.atan, [(-4, 4), (-40, 40)], [-1.2938015286364344, 1e-9, 1e-300, 1e17, 1e300]),
    "asin": (mp.asin, [(-1, 1), (0.4, 0.6)], [0.50220500299458681, 1e-9, 1e-300, 0.9999999999999999]),
    "acos": (mp.acos, [(-1, 1), (0.4, 0.6)], [0.49276148313994961, 1e-9, 0.9999999999999999, -0.9999999999999999]),
    "asinh": (mp.asinh, [(-4, 4), (-1e3, 1e3)], [0.24393247920528616, 1e-8, 1e-300, 2.0**28, 1e300, 1.7976931348623157e308]),
    "acosh": (mp.acosh, [(1, 3), (1, 1e3)], [1.0078020341810614, 1 + 2**-52, 1 + 1e-9, 2.0**28, 1e300, 1.7976931348623157e308]),
    "atanh": (mp.atanh, [(-1, 1), (0.3, 0.5)], [-0.45126057266123426, 0.9999999999999999, 1e-8, 1e-300]),
    "cbrt": (cbrt, [(-8, 8), (0, 1e6)], [6.4137879856867853e-251, 27.0, -1e-3, 5e-324, 1e-310, 1.7976931348623157e308]),
    "erf": (mp.erf, [(-6, 6), (-1, 1)], [-0.87630702777574676, -0.95507820400410459, 0.875, 5.9, 1e-8, 1e-300]),
    "erfc": (mp.erfc, [(-6, 26), (0, 2)], [7.6961840142895719, 7.2303164595841167, 0.75, -0.75, 0.25, 26.5, 27.2, 1e-300]),
}


def row(f, x):
    exact = f(mp.mpf(x))
    nearest = float(exact)
    return [x, nearest, round(float((exact - mp.mpf(nearest)) / math.ulp(nearest)), 3)]


def rows(f, ranges, others):
    xs = [lo + (hi - lo) * ((k * GOLDEN) % 1) for lo, hi in ranges for k in range(1, 61)]
    return [row(f, x) for x in xs + others]


def power_rows():
    """Over bases and exponents of moderate size, and where the result is nearly infinite or nearly 0."""
    pairs = [(-1.5525359348500842, 97.0), (1 + 1e-9, 7e11), (2.0, -1074.0), (10.0, 308.0), (0.5, 1022.5)]
    for k in range(1, 31):
        u, v = (k * GOLDEN) % 1, (k * 0.7548776662466927) % 1
        pairs += [(4 * u, 40 * v - 20), (-(1 + u), float(round(100 * v))), (u * 1e-300, 3.4 * v)]
        pairs += [(b, (2040 * v - 1020) / math.log2(b)) for b in (1 + u * 1e-3, 100 * u)]
    out = []
    for x, y in pairs:
        exact = mp.re(mp.power(mp.mpf(x), int(y) if y == int(y) else mp.mpf(y)))
        nearest = float(exact)
        out.append([x, y, nearest, round(float((exact - mp.mpf(nearest)) / math.ulp(nearest)), 3)])
    return out


def angle_rows():
    """Of points everywhere, near and far from both axes."""
    pairs = [(-0.085156430554442331, 0.68065526924144937), (0.31643234476281901, 1.2608073973677021)]
    pairs += [(1e-300, 1.0), (1e-300, -1.0), (1.0, 1e-300), (1e308, 1.5e308), (1e-310, -3e-310), (1e-200, 1e200)]
    for k in range(1, 41):
        u, v = (k * GOLDEN) % 1, (k * 0.7548776662466927) % 1
        pairs += [(4 * u - 2, 4 * v - 2), (1e3 * u, v - 0.5), (u - 0.5, 1e9 * v), (u, 0.7 * u + 0.1 * v)]
    return [[y, x, *row(lambda y: mp.atan2(y, x), y)[1:]] for y, x in pairs]


golden = {name: rows(*spec) for name, spec in FUNCTIONS.items()}
golden["pow"] = power_rows()
golden["atan2"] = angle_rows()
path = pathlib.Path(__file__).with_name("double.json")
path.write_text("{\n" + ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in golden.items()) + "\n}\n")
