import re

import pytest

from tito import state
from tito.pytests import PytestResult
from tito.run import CellResult

WAIT = "not run  the tests of the package wait for: python bin/tito.py sync --module setup"


@pytest.fixture
def ready(home):
    """A workspace in which setup is solved and synced."""
    home.solve("setup")
    assert home.tito("sync").code == 0
    return home


@pytest.fixture
def ran(ready, monkeypatch):
    """What was given to the kernel, which passes everything unless a test says otherwise."""
    given = []

    def run(notebook, folder, root, limits, all_cells=False, progress=None):
        given.append(notebook)
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        return [_passed(number, cell) for number, cell in enumerate(cells, 1)]

    monkeypatch.setattr("tito.trial.run_notebook", run)
    monkeypatch.setattr(
        "tito.trial.run_tests", lambda path, root, seconds: PytestResult(f"tests/{path.name}", passed=1)
    )
    return given


def _passed(number, cell):
    meta = cell["metadata"].get("nbgrader", {})
    return CellResult(number, cell["id"], bool(meta.get("grade")), meta.get("points", 0), "ok")


def test_all_is_well(ready):
    done = ready.tito("test", "--module", "setup")
    assert done.code == 0, done.out
    assert re.search(r"ok +check_double +2 points", done.out)
    assert re.search(r"ok +check_area +1 point\n", done.out)
    assert "ok       tinytorch/core/setup.py is what the notebook exports" in done.out
    assert "ok       tests/test_setup.py: 1 passed" in done.out
    assert (
        "visible checks passed for 3 of 3 points; 2 more for written answers (reflect_size still empty)\n"
        "hidden checks are run when your work is graded\n"
    ) in done.out
    answer = 'answer reflect_size in modules/setup/setup_dev.ipynb ("YOUR ANSWER HERE"), then '
    assert f"All passed. Next step: {answer}python bin/tito.py submit --module setup" in done.out
    assert done.err == ""


def test_a_wrong_answer(ready):
    ready.edit("setup", "area", "#| export\ndef area(r):\n    return 3 * r")
    ready.tito("sync")
    done = ready.tito("test", "--module", "setup", "--json")
    assert done.code == 1
    (module,) = done.json["modules"]
    assert (module["points_seen"], module["points"], module["passed"]) == (2, 3, False)
    (failed,) = [cell for cell in module["cells"] if cell["status"] == "failed"]
    assert failed["name"] == "check_area"
    assert "expected  3.14" in failed["message"]
    assert done.json["passed"] is False
    assert done.json["integration"] is None


def test_failures_are_shown_with_their_place(ran, ready, monkeypatch):
    bad = [
        CellResult(5, "double", False, 0, "failed", "line 2: SyntaxError: invalid [syntax]"),
        CellResult(6, "check_double", True, 2, "failed", "twice three\n  expected  6\n  got       7"),
        CellResult(8, "check_area", True, 1, "not run", "because double ended the Python process"),
    ]
    monkeypatch.setattr("tito.trial.run_notebook", lambda *arguments, **options: bad)
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert "failed   double\n          line 2: SyntaxError: invalid [syntax]\n" in done.out
    assert "failed   check_double  2 points\n          twice three\n            expected  6\n" in done.out
    assert "not run  check_area  1 point\n          because double ended" in done.out
    assert "visible checks passed for 0 of 3 points" in done.out
    assert "Not passed yet: setup" in done.out


def test_where_to_start(ran, ready, monkeypatch):
    """A check that uses what failed waits for it, but not one that was not begun, or that uses nothing."""
    content = ready.read("setup")
    texts = {"area": "#| export\ndef area(r):\n    return double(r)"}
    for cell in content["cells"]:
        cell["source"] = texts.get(cell["id"], cell["source"])
    ready.write("setup", content)
    bad = [
        CellResult(6, "check_double", True, 2, "failed", "twice three\n  expected  6\n  got       7"),
        CellResult(8, "check_area", True, 1, "failed", "unit circle\n  expected  3"),
    ]
    monkeypatch.setattr("tito.trial.run_notebook", lambda *arguments, **options: bad)
    done = ready.tito("test", "-m", "setup")
    assert "failed   check_area  1 point\n          uses double, which failed\n" in done.out
    assert done.out.index("Start with double. 1 later check that failed uses it.") > done.out.index(
        "visible checks passed for"
    )
    (module,) = ready.tito("test", "-m", "setup", "--json").json["modules"]
    assert (module["start_with"], module["causes"]) == (
        "check_double",
        {"check_double": "check_double", "check_area": "check_double"},
    )
    assert "unit circle" in str(module["cells"])
    monkeypatch.setattr("tito.trial.run_notebook", lambda *arguments, **options: bad[1:])
    assert "Start with area.\n" in ready.tito("test", "-m", "setup").out
    ready.edit("setup", "area", "#| export\ndef area(r):\n    # YOUR CODE HERE\n    raise NotImplementedError()")
    monkeypatch.setattr("tito.trial.run_notebook", lambda *arguments, **options: bad)
    assert "unit circle" in ready.tito("test", "-m", "setup").out


