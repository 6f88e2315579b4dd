"""`nn.json`: activations, softmax and its kin, oneHot, norms, with gradients."""

import jax
import jax.nn as nn
import jax.numpy as jnp
import numpy as np

from common import case, f32

POINTS = np.float32([-1e4, -90, -30, -6, -3, -1.5, -1, -0.5, -1e-3, 0, 1e-3, 0.5, 1, 1.5, 2.9, 3, 5.9, 6, 7, 30, 90, 1e4])

ACTIVATIONS = {  # name: [(options, function)]
    "relu": [({}, nn.relu)], "relu6": [({}, nn.relu6)],
    "leakyRelu": [({}, nn.leaky_relu), ({"negativeSlope": 0.2}, lambda x: nn.leaky_relu(x, 0.2))],
    "elu": [({}, nn.elu), ({"alpha": 0.5}, lambda x: nn.elu(x, 0.5))],
    "selu": [({}, nn.selu)],
    "celu": [({}, nn.celu), ({"alpha": 2}, lambda x: nn.celu(x, 2.0))],
    "gelu": [({"approximate": True}, lambda x: nn.gelu(x, True)), ({"approximate": False}, lambda x: nn.gelu(x, False))],
    "silu": [({}, nn.silu)], "softplus": [({}, nn.softplus)], "logSigmoid": [({}, nn.log_sigmoid)], "sigmoid": [({}, nn.sigmoid)],
    "hardTanh": [({}, nn.hard_tanh)], "hardSigmoid": [({}, nn.hard_sigmoid)], "hardSwish": [({}, nn.hard_swish)],
    "softSign": [({}, nn.soft_sign)], "tanh": [({}, jnp.tanh)], "mish": [({}, nn.mish)],
    "squareplus": [({}, nn.squareplus)], "logOnePlusExp": [({}, lambda x: jnp.logaddexp(x, 0.0))],
}


def activations():
    out = [case(fn, f, [POINTS], options, grad=[0]) for fn, uses in ACTIVATIONS.items() for options, f in uses]
    x = f32(3, 4, seed=2)
    out += [case("glu", nn.glu, [x], grad=[0]), case("glu", lambda v: nn.glu(v, 0), [f32(4, 3)], {"axis": 0}, grad=[0])]
    with jax.enable_x64(True):
        wide = POINTS.astype(np.float64)
        out += [case(fn, f, [wide], options, grad=[0]) for fn, uses in ACTIVATIONS.items() for options, f in uses]
    return out


def softmaxes():
    inf = np.inf
    inputs = [f32(3, 4, seed=3), np.float32([[1000, 1001, 999]]), np.float32([[-inf, 0, 1]]), np.float32([[-1e30, 0, 1e30]])]
    out = []
    for x in inputs:
        out.append(case("softmax", nn.softmax, [x], grad=[0]))
        out.append(case("logSoftmax", nn.log_softmax, [x], grad=[0]))
    x = f32(2, 3, 2, seed=4)
    for axis in (0, 1):
        out.append(case("softmax", lambda v: nn.softmax(v, axis), [x], {"axis": axis}, grad=[0]))
        out.append(case("logSoftmax", lambda v: nn.log_softmax(v, axis), [x], {"axis": axis}, grad=[0]))
    out.append(case("standardize", nn.standardize, [f32(3, 5, seed=5)], {"axis": -1, "epsilon": 1e-5}, grad=[0]))
    return out


def one_hots():
    labels = np.int32([0, 2, 1, 3, -1])
    out = [case("oneHot", nn.one_hot, [labels, 3])]
    out.append(case("oneHot", lambda v, n: nn.one_hot(v, n, axis=0), [np.int32([[0, 2], [1, 1]]), 3], {"axis": 0}))
    out.append(case("oneHot", lambda v, n: nn.one_hot(v, n, dtype="int32"), [labels, 4], {"dtype": "int32"}))
    return out


def norms():
    x, zero = f32(3, 4, seed=6), np.zeros(3, np.float32)
    out = [case("norm", jnp.linalg.norm, [x], grad=[0])]
    for order in (1, 2, 3, np.inf, -np.inf, 0):
        options = {"ord": "Infinity" if order == np.inf else "-Infinity" if order == -np.inf else order, "axis": 1}
        out.append(case("norm", lambda v: jnp.linalg.norm(v, order, axis=1), [x], options, grad=[0]))
    options = {"axis": 0, "keepdims": True}
    out.append(case("norm", lambda v: jnp.linalg.norm(v, axis=0, keepdims=True), [x], options, grad=[0]))
    out.append(case("norm", jnp.linalg.norm, [zero], note="JAX's gradient at zero is NaN; Fluxion's may be 0", grad=[0]))
    return out


def layers():
    """Normalisation and attention written out, so that layers can be compared with them."""
    x, gain, bias = f32(2, 3, 4, seed=7), f32(4, seed=8), f32(4, seed=9)

    def layer_norm(v, g, b):
        mean, variance = v.mean(-1, keepdims=True), v.var(-1, keepdims=True)
        return (v - mean) / jnp.sqrt(variance + 1e-5) * g + b

    def rms_norm(v, g):
        return v / jnp.sqrt((v * v).mean(-1, keepdims=True) + 1e-5) * g

    q, k, v = f32(2, 5, 3, 4, seed=10), f32(2, 6, 3, 4, seed=11), f32(2, 6, 3, 4, seed=12)
    causal = {"isCausal": True}
    return [
        case("layerNorm", layer_norm, [x, gain, bias], {"epsilon": 1e-5}, grad=[0, 1, 2]),
        case("rmsNorm", rms_norm, [x, gain], {"epsilon": 1e-5}, grad=[0, 1]),
        case("dotProductAttention", nn.dot_product_attention, [q, k, v], {"layout": "BTNH"}, grad=[0, 1, 2]),
        case("dotProductAttention", lambda a, b, c: nn.dot_product_attention(a, b, c, is_causal=True),
             [q, k[:, :5], v[:, :5]], {"layout": "BTNH", **causal}, grad=[0, 1, 2]),
    ]


def cases():
    return [c for part in (activations, softmaxes, one_hots, norms, layers) for c in part()]
