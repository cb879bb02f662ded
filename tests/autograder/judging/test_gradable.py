"""A module that can't be graded fairly is refused, cell and check named, by whatever command sees it first."""

import copy
import re
import shutil

import nbformat
import pytest

from autograder.judging import gradable
from autograder.judging.gradable import refuse_ungradable
from autograder.judging.source import Source
from tests.autograder.conftest import nbgrader
from tito.notebooks import grade_id
from tito.workspace import UserError, Workspace

SEED = 7
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
JUDGED = HIDDEN.format("checks.claim('samples', lambda: normal(50))\n### BEGIN JUDGE\n{}\n### END JUDGE")
TWICE = "checks.reference('twice', lambda: double(checks.rng.standard_normal(3)))"
SOLVED = "#| export\ndef double(x):\n    ### BEGIN SOLUTION\n    {}\n    ### END SOLUTION"
GIVEN = "#| export\ndef double(x):\n    return 2 * x\n    ### BEGIN SOLUTION\n    ### END SOLUTION"


def double(*lines):
    """The cell check_double with these checks, and a strong one."""
    return {"check_double": "\n".join([*lines, HIDDEN.format(TWICE)])}


# what is wrong → (grade_id → new text, what the refusal says)
MISTAKES = {
    # the solution and what is expected of it differ
    "a wrong solution": (
        {"double": SOLVED.format("return 3 * x")},
        "check_double: the check 'twice three' expects 6, but the solution gives 9",
    ),
    "a wrong literal in equal": (
        double("checks.equal('a word', 'ab', 'abc')"),
        "check_double: the check 'a word' expects 'abc', but the solution gives 'ab'",
    ),
    "a wrong literal in close": (
        double("checks.close('near', double(1.5), 3.1)"),
        "check_double: the check 'near' expects 3.1, but the solution gives 3.",
    ),
    "a literal of another shape": (
        double("checks.close('pair', [double(1), 2], [2])"),
        "check_double: the check 'pair' expects [2.]",
    ),
    "a literal that can't be reported": (
        double("checks.equal('a set', {1}, {1})"),
        "check_double: the equal 'a set' fails for the solution itself: not a value that a check can report",
    ),
    "only the literal can't be reported": (
        double("checks.equal('a set', 1, {1})"),
        "check_double: the check 'a set' expects (a check takes numbers, arrays, strings, lists and dicts, not set), "
        "but the solution gives 1",
    ),
    "a wrong literal among hidden checks": (
        {"check_double": HIDDEN.format(f"{TWICE}\nchecks.equal('four', double(2), 5)")},
        "check_double: the check 'four' expects 5, but the solution gives 4",
    ),
    "nothing is raised": (
        double("checks.raises('no list', TypeError, lambda: double([1]))"),
        "check_double: the raises 'no list' fails for the solution itself: TypeError was to be raised",
    ),
    "another message": (
        double("checks.raises('no None', TypeError, lambda: double(None), match='a number')"),
        "check_double: the raises 'no None' fails for the solution itself: the message does not say what it should",
    ),
    "a value that raises": (
        double("checks.equal('a sum', lambda: double(None), 1)"),
        "check_double: the equal 'a sum' fails for the solution itself: raised TypeError",
    ),
    "a reference that raises": (
        {"check_double": HIDDEN.format("checks.reference('twice', lambda: doubel(checks.rng.standard_normal(3)))")},
        "check_double: the reference 'twice' fails for the solution itself: raised NameError",
    ),
    # points that nobody can earn
    "no strong check": (
        {"check_double": "checks.equal('twice three', double(3), 6)"},
        "check_double: nobody can earn its 2 points, because it has no reference and no claim with a judge",
    ),
    "no check at all": ({"check_double": ""}, "check_double: nobody can earn its 2 points"),
    "only a comment": ({"check_double": "# checks.reference('twice', double)"}, "nobody can earn its 2 points"),
    "a partial cell without a strong check": (
        {"check_both": "checks.equal('twice three', double(3), 6)"},
        "check_both: nobody can earn its 4 points",
    ),
    # checks that are never reached
    "a visible check stops the cell": (
        {"check_double": f"double(None)\n{HIDDEN.format(TWICE)}"},
        "does not run: check_double stopped with TypeError",
    ),
    "a hidden line stops the cell": (
        {"check_double": HIDDEN.format(f"{TWICE}\n1 / 0\nchecks.reference('again', lambda: double(1.5))")},
        "does not run: check_double stopped with ZeroDivisionError",
    ),
    "a cell above stops": ({"tools": "from tito import chekcs"}, "tools stopped with ImportError"),
    "a syntax error in an import": (
        {"imports": "#| export\nimport random\nfrom tinytorch import"},
        "imports stopped with SyntaxError",
    ),
    "a syntax error": ({"check_double": "checks.equal('a', 1, 1"}, "check_double stopped with"),
    "a branch that is never taken": (
        double("if not double(1):\n    checks.equal('nothing', double(0), 0)"),
        "check_double: the check 'nothing' is never reached",
    ),
    "a loop over nothing": (
        {"check_double": HIDDEN.format(f"{TWICE}\nfor x in []:\n    checks.reference('of each', lambda: double(x))")},
        "check_double: the check 'of each' is never reached",
    ),
    "a function that nobody calls": (
        double("def more():\n    checks.equal('more', double(0), 0)"),
        "check_double: the check 'more' is never reached",
    ),
    # names
    "two values under one name": (
        double("checks.equal('twice', double(1), 2)", "checks.equal('twice', double(2), 4)"),
        "was reported more than once, with different values",
    ),
    "two kinds under one name": (
        double("checks.equal('twice', 1, 1)"),
        "check_double: the reference 'twice' fails for the solution itself: was reported more than once",
    ),
    "a loop under one name": (
        double("for x in (1, 2):\n    checks.equal('each', double(x), 2 * x)"),
        "check_double: the equal 'each' fails for the solution itself: was reported more than once",
    ),
    # judges
    "a claim without a judge": (
        {"check_normal": HIDDEN.format("checks.claim('samples', lambda: normal(50))")},
        "check_normal: the claim 'samples' has no judge",
    ),
    "a judge of another name": (
        {"check_normal": JUDGED.format("judge('sample', lambda values: True)")},
        "check_normal: its JUDGE block judges 'sample', and no claim has that name",
    ),
    "a judge of a reference": (
        {"check_double": HIDDEN.format(f"{TWICE}\n### BEGIN JUDGE\njudge('twice', lambda x: True)\n### END JUDGE")},
        "check_double: its JUDGE block judges 'twice', and no claim has that name",
    ),
    "a judge that refuses the solution": (
        {"check_normal": JUDGED.format("judge('samples', lambda values: len(values) == 51)")},
        "check_normal: the claim 'samples' fails for the solution itself: does not hold",
    ),
    "a judge that raises": (
        {"check_normal": JUDGED.format("judge('samples', lambda values: vlaues)")},
        "check_normal: the claim 'samples' fails for the solution itself: does not hold",
    ),
    "a JUDGE block that raises": (
        {"check_normal": JUDGED.format("np.laod('labels.npy')")},
        "check_normal: its JUDGE block stops with AttributeError",
    ),
    "a JUDGE block that is no Python": (
        {"check_normal": JUDGED.format("judge('samples'")},
        "check_normal: its JUDGE block stops with SyntaxError",
    ),
    "a JUDGE block without its file": (
        {"check_normal": JUDGED.format("np.load(here / '_labels.npy')")},
        "check_normal: its JUDGE block stops with FileNotFoundError",
    ),
    # given away, or left to chance
    "a solution outside of its region": (
        {"double": GIVEN, "check_both": HIDDEN.format(TWICE), "check_double": HIDDEN.format(TWICE)},
        "check_double: the released notebook earns 2 of 2 points as it is, by 'twice'; "
        "check_both: the released notebook earns 4 of 4 points as it is, by 'twice'",
    ),
    "a reference that asks nothing of the student": (
        {"check_double": HIDDEN.format("checks.reference('noise', lambda: checks.rng.standard_normal(3))")},
        "check_double: the released notebook earns 2 of 2 points as it is, by 'noise'",
    ),
    "part of a partial cell": (
        {"check_both": HIDDEN.format(f"{TWICE}\nchecks.reference('noise', lambda: checks.rng.standard_normal(3))")},
        "check_both: the released notebook earns 2 of 4 points as it is, by 'noise'",
    ),
    "a judge that accepts anything": (
        {"check_double": HIDDEN.format("checks.claim('any', 1)\n### BEGIN JUDGE\njudge('any', bool)\n### END JUDGE")},
        "check_double: the released notebook earns 2 of 2 points as it is, by 'any'",
    ),
    "randomness that has no seed": (
        double("import numpy as np", "checks.equal('as it is', np.random.default_rng().random() > 2, False)")
        | {"check_both": HIDDEN.format("import os\nchecks.reference('chance', lambda: double(os.urandom(9).hex()))")},
        "check_both: the reference 'chance' changes from run to run: another string",
    ),
    "the time": (
        {"check_both": HIDDEN.format("import time\nchecks.reference('now', lambda: double(time.time_ns()))")},
        "check_both: the reference 'now' changes from run to run",
    ),
    # markers
    "no end of hidden tests": (
        {"check_double": f"### BEGIN HIDDEN TESTS\n{TWICE}"},
        "check_double: '### BEGIN HIDDEN TESTS' has no '### END HIDDEN TESTS'",
    ),
    "no beginning of hidden tests": (
        {"check_double": f"{TWICE}\n### END HIDDEN TESTS"},
        "check_double: '### END HIDDEN TESTS' ends what did not begin",
    ),
    "a misspelt marker": (
        {"check_double": f"### BEGIN HIDDEN TEST\n{TWICE}\n### END HIDDEN TEST"},
        "check_double: '### BEGIN HIDDEN TEST' is like a marker, but none",
    ),
    "a marker of small letters": (
        {"double": "def double(x):\n    ### begin solution\n    return 2 * x\n    ### end solution"},
        "double: '### begin solution' is like a marker, but none",
    ),
    "a marker with fewer signs": (
        {"check_double": f"# BEGIN HIDDEN TESTS\n{TWICE}\n# END HIDDEN TESTS"},
        "check_double: '# BEGIN HIDDEN TESTS' is like a marker, but none",
    ),
    "a JUDGE block that students would see": (
        {"check_double": f"{HIDDEN.format(TWICE)}\n### BEGIN JUDGE\njudge('a', bool)\n### END JUDGE"},
        "check_double: '### BEGIN JUDGE' stands outside of hidden tests",
    ),
    "hidden tests in a stub": (
        {"double": SOLVED.format("return 2 * x") + f"\n{HIDDEN.format('double(1)')}"},
        "double: '### BEGIN HIDDEN TESTS' stands in a cell that is not graded by the machine",
    ),
    "a solution in a check": (
        double("### BEGIN SOLUTION\nx = 1\n### END SOLUTION"),
        "check_double: '### BEGIN SOLUTION' stands in a cell that is no solution",
    ),
    "a solution inside of a solution": (
        {"double": SOLVED.format("### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION")},
        "double: '### BEGIN SOLUTION' stands inside of '### BEGIN SOLUTION'",
    ),
    # imports
    "a module that does not exist": (
        {"imports": "#| export\nimport random\nfrom tinytorch.core.tensro import Tensor"},
        "imports: it imports tinytorch.core.tensro, which is no module of this course",
    ),
    "a folder that does not exist": (
        {"tools": "from tito import checks\nimport tinytorch.optim"},
        "tools: it imports tinytorch.optim, which is no module of this course",
    ),
    "a later module": (
        {"tools": "from tito import checks\nfrom tinytorch.core import mlp as m"},
        "tools: it imports tinytorch.core.mlp, which comes later in the course",
    ),
    "a later module, in a check": (
        double("import tinytorch.core.cnn"),
        "check_double: it imports tinytorch.core.cnn, which comes later in the course",
    ),
    "a later module, by name": (
        double("import importlib\nimportlib.import_module('tinytorch.core.cnn')"),
        "check_double: it imports tinytorch.core.cnn, which comes later in the course",
    ),
    "a library that is not installed": (
        {"tools": "from tito import checks\nimport sklearn_of_mine.tree as t"},
        "tools: it imports sklearn_of_mine, which is not installed",
    ),
    "a library, from it": (
        {"tools": "from tito import checks\nfrom sklearn_of_mine import tree"},
        "tools: it imports sklearn_of_mine, which is not installed",
    ),
    "the instructor's half": (
        {"tools": "from tito import checks\nfrom autograder.judging import judge"},
        "tools: it imports autograder, which students do not have",
    ),
    "an unknown module, when called": (
        {"double": SOLVED.format("from tinytorch.core.tensro import Tensor; return 2 * x")},
        "double: it imports tinytorch.core.tensro, which is no module of this course",
    ),
}


