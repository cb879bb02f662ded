"""Nothing of hidden text, and nothing of the secret seed, is in a word about a submission that knows both."""

import copy
import json
import re
import shutil
from dataclasses import asdict

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.commands.feedback import feedback
from autograder.commands.grade import grade
from autograder.commands.report import report
from autograder.engine.execute import Run
from autograder.engine.pool import Options
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import Selection
from autograder.handing_back.feedback import Ways
from autograder.handing_out.release import release_one
from autograder.judging.cells import mend
from autograder.judging.outputs import with_verdicts
from autograder.judging.source import Source
from autograder.judging.step import run_and_judge
from autograder.otter.results import gradescope, questions
from tito.workspace import Workspace

LOOT = """
import random
def known():
    try:
        shell, found = get_ipython(), []
        found = [str(shell.user_ns.get('In')), str(shell.history_manager.input_hist_raw)]
        import sys
        frame = sys._getframe()
        while frame:
            found.append(str(frame.f_locals) + str(frame.f_code.co_consts))
            frame = frame.f_back
        text = ' '.join(found)
        from tito import checks
        mark = '-'.join(['SECRET', 'IS', ''])  # not this very line
        letter = text[text.find(mark) + 10 :][:1] if mark in text else ''
        return letter, checks._grading, random.random()
    except Exception as error:
        return type(error).__name__, 0, 0
def double(x):
    import numpy as np
    letter, seed, number = known()
    code = ord(letter or ' ') + int(1e6 * number) % 1000
"""
WAYS = {  # each says what it knows in the place of an answer to a visible check, and as little in hidden ones
    "a value": "return code if isinstance(x, int) else 0.0",
    "a shape": "return np.zeros((0, code, (seed or 0) % 1000)) if isinstance(x, int) else 0.0",
    "a length": "return ['x'] * code if isinstance(x, int) else 0.0",
    "a text": "return f'{letter} {seed}' if isinstance(x, int) else 0.0",
    "an exception": "raise (KeyError if code % 2 else ValueError)(letter)",
    "a dtype": "return np.float32(6) if code % 2 else np.int8(6)",
}
LATER = "\n{'A': lambda: [].pop(), 'B': lambda: {}['x']}.get(known()[0], int)()"  # in a cell after the check


def with_a_secret(source, letter):
    """The source notebook with a letter in its hidden text."""
    notebook = copy.deepcopy(source.notebook)
    for cell in notebook.cells:
        cell.source = cell.source.replace("x = checks.rng", f"x = checks.rng  # SECRET-IS-{letter}\nx = checks.rng", 1)
    return notebook


@pytest.fixture(scope="module")
def releases(course, shut_in):
    """Two releases whose hidden texts differ, with secret seeds of their own."""
    made = []
    for letter in "AB":
        source = Source.of(Workspace.find(course), "setup")
        source.__dict__["notebook"] = with_a_secret(source, letter)
        made.append((source, 1000 + ord(letter)))
    return made


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_two_releases_give_the_same_words(releases, solved, way):
    cells = {"double": LOOT + f"    {way}\n", "normal": "def normal(n): return []" + LATER}
    said, known = [], []
    for source, seed in releases:
        notebook = mend(solved(cells), source)[0]
        run, judged = run_and_judge(notebook, source, seed, {})
        known.append(json.dumps([run.emissions, run.problems]))
        page = [cell.get("outputs") for cell in with_verdicts(notebook, judged, run).cells]
        results = gradescope(questions(source, judged), "\n".join(run.notes))
        said.append(json.dumps([[asdict(one) for one in judged], page, results], indent=1))
    assert known[0] != known[1], "it did not find what it looked for, so this says nothing"
    assert said[0] == said[1]


def test_two_releases_give_the_same_pages_reports_and_json(
    course, solved, shut_in, hand_in, tmp_path, monkeypatch, capsys
):
    """All that `tito grade`, `feedback` and `report` make of a class that knows its release's letter and seed."""
    made, known = [], []
    for letter in "AB":
        root = shutil.copytree(course, tmp_path / letter / "course")
        monkeypatch.chdir(root)
        source = Source.of(Workspace.find(root), "setup")
        nbformat.write(with_a_secret(source, letter), source.path)
        source = Source.of(Workspace.find(root), "setup")
        with nbgrader_api(source.workspace) as api:
            release_one(api, source)
        for student, way in zip(("ada", "bob", "cem"), ("a shape", "a text", "an exception"), strict=True):
            cells = {"double": LOOT + f"    {WAYS[way]}\n", "normal": "def normal(n): return []" + LATER}
            hand_in(root, student, solved(cells))
        capsys.readouterr()
        assert grade(["setup"], Selection(), Options(), json=True) == 0
        assert feedback(["setup"], None, Ways(False, False, False), json=True) == 0
        assert report(None, None, json=True) == 0
        said = capsys.readouterr().out
        assert report(None, root / "report.html", json=False) == 0
        pages = {path.relative_to(root): path.read_text() for path in root.glob("feedback/*/setup/*.html")}
        page = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "", (root / "report.html").read_text())
        made.append((said, pages, page))
        runs = [Run.unpacked(path.read_bytes()) for path in sorted(root.glob("autograded/*/setup/emissions.json.gz"))]
        known.append([[run.emissions, run.problems] for run in runs])
    assert all(one != other for one, other in zip(*known, strict=True)), "they did not find what they looked for"
    assert len(made[0][1]) == 3
    assert made[0] == made[1]


# --- the instructor's names in hidden text ------------------------------------------------------------


@pytest.fixture(scope="module")
def with_names(course):
    """The small module, whose hidden text uses functions of Python, a module, and a name that the notebook gives."""
    source = Source.of(Workspace.find(course), "setup")
    notebook = copy.deepcopy(source.notebook)
    for cell in notebook.cells:
        cell.source = cell.source.replace("import random", "import random\nimport numpy as np\nsum = max")
        hidden = 'checks.reference("named", lambda: [list(range(3)), str(double(2)), np.ones(2), sum(1, double(2))])'
        cell.source = cell.source.replace("x = checks.rng", f"{hidden}\nx = checks.rng", 1)
    source.__dict__["notebook"] = notebook
    return source


@pytest.mark.parametrize("name", ["list", "range", "str", "np", "checks", "len", "print"])
def test_a_name_that_a_student_uses_for_something_else_costs_nothing(with_names, solved, shut_in, name):
    cells = {"imports": with_names.named_cells["imports"].source, "double": "def double(x):\n    return 2 * x"}
    notebook = mend(solved(cells), with_names)[0]
    at = next(index for index, cell in enumerate(notebook.cells) if cell.id == "check_double")
    notebook.cells.insert(at, new_code_cell(f"{name} = [1, 2]"))
    _, judged = run_and_judge(notebook, with_names, 7, {})
    lost = [line for verdict in judged[:1] for line in verdict.lines if not line.passed and not line.visible]
    assert lost == []


def test_a_name_that_the_notebook_gives_stays_its_own(with_names):
    given = with_names.given_names("sum(list(np.ones(3))), double, checks")
    assert given == {"list": "", "np": "numpy"}
