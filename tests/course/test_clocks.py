"""Cells that teach from a measurement: on a busy machine they teach the same, or say that the machine is busy."""

import contextlib
import importlib
import re
from pathlib import Path

import numpy as np
import pytest

from tito import notebooks
from tito.draw import steady
from tito.workspace import Workspace

COURSE = Workspace.find(Path(__file__).parents[2])
OTHER_WAYS = {"benchmarking": "noise is what it is about"}  # modules that measure in ways of their own, and which
MODULES = [module for module in COURSE.course.modules if module not in OTHER_WAYS]
CLOCK = re.compile(r"perf_counter\(|process_time\(|time_call\(|Stopwatch\(|Timeline\(|draw\.repeats\(")
SAYS = re.compile(r"draw\.(in_turns|typical|fastest)\(")  # each looks at several rounds, and says so if they differ
THE_SAME = {  # a cell that need not say so, and why what it teaches holds on a busy machine, too
    ("setup", "picture_repeats"): "that calls are disturbed is what it shows",
    ("cnn", "draw-seven-loops"): "it prints one time, and compares it with nothing",
    ("kernels", "first_kernel"): "the fastest of several calls, where factors of ten lie between what is compared",
    ("mlp", "losses-train-test-rng-np-random-default"): "shares of an epoch, whose parts take turns batch by batch",
    ("data", "draw-shares"): "shares of ten epochs, whose parts take turns batch by batch",
    ("data", "draw-timeline"): "its disk and its model sleep",
    ("data", "draw-timeline-ahead"): "its disk and its model sleep",
}


def cells(module):
    return {cell["id"]: cell["source"] for cell in notebooks.load(COURSE.notebook(module))["cells"] if shown(cell)}


def shown(cell):
    return cell["cell_type"] == "code" and "explore" in cell["metadata"].get("tags", [])


def test_every_cell_with_a_clock_says_that_the_machine_is_busy_or_teaches_the_same():
    silent = {
        (module, name)
        for module in MODULES
        for name, text in cells(module).items()
        if CLOCK.search(text) and not SAYS.search(text)
    }
    assert silent == set(THE_SAME)


MEASURED = {  # what draws -> its module; a number in its cell, and a smaller one; seconds, from what is drawn
    "race": ("setup", "10**k", "k", lambda sizes, loop, by_numpy: [*loop, *by_numpy]),
    "access_times": ("tensor", "16_000_000", "16_000", lambda steps, each: np.divide(each, steps)),
    "throughput": ("mlp", "2048", "16", lambda batches, speeds, _: np.divide(batches, speeds)),
    "speeds": ("cnn", "128", "1", lambda seconds, _: list(seconds.values())),
}
LATE = {  # how many ticks a look at the clock comes after the one before
    "quiet": lambda chance: 1,
    "now and then": lambda chance: 30 if chance.random() < 0.1 else 1,
    "always": lambda chance: chance.uniform(1, 5),
}


class Clock:
    """Every call that is measured takes one tick on it; on a busy machine longer, now and then or always."""

    def __init__(self, late):
        self.now, self.late, self.chance = 0.0, late, np.random.default_rng(0)

    def perf_counter(self):
        self.now += self.late(self.chance)
        return self.now

    def time_call(self, call, repeats):
        return np.median([-self.now + self.perf_counter() for _ in range(repeats)])


def spread(name, text, clock, monkeypatch):
    """The slowest call in the picture, over the fastest: on a machine that nobody disturbs, 1."""
    module, _, _, seconds_of = MEASURED[name]
    found, space = [], dict(vars(importlib.import_module(f"tinytorch.core.{module}")))
    (imports,) = [cell["source"] for cell in notebooks.load(COURSE.notebook(module))["cells"] if is_imports(cell)]
    with contextlib.chdir(COURSE.notebook(module).parent):
        exec(imports, space)
    monkeypatch.setattr(steady, "time", clock)
    monkeypatch.setattr(space["draw"], name, lambda *drawn: found.append(seconds_of(*drawn)))
    exec(text, space | {"time": clock, "perf_counter": clock.perf_counter, "time_call": clock.time_call})
    return max(found[0]) / min(found[0])


def is_imports(cell):
    return cell["id"] == "notebook_imports"


@pytest.mark.parametrize("late", LATE)
@pytest.mark.parametrize("name", MEASURED)
def test_calls_that_take_as_long_are_drawn_so_or_the_machine_is_called_busy(name, late, monkeypatch, capsys):
    module, large, small, _ = MEASURED[name]
    (text,) = [text for text in cells(module).values() if f"draw.{name}(" in text]
    assert large in text
    found = spread(name, text.replace(large, small), Clock(LATE[late]), monkeypatch)
    said = "Your machine is busy" in capsys.readouterr().out
    assert said or found < 1.3, found
    assert late != "quiet" or (found, said) == (pytest.approx(1), False)


def test_a_cell_that_measures_once_would_be_found(monkeypatch):
    once = "draw.speeds(dict(zip('abcdef', [time_call(None, 1) for _ in range(6)])), 1)"
    assert spread("speeds", once, Clock(LATE["always"]), monkeypatch) > 1.3