@pytest.fixture
def with_cells(course, tmp_path):
    """A function that makes the small course's source with other texts in some of its cells."""

    def make(texts=(), change=lambda notebook: None):
        notebook = nbformat.read(course / "source" / "setup" / "setup_dev.ipynb", 4)
        for cell in notebook.cells:
            cell.source = dict(texts).get(grade_id(cell), cell.source)
        change(notebook)
        shutil.copytree(course, tmp_path / "course", ignore=shutil.ignore_patterns(".cache"), dirs_exist_ok=True)
        nbformat.write(notebook, tmp_path / "course" / "source" / "setup" / "setup_dev.ipynb")
        return Source.of(Workspace.find(tmp_path / "course"), "setup")

    return make


@pytest.mark.parametrize(("texts", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_by_name(with_cells, texts, said):
    source = with_cells(texts)
    with pytest.raises(UserError, match="setup") as refused:
        refuse_ungradable(source, SEED)
    assert said in str(refused.value)
    with pytest.raises(UserError):  # and again: a refusal is not taken for a success
        refuse_ungradable(Source.of(source.workspace, "setup"), SEED)


def test_a_right_module_passes_and_is_not_looked_at_again(with_cells, monkeypatch):
    source = with_cells()
    refuse_ungradable(source, SEED)
    monkeypatch.setattr(gradable, "run_own", None)
    monkeypatch.setattr(gradable, "expected", None)
    refuse_ungradable(Source.of(source.workspace, "setup"), SEED)


RIGHT = {
    "a claim alone": {
        "check_normal": JUDGED.format("judge('samples', lambda values: len(values) == 50)"),
    },
    "a dtype and nothing as literals": double(
        "checks.equal('none', None, None)", "checks.equal('f', lambda: int, int)"
    ),
    "numbers that are rounded": double("checks.close('third', double(1 / 3), 0.66667)"),
    "not a number": double("import numpy as np", "checks.close('nan', [double(np.nan)], [np.nan])"),
    "the same check twice": double("checks.equal('one', 1, 1)", "checks.equal('one', 1, 1)"),
    "a later module, when called": {
        "double": SOLVED.format("return 2 * x") + "\n\ndef later():\n    from tinytorch.core.mlp import Linear"
    },
    "a later module, if it is there": {
        "tools": "from tito import checks\ntry:\n    from tinytorch.core import mlp\nexcept ImportError:\n    pass"
    },
    "a module's name in a text": double("checks.equal('text', 'tinytorch.yml', 'tinytorch.yml')"),
    "a line magic": {"tools": "from tito import checks\n%precision 3"},
}


@pytest.mark.parametrize("texts", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_not_refused(with_cells, texts):
    refuse_ungradable(with_cells(texts), SEED)


# --- what is no cell's text -------------------------------------------------------------------------


def cells_of(notebook):
    return {grade_id(cell): cell for cell in notebook.cells}


def explored(notebook):
    cells_of(notebook)["check_double"].metadata["tags"] = ["explore"]


def doubled(notebook):
    notebook.cells.append(copy.deepcopy(cells_of(notebook)["check_double"]))


def before_its_stub(notebook):
    cells = notebook.cells
    cells.insert(4, cells.pop(cells.index(cells_of(notebook)["check_double"])))


def stub_explored(notebook):
    cells_of(notebook)["double"].metadata["tags"] = ["explore"]


def with_points(points):
    def change(notebook):
        cells_of(notebook)["check_double"].metadata["nbgrader"]["points"] = points

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_points(-2), "check_double: its points are -2, and must be a number from 0 on"),
        (with_points("two"), "check_double: its points are 'two', and must be a number from 0 on"),
        (explored, "check_double: it is tagged explore, so no check in it is ever reached"),
        (doubled, "2 cells have the grade_id check_double"),
        (before_its_stub, "check_double stopped with NameError before the check 'twice three'"),
        (stub_explored, "check_double stopped with NameError"),
    ],
)
def test_a_cell_in_the_wrong_place_is_refused(with_cells, change, said):
    with pytest.raises(UserError, match=re.escape(said)):
        refuse_ungradable(with_cells(change=change), SEED)


