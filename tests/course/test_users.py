"""Modules use each other: where a student's own module is broken, a check of a later module says so."""

import contextlib
from functools import cache

import numpy as np
import pytest
from tinytorch.core import kernels
from tinytorch.core.cnn import Flatten
from tinytorch.core.mlp import Linear, Sequential
from versions import TESTED, WORKSPACE, source_of

from autograder.judging.slips import imported_modules
from autograder.judging.source import HIDDEN, without
from tito.checks import CheckFailed
from tito.manifest import load_yaml
from tito.uses import modules_imported

# gpt's notebook imports kernels as plain Python, if it is first: here it is compiled, for the tests after these, too.
assert kernels.NJIT

BROKEN = [  # a check of a later module, an earlier module, and what is there in place of one of its definitions
    ("compression", "check_drop_units", "profiling", "bottleneck", lambda row, machine: ("compute", 0.0)),
    ("compression", "check_drop_units", "profiling", "totals", lambda events, key="name": []),
    ("compression", "check_drop_units", "profiling", "watch", lambda model, profile: model),
    ("compression", "check_drop_units", "profiling", "operation_flops", lambda *call: 1),
    ("compression", "check_drop_units", "profiling", "traffic", lambda inputs, blocks: 0),
    ("mlops", "check_bundle", "config", "fingerprint", lambda config: "f" * 12),
    ("mlops", "check_bundle", "config", "stream", lambda seed, name: np.random.default_rng(seed)),
    ("mlops", "check_bundle", "config", "build_model", lambda config: Sequential(Flatten(), Linear(4, 2))),
    ("mlops", "check_Deployment", "benchmarking", "exit_code", lambda comparisons: 0),
    ("mlops", "check_Deployment", "benchmarking", "check_regressions", lambda baseline, current: {}),
    ("mlops", "check_Deployment", "benchmarking", "verdict", lambda low, high, tolerance: "same"),
    ("mlops", "check_Deployment", "benchmarking", "take_turns", lambda functions, rounds, *rest: rounds_of(functions)),
    ("mlops", "check_Deployment", "benchmarking", "time_calls", lambda function, *rest: function() or 1.0),
    ("gpt", "check_GPT", "kernels", "softmax", lambda x, axis=-1: x),
    ("gpt", "check_GPT", "kernels", "softmax_rows", lambda x, out: out.fill(0.5)),
    ("gpt", "check_GPT", "kernels", "layer_norm", lambda x, weight, bias: x),
    ("gpt", "check_GPT", "kernels", "layer_norm_rows", lambda x, weight, bias, eps, out: out.fill(1)),
    ("gpt", "check_GPT", "kernels", "gemm", lambda a, b, out, start, stop, block: out.fill(1)),
    ("gpt", "check_GPT", "kernels", "pack", lambda x, dtype: np.ones((-(-len(x) // 4) * 4, x.shape[1]), dtype)),
]


def rounds_of(functions):
    """Ten rounds, in which all functions take the same time."""
    return np.ones((10, len(functions)))


@cache
def before(module, check):
    """The texts that a notebook needs before a check, compiled, and what a student sees of the check."""
    texts = []
    for cell in source_of(module).notebook.cells:
        if cell.id == check:
            return texts, compile(without(cell.source, HIDDEN), check, "exec")
        if cell.source.startswith("#| export") or cell.id == "notebook_imports":
            texts.append(compile(cell.source, cell.id, "exec"))
    raise KeyError(check)


def run_check(module, check):
    """What a student sees who runs the check, after the cells before it."""
    texts, asked = before(module, check)
    space = {"__name__": "notebook"}
    with contextlib.chdir(source_of(module).path.parent):
        for text in [*texts, asked]:
            exec(text, space)


@pytest.mark.parametrize(("module", "check"), sorted({row[:2] for row in BROKEN}))
def test_a_check_holds_on_modules_that_are_right(module, check):
    run_check(module, check)


@pytest.mark.parametrize(
    ("module", "check", "earlier", "name", "instead"), BROKEN, ids=["-".join(row[2:4]) for row in BROKEN]
)
def test_a_check_fails_on_an_earlier_module_that_is_broken(module, check, earlier, name, instead, monkeypatch):
    monkeypatch.setattr(f"tinytorch.core.{earlier}.{name}", instead)
    with pytest.raises((CheckFailed, ArithmeticError, LookupError, ValueError)):
        run_check(module, check)


def test_somebody_uses_each_module_of_the_template():
    """A later notebook or a milestone; and the story, in which all modules are at work."""
    rows = load_yaml(WORKSPACE.root / "course.yml", "the template's manifest")["modules"]
    names = {row["name"] for row in rows} & set(TESTED)
    notebooks = set().union(*(imported_modules(source_of(later)) for later in TESTED))
    milestones, story = (
        set().union(*map(modules_imported, folder.glob("*.py")))
        for folder in (WORKSPACE.root / "tito" / "milestones", WORKSPACE.tests / "integration")
    )
    assert names <= notebooks | milestones
    assert names <= story


def test_modules_that_only_one_notebook_uses_are_missed_where_they_are_broken():
    assert {"config", "profiling", "kernels", "benchmarking"} == {row[2] for row in BROKEN}