def test_an_error_outside_of_the_checks_fails(ran, ready, monkeypatch):
    results = [CellResult(2, "demo", False, 0, "failed", "NameError"), CellResult(6, "check_double", True, 2, "ok")]
    monkeypatch.setattr("tito.trial.run_notebook", lambda *arguments, **options: results)
    assert ready.tito("test", "-m", "setup").code == 1


def test_deleted_check_cells(ran, ready):
    ready.delete("setup", "check_area")
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert "failed   check_area is missing from the notebook; copy it from .tito/released/setup/setup" in done.out
    assert "passed for 2 of 3 points" in done.out


def test_a_deleted_cell_of_the_course(ran, ready):
    """Cells after it fail with words that do not lead back to it."""
    ready.delete("setup", "imports")
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert "failed   imports is missing from the notebook; copy it from .tito/released/setup/setup" in done.out


def test_a_check_that_lost_its_metadata(ran, ready):
    content = ready.read("setup")
    next(cell for cell in content["cells"] if cell["id"] == "check_area")["metadata"] = {}
    ready.write("setup", content)
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert "check_area is missing from the notebook" in done.out


def test_a_copied_check(ran, ready):
    content = ready.read("setup")
    content["cells"].append(next(cell for cell in content["cells"] if cell["id"] == "check_area"))
    ready.write("setup", content)
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert "check_area is there more than once; delete the copies" in done.out


def test_an_edited_check_runs_as_it_was_released(ran, ready):
    ready.edit("setup", "check_area", "pass")
    done = ready.tito("test", "-m", "setup")
    assert done.code == 0
    assert "check_area: you changed this cell; its released text was run" in done.out
    (check,) = [cell for cell in ran[0]["cells"] if cell["id"] == "check_area"]
    assert check["source"] == 'checks.close("unit circle", area(1), math.pi)'


def test_a_check_turned_into_text_runs_as_it_was_released(ran, ready):
    content = ready.read("setup")
    next(cell for cell in content["cells"] if cell["id"] == "check_area")["cell_type"] = "markdown"
    ready.write("setup", content)
    ready.tito("test", "-m", "setup")
    (check,) = [cell for cell in ran[0]["cells"] if cell["id"] == "check_area"]
    assert check["cell_type"] == "code"


def test_an_empty_notebook(ran, ready, cells):
    ready.write("setup", cells.notebook())
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert "check_double is missing" in done.out
    assert "passed for 0 of 3 points" in done.out


@pytest.mark.parametrize("module", [["-m", "setup"], []])
def test_a_corrupt_notebook(ran, ready, module):
    ready.write("setup", '{"nbformat": 4, "cells": [')
    done = ready.tito("test", *module)
    assert done.code == 1
    assert "failed   modules/setup/setup_dev.ipynb is not a readable notebook" in done.out
    assert "reset --module setup" in done.out
    assert "Not passed yet: setup" in done.out
    assert ran == []


def test_a_lost_released_copy(ran, ready):
    (ready / ".tito/released/setup/setup_dev.ipynb").unlink()
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert ".tito/released/setup/setup_dev.ipynb is missing" in done.out


def test_an_export_that_is_behind(ran, ready):
    ready.edit("setup", "area", "#| export\ndef area(r):\n    return 1")
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert (
        "tinytorch/core/setup.py is not what the notebook exports now; run: python bin/tito.py sync --module setup"
        in done.out
    )


def test_an_export_that_was_edited_by_hand(ran, ready):
    with (ready / "tinytorch/core/setup.py").open("a") as file:
        file.write("x = 1\n")
    assert ready.tito("test", "-m", "setup").code == 1