def test_a_cell_without_points_needs_no_strong_check(with_cells):
    def free(notebook):
        cells_of(notebook)["check_double"].metadata["nbgrader"]["points"] = 0

    refuse_ungradable(with_cells({"check_double": "checks.equal('twice three', double(3), 6)"}, free), SEED)


def edit(source, old, new):
    path = source.workspace.root / "course.yml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return Source.of(Workspace.find(source.workspace.root), source.module)


@pytest.mark.parametrize(
    ("prerequisites", "said"),
    [
        ("tensor", "course.yml: it needs tensor, which comes later in the course"),
        ("mlops", "course.yml: it needs mlops, which comes later in the course"),
        ("setup", "course.yml: it needs setup, which is the module itself"),
    ],
)
def test_prerequisites_that_nobody_can_have(with_cells, prerequisites, said):
    source = edit(with_cells(), "prerequisites: []", f"prerequisites: [{prerequisites}]")
    with pytest.raises(UserError, match=re.escape(said)):
        refuse_ungradable(source, SEED)


@pytest.fixture
def tensor(with_cells):
    """The small module as the course's second, which imports the first."""
    setup = with_cells()
    notebook = nbformat.read(setup.path, 4)
    cells = cells_of(notebook)
    cells["default_exp"].source = "#| default_exp core.tensor"
    cells["imports"].source = "#| export\nimport random\nfrom tinytorch.core.setup import half"
    (setup.workspace.root / "tinytorch_ref" / "core" / "setup.py").write_text("def half(x):\n    return x / 2\n")
    path = setup.workspace.root / "source" / "tensor" / "tensor_dev.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook, path)
    return edit(Source(setup.workspace, "tensor"), "title: Tensor", "title: Tensor\n    needs: [setup]")


