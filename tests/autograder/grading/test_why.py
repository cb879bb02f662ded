"""`tito why`: a dispute has an answer, with hidden text for the TA, and without anything that a terminal obeys."""

import json
import re
import shutil

import nbformat
import pytest

from autograder.grading.pipeline import grade_module
from autograder.grading.why import find_check
from autograder.judging.outputs import VERDICT_MIME
from autograder.judging.source import Source
from tito.notebooks import grade_id
from tito.workspace import UserError, Workspace

HOSTILE = """#| export
import numpy

class Odd:
    data = numpy.zeros(3)

    def __len__(self):
        raise TypeError("\\x1b[2J\\u202e\\x9b1m[bold]")

def double(x):
    if isinstance(x, int):
        return Odd()
    return x if x.ndim == 1 else 3 * x"""


@pytest.fixture(scope="module")
def once(shut_in, released, tmp_path_factory, solved, hand_in):
    root = tmp_path_factory.mktemp("why") / "course"
    shutil.copytree(released, root)
    hand_in(root, "ada", solved({"double": HOSTILE}))
    assert [one.score for one in grade_module(Source.of(Workspace.find(root), "setup"))] == [3]
    hand_in(root, "bob", solved())
    return root


@pytest.fixture
def graded(once, own_copy):
    """A course in which ada's submission is graded, and bob's is not."""
    return own_copy(once)


def test_everything_is_shown_and_a_rerun_agrees(graded, tito):
    code, out, err = tito("why", "ada", "double")
    assert (code, err) == (0, "")
    said = " ".join(out.split())
    for words in (
        "ada, setup, check_double: 0 of 2 points",
        "1 of 3 checks hold",
        "In the gradebook: 0 by the machine",
        "# CANARY-HIDDEN",
        'checks.reference("random arrays", lambda: double(x))',
        "A rerun agrees",
        "Here: the same",
    ):
        assert words in said
    assert re.search(r"seed \d+, module \w+, format \d, python 3[\d.]+, numpy [\d.]+, grader \w+", said)
    assert not set(re.sub(r"\s", "", out)) & {"\x1b", "\u202e", "\x9b"}


def test_as_json(graded, tito):
    code, out, _ = tito("why", "ada", "check_double", "--json")
    found = json.loads(out)
    equal, raises, reference = found["steps"]
    assert (code, found["earned"], found["points"], found["differences"]) == (0, 0, 2, [])
    assert (equal["reference"], equal["submission"], equal["reason"]) == (
        "6",
        "[0., 0., 0.]   shape (3,)",
        "shape (3,) instead of ()",
    )
    assert (raises["reason"], raises["submission"]) == (None, "TypeError: \x1b[2J\u202e\x9b1m[bold]")
    assert (reference["hidden"], reference["within"]) == (True, "rtol 0.001")
    assert reference["reason"] == "12 of 12 values differ, first at (0, 0)"
    numbers = [
        [float(one) for one in re.findall(r"-?\d+\.\d*(?:e[+-]\d+)?", reference[who])]
        for who in ("reference", "submission")
    ]
    assert numbers[1] == pytest.approx([1.5 * one for one in numbers[0]], abs=1e-4)
    assert found["conditions"] == found["here"]


def test_shared_points(graded, tito):
    code, out, _ = tito("why", "ada", "both", "--json")
    found = json.loads(out)
    assert (code, found["earned"]) == (0, 0)
    assert found["rule"] == "0 of 2 strong checks (reference, claim) hold; they share the points"
    code, out, _ = tito("why", "ada", "normal", "--json")
    assert [step["within"] for step in json.loads(out)["steps"]] == [
        "equal",
        "rtol 0.001",
        "what the JUDGE block accepts",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["adda", "double"], "There is no student 'adda' in the gradebook or in submitted/. Did you mean ada?"),
        (["../ada", "double"], "There is no student '../ada'"),
        (["bob", "double"], "check_double of bob is not graded. Grade first: tito grade setup --student bob"),
        (["ada", "duble"], "No module has a check 'duble'. Did you mean check_double?"),
        (["ada", "check_duble", "--module", "setup"], "setup has no check 'check_duble'. Did you mean check_double?"),
        (["ada", "double", "--module", "setpu"], "There is no module 'setpu'. Did you mean setup?"),
        (["ada", "why"], "reflect_why of setup is graded by a person"),
    ],
)
def test_wrong_use(graded, tito, arguments, said):
    code, out, err = tito("why", *arguments)
    assert (code, out, said in err) == (2, "", True), err


def test_a_check_of_two_modules(graded):
    shutil.copytree("source/setup", "source/tensor")
    (graded / "source/tensor/setup_dev.ipynb").rename("source/tensor/tensor_dev.ipynb")
    workspace = Workspace.find(graded)
    with pytest.raises(UserError, match=r"double is a check of setup and tensor\. Say which: --module setup"):
        find_check(workspace, "double")
    assert find_check(workspace, "double", "tensor")[0].module == "tensor"


def edit(path, change):
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        change(cell)
    path.chmod(0o644)
    nbformat.write(notebook, path)


def test_what_was_handed_in_since_is_named_and_what_was_graded_is_explained(graded, tito, hand_in, solved):
    hand_in(graded, "ada", solved())
    code, out, err = tito("why", "ada", "double")
    assert (code, "check_double: 0 of 2 points" in out, "A rerun agrees" in out) == (1, True, True)
    assert "since it was graded: submitted/ada/setup is not what was graded: tito grade setup --student ada" in err
    shutil.rmtree(graded / "submitted/ada")
    code, _, err = tito("why", "ada", "double")
    assert (code, "submitted/ada/setup is gone" in err) == (1, True)


def test_a_module_that_has_changed_is_named(graded, tito):
    def widen(cell):
        if grade_id(cell) == "check_double":
            cell.source = cell.source.replace("lambda: double(x))", "lambda: double(x), rtol=9)")

    edit(graded / "source/setup/setup_dev.ipynb", widen)
    code, out, err = tito("why", "ada", "double")
    assert (code, "check_double has another text in source/ than when it was graded" in err) == (1, True)
    assert "rtol=9" not in out
    assert "A rerun differs: 'random arrays' holds; recorded: all values differ" in " ".join(out.split())


def test_a_verdict_that_a_rerun_does_not_give_is_named(graded, tito):
    def forge(cell):
        for output in cell.get("outputs", []):
            if VERDICT_MIME in output.get("data", {}) and grade_id(cell) == "check_double":
                output.data[VERDICT_MIME] |= {"earned": 2.0, "problem": "ran out of time"}

    edit(graded / "autograded/ada/setup/setup_dev.ipynb", forge)
    code, out, err = tito("why", "ada", "double")
    assert "since it was graded: the gradebook has 0.0 points, and autograded/ another verdict" in err
    words = "A rerun differs: 0 points, where 2 were recorded; the cell ended well; recorded: it ran out of time"
    assert (code, words in " ".join(out.split())) == (1, True)


@pytest.mark.parametrize("name", ["emissions.json.gz", "setup_dev.ipynb"])
@pytest.mark.parametrize("content", [None, b"", b"{"])
def test_a_record_that_is_gone_or_damaged(graded, tito, name, content):
    path = graded / "autograded/ada/setup" / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    code, out, err = tito("why", "ada", "double")
    assert (code, out) == (2, ""), err
    assert name in err or "is not in autograded/" in err
