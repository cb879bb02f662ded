"""In JupyterLab a check that fails names the earlier question to start with, if one is known."""

import json
import subprocess
import sys

import pytest

from tito.starting import where_to_start

CELLS = {  # of a module with three questions, each of which uses the one before; as they were released
    "imports": "from tito import checks",
    "side": "def side(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "check_side": "checks.equal('a side', side(3), 3)",
    "face": "def face(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "check_face": "checks.equal('a face', face(3), 9)",
    "cube": "def cube(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "check_cube": "size = 2\nchecks.equal('a cube', lambda: cube(size), 8)",
}
RIGHT = {
    "side": "def side(x):\n    return x",
    "face": "def face(x):\n    return side(x) ** 2",
    "cube": "def cube(x):\n    return side(x) * face(x)",
}
WRONG = {"side": "def side(x):\n    return 2 * x", "face": "def face(x):\n    return side(x) * 3"}
FAILED, WAITS = "its own check failed", "some of it is still to be written, or to be run"


def about(question: str, trouble: str) -> str:
    return f"Start above, with `{question}`: {trouble}, and this question uses `{question}`."


@pytest.fixture
def folder(home, cells):
    """Where the notebook of the module lies, of whose released copy there is one."""
    made = [
        cells.check(name, text)
        if name.startswith("check_")
        else cells.given(name, text)
        if name == "imports"
        else cells.code(name, text, solution=True, locked=False)
        for name, text in CELLS.items()
    ]
    path = home / ".tito/released/setup/setup_dev.ipynb"
    path.write_text(json.dumps(cells.notebook(*made)), encoding="utf-8")
    return home / "modules/setup"


def said(folder, session, check="check_cube"):
    """What is said of a check that fails.

    session: what ran, in words: the name of a cell; after ! a wrong answer, after ? a stub as it was released, after -
        a check that fails
    """
    ran, names = [], {"checks"}
    for word in session.split():
        name = word.lstrip("!?-")
        text = {"!": WRONG, "?": CELLS}.get(word[0], {**CELLS, **RIGHT})[name]
        ran.append((text, word[0] != "-"))
        names.add(name)
    return where_to_start(folder, CELLS[check], ran, names)


@pytest.mark.parametrize(
    ("session", "words"),
    [
        ("side check_side face check_face cube", ""),
        ("side face cube", ""),  # nobody asked the others, so nobody knows
        ("!side -check_side face cube", about("side", FAILED)),
        ("!side -check_side face -check_face cube", about("side", FAILED)),
        ("!side -check_side side face cube", ""),  # the answer is another one by now
        ("!side -check_side side check_side !face -check_face cube", about("face", FAILED)),
        ("!side -check_side face -check_face side check_side cube", ""),  # the first was the cause
        ("?side -check_side face cube", about("side", WAITS)),
        ("face cube", about("side", WAITS)),
        ("side ?face cube", about("face", WAITS)),
        ("?side face ?cube", ""),  # there is enough to do here
        ("face", ""),
        ("", ""),
    ],
)
def test_the_first_question_that_is_known_to_be_wrong(folder, session, words):
    assert said(folder, session) == words


def test_only_a_question_that_is_used(folder):
    assert said(folder, "side check_side face check_face !face cube -check_cube", "check_side") == ""


def test_an_answer_counts_in_whichever_cell_it_stands(folder):
    ran = [(f"import math\n{RIGHT['side']}\n{RIGHT['face']}", True), (RIGHT["cube"], True)]
    assert where_to_start(folder, CELLS["check_cube"], ran, {"checks", "side", "face", "cube"}) == ""
    ran.append((CELLS["face"], True))
    assert where_to_start(folder, CELLS["check_cube"], ran, {"side", "face", "cube"}) == about("face", WAITS)


def test_of_other_cells_nothing_is_said(folder):
    assert where_to_start(folder, "cube(3)", [(RIGHT["cube"], True)], {"cube"}) == ""


@pytest.mark.parametrize("break_it", [lambda folder: (folder.parents[1] / "course.yml").unlink(), None])
def test_without_a_released_notebook_nothing_is_said(home, folder, break_it):
    if break_it:
        break_it(folder)
    else:
        (home / ".tito/released/setup/setup_dev.ipynb").write_text("broken", encoding="utf-8")
    assert said(folder, "?side face cube") == ""


def test_it_is_said_before_the_traceback(folder):
    """Of a failed check, and of an exception in one; of no other cell."""
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "import sys, json\n"
        "shell = InteractiveShell.instance(colors='nocolor')\n"
        "shell.kernel = None\n"  # as Jupyter's has one
        "for cell in json.loads(sys.argv[1]): shell.run_cell(cell, store_history=True)\n"
    )
    texts = {**CELLS, **WRONG, "cube": RIGHT["cube"]}
    order = ["imports", "side", "check_side", "face", "cube", "check_cube"]
    ran = [*map(texts.get, order), "cube('?') / 2", "del side", texts["check_cube"]]
    command = [sys.executable, "-W", "ignore", "-c", code, json.dumps(ran)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    own, wrong, raised = done.stdout.split("Check failed: ")[1:2], *done.stdout.split("Start above")[1:]
    assert own[0].startswith("a side")
    assert wrong.startswith(f", with `side`: {FAILED}, and this question uses `side`.\nCheck failed: a cube")
    assert raised.startswith(f", with `side`: {WAITS}, and this question uses `side`.\n")
    assert "NameError" in raised
    assert done.stderr == ""