def test_an_earlier_module_may_be_imported(tensor):
    refuse_ungradable(tensor, SEED)


@pytest.mark.parametrize(
    ("state", "said"), [("draft", "a draft"), ("elective", "an elective that this course does not teach")]
)
def test_what_students_do_not_get_may_not_be_imported_except_by_its_kind(tensor, state, said):
    left_out = edit(tensor, "title: Setup", f"title: Setup\n    state: {state}")
    with pytest.raises(UserError, match=rf"imports: it imports tinytorch\.core\.setup, which is {said}"):
        refuse_ungradable(left_out, SEED)
    refuse_ungradable(edit(left_out, "title: Tensor", f"title: Tensor\n    state: {state}"), SEED)


def test_what_it_imports_must_be_among_its_needs(tensor):
    silent = edit(tensor, "needs: [setup]", "needs: []")
    with pytest.raises(UserError, match=r"imports: it imports tinytorch\.core\.setup, which is not among its `needs:`"):
        refuse_ungradable(silent, SEED)


def test_what_it_imports_may_not_be_hidden(tensor):
    hidden = edit(tensor, "title: Setup", "title: Setup\n    state: hidden")
    with pytest.raises(UserError, match=r"it imports tinytorch\.core\.setup, which is hidden in this course"):
        refuse_ungradable(hidden, SEED)


