"""Regenerate `test/golden/*.json`: `python make.py [topic ...]`. See README.md."""

import importlib
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = {
    "elementwise": "make_elementwise", "elementwise64": "make_elementwise", "integers": "make_integers",
    "casts": "make_integers", "reductions": "make_reductions", "nn": "make_nn", "losses": "make_losses",
    "optimizers": "make_optimizers", "conv": "make_conv", "contractions": "make_contractions",
    "indexing": "make_indexing", "structure": "make_structure",
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
    module = importlib.import_module(MODULES[topic])
    cases = getattr(module, topic)() if hasattr(module, topic) else module.cases()
    write(topic, cases)


if __name__ == "__main__":
    for topic in sys.argv[1:] or [*MODULES, "random"]:
        make(topic)
        size = os.path.getsize(os.path.join(HERE, f"{topic}.json"))
        print(f"{topic}: {size / 1024:.0f} KiB")
