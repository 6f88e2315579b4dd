"""`contractions.json`: matmul, dot, einsum, tensordot, inner, outer and kin, with gradients."""

import jax
import jax.numpy as jnp
import numpy as np

from common import case, f32, i32

MATMULS = [((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
           ((5, 2, 3), (5, 3, 4)), ((3,), (5, 3, 4)), ((5, 2, 3), (3,)), ((2, 1, 2, 3), (4, 3, 2)), ((1, 3), (3, 1)), ((2, 0), (0, 3))]
DOTS = [((), (3,)), ((), ()), ((2, 3), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((2, 2, 3), (4, 3, 2))]
EINSUMS = [
    ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 4)), ("ij->ji", (2, 3)), ("ii->i", (3, 3)),
    ("ii", (3, 3)), ("ij->", (2, 3)), ("ij->i", (2, 3)), ("i,i", (4,), (4,)), ("i,j->ij", (3,), (4,)), ("ij,ij->ij", (2, 3), (2, 3)),
    ("ij,kj->ik", (2, 3), (4, 3)), ("bhqd,bhkd->bhqk", (1, 2, 3, 4), (1, 2, 5, 4)), ("...ij,...jk->...ik", (2, 2, 3), (2, 3, 2)),
    ("...i,i->...", (2, 4, 3), (3,)), ("ij,jk,kl->il", (2, 3), (3, 4), (4, 2)), ("ijk,jil->kl", (2, 3, 4), (3, 2, 5)), ("bi,ijk,bk->bj", (2, 3), (3, 4, 2), (2, 2)),
    ("ijij->ij", (2, 3, 2, 3)), ("ij,jk->", (2, 3), (3, 4)), ("i...->...", (3, 2, 2)), ("ba", (2, 3)), ("ij,i->j", (3, 2), (3,)),
]
TENSORDOTS = [((2, 3, 4), (3, 4, 5), 2), ((2, 3), (3, 4), 1), ((2, 3), (4,), 0), ((2, 3, 4), (4, 2, 5), [[0, 2], [1, 0]]), ((2, 3), (2, 4), [[0], [0]])]


def arrays(*shapes, seed=0):
    return [f32(*s, seed=seed + i) for i, s in enumerate(shapes)]


def products(fn, f, pairs, seed):
    return [case(fn, f, arrays(*shapes, seed=seed + i), grad=[0, 1]) for i, shapes in enumerate(pairs)]


def einsums():
    """`args = [spec, ...operands]`."""
    out = []
    for i, (spec, *shapes) in enumerate(EINSUMS):
        grad = list(range(1, len(shapes) + 1))
        out.append(case("einsum", jnp.einsum, [spec, *arrays(*shapes, seed=200 + i)], grad=grad))
    return out


def tensordots():
    out = []
    for i, (a, b, axes) in enumerate(TENSORDOTS):
        out.append(case("tensordot", lambda x, y: jnp.tensordot(x, y, axes), arrays(a, b, seed=300 + i), {"axes": axes}, grad=[0, 1]))
    return out


def others():
    return [
        *products("inner", jnp.inner, [((3,), (3,)), ((2, 3), (4, 3)), ((2, 3), (3,))], 400),
        *products("outer", jnp.outer, [((3,), (4,)), ((2, 2), (3,))], 410),
        *products("vdot", jnp.vdot, [((2, 3), (2, 3))], 420),
        *products("kron", jnp.kron, [((2, 2), (2, 3))], 430),
        *products("cross", jnp.cross, [((2, 3), (2, 3)), ((3,), (3,))], 440),
        case("trace", jnp.trace, [f32(3, 4, seed=450)], grad=[0]),
        case("matmul", jnp.matmul, [i32(2, 3), i32(3, 2)]),
        case("matmul", jnp.matmul, [i32(2, 3, dtype=np.int8, low=-100, high=100), i32(3, 2, dtype=np.int8, low=-100, high=100)]),
        case("matmul", jnp.matmul, [f32(17, 33, seed=460), f32(33, 9, seed=461)]),
    ]


def doubles():
    with jax.enable_x64(True):
        x, y = (a.astype(np.float64) for a in arrays((3, 4), (4, 2), seed=500))
        return [case("matmul", jnp.matmul, [x, y], grad=[0, 1]), case("einsum", jnp.einsum, ["ij,jk->ki", x, y], grad=[1, 2])]


def cases():
    return [*products("matmul", jnp.matmul, MATMULS, 0), *products("dot", jnp.dot, DOTS, 100), *einsums(), *tensordots(), *others(), *doubles()]