def test_an_earlier_module_without_a_notebook(tensor):
    shutil.rmtree(tensor.workspace.root / "source" / "setup")
    with pytest.raises(UserError, match=r"it imports tinytorch\.core\.setup, which has no notebook in source/"):
        refuse_ungradable(tensor, SEED)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "README.md",
            "```python\nfrom tinytorch.core.mlp import Linear\n```\n",
            "tinytorch.core.mlp, which comes later",
        ),
        ("README.md", ">>> import tinytorch.core.tensro\n", "tinytorch.core.tensro, which is no module"),
        ("train.py", "from tinytorch.core import cnn\n", "tinytorch.core.cnn, which comes later"),
    ],
)
def test_files_beside_the_notebook_count(tensor, name, text, said):
    (tensor.folder / name).write_text(text)
    with pytest.raises(UserError, match=re.escape(f"{name}: it imports {said}")):
        refuse_ungradable(tensor, SEED)


def test_files_beside_the_notebook_may_import_the_module_itself(tensor):
    (tensor.folder / "README.md").write_text(
        "Later, in tinytorch.core.mlp:\n\n    from tinytorch.core.tensor import double\n"
    )
    refuse_ungradable(tensor, SEED)


def test_labels_of_judges_count(with_cells):
    """A module that passed is looked at again when a file changes that only its judges read."""
    source = with_cells(
        {"check_normal": JUDGED.format("n = int((here / '_n').read_text())\njudge('samples', lambda v: len(v) == n)")}
    )
    (source.folder / "_n").write_text("50")
    refuse_ungradable(source, SEED)
    (source.folder / "_n").write_text("51")
    with pytest.raises(UserError, match="the claim 'samples' fails for the solution itself"):
        refuse_ungradable(Source.of(source.workspace, "setup"), SEED)


