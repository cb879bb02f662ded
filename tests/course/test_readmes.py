"""The modules' README files: their examples run, and their numbers are those of the notebook or of a log."""

import importlib
import re
from functools import cache
from pathlib import Path

import pytest

from tito import notebooks
from tito.notebooks import is_manual
from tito.workspace import Workspace

COURSE = Workspace.find(Path(__file__).parents[2])
RUN = "tensor", "mlp", "cnn", "autograd", "training"  # the others' take longer, or leave out what came before


@cache
def readme(module):
    return (COURSE.modules / module / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", RUN)
def test_its_example_runs_and_prints_what_stands_there(module, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", readme(module), re.DOTALL)
    exec(code.replace(".plot()", ""), {})  # whose library takes longer than all examples
    promised = re.findall(r"^# (\(.*)", code, re.MULTILINE)
    assert capsys.readouterr().out.splitlines() == promised
    assert (tmp_path / "points.npz").exists() == (module == "training")


@pytest.mark.parametrize("module", COURSE.course.modules)
def test_it_speaks_of_the_questions_that_there_are(module):
    asked = sum(map(is_manual, notebooks.load(COURSE.notebook(module))["cells"]))
    said = set(re.findall(r"(one|two)\s+questions?", readme(module).lower()))
    assert said == {{1: "one", 2: "two"}[asked]}


@pytest.mark.parametrize("module", COURSE.course.modules)
def test_its_minutes_are_those_of_the_course(module):
    minutes = COURSE.course.modules[module].minutes
    assert f"**Time**: about {minutes} minutes" in readme(module) or module == "setup"


def test_the_models_in_compression_are_those_of_the_log():
    """Right answers in percent, and kB of the saved file."""
    log = (COURSE.root / "benchmarks/compression.log").read_text(encoding="utf-8")
    measured = {
        (right, size_of(int(size.replace(",", ""))))
        for right, size in re.findall(r"(\d\d\.\d\d)%.*? ([\d,]{4,}) ", log)
    }
    said = set(re.findall(r"(\d\d\.\d\d) %(?:,| and) ([\d.,]+) kB", readme("compression")))
    assert len(said) == 11
    assert said <= measured


def size_of(size):
    return f"{size / 1000:,.1f}" if size < 10_000 else f"{size / 1000:,.0f}"


def test_the_small_files_of_data_hold_what_is_said():
    from tinytorch.core.data import CIFAR10, MNIST

    folder = COURSE.modules / "data"
    counts = {kind: [len(kind(folder / name, train)) for train in (True, False)] for kind, name in
              ((MNIST, "mnist"), (CIFAR10, "cifar-10"))}  # fmt: skip
    assert f"{sum(counts[MNIST]):,} digits in `mnist/`, and {sum(counts[CIFAR10])} colour images" in readme("data")


@pytest.mark.parametrize("module", [name for name in COURSE.course.modules if name not in ("setup", "gpt")])
def test_it_says_what_a_thing_is_called_in_pytorch(module):
    """gpt's notebook does so beside each thing; setup builds nothing that PyTorch has."""
    (rows,) = re.findall(r"## In PyTorch\n\n\| here .*\n\|[-|]+\n((?:\|.*\n)+)", readme(module))
    names = re.findall(r"(?m)^\| `(\w+)` \| .+ \| .+\. \|$", rows)
    assert len(names) == rows.count("\n") >= 3
    assert [name for name in names if not hasattr(importlib.import_module(f"tinytorch.core.{module}"), name)] == []
