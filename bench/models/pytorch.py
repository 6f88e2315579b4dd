"""Rows in PyTorch, on one thread. The harness talks to it in lines of JSON and has it take the time itself.

First it says which version it is, or what is missing. Then it is told which program to prepare, on which numbers,
and after that, as often as there are lines: how many steps to take. It answers with milliseconds and the last loss.
"""

import json
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


programs = {"lstm": lstm}


def main():
    print(json.dumps({"version": torch.__version__}), flush=True)
    request = json.loads(sys.stdin.readline())
    step = programs[request["program"]](request["given"])
    for line in sys.stdin:
        elapsed = start_clock()
        for _ in range(int(line)):
            value = step()
        print(json.dumps({"ms": elapsed(), "value": value}), flush=True)


main()
