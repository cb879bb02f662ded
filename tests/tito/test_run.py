import json
from types import SimpleNamespace

import pytest

from tito import run
from tito.export import make_package
from tito.limits import Limits
from tito.run import explain, run_notebook
from tito.workspace import UserError

LIMITS = {"cell_seconds": 20, "notebook_seconds": 60}


def results(home, notebook, limits=LIMITS, **options):
    make_package(home / "tinytorch")
    found = run_notebook(notebook, home / "modules/setup", home.root, Limits(**limits), **options)
    return {notebook["cells"][result.cell - 1]["id"]: result for result in found}


def test_every_kind_of_outcome(home, cells):
    notebook = cells.notebook(
        cells.markdown("title", "# Title"),
        cells.code("imports", "import os, warnings\nfrom tito import checks"),
        cells.check("check_good", 'checks.equal("one", 1, 1)', points=3),
        cells.check("check_wrong", 'x = 1\nchecks.equal("two [of them]", 1, 2)'),
        cells.stub("double"),
        cells.check("check_stub", "double(3)"),
        cells.code("broken", "def f(x):\n    return x +"),
        cells.code("unclosed", "x = {\n    1: 2,\ny = 3\n"),
        cells.code("magic", "%matplotlib inline\nx = (1,\n"),
        cells.code("divide", "def divide(x):\n    y = x\n    return y / 0"),
        cells.check("check_divide", "a = 1\ndivide(a)"),
        cells.check("check_inside", "checks.equal('nine', lambda: divide(a), 9)"),
        cells.code("demo", "raise RuntimeError('a demo was run')", tags=["explore"]),
        cells.code("asks", "input('your name')"),
        cells.code("leaves", "import sys\nsys.exit(3)"),
        cells.code("missing", "from tinytorch.core.tensor import Tensor"),
        cells.code(
            "where", "assert os.path.basename(os.getcwd()) == 'setup'\nassert os.environ['MPLBACKEND'] == 'agg'"
        ),
        cells.code("null", "x = 1\0"),
        cells.code("nested", f"x = {'-' * 100_000}1"),
        cells.code("blank", "  \n"),
    )
    before = json.dumps(notebook)
    steps = []
    found = results(home, notebook, progress=lambda done, total: steps.append((done, total)))
    assert [name for name, result in found.items() if result.ok] == [
        "imports",
        "check_good",
        "double",
        "divide",
        "where",
    ]
    good, wrong = found["check_good"], found["check_wrong"]
    assert (good.cell, good.check, good.points, good.message) == (3, True, 3, "")
    assert wrong.message == "two [of them]\n  expected  2\n  got       1\n  the value differs"
    assert found["check_stub"].message == "double isn't written yet"
    assert found["broken"].message == "line 2: invalid syntax: return x +"
    assert found["unclosed"].message == "line 1: '{' was never closed: x = {"
    assert found["magic"].message.endswith("SyntaxError: incomplete input")
    assert (found["broken"].name, found["check_good"].name) == ("the cell `def f(x):`", "check_good")
    assert found["broken"].points == 0
    assert found["check_divide"].message == (
        "line 2: ZeroDivisionError: division by zero (in divide, line 3 of its cell)"
    )
    assert found["check_inside"].message == (
        "line 1: ZeroDivisionError: division by zero (in divide, line 3 of its cell)\nin the check: nine; expected 9"
    )
    assert "StdinNotImplementedError" in found["asks"].message
    assert found["asks"].message.endswith("Nobody answers `input` when a notebook is tested or graded.")
    assert found["null"].message == "source code string cannot contain null bytes"
    assert found["nested"].message.startswith("MemoryError")
    assert found["leaves"].message == "SystemExit: 3"
    assert "it is made by: python bin/tito.py sync --module tensor" in found["missing"].message
    assert steps == [(n, 17) for n in range(17)]
    assert json.dumps(notebook) == before


def test_demos_when_asked_for(home, cells):
    notebook = cells.notebook(cells.code("demo", "raise RuntimeError('a demo')", tags=["explore"]))
    assert results(home, notebook, all_cells=True)["demo"].message == "line 1: RuntimeError: a demo"


def test_a_cell_of_ones_own_that_uses_what_a_demo_makes_explores_as_well(home, cells):
    own = [("picture", "shown = rows[0]"), ("again", "shown + 1"), ("typo", "rowz[0]")]
    notebook = cells.notebook(
        cells.code("demo", "rows = [1]", tags=["explore"]),
        cells.code("double", "def double(x):\n    return x + rows\n\n\nrows", solution=True, locked=False),
        *(cells.code(name, text) | {"metadata": {}} for name, text in own),
    )
    found = results(home, notebook)
    assert {name: result.status for name, result in found.items()} == {
        "double": "failed",
        "picture": "explores",
        "again": "explores",
        "typo": "failed",
    }
    assert "`rows`, which a demo makes" in found["double"].message
    assert (found["picture"].ok, "`rows`" in found["picture"].message, "`shown`" in found["again"].message) == (
        True,
    ) * 3
    assert {name for name, result in results(home, notebook, all_cells=True).items() if not result.ok} == {"typo"}