# --- every command that sees it ---------------------------------------------------------------------

BROKEN = "check_double: the check 'twice three' expects 6, but the solution gives 9"


def break_it(root):
    path = root / "source" / "setup" / "setup_dev.ipynb"
    text = path.read_text()
    assert "return 2 * x" in text
    path.write_text(text.replace("return 2 * x", "return 3 * x"))


def state(root, *names):
    """All files below, with their contents; the gradebook aside."""
    return {path: path.read_bytes() for name in names for path in (root / name).rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", [("release",), ("grade",), ("otter", "build"), ("otter", "check")])
def test_tito_refuses_and_changes_nothing(shut_in, classroom, tito, hand_in, solved, command):
    hand_in(classroom, "ada", solved())
    break_it(classroom)
    before = state(classroom, "release", "tinytorch_ref", "autograded", "dist")
    code_, out, err = tito(*command, "setup")
    assert (code_, out) == (2, "")
    assert f"setup can't be graded fairly until source/setup/setup_dev.ipynb is mended: {BROKEN}." in err
    assert state(classroom, "release", "tinytorch_ref", "autograded", "dist") == before


@pytest.mark.parametrize("more", [(), ("--no-db",)])
def test_nbgraders_own_release_refuses(course, tmp_path, monkeypatch, more):
    root = tmp_path / "course"
    shutil.copytree(course, root, ignore=shutil.ignore_patterns(".cache"))
    break_it(root)
    (root / "release" / "setup").mkdir(parents=True)
    (root / "release" / "setup" / "setup_dev.ipynb").write_text("the last release")
    monkeypatch.chdir(root)
    code, said = nbgrader("generate_assignment", "setup", "--force", *more)
    assert (code, BROKEN in said) == (1, True)
    assert (root / "release" / "setup" / "setup_dev.ipynb").read_text() == "the last release"


def test_nbgraders_own_grading_refuses(shut_in, classroom, hand_in, solved):
    hand_in(classroom, "ada", solved())
    break_it(classroom)
    code, said = nbgrader("autograde", "setup")
    assert (code, BROKEN in said) == (1, True)
    assert not (classroom / "autograded" / "ada" / "setup" / "setup_dev.ipynb").exists()


def test_an_added_cell_without_a_strong_check(classroom, tito):
    path = classroom / "source" / "setup" / "setup_dev.ipynb"
    notebook = nbformat.read(path, 4)
    one_more = copy.deepcopy(cells_of(notebook)["check_double"])
    one_more.metadata["nbgrader"] |= {"grade_id": "check_more", "points": 5}
    one_more |= {"id": "check_more", "source": "checks.equal('one', double(1), 2)"}
    notebook.cells.append(one_more)
    nbformat.write(notebook, path)
    assert "check_more: nobody can earn its 5 points" in tito("release", "setup")[2]
