"""Writes names.json: the public functions of NumPy and JAX, for the tables of names in docs/.

    python make_names.py
"""

import json
from inspect import isclass, ismodule
from pathlib import Path

import jax
import numpy


def functions(module, names=None):
    names = names if names is not None else dir(module)
    return sorted(
        n
        for n in names
        if n[0] != "_" and n[0].islower() and callable(getattr(module, n))
        and not isclass(getattr(module, n)) and not ismodule(getattr(module, n))
    )


ufuncs = [n for n in numpy.__all__ if isinstance(getattr(numpy, n), numpy.ufunc)]
names = {
    "numpy": sorted({*functions(numpy, numpy.__all__), *ufuncs}),
    "numpy.linalg": functions(numpy.linalg, numpy.linalg.__all__),
    "jax": functions(jax),
    "jax.lax": functions(jax.lax),
    "jax.nn": functions(jax.nn),
    "jax.nn.initializers": functions(jax.nn.initializers),
    "jax.random": functions(jax.random),
    "jax.tree": functions(jax.tree),
}
versions = {"numpy": numpy.__version__, "jax": jax.__version__}
Path(__file__).with_name("names.json").write_text(json.dumps({"versions": versions, **names}, indent=0) + "\n")