def test_no_export(ran, ready):
    (ready / "tinytorch/core/setup.py").unlink()
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert "tinytorch/core/setup.py is missing; run: python bin/tito.py sync --module setup" in done.out
    assert WAIT in done.out


def test_package_tests_wait_for_a_right_export(ready):
    ready.edit("setup", "double", "#| export\ndef double(x):\n    return {2: x")
    assert ready.tito("sync", "--module", "setup").code == 2
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    said = "line 3: '{' was never closed: return {2: x"
    assert f"failed   double\n          {said}\n" in done.out
    assert f"failed   modules/setup/setup_dev.ipynb, double, {said}\n" in done.out
    assert WAIT in done.out
    assert "test_setup.py" not in done.out
    assert ready.tito("test", "-m", "setup", "--json").json["modules"][0]["tests"] is None


def test_package_tests_that_fail(ran, ready, monkeypatch):
    said, notes = [("test_a", "one [is] two")], ["it took 3 [ms]"]
    tests = PytestResult("tests/test_setup.py", passed=2, skipped=1, failures=said, notes=notes)
    monkeypatch.setattr("tito.trial.run_tests", lambda path, root, seconds: tests)
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    lines = ["failed   tests/test_setup.py: 2 passed, 1 failed, 1 skipped", "it took 3 [ms]", "test_a: one [is] two"]
    assert "\n          ".join(lines) + "\n" in done.out


def test_one_line_for_each_stub_and_each_test_function(ran, ready, monkeypatch):
    failures = [(f"test_a[{n}]", f"{n} is wrong") for n in range(3)] + [(f"test_{n}", "no") for n in range(12)]
    waiting = {"parse_version": 13, "Linear.forward": 1}
    tests = PytestResult("tests/test_setup.py", passed=2, failures=failures, waiting=waiting)
    monkeypatch.setattr("tito.trial.run_tests", lambda path, root, seconds: tests)
    done = ready.tito("test", "-m", "setup")
    begin, end = done.out.index("failed   tests/"), done.out.index("\n\nvisible checks")
    assert done.out[begin:end].splitlines() == [
        "failed   tests/test_setup.py: 2 passed, 15 failed, 14 waiting",
        "          parse_version: not written yet, 13 tests wait",
        "          Linear.forward: not written yet, 1 test waits",
        "          test_a[0] and 2 more: 0 is wrong",
        *(f"          test_{n}: no" for n in range(9)),
        "          and 3 more test functions",
    ]


def test_the_next_step_of_a_module_with_a_milestone(ran, ready, monkeypatch):
    ready.solve("mlp")
    ready.tito("sync")
    milestone = "python bin/tito.py milestone mnist  (>95% accuracy on MNIST)"
    assert f"Next step: python bin/tito.py data mnist, then {milestone}\n" in ready.tito("test", "-m", "mlp").out
    state.remember(ready.workspace, "milestones", "mlp_mnist", {"accuracy": 0.98, "reached": True})
    assert "Next step: python bin/tito.py submit --module mlp\n" in ready.tito("test", "-m", "mlp").out
    ready.tito("submit", "-m", "mlp")
    assert "Next step: python bin/tito.py info\n" in ready.tito("test", "-m", "mlp").out


def test_all_modules_with_some_not_started(ran, ready):
    done = ready.tito("test")
    assert done.code == 1
    assert "Not started yet: tensor, mlp\nAll that you began passed. Next step: answer reflect_size" in done.out
    assert "Module 1" not in done.out
    assert len(ran) == 1
    ready.edit("setup", "area", "#| export\ndef area(r):\n    return 1")
    assert "Not passed yet: setup\nNot started yet: tensor, mlp\n" in ready.tito("test").out


def test_an_untouched_module_when_asked_for(ran, ready):
    done = ready.tito("test", "-m", "tensor")
    assert done.code == 1
    assert len(ran) == 1


def test_integration_tests_belong_to_a_full_run(ran, ready):
    for module in ("tensor", "mlp"):
        ready.solve(module)
    ready.tito("sync")
    (ready / "tests/integration").mkdir()
    path = ready / "tests/integration/test_all.py"
    path.write_text("from tinytorch.core.tensor import quadruple\n\n\ndef test_a():\n    assert quadruple(2) == 8\n")
    done = ready.tito("test")
    assert done.code == 0, done.out
    assert "tests/integration: 1 passed" in done.out
    path.write_text("def test_a():\n    assert False\n")
    done = ready.tito("test", "--json")
    assert done.code == 1
    assert done.json["integration"]["failures"]
    assert all(module["passed"] for module in done.json["modules"])
    assert ready.tito("test", "-m", "setup").code == 0


