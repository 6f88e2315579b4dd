"""Rows in PyTorch, on one thread. The harness talks to it in lines of JSON and has it take the time itself.

First it says which version it is, or what is missing. Then it is told which program to prepare, on which numbers,
and after that, as often as there are lines: how many steps to take and, where the last value is wanted, a file for it. It answers
with milliseconds and a loss. Arrays go through files.
"""

import json
import math
import sys
import time

try:
    import torch
except ImportError as error:
    print(json.dumps({"missing": str(error)}), flush=True)
    sys.exit(0)

torch.set_num_threads(1)


def start_clock():
    """Like clock.ts: the smaller of wall-clock and processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    return lambda: 1e3 * min(time.perf_counter() - wall, time.process_time() - cpu)


def lstm(given):
    """Two layers of LSTM, a dense layer on the last output, mean squared error, Adam."""
    batch, steps, inputs, units = (given[k] for k in ("batch", "time", "inputs", "units"))
    recurrent = torch.nn.LSTM(inputs, units, num_layers=2, batch_first=True)
    dense = torch.nn.Linear(units, 1)
    with torch.no_grad():
        for i, level in enumerate(given["levels"]):
            kernel = torch.tensor(level["kernel"]).reshape(-1, 4 * units)
            getattr(recurrent, f"weight_ih_l{i}").copy_(kernel.T)
            getattr(recurrent, f"weight_hh_l{i}").copy_(torch.tensor(level["recurrent"]).reshape(units, 4 * units).T)
            getattr(recurrent, f"bias_ih_l{i}").copy_(torch.tensor(level["bias"]))
            second = getattr(recurrent, f"bias_hh_l{i}")
            second.zero_().requires_grad_(False)  # the others have one bias
        dense.weight.copy_(torch.tensor(given["dense"]).reshape(1, units))
        dense.bias.zero_()
    x = torch.tensor(given["x"]).reshape(batch, steps, inputs)
    y = torch.tensor(given["y"]).reshape(batch, 1)
    learnt = [p for p in (*recurrent.parameters(), *dense.parameters()) if p.requires_grad]
    adam = torch.optim.Adam(learnt, lr=given["rate"], betas=(given["b1"], given["b2"]), eps=given["eps"])

    def step():
        adam.zero_grad()
        loss = torch.nn.functional.mse_loss(dense(recurrent(x)[0][:, -1]), y)
        loss.backward()
        adam.step()
        return loss.item()

    return step


def floats(given, name, *shape):
    return torch.tensor(given[name], dtype=torch.float32).reshape(*shape)


def training(optimizer, loss):
    """A step: gradients of the loss, then the optimizer's."""

    def step():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        return value.item()

    return step


def cross_entropy(logits, labels):
    return -(labels * torch.log_softmax(logits, -1)).sum(-1).mean()


def lenet_model(given):
    """LeNet-5 with ReLU and max pooling: its parameters, and logits of the images given."""
    p = {k: floats(given["params"], k, *shape).requires_grad_() for k, shape in given["shapes"].items()}
    x = floats(given, "x", -1, 1, 28, 28)
    f = torch.nn.functional

    def layer(x, w, b):
        return f.max_pool2d(f.relu(f.conv2d(x, w, b)), 2)

    def forward():
        h = layer(layer(x, p["c1"], p["d1"]), p["c2"], p["d2"]).reshape(-1, 256)
        h = f.relu(f.relu(h @ p["w3"] + p["b3"]) @ p["w4"] + p["b4"])
        return h @ p["w5"] + p["b5"]

    return p.values(), forward


def lenet(given):
    """SGD with momentum."""
    params, forward = lenet_model(given)
    y = floats(given, "y", -1, 10)
    sgd = torch.optim.SGD(params, lr=given["rate"], momentum=given["momentum"])
    return training(sgd, lambda: cross_entropy(forward(), y))


def lenet_forward(given):
    return torch.no_grad()(lenet_model(given)[1])


