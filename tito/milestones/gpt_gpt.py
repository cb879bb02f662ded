"""`tito milestone gpt`: a GPT with the user's own attention, autograd and optimizer reads nine tenths of Shakespeare's
plays, character by character, and is asked about the last tenth. benchmarks/milestone_gpt.py measures it.
"""

import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np

from tito.milestones.recipe import Progress, Written

TARGET = 1.80  # of the loss, in nats for a character
EPOCHS, BATCH, SEED = 4, 16, 0
CONTEXT, WIDTH, HEADS, LAYERS = 64, 96, 4, 3
LEARNING_RATE = 4e-3
SETTINGS = ["EPOCHS", "BATCH", "SEED", "CONTEXT", "WIDTH", "HEADS", "LAYERS", "LEARNING_RATE"]
PROMPT, SAMPLE, TEMPERATURE, TOP_K = "KING RICHARD:\n", 900, 0.8, 20


def run(data: Path, report: Callable[[Progress], None] = lambda progress: None, epochs: int = EPOCHS) -> Written:
    """Train on the text in the folder `data` with the user's `tinytorch.core.gpt`.

    data: folder with input.txt, as published
    report: called after every step
    epochs: how many times as many characters as there are pass by; the windows are drawn at random
    Raises what the user's model and optimizer raise.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # the matrices are small: a second thread would wait for the first more than it helps
        return _train(read(data), report, epochs)


def read(data: Path) -> str:
    return (Path(data) / "input.txt").read_text(encoding="utf-8")


def split(tokens: np.ndarray) -> list[np.ndarray]:
    """What the model learns from, and the last tenth, which it never sees."""
    return np.split(tokens, [len(tokens) * 9 // 10])


def _train(text, report, epochs):
    from tinytorch.core.gpt import GPT, Vocabulary, learn

    vocabulary = Vocabulary(text)
    tokens = vocabulary.encode(text)
    train, val = split(tokens)
    model = GPT(len(vocabulary), CONTEXT, WIDTH, HEADS, LAYERS, np.random.default_rng(SEED))
    in_epoch = max(1, len(train) // (BATCH * CONTEXT))
    steps, recent, curves, start, asked = epochs * in_epoch, [], [], time.perf_counter(), 0.0

    def note(step, loss):
        nonlocal asked
        recent.append(loss)
        seconds = time.perf_counter() - start - asked
        left = seconds / step * (steps - step)
        mean = float(np.mean(recent[-50:]))
        report(Progress(min((step - 1) // in_epoch + 1, epochs), epochs, step, steps, mean, None, seconds, left))
        if step % max(1, steps // 20) == 0:
            before = time.perf_counter()
            curves.append({"step": step, "loss": mean, "val_loss": loss_on(model, val[:10_000]), "seconds": seconds})
            asked += time.perf_counter() - before

    learn(model, train, steps, BATCH, LEARNING_RATE, np.random.default_rng(SEED + 1), note)
    seconds = time.perf_counter() - start - asked
    size = sum(parameter.size for parameter in model.parameters())
    sample = written(model, vocabulary)
    return Written(
        loss_on(model, val), TARGET, seconds, epochs, size, True, tuple(curves), sample, kept(model, vocabulary)
    )


def kept(model, vocabulary) -> dict[str, np.ndarray]:
    """All that `load` needs, as arrays."""
    from tinytorch.core.training import state_dict

    block = model.blocks[0].attention
    sizes = [model.context, block.query.weight.shape[0], block.heads, len(model.blocks)]
    return {"characters": np.array(vocabulary.characters), "sizes": np.array(sizes)} | {
        f"of.{name}": array for name, array in state_dict(model).items()
    }


def load(path: Path) -> tuple:
    """The model and the vocabulary that were kept at `path`, an npz file."""
    from tinytorch.core.gpt import GPT, Vocabulary
    from tinytorch.core.training import load_arrays, load_state_dict

    arrays = load_arrays(path)
    vocabulary = Vocabulary(str(arrays["characters"]))
    model = GPT(len(vocabulary), *map(int, arrays["sizes"]))
    load_state_dict(model, {name[3:]: array for name, array in arrays.items() if name.startswith("of.")})
    return model, vocabulary


def monitor(vocabulary, data: Path):
    """What watches the prompts of a served model: tito/milestones/gpt_watched.py."""
    from tito.milestones.gpt_watched import PromptMonitor

    train, _ = split(vocabulary.encode(read(data)))
    return PromptMonitor(train, vocabulary.characters)


def server(model, vocabulary, port: int, monitor=None):
    """A server for the page of tito/milestones/gpt_page.py, at a port of this machine: `.run()` starts it."""
    from tinytorch.core.mlops import make_server

    from tito.milestones.gpt_page import app_of

    return make_server(app_of(model, vocabulary, monitor), port)


def comparisons(path: Path, data: Path) -> dict:
    """What other modules of the user say of the model kept at `path`: name of a module → a function that asks it."""
    from tito.milestones.gpt_compared import cache_gain, step_profile, whole_numbers

    def kept_parts():
        model, vocabulary = load(path)
        return model, *split(vocabulary.encode(read(data)))

    def profile():
        model, train, _ = kept_parts()
        return step_profile(model, train)

    def with_a_cache():
        model, _, val = kept_parts()
        return cache_gain(model, val)

    def in_int8():
        return whole_numbers(*kept_parts(), loss_on)

    return {"profiling": profile, "benchmarking": with_a_cache, "compression": in_int8}


def loss_on(model, tokens: np.ndarray) -> float:
    """The mean loss over all characters of `tokens` but the first, in windows that lie side by side."""
    from tinytorch.core.autograd import no_grad
    from tinytorch.core.gpt import next_token_loss, windows

    length = min(model.context, len(tokens) - 1)
    starts, losses = np.arange(0, len(tokens) - length, length), []
    with no_grad():
        for part in np.array_split(starts, max(1, len(starts) // 64)):
            losses.append((next_token_loss(model, *windows(tokens, part, length)).item(), len(part)))
    return float(np.average([loss for loss, _ in losses], weights=[count for _, count in losses]))


def written(model, vocabulary) -> str:
    """What the model writes after PROMPT, or, where the text has other characters, after its first one."""
    from tinytorch.core.gpt import stream

    prompt = PROMPT if set(PROMPT) <= set(vocabulary.characters) else vocabulary.characters[0]
    new = stream(model, vocabulary.encode(prompt), np.random.default_rng(SEED), TEMPERATURE, TOP_K)
    return prompt + vocabulary.decode(islice(new, SAMPLE))
