"""`losses.json`: losses by formula, as Optax has them (unreduced: one value per example)."""

import jax
import jax.numpy as jnp
import numpy as np
import optax

from common import case, f32


def cross_entropy_integer(logits, labels):
    """logsumexp(logits) - logits[label]"""
    picked = jnp.take_along_axis(logits, labels[..., None], -1)[..., 0]
    return jax.scipy.special.logsumexp(logits, -1) - picked


def cross_entropy(logits, targets):
    """-sum(targets * logSoftmax(logits))"""
    return -(targets * jax.nn.log_softmax(logits, -1)).sum(-1)


def binary_cross_entropy(logits, labels):
    """-labels * logSigmoid(logits) - (1 - labels) * logSigmoid(-logits), elementwise"""
    return -labels * jax.nn.log_sigmoid(logits) - (1 - labels) * jax.nn.log_sigmoid(-logits)


def huber(predictions, targets, delta=1.0):
    """0.5 e² for |e| <= delta, else delta (|e| - 0.5 delta)"""
    e = jnp.abs(predictions - targets)
    quadratic = jnp.minimum(e, delta)
    return 0.5 * quadratic**2 + delta * (e - quadratic)


def squared_error(predictions, targets):
    return (predictions - targets) ** 2


def hinge(logits, labels):
    return jnp.maximum(0, 1 - logits * labels)


def kl_divergence(log_predictions, targets):
    """sum(targets * (log(targets) - logPredictions)), 0 log 0 = 0"""
    return (targets * (jnp.where(targets == 0, 0, jnp.log(jnp.where(targets == 0, 1, targets))) - log_predictions)).sum(-1)


def log_cosh(predictions, targets):
    e = predictions - targets
    return jnp.logaddexp(e, -e) - jnp.log(2.0).astype(e.dtype)


def cosine_similarity(x, y, epsilon=1e-8):
    unit = lambda v: v / jnp.maximum(jnp.linalg.norm(v, axis=-1, keepdims=True), epsilon)
    return (unit(x) * unit(y)).sum(-1)


def same_as_optax(logits, labels, soft, x, y):
    """The formulas above are Optax's."""
    close = lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    close(cross_entropy_integer(logits, labels), optax.softmax_cross_entropy_with_integer_labels(logits, labels))
    close(cross_entropy(logits, soft), optax.softmax_cross_entropy(logits, soft))
    close(binary_cross_entropy(x, (y > 0) * 1.0), optax.sigmoid_binary_cross_entropy(x, (y > 0) * 1.0))
    close(huber(x, y), optax.huber_loss(x, y))
    close(log_cosh(x, y), optax.log_cosh(x, y))
    close(hinge(x, np.sign(y)), optax.hinge_loss(x, np.sign(y)))
    close(cosine_similarity(x, y), optax.cosine_similarity(x, y, epsilon=1e-8))


def of_dtype(dtype):
    logits, labels = f32(5, 4, seed=1, scale=3).astype(dtype), np.int32([0, 3, 2, 1, 1])
    soft = np.asarray(jax.nn.softmax(f32(5, 4, seed=2)), dtype)
    x, y = f32(3, 4, seed=3, scale=2).astype(dtype), f32(3, 4, seed=4, scale=2).astype(dtype)
    same_as_optax(logits, labels, soft, x, y)
    binary = (y > 0).astype(dtype)
    extreme = np.array([[1000, 0, -1000], [-1e4, 1e4, 0]], dtype)
    log_p = np.asarray(jax.nn.log_softmax(logits), dtype)
    hard = np.eye(4, dtype=dtype)[labels]
    return [
        case("softmaxCrossEntropyWithIntegerLabels", cross_entropy_integer, [logits, labels], grad=[0]),
        case("softmaxCrossEntropyWithIntegerLabels", cross_entropy_integer, [extreme, labels[:2] % 3], grad=[0]),
        case("softmaxCrossEntropy", cross_entropy, [logits, soft], grad=[0, 1]),
        case("softmaxCrossEntropy", cross_entropy, [logits, hard], grad=[0]),
        case("sigmoidBinaryCrossEntropy", binary_cross_entropy, [x, binary], grad=[0]),
        case("sigmoidBinaryCrossEntropy", binary_cross_entropy, [extreme, np.ones_like(extreme)], grad=[0]),
        case("huberLoss", huber, [x, y], grad=[0, 1]),
        case("huberLoss", lambda a, b: huber(a, b, 0.5), [x, y], {"delta": 0.5}, grad=[0]),
        case("squaredError", squared_error, [x, y], grad=[0, 1]),
        case("l2Loss", lambda a, b: 0.5 * squared_error(a, b), [x, y], grad=[0]),
        case("absoluteError", lambda a, b: jnp.abs(a - b), [x, y], grad=[0]),
        case("hingeLoss", hinge, [x, np.sign(y)], grad=[0]),
        case("klDivergence", kl_divergence, [log_p, hard], grad=[0]),
        case("klDivergence", kl_divergence, [log_p, soft], grad=[0]),
        case("logCosh", log_cosh, [x, y], grad=[0]),
        case("cosineSimilarity", cosine_similarity, [x, y], {"epsilon": 1e-8}, grad=[0, 1]),
    ]


def cases():
    single = of_dtype(np.float32)
    with jax.enable_x64(True):
        return single + of_dtype(np.float64)