def mlp(given):
    """A perceptron with one hidden layer, Adam."""
    inputs, hidden, classes = (given[k] for k in ("inputs", "hidden", "classes"))
    w1, w2 = floats(given, "w1", inputs, hidden), floats(given, "w2", hidden, classes)
    params = [p.requires_grad_() for p in (w1, torch.zeros(hidden), w2, torch.zeros(classes))]
    x, y = floats(given, "x", -1, inputs), floats(given, "y", -1, classes)
    adam = torch.optim.Adam(params, lr=given["rate"], betas=(given["b1"], given["b2"]), eps=given["eps"])
    w1, b1, w2, b2 = params
    return training(adam, lambda: cross_entropy(torch.relu(x @ w1 + b1) @ w2 + b2, y))


def function(f):
    """A function of the arrays given; its value is the result, read when it is asked for."""

    def prepare(given):
        args = [torch.from_file(a["file"], size=math.prod(a["shape"])).reshape(a["shape"]) for a in given["args"]]
        args = [a.clone() for a in args]

        @torch.no_grad()
        def step():
            return f(*args)

        return step

    return prepare


def chain(x):
    y = ((x * 1.5 + 0.25) * x - 0.5) * 0.9
    return ((y + x) * 0.3 - 0.1) * x + 1


def transcendental(x):
    y = torch.log(torch.exp(x * 0.5) + 1) * 1.2
    return torch.sin((torch.tanh(y) - 0.1) * x) + 0.5


def groups(x, w):
    """Windows that see a part of the channels make groups."""
    return x.shape[1] // w.shape[1]


def conv(x, w, stride=1):
    """Padded by half a window."""
    f = torch.nn.functional
    return f.conv2d(x, w, stride=stride, padding=w.shape[-1] // 2, groups=groups(x, w))


def attention(q, k, v):
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    return torch.softmax(scores, -1) @ v


def gradients(f, count):
    """Of a function with one number as its result, by its first arguments."""

    @torch.enable_grad()
    def g(*args):
        learnt = [a.detach().requires_grad_() for a in args[:count]]
        return torch.autograd.grad(f(*learnt, *args[count:]), learnt)

    return g


programs = {
    "lstm": lstm,
    "lenet": lenet,
    "lenet-forward": lenet_forward,
    "mlp": mlp,
    "matmul": function(torch.matmul),
    "softmax": function(lambda x: torch.softmax(x, -1)),
    "sum": function(torch.sum),
    "layer-norm": function(lambda x, g, b: torch.nn.functional.layer_norm(x, g.shape, g, b, 1e-5)),
    "attention": function(attention),
    "attention-gradient": function(gradients(lambda q, k, v, c: (attention(q, k, v) * c).sum(), 3)),
    "conv": function(conv),
    "conv-stride-2": function(lambda x, w: conv(x, w, 2)),
    "conv-input-gradient": function(lambda x, w, c: torch.nn.grad.conv2d_input(x.shape, w, c, padding=1, groups=groups(x, w))),
    "conv-kernel-gradient": function(lambda x, w, c: torch.nn.grad.conv2d_weight(x, w.shape, c, padding=1, groups=groups(x, w))),
    "conv-gradient": function(gradients(lambda x, w: conv(x, w).square().sum(), 2)),
    "embedding-gradient": function(gradients(lambda t, at: t[at.long()].square().sum(), 1)),
    "chain": function(chain),
    "transcendental": function(transcendental),
}


def read(value, file):
    """Losses are told; what functions return is written to a file, and how many numbers each result has is told."""
    if isinstance(value, float):
        return {"value": [value]}
    results = [value] if isinstance(value, torch.Tensor) else value
    with open(file, "wb") as out:
        for r in results:
            out.write(r.detach().contiguous().numpy().tobytes())
    return {"sizes": [r.numel() for r in results]}


def main():
    print(json.dumps({"version": torch.__version__}), flush=True)
    request = json.loads(sys.stdin.readline())
    step = programs[request["program"]](request["given"])
    for line in sys.stdin:
        count, *wanted = line.split()
        elapsed = start_clock()
        for _ in range(int(count)):
            value = step()
        answer = {"ms": elapsed()}
        if wanted:
            answer.update(read(value, wanted[0]))
        print(json.dumps(answer), flush=True)


main()