def test_an_integration_test_waits_for_its_modules(ran, ready):
    (ready / "tests/integration").mkdir()
    path = ready / "tests/integration/test_all.py"
    for line in ("from tinytorch.core.tensor import quadruple", "from tinytorch.core import setup, tensor"):
        path.write_text(f"{line}\n\n\ndef test_a():\n    assert False\n")
        done = ready.tito("test", "--json")  # tensor is not started: its test must not fail whoever has done setup
        assert done.json["integration"] is None
    small = ready / "tests/integration/test_small.py"
    small.write_text("from tinytorch.core.setup import double\n\n\ndef test_a():\n    assert double(2) == 4\n")
    done = ready.tito("test", "--json")
    assert (done.json["integration"]["passed"], done.json["integration"]["failures"]) == (1, [])
    ready.solve("tensor")
    ready.tito("sync")
    done = ready.tito("test", "--json")
    assert (done.json["integration"]["passed"], len(done.json["integration"]["failures"])) == (1, 1)
    ready.edit("tensor", "check_quadruple", "")
    assert "Integration" in ready.tito("test").out


def test_the_story_alone_names_what_it_lacks(ready):
    """Nothing is run but the integration tests, and they only where all modules that they use are complete."""
    (ready / "tests/integration").mkdir()
    path = ready / "tests/integration/test_all.py"
    lines = "from tinytorch.core import setup\nfrom tinytorch.core.tensor import quadruple\n"
    path.write_text(f"{lines}\n\ndef test_a():\n    assert quadruple(2) == 8\n")
    done = ready.tito("test", "--story")
    assert done.code == 1
    assert "tensor: not started" in done.out
    assert "The story needs every module to be complete. Not yet: tensor\n" in done.out
    ready.solve("tensor")
    assert "sync --module tensor" in ready.tito("test", "--story", "--json").json["missing"]["tensor"]
    ready.tito("sync")
    done = ready.tito("test", "--story")
    assert (done.code, done.out.split()[-2:]) == (0, ["1", "passed"])
    path.write_text(f"{lines}\n\ndef test_a():\n    assert quadruple(2) == 9\n")
    assert ready.tito("test", "--story").code == 1


def test_a_rescued_module(ran, ready):
    (ready / "published").mkdir()
    (ready / "published/setup.py").write_text("def double(x):\n    return x + x\n")
    ready.tito("rescue", "-m", "setup")
    done = ready.tito("test")
    assert "not run  your notebook: the published solution is installed" in done.out
    assert "tests/test_setup.py: 1 passed" in done.out
    assert "Not started yet: tensor, mlp" in done.out
    assert ran == []
    done = ready.tito("test", "-m", "setup")
    assert done.code == 1
    assert "the published solution is installed, not your own" in done.out


def test_a_notebook_that_is_gone(ran, ready):
    ready.path("tensor").unlink()
    assert ready.tito("test", "-m", "tensor").code == 2
    done = ready.tito("test")
    assert done.code == 1
    assert "modules/tensor/tensor_dev.ipynb is missing. Get a fresh copy" in done.out


def test_the_installed_package_is_never_taken_for_ones_own(ready):
    (ready / "tinytorch/core/setup.py").unlink()
    ready.solve("tensor")
    done = ready.tito("test", "-m", "tensor")
    assert done.code == 1
    assert "No module named 'tinytorch.core.setup'; it is made by: python bin/tito.py sync --module setup" in done.out


def test_the_instructors_copy(instructor):
    (instructor / "tests/tinytorch").mkdir()
    (instructor / "tests/test_setup.py").rename(instructor / "tests/tinytorch/test_setup.py")
    done = instructor.tito("test", "-m", "setup")
    assert done.code == 1
    assert "double isn't written yet" in done.out
    assert "source/setup" not in done.err


def test_ctrl_c_in_the_middle(ready):
    ready.edit("setup", "area", "#| export\nopen('started', 'w').close()\nimport time\ntime.sleep(60)")
    before = ready.path("setup").read_bytes()
    done = ready.interrupt("test", "-m", "setup", when=(ready / "modules/setup/started").exists)
    assert done.code == 130
    assert "tito: interrupted; nothing that was finished is lost" in done.err
    assert "Traceback" not in done.err
    assert ready.path("setup").read_bytes() == before
