"""Regenerate `test/golden/*.json`: `python make.py [topic ...]`. See README.md."""

import importlib
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = {  # topic: (module, function)
    "elementwise": ("make_elementwise", "elementwise"), "elementwise64": ("make_elementwise", "elementwise64"),
    "integers": ("make_integers", "integers"), "casts": ("make_integers", "casts"),
    "reductions": ("make_reductions", "cases"), "nn": ("make_nn", "cases"), "losses": ("make_losses", "cases"),
    "optimizers": ("make_optimizers", "cases"), "conv": ("make_conv", "cases"),
    "contractions": ("make_contractions", "cases"), "indexing": ("make_indexing", "cases"),
    "structure": ("make_structure", "cases"), "images": ("make_images", "cases"),
    "init": ("make_init", "cases"),
}
NO_FMA = "--xla_cpu_max_isa=AVX"


def random_cases(flags):
    """The random cases, computed in a process of their own under `XLA_FLAGS=flags`."""
    code = "import json, make_random; print(json.dumps(make_random.cases()))"
    run = subprocess.run([sys.executable, "-c", code], cwd=HERE, env={**os.environ, "XLA_FLAGS": flags},
                         capture_output=True, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


def make_random():
    """Plain float32 arithmetic is the truth; where fused multiply-add differs, that is kept beside it."""
    from common import write
    plain, fused = random_cases(NO_FMA), random_cases("")
    for p, f in zip(plain, fused, strict=True):
        if p["out"] != f["out"]:
            p["outFma"] = f["out"]
    write("random", plain, partitionable=True)


def make(topic):
    if topic == "random":
        return make_random()
    from common import write
    module, function = SOURCES[topic]
    write(topic, getattr(importlib.import_module(module), function)())


if __name__ == "__main__":
    for topic in sys.argv[1:] or [*SOURCES, "random"]:
        make(topic)
        size = os.path.getsize(os.path.join(HERE, f"{topic}.json"))
        print(f"{topic}: {size / 1024:.0f} KiB")
