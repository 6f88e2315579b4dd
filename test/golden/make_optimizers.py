"""`optimizers.json`: ten steps on a small quadratic, by Optax (its conventions and defaults).

The objective is `0.5 * sum(scale * (x - target)²)`; `args = [x0, scale, target]`;
`out` is the trajectory x1 … x10, stacked: shape [10, ...x0.shape]. float64, so that conventions show.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax

from common import encode

STEPS = 10
X0, SCALE, TARGET = np.array([1.0, -2.0, 3.5]), np.array([1.0, 10.0, 0.1]), np.array([0.0, 1.0, -1.0])

OPTIMIZERS = [  # (fn, options, transformation)
    ("sgd", {"learningRate": 0.05}, optax.sgd(0.05)),
    ("sgd", {"learningRate": 0.05, "momentum": 0.9}, optax.sgd(0.05, momentum=0.9)),
    ("sgd", {"learningRate": 0.05, "momentum": 0.9, "nesterov": True}, optax.sgd(0.05, momentum=0.9, nesterov=True)),
    ("adam", {"learningRate": 0.1}, optax.adam(0.1)),
    ("adam", {"learningRate": 0.1, "b1": 0.8, "b2": 0.95, "eps": 1e-4}, optax.adam(0.1, b1=0.8, b2=0.95, eps=1e-4)),
    ("adam", {"learningRate": 0.1, "nesterov": True}, optax.adam(0.1, nesterov=True)),
    ("adamw", {"learningRate": 0.1, "weightDecay": 0.0001}, optax.adamw(0.1)),
    ("adamw", {"learningRate": 0.1, "weightDecay": 0.05}, optax.adamw(0.1, weight_decay=0.05)),
    ("rmsprop", {"learningRate": 0.05}, optax.rmsprop(0.05)),
    ("rmsprop", {"learningRate": 0.05, "decay": 0.8, "momentum": 0.5}, optax.rmsprop(0.05, decay=0.8, momentum=0.5)),
    ("rmsprop", {"learningRate": 0.05, "centered": True}, optax.rmsprop(0.05, centered=True)),
    ("adagrad", {"learningRate": 0.5}, optax.adagrad(0.5)),
    ("adadelta", {"learningRate": 1}, optax.adadelta(1.0)),
    ("adamax", {"learningRate": 0.1}, optax.adamax(0.1)),
    ("amsgrad", {"learningRate": 0.1}, optax.amsgrad(0.1)),
    ("nadam", {"learningRate": 0.1}, optax.nadam(0.1)),
    ("radam", {"learningRate": 0.1}, optax.radam(0.1)),
    ("lion", {"learningRate": 0.1, "weightDecay": 0.001}, optax.lion(0.1)),
    ("adabelief", {"learningRate": 0.1}, optax.adabelief(0.1)),
    ("lamb", {"learningRate": 0.1}, optax.lamb(0.1)),
    ("yogi", {"learningRate": 0.1}, optax.yogi(0.1)),
]

SCHEDULES = [
    ("exponentialDecay", {"init": 0.1, "transitionSteps": 3, "decayRate": 0.5}, optax.exponential_decay(0.1, 3, 0.5)),
    ("exponentialDecay", {"init": 0.1, "transitionSteps": 3, "decayRate": 0.5, "staircase": True},
     optax.exponential_decay(0.1, 3, 0.5, staircase=True)),
    ("cosineDecay", {"init": 0.1, "decaySteps": 8, "alpha": 0.1}, optax.cosine_decay_schedule(0.1, 8, 0.1)),
    ("linear", {"init": 0.1, "end": 0.01, "transitionSteps": 6}, optax.linear_schedule(0.1, 0.01, 6)),
    ("polynomial", {"init": 0.1, "end": 0.01, "power": 2, "transitionSteps": 6}, optax.polynomial_schedule(0.1, 0.01, 2, 6)),
    ("warmupCosineDecay", {"init": 0, "peak": 0.1, "warmupSteps": 4, "decaySteps": 12, "end": 0.001},
     optax.warmup_cosine_decay_schedule(0.0, 0.1, 4, 12, 0.001)),
    ("piecewiseConstant", {"init": 0.1, "boundaries": {"3": 0.5, "6": 0.1}}, optax.piecewise_constant_schedule(0.1, {3: 0.5, 6: 0.1})),
]


def objective(x):
    return 0.5 * jnp.sum(SCALE * (x - TARGET) ** 2)


def trajectory(transformation):
    x = jnp.asarray(X0)
    state, points = transformation.init(x), []
    for _ in range(STEPS):
        updates, state = transformation.update(jax.grad(objective)(x), state, x)
        x = optax.apply_updates(x, updates)
        points.append(x)
    return jnp.stack(points)


def clipping():
    g = jnp.array([3.0, -4.0, 0.5])
    by_norm = lambda limit: optax.clip_by_global_norm(limit).update(g, optax.clip_by_global_norm(limit).init(g))[0]
    return [encode({"fn": "clipByGlobalNorm", "args": [g, limit], "out": by_norm(limit)}) for limit in (1.0, 100.0)]


def cases():
    with jax.enable_x64(True):
        out = [encode({"fn": fn, "args": [X0, SCALE, TARGET], "options": options, "out": trajectory(transformation)})
               for fn, options, transformation in OPTIMIZERS]
        steps = np.arange(15)
        for fn, options, schedule in SCHEDULES:
            values = np.array([float(schedule(int(s))) for s in steps])
            out.append(encode({"fn": fn, "args": [steps.astype(np.int32)], "options": options, "out": values}))
        return out + clipping()
