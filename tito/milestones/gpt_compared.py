"""What the user's own modules say of the GPT that was trained: profiling, where the time of a step goes; benchmarking,
what the cache gains; compression, what int8 costs.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np

WRITTEN, ROUNDS = 16, 25  # characters in a sample, and samples
ASKED = 20_000  # characters on which both losses are measured
SHOWN = 4  # operations of a profile


@dataclass(frozen=True)
class StepProfile:
    """The operations that take most of a training step's time: name → share."""

    shares: dict[str, float]

    def __str__(self):
        return "Of a step's time, " + ", ".join(f"{name} takes {share:.0%}" for name, share in self.shares.items())


@dataclass(frozen=True)
class CacheGain:
    """Seconds for a character, reading all again and with a cache; how many times as long, and the interval of that."""

    again: float
    cached: float
    ratio: float
    low: float
    high: float
    same_text: bool

    def __str__(self):
        both = f"{1e3 * self.again:.2f} ms if all is read again, {1e3 * self.cached:.2f} ms with a cache"
        gain = f"{self.ratio:.1f} times as long ({self.low:.1f} to {self.high:.1f})"
        return f"A character takes {both}: {gain}, for {'the same' if self.same_text else 'ANOTHER'} text"


@dataclass(frozen=True)
class WholeNumbers:
    """The loss on so many characters, and the bytes, of the model in float32 and with its linear layers in int8."""

    loss: float
    int8_loss: float
    nbytes: int
    int8_nbytes: int
    characters: int

    def __str__(self):
        sizes = f"{self.nbytes / 1e6:.2f} MB in float32, {self.int8_nbytes / 1e6:.2f} MB with linear layers in int8"
        return f"{sizes}; validation loss {self.loss:.4f} and {self.int8_loss:.4f} on {self.characters:,} characters"


def step_profile(model, tokens: np.ndarray, steps: int = 3) -> StepProfile:
    """Profile some steps forward and backward, after one that does not count."""
    from threadpoolctl import threadpool_limits
    from tinytorch.core.gpt import next_token_loss, windows
    from tinytorch.core.profiling import Profiler, totals

    def step():
        starts = np.random.default_rng(0).integers(0, len(tokens) - model.context, 16)
        model.zero_grad()
        next_token_loss(model, *windows(tokens, starts, model.context)).backward()

    with threadpool_limits(1):
        step()
        with Profiler() as profile:
            for _ in range(steps):
                step()
    rows = totals(profile.events)
    whole = sum(row["seconds"] for row in rows)
    return StepProfile({row["name"]: row["seconds"] / whole for row in rows[:SHOWN]})


def cache_gain(model, tokens: np.ndarray) -> CacheGain:
    """Write as many characters as fit after a prompt that leaves room for them, on both ways, again and again."""
    from tinytorch.core.benchmarking import Suite, compare
    from tinytorch.core.gpt import generate, stream

    count = min(WRITTEN, model.context // 2)
    prompt = [int(token) for token in tokens[: model.context - count]]

    def cached():
        return list(islice(stream(model, prompt, np.random.default_rng(0), temperature=0), count))

    def again():
        return generate(model, prompt, count, np.random.default_rng(0), temperature=0)[len(prompt) :]

    suite = Suite(rounds=ROUNDS)
    suite.add("with a cache", cached)
    suite.add("read again", again)
    quick, slow = (result.seconds for result in suite.run().values())
    found = compare(quick, slow)
    seconds = (float(np.median(each)) / count for each in (slow, quick))
    return CacheGain(*seconds, found.ratio, found.low, found.high, cached() == again())


def whole_numbers(model, train: np.ndarray, val: np.ndarray, loss_on: Callable) -> WholeNumbers:
    """Put the linear layers into int8, with the ranges that their inputs have on windows of the training text.

    loss_on: takes a model and tokens, returns the mean loss
    """
    from tinytorch.core.training import state_dict

    small, some = in_int8(model, train), val[:ASKED]
    sizes = (sum(array.nbytes for array in state_dict(each).values()) for each in (model, small))
    return WholeNumbers(loss_on(model, some), loss_on(small, some), *sizes, len(some))


def in_int8(model, tokens: np.ndarray):
    """A copy of `model` with its linear layers in int8. tokens: some that it has learned from."""
    from tinytorch.core.compression import QuantizedLinear, calibrate
    from tinytorch.core.gpt import windows
    from tinytorch.core.mlp import Linear, Module
    from tinytorch.core.tensor import Tensor

    class Rows(Module):
        """A layer for rows, which gets the rows of all texts of a batch as one matrix."""

        def __init__(self, layer):
            self.layer = layer

        def forward(self, x):
            out = self.layer(x.reshape(-1, x.shape[-1]))
            return out.reshape(*x.shape[:-1], -1)

    starts = np.random.default_rng(0).integers(0, len(tokens) - model.context, (8, 16))
    ranges = calibrate(model, (Tensor(windows(tokens, some, model.context)[0]) for some in starts))
    small = copy.deepcopy(model)
    for name, (low, high) in ranges.items():
        *path, last = name.split(".")
        owner = small
        for part in path:
            owner = owner[int(part)] if part.isdigit() else getattr(owner, part)
        layer = getattr(owner, last)
        if isinstance(layer, Linear):
            setattr(owner, last, Rows(QuantizedLinear.from_float(layer, low, high)))
    return small
