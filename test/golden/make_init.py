"""`init.json`: `jax.nn.initializers`. Kernels are Fluxion's, [out, in, ...window]."""

import jax
import jax.nn.initializers as init
import jax.numpy as jnp
import numpy as np

from common import encode

MODES = {"fanIn": "fan_in", "fanOut": "fan_out", "fanAvg": "fan_avg", "fanGeoAvg": "fan_geo_avg"}
DISTRIBUTIONS = {"normal": "normal", "truncatedNormal": "truncated_normal", "uniform": "uniform"}


def drawn(fn, initializer, args, shape, seed, options=None):
    """`args` and `options` make the initialiser; `key` and `shape` are what it is called with."""
    key = jax.random.key(seed)
    record = {"fn": fn, "args": args, "key": np.asarray(jax.random.key_data(key)), "shape": list(shape)}
    if options:
        record["options"] = options
    return encode({**record, "out": initializer(key, shape, jnp.float32)})


def cases():
    out = [
        drawn("zeros", init.zeros, [], (2, 2), 0),
        drawn("ones", init.ones, [], (3,), 0),
        drawn("constant", init.constant(-1.5), [-1.5], (2,), 0),
        drawn("uniform", init.uniform(), [], (2, 3), 1),
        drawn("uniform", init.uniform(3.0), [3.0], (2, 3), 2),
        drawn("normal", init.normal(), [], (2, 3), 3),
        drawn("normal", init.normal(0.3), [0.3], (2, 3), 4),
        drawn("truncatedNormal", init.truncated_normal(), [], (2, 3), 5),
        drawn("truncatedNormal", init.truncated_normal(2.0, lower=-1.0, upper=0.5), [2.0], (2, 3), 6,
              {"lower": -1.0, "upper": 0.5}),
        drawn("orthogonal", init.orthogonal(), [], (3, 3), 7),
        drawn("orthogonal", init.orthogonal(2.0), [2.0], (2, 5), 8),
        drawn("orthogonal", init.orthogonal(column_axis=0), [1], (4, 2, 3), 9, {"columnAxis": 0}),
    ]
    families = [("glorotUniform", init.glorot_uniform), ("glorotNormal", init.glorot_normal),
                ("heUniform", init.he_uniform), ("heNormal", init.he_normal),
                ("lecunUniform", init.lecun_uniform), ("lecunNormal", init.lecun_normal)]
    for i, (name, family) in enumerate(families):
        out.append(drawn(name, family(), [], (5, 3), 20 + i))
        out.append(drawn(name, family(in_axis=1, out_axis=0), [], (4, 2, 2, 2), 30 + i, {"inAxis": 1, "outAxis": 0}))
    for i, (mode, jax_mode) in enumerate(MODES.items()):
        for j, (distribution, jax_distribution) in enumerate(DISTRIBUTIONS.items()):
            f = init.variance_scaling(1.7, jax_mode, jax_distribution, in_axis=1, out_axis=(0, 2), batch_axis=3)
            out.append(drawn("varianceScaling", f, [1.7, mode, distribution], (2, 3, 2, 2), 40 + 3 * i + j,
                             {"inAxis": 1, "outAxis": [0, 2], "batchAxis": 3}))
    return out
