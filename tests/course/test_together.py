"""Modules stand on earlier ones: a check of the later one fails where the student's own earlier one is broken."""

import contextlib
from functools import cache

import numpy as np
import pytest
from tinytorch.core import kernels
from versions import source_of

from autograder.judging.source import HIDDEN, without
from tito.checks import CheckFailed

assert (
    kernels.NJIT
)  # compiled, also for the tests after these: gpt's notebook imports it as plain Python, if it is first

BROKEN = [  # a check of a later module, an earlier module, and what is there in place of one of its definitions
    ("compression", "check_drop_units", "profiling", "bottleneck", lambda row, machine: ("compute", 0.0)),
    ("compression", "check_drop_units", "profiling", "totals", lambda events, key="name": []),
    ("compression", "check_drop_units", "profiling", "watch", lambda model, profile: model),
    ("compression", "check_drop_units", "profiling", "operation_flops", lambda *call: 1),
    ("compression", "check_drop_units", "profiling", "traffic", lambda inputs, blocks: 0),
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
