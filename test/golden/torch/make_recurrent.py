"""`recurrent.json`: PyTorch's recurrent layers, with gradients. `python make_recurrent.py`, torch on the CPU, float64.

Each case: the layer's weights, an input [batch, time, features], all outputs, the last carry, and the gradients of
sum(outputs * cotangent) + sum(last carry) for the weights and the input. `lengths` marks packed (padded) sequences.
"""

import json
import os

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
NAMES = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]


def array(x):
    return {"shape": list(x.shape), "data": [round(v, 14) for v in x.detach().reshape(-1).tolist()]}


def case(kind, reverse=False, lengths=None):
    layer = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](3, 4, batch_first=True, bidirectional=reverse)
    names = [n + ("_reverse" if reverse else "") for n in NAMES]
    x = torch.randn(2, 5, 3, requires_grad=True)
    given = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False) if lengths else x
    ys, last = layer(given)
    if lengths:
        ys, _ = pad_packed_sequence(ys, batch_first=True, total_length=5)
    ys = ys[..., -4:]  # with two directions: the second
    last = [c[-1] for c in (last if isinstance(last, tuple) else (last,))]
    cotangent = torch.randn(*ys.shape)
    ((ys * cotangent).sum() + sum(c.sum() for c in last)).backward()
    weights = [getattr(layer, n) for n in names]
    return {
        "kind": kind, "reverse": reverse, "lengths": lengths, "weights": [array(w) for w in weights], "x": array(x),
        "ys": array(ys), "last": [array(c) for c in last], "cotangent": array(cotangent),
        "gradients": [array(w.grad) for w in weights], "xGradient": array(x.grad),
    }


cases = [case(k, r, n) for k in ("rnn", "lstm", "gru") for r in (False, True) for n in (None, [3, 5])]
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "recurrent.json"), "w") as f:
    f.write(json.dumps({"torch": torch.__version__.split("+")[0], "cases": cases}) + "\n")
