"""Cells that ask a student to break something: what they promise happens, and no other cell notices."""

import ast
import contextlib
import copy
import importlib
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tito import notebooks
from tito.workspace import Workspace

COURSE = Workspace.find(Path(__file__).parents[2])
BREAK = "# Now break this"

PROMISED = [  # module, what stands there, what to write, what is printed before, and what after
    ("setup", "statistics.median(", "statistics.mean(", "1.0 s", "10.8 s"),
    (
        "tensor",
        "truth = arange(64).reshape(64, 1)",
        "truth = arange(64)",
        "(64, 1) mean of the squared errors: 0.0",
        "(64, 64) mean of the squared errors: 682.5",
    ),
    (
        "autograd",
        "square = square * 0.5",
        "square.data *= 0.5",
        "sum 7.0  gradient [1. 2. 3.]",
        "sum 7.0  gradient [2. 4. 6.]",
    ),
    ("training", "with no_grad():", "if True:", "0 tensors, 0 bytes", "54 tensors, 174,616 bytes"),
    ("config", "0.91}\\n'", "0.91}'", "[{'accuracy': 0.85}, {'accuracy': 0.91}]", "[{'accuracy': 0.85}]"),
    (
        "profiling",
        "self_seconds(nested)",
        "[one.end - one.start for one in nested]",
        "9 seconds in all",
        "18 seconds in all",
    ),
    ("compression", "report=keeper", "report=None", "16 of 32 weights are 0", "0 of 32 weights are 0"),
    (
        "benchmarking",
        "compare(old_code, new_code)",
        "compare(old_code, new_code[::-1])",
        "5 % more work: slower",
        "5 % more work: no difference seen",
    ),
    (
        "kernels",
        "((heights - usual) ** 2).mean()",
        "(heights**2).mean() - usual**2",
        "variance of four heights: 1.25",
        "variance of four heights: -8.0",
    ),
    ("mlops", "patience=3", "patience=1", "the alarm began to ring 0 times", "the alarm began to ring 40 times"),
]
BREAKS = sorted({row[0] for row in PROMISED} | {"cnn", "data", "mlp"})


@cache
def cells(module):
    return [cell for cell in notebooks.load(COURSE.notebook(module))["cells"] if cell["cell_type"] == "code"]


@cache
def names_before(module):
    """The package's names, and what the notebook imports: all that such a cell may use."""
    space = dict(vars(importlib.import_module(f"tinytorch.core.{module}")))
    (imports,) = [cell["source"] for cell in cells(module) if cell["id"] == "notebook_imports"]
    run(module, imports, space)
    return space


def run(module, text, space):
    with contextlib.chdir(COURSE.notebook(module).parent):
        exec(compile(text, f"a cell of {module}", "exec"), space)


def invitation(module):
    """The cell, and its code after the comment that invites to break it."""
    (cell,) = [cell for cell in cells(module) if BREAK in cell["source"]]
    lines = cell["source"].partition(BREAK)[2].splitlines(keepends=True)[1:]
    return cell, "".join(line for line in lines if not line.startswith("#"))


def ran(module, text, capsys):
    """What the code prints, and which names it binds. The arrays of others are as before, afterwards."""
    before = names_before(module)
    space, arrays = dict(before), [value for value in before.values() if isinstance(value, np.ndarray)]
    held = copy.deepcopy(arrays)
    run(module, text, space)
    assert all(map(np.array_equal, held, arrays))
    bound = {name for name, value in space.items() if name not in before or value is not before[name]}
    return capsys.readouterr().out.strip(), bound


@pytest.mark.parametrize(("module", "right", "wrong", "before", "after"), PROMISED, ids=[row[0] for row in PROMISED])
def test_what_is_promised_happens(module, right, wrong, before, after, capsys):
    _, code = invitation(module)
    assert code.count(right) == 1
    assert [ran(module, one, capsys)[0] for one in (code, code.replace(right, wrong))] == [before, after]


def test_a_loss_without_zero_grad_falls_and_rises_and_at_ten_times_the_rate_it_guesses(capsys):
    _, code = invitation("mlp")
    ways = code, code.replace("        model.zero_grad()\n", ""), code.replace("lr=0.2", "lr=2.0")
    printed = [ran("mlp", one, capsys)[0].partition(": ")[2].split() for one in ways]
    right, no_zero, large = ([float(loss) for loss in losses] for losses in printed)
    assert right == sorted(right, reverse=True)
    assert right[-1] < 1.2
    assert min(no_zero) < 1.2
    assert no_zero[-1] > min(no_zero) + 0.5
    assert min(large) > 1.9


def test_without_a_seed_two_orders_differ(capsys):
    """By chance they would be the same once in 12! times."""
    _, code = invitation("data")
    assert ran("data", code, capsys)[0].endswith("twice: True")
    assert ran("data", code.replace("rng_of(0, 0)", "np.random.default_rng()"), capsys)[0].endswith("twice: False")


def test_without_eval_the_answers_depend_on_the_company(capsys):
    _, code = invitation("cnn")
    right, wrong = (ran("cnn", one, capsys)[0].split()[0] for one in (code, code.replace("net.eval()", "net.train()")))
    assert right == "0"
    assert int(wrong) >= 24, "dozens of 200"


def test_the_gradient_of_what_was_changed_behind_the_graph_is_found_by_gradcheck():
    _, code = invitation("autograd")
    right, wrong = ({**names_before("autograd")} for _ in range(2))
    run("autograd", code, right)
    run("autograd", code.replace("square = square * 0.5", "square.data *= 0.5"), wrong)
    assert right["gradcheck"](right["half_of_squares"], right["point"]) < 1e-6
    with pytest.raises(ValueError, match="input 0"):
        wrong["gradcheck"](wrong["half_of_squares"], wrong["point"])


@pytest.mark.parametrize("module", BREAKS)
def test_no_other_cell_uses_what_it_binds(module, capsys):
    cell, code = invitation(module)
    rest = [one["source"] for one in cells(module) if one["id"] != cell["id"]]
    rest.append(cell["source"].partition(BREAK)[0])
    used = {node.id for one in rest for node in ast.walk(ast.parse(one)) if isinstance(node, ast.Name)}
    assert not ran(module, code, capsys)[1] & used
    assert "explore" in cell["metadata"]["tags"], "its points would depend on it"


def test_every_module_with_such_a_cell_is_tested():
    found = {module for module in COURSE.course.modules if any(BREAK in cell["source"] for cell in cells(module))}
    assert found == set(BREAKS)
