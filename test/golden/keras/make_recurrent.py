"""`recurrent.json`: Keras's recurrent layers, with gradients. `python make_recurrent.py`, keras with jax, on the CPU, float32.

Each case: the layer's weights as Keras lists them (kernel, recurrent kernel, bias), an input [batch, time, features],
all outputs, the last carry, and the gradients of sum(outputs * cotangent) + sum(last carry) for the weights and the
input. `lengths` marks padded sequences. The GRU is `reset_after`, Keras's default.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "jax"
import jax
import jax.numpy as jnp
import keras
import numpy as np

rng = np.random.default_rng(7)


def array(x):
    x = np.asarray(x)
    return {"shape": list(x.shape), "data": [float(str(v)) for v in x.reshape(-1)]}


def case(kind, reverse=False, lengths=None):
    make = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[kind]
    layer = make(4, return_sequences=True, return_state=True, go_backwards=reverse, zero_output_for_mask=True)
    layer.build((2, 5, 3))
    weights = [jnp.asarray(rng.normal(size=w.shape) * 0.6, jnp.float32) for w in layer.trainable_variables]
    seeds = [v.value for v in layer.non_trainable_variables]  # of dropout, which there is none of
    x = jnp.asarray(rng.normal(size=(2, 5, 3)), jnp.float32)
    cotangent = jnp.asarray(rng.normal(size=(2, 5, 4)), jnp.float32)
    mask = None if lengths is None else jnp.arange(5)[None] < jnp.asarray(lengths)[:, None]

    def run(weights, x):
        out, _ = layer.stateless_call(weights, seeds, x, mask=mask)
        ys, last = out[0], out[1:]
        return (ys[:, ::-1] if reverse else ys), last  # Keras's outputs of a backward layer stand in its own order

    def loss(weights, x):
        ys, last = run(weights, x)
        return jnp.sum(ys * cotangent) + sum(jnp.sum(c) for c in last)

    ys, last = run(weights, x)
    gradients, x_gradient = jax.grad(loss, argnums=(0, 1))(weights, x)
    return {
        "kind": kind, "reverse": reverse, "lengths": lengths, "names": [w.name for w in layer.trainable_variables],
        "weights": [array(w) for w in weights], "x": array(x), "ys": array(ys), "last": [array(c) for c in last],
        "cotangent": array(cotangent), "gradients": [array(g) for g in gradients], "xGradient": array(x_gradient),
    }


cases = [case(k, r, n) for k in ("rnn", "lstm", "gru") for r, n in ((False, None), (True, None), (False, [3, 5]))]
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "recurrent.json"), "w") as f:
    f.write(json.dumps({"keras": keras.__version__, "jax": jax.__version__, "cases": cases}) + "\n")