def test_a_kernel_that_dies(home, cells):
    notebook = cells.notebook(
        cells.code("dies", "import os\nos._exit(1)"),
        cells.check("check_after", 'print("never")', points=2),
    )
    found = results(home, notebook)
    assert (found["dies"].status, found["dies"].message) == ("failed", "ended the Python process")
    assert found["check_after"].status == "not run"
    assert found["check_after"].message == "because the cell `import os` ended the Python process"


def test_a_cell_that_takes_too_long(home, cells, monkeypatch):
    """The other cells have room on a busy machine: the limit is of the clock."""
    monkeypatch.setattr(run, "INTERRUPT_SECONDS", 300)
    endless = cells.code("loop", "import time\ndef count(n):\n    while True:\n        time.sleep(0.1)")
    notebook = cells.notebook(endless, cells.check("slow", "count(3)"), cells.check("check_after", "1"))
    found = results(home, notebook, limits={"cell_seconds": 3, "notebook_seconds": 600})
    assert found["slow"].message in [
        f"took longer than 3 s; it was in count, line {line} of its cell" for line in (3, 4)
    ]
    assert found["check_after"].status == "not run"


def test_a_notebook_that_takes_too_long(home, cells, monkeypatch):
    """By a clock on which each cell takes 70 seconds."""
    notebook = cells.notebook(*(cells.code(f"slow{n}", "1") for n in range(4)))
    monkeypatch.setattr(run, "time", SimpleNamespace(monotonic=iter([0, 0, 70, 140]).__next__))
    found = results(home, notebook, limits={"cell_seconds": 100, "notebook_seconds": 100})
    assert found["slow0"].ok
    assert found["slow1"].ok
    assert found["slow2"].message == "was not reached within 100 s"
    assert found["slow3"].status == "not run"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"ename": "KeyboardInterrupt", "evalue": ""}, "KeyboardInterrupt"),
        (
            {"ename": "TypeError", "evalue": "'NoneType' object is not iterable"},
            "TypeError: 'NoneType' object is not iterable; None came where a value is needed: is a `return` missing?",
        ),
        ({"ename": "ValueError", "evalue": "bad [x]"}, "ValueError: bad [x]"),
        ({"ename": "NotImplementedError", "evalue": ""}, "a function that it calls isn't written yet"),
        ({"ename": "NotImplementedError", "evalue": "later"}, "NotImplementedError: later"),
        ({"ename": "SyntaxError", "evalue": "bad (line) (123.py, line 7)"}, "line 7: SyntaxError: bad (line)"),
        ({"ename": "SyntaxError", "evalue": "no line"}, "SyntaxError: no line"),
        ({"ename": "str", "evalue": "a class named like a builtin"}, "str: a class named like a builtin"),
    ],
)
def test_errors_in_words(error, message):
    assert explain(error, 1) == message


def test_an_error_behind_a_flood_of_outputs_counts(home, cells, monkeypatch):
    """nbclient waits a few seconds for outputs after the kernel's answer, and goes on without those that come later."""
    monkeypatch.setattr("nbclient.NotebookClient.iopub_timeout", 0)
    flood = "for n in range(3_000):\n    display(n)\n"
    notebook = cells.notebook(cells.check("check_flood", f"{flood}raise ValueError('wrong')"))
    assert results(home, notebook)["check_flood"].message == "line 3: ValueError: wrong"


def test_a_cell_that_asks_the_kernel_to_go_is_the_one_that_ended_it(home, cells):
    notebook = cells.notebook(cells.code("goes", "quit()"), cells.check("check_after", "1"), cells.check("last", "1"))
    found = results(home, notebook)
    assert (found["goes"].status, found["goes"].message) == ("failed", "ended the Python process")
    assert {found["check_after"].status, found["last"].status} == {"not run"}
    assert "because the cell `quit()` ended the Python process" in found["last"].message


def test_texts_that_no_terminal_takes(tmp_path, cells, capfd):
    """Half a character; a message of megabytes; a cell that is no text for Python."""
    notebook = cells.notebook(
        cells.code("half", "print('\\ud800')\nraise ValueError('\\ud800')"),
        cells.code("long", "raise ValueError('y' * 3_000_000)"),
        cells.code("null", "print('\0')"),
        cells.check("check_after", "1"),
    )
    done = run_notebook(notebook, tmp_path, tmp_path, Limits(**LIMITS))
    found = dict(zip(["half", "long", "null", "check_after"], done, strict=True))
    assert found["half"].status == "failed"
    assert found["long"].message.endswith("yyy… (3,000,000 characters)")
    assert len(found["long"].message) < 2_100
    assert found["null"].message == "source code string cannot contain null bytes"
    assert found["check_after"].ok
    assert capfd.readouterr().err == ""


def test_why_no_kernel_starts(home, cells):
    """A file of the student's hides a package that the kernel needs."""
    (home / "zmq.py").write_text("raise RuntimeError('mine')\n")
    with pytest.raises(UserError, match=r"No Python kernel can be started.*\nRuntimeError: mine"):
        results(home, cells.notebook(cells.code("one", "1")))
