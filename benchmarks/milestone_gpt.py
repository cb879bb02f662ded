"""Loss and time of `tito milestone gpt` with the reference's model; a training step beside PyTorch's; a cache's gain.

    pip install torch      # only for the comparison; it is left out without torch
    tito data shakespeare && python benchmarks/milestone_gpt.py | tee benchmarks/milestone_gpt.log

Claims: a validation loss below 1.80 in under 5 minutes on a quiet machine, of which it keeps one core busy; a character
from a cache is written several times as fast as one for which the whole context is read. Last result:
milestone_gpt.log.
"""

import os
import platform
import time
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits
from tinytorch.core.gpt import GPT, generate, learn, stream, windows

from tito import datasets
from tito.milestones import gpt_gpt
from tito.workspace import Workspace

ROW = "step {step:5}: loss {loss:.3f}, of a part of the text it never saw {val_loss:.3f}, {seconds:.0f} s"
TURNS, COUNT = 15, 65


def take_turns(*jobs):
    """Milliseconds of processor's time of each job's fastest turn; they run one after the other, again and again."""
    times = [[] for _ in jobs]
    for _ in range(TURNS):
        for job, own in zip(jobs, times, strict=True):
            start = time.process_time()
            job()
            own.append(1000 * (time.process_time() - start))
    return [min(own) for own in times]


def batch(seed):
    tokens = np.random.default_rng(seed).integers(0, COUNT, 20_000)
    return windows(tokens, np.arange(gpt_gpt.BATCH) * 1000, gpt_gpt.CONTEXT)


def own_step():
    """A training step as the milestone takes it."""
    tokens = np.random.default_rng(0).integers(0, COUNT, 20_000)
    model = GPT(COUNT, gpt_gpt.CONTEXT, gpt_gpt.WIDTH, gpt_gpt.HEADS, gpt_gpt.LAYERS, np.random.default_rng(0))
    return lambda: learn(model, tokens, 1, gpt_gpt.BATCH, 1e-4, np.random.default_rng(1))


def torch_step():
    """The same step with PyTorch's layers, its own attention, and its fastest AdamW."""
    import torch
    import torch.nn.functional as F
    from torch import nn

    width, heads = gpt_gpt.WIDTH, gpt_gpt.HEADS

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x):
            parts = self.qkv(self.norm1(x)).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
            heard = F.scaled_dot_product_attention(*parts, is_causal=True).transpose(1, 2).flatten(2)
            x = x + self.out(heard)
            return x + self.down(F.relu(self.up(self.norm2(x))))

    torch.set_num_threads(1)
    places = torch.arange(gpt_gpt.CONTEXT)
    tables = nn.ModuleList([nn.Embedding(COUNT, width), nn.Embedding(gpt_gpt.CONTEXT, width)])
    rest = nn.Sequential(*[Block() for _ in range(gpt_gpt.LAYERS)], nn.LayerNorm(width), nn.Linear(width, COUNT))
    parameters = [*tables.parameters(), *rest.parameters()]
    optimizer = torch.optim.AdamW(parameters, 1e-4, (0.9, 0.99), weight_decay=0.1)
    inputs, targets = map(torch.from_numpy, batch(1))

    def step():
        optimizer.zero_grad()
        logits = rest(tables[0](inputs) + tables[1](places))
        F.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()

    return step


def compare_steps():
    with threadpool_limits(1):
        if find_spec("torch"):
            ours, theirs = take_turns(own_step(), torch_step())
            print(
                f"training step, one thread: {ours:.1f} ms, PyTorch {theirs:.1f} ms: {ours / theirs:.2f} times as long"
            )
        else:
            print(f"training step, one thread: {take_turns(own_step())[0]:.1f} ms (PyTorch is not installed)")


def compare_reading():
    """Milliseconds for a character, when the context is nearly full."""
    model = GPT(COUNT, 256, gpt_gpt.WIDTH, gpt_gpt.HEADS, gpt_gpt.LAYERS, np.random.default_rng(0))
    tokens, rng = np.random.default_rng(1).integers(0, COUNT, 240), np.random.default_rng(2)
    with threadpool_limits(1):
        cached = stream(model, tokens, rng)
        next(cached)
        start = time.process_time()
        list(islice(cached, 14))
        middle = time.process_time()
        generate(model, tokens, 14, rng)
        end = time.process_time()
    again, once = 1000 * (end - middle) / 14, 1000 * (middle - start) / 14
    print(f"a character after 240 others: {again:.2f} ms, all read again; {once:.2f} ms with a cache")


def main():
    workspace = Workspace.find(Path(__file__))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before it began"
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {machine}")
    compare_steps()
    compare_reading()
    cpu = time.process_time()
    result = gpt_gpt.run(datasets.folder(workspace, "shakespeare"))
    cpu = time.process_time() - cpu
    print(f"\n{result.epochs} epochs, seed {gpt_gpt.SEED}, {result.parameters:,} parameters")
    for point in result.curves:
        print(ROW.format(**point))
    print(f"validation loss {result.loss:.4f}, {result.seconds:.0f} s of training, {cpu:.0f} s of the processors' time")
    print(f"\n{result.sample}")


if __name__ == "__main__":
    main()
