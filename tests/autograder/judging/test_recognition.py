"""Whatever an editor does to a right notebook: it is worth what it was, or a person is asked."""

import copy
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.judging.cells import mend
from autograder.judging.gradable import unsolved
from autograder.judging.source import HIDDEN, STUB, UNANSWERED, Source, released_text, squeezed, without
from tito.notebooks import grade_id, is_manual
from tito.workspace import UserError, Workspace

OWN = "#| export\ndef double(x):\n    return x + x"
BECAUSE = "Because I say so.\n\nAnd twice."
ANSWERS = {"double": OWN, "reflect_why": BECAUSE}


@pytest.fixture(scope="module")
def right(solved):
    """A function that gives a right submission, as the plain data of its file."""
    made = nbformat.writes(solved(ANSWERS, extra=["note = 'my own'", "print(note)"]))
    return lambda: json.loads(made)


def worth(notebook, source):
    """Points of a mended notebook, and the answer that a person reads. Its cells run in order, as a kernel's would."""
    names, points = {"double": None}, 0
    notebook, _ = mend(notebook, source)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name == "check_double":
            points += 2 * _gives(names.get("double"), 3, 6)
        elif name == "check_normal":
            points += 3 * _gives(lambda n: len(names["normal"](n)), 3, 3)
        elif name == "check_both":
            points += 4 * _gives(names.get("double"), 4, 8)
        elif cell.cell_type == "code" and "checks" not in cell.source:
            try:
                exec(cell.source, names)
            except Exception:
                continue
    (answer,) = [cell.source for cell in notebook.cells if grade_id(cell) == "reflect_why"]
    return points, answer


def _gives(function, x, wanted):
    try:
        return function(x) == wanted
    except Exception:
        return False


def keeps_its_worth(notebook, source):
    try:
        points, answer = worth(nbformat.from_dict(copy.deepcopy(notebook)), source)
    except UserError:
        return  # a person looks at it
    assert points == 9
    assert all(part in answer for part in BECAUSE.split("\n\n"))


# --- what editors do ----------------------------------------------------------------------------------


def lose_ids(notebook, _):
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id", None)


def lose_metadata(notebook, _):
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def new_ids(notebook, _):
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"c{number}"


def crlf(notebook, _):
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")


def spaces(notebook, _):
    for cell in notebook["cells"]:
        cell["source"] = "\n".join(f"{line}  " for line in "".join(cell["source"]).split("\n")) + "\n"


def swap(notebook, at):
    """Two instructor's cells that stand side by side."""
    cells = notebook["cells"]
    at %= len(cells) - 1
    if "def " not in "".join(map(str, cells[at]["source"])):
        cells[at], cells[at + 1] = cells[at + 1], cells[at]


def copy_cell(notebook, at):
    cells = notebook["cells"]
    at %= len(cells)
    cells.insert(at + 1, copy.deepcopy(cells[at]))


def copy_stub(notebook, at):
    """The cell as it was released, pasted once more."""
    cells = notebook["cells"]
    found = [number for number, cell in enumerate(cells) if "def double" in "".join(cell["source"])]
    if found:
        stub = {
            **copy.deepcopy(cells[found[0]]),
            "source": f"#| export\ndef double(x):\n    {STUB[:18]}\n    {STUB[19:]}",
        }
        cells.insert(found[0] + at % 2, stub)


def split(notebook, at):
    """A cell in two, at an empty line, or before its code; both parts keep the metadata, as in JupyterLab."""
    cells = notebook["cells"]
    at %= len(cells)
    text = "".join(cells[at]["source"])
    first, mark, second = text.partition("\n\n" if "\n\n" in text else "#| export\n")
    if mark and second:
        cells[at : at + 1] = [
            {**copy.deepcopy(cells[at]), "source": first + mark.strip("\n")},
            {**copy.deepcopy(cells[at]), "source": second},
        ]


def edit_locked(notebook, at):
    found = [cell for cell in notebook["cells"] if "checks.equal" in "".join(cell["source"])]
    if found:
        found[at % len(found)]["source"] = "".join(found[at % len(found)]["source"]) + "\n# looks good"


def drop_locked(notebook, at):
    notebook["cells"] = [cell for cell in notebook["cells"] if "checks.equal" not in "".join(cell["source"])]


def old_format(notebook, at):
    notebook["nbformat_minor"] = at % 6
    for cell in notebook["cells"]:
        cell["metadata"]["collapsed"] = False


EDITS = [lose_ids, lose_metadata, new_ids, crlf, spaces, swap, copy_cell, copy_stub, split, edit_locked, drop_locked]
EDITS += [old_format]


@given(edits=st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 30)), max_size=6))
@settings(max_examples=150, deadline=None)
def test_a_right_answer_never_loses_without_a_word(source, right, edits):
    notebook = right()
    for edit, at in edits:
        edit(notebook, at)
    keeps_its_worth(notebook, source)


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_each_edit_alone_asks_nobody(source, right, edit):
    for at in range(13):
        notebook = right()
        edit(notebook, at)
        points, answer = worth(nbformat.from_dict(notebook), source)
        assert points == 9
        assert all(part in answer for part in BECAUSE.split("\n\n"))


def bare(notebook):
    """A notebook without metadata and ids: `nbformat` gives its cells new ones."""
    lose_metadata(notebook, 0)
    new_ids(notebook, 0)
    return notebook


def test_an_answer_that_nobody_can_place_is_a_persons(source, right):
    notebook = bare(right())
    notebook["cells"].insert(3, notebook["cells"].pop())  # the answer, far from its question
    with pytest.raises(UserError, match="nobody can tell which cell is reflect_why"):
        mend(nbformat.from_dict(notebook), source)


def test_a_solution_that_nobody_can_recognise_is_a_persons(source, right):
    notebook = bare(right())
    at = next(number for number, cell in enumerate(notebook["cells"]) if "def double" in "".join(cell["source"]))
    notebook["cells"][at]["source"] = "from helpers import *"
    with pytest.raises(UserError, match="nobody can tell which cell is double"):
        mend(nbformat.from_dict(notebook), source)


def test_nothing_done_stays_nothing(source):
    notebook = nbformat.from_dict(copy.deepcopy(source.notebook))
    for number, cell in enumerate(notebook.cells):
        cell.source, cell.metadata, cell.id = released_text(cell), {}, f"c{number}"
    assert worth(notebook, source) == (0, UNANSWERED)


def test_own_cells_stay_own(source, right):
    notebook = bare(right())
    mended, _ = mend(nbformat.from_dict(notebook), source)
    own = [cell.source for cell in mended.cells if not grade_id(cell) and cell.source]  # the toy has an empty check
    assert own == ["note = 'my own'", "print(note)"]


COURSE = Workspace.find()


@pytest.mark.parametrize("module", COURSE.written())
def test_modules_of_the_course(module):
    """All cells of each module are recognised without names, among answers that are nothing like the source's."""
    source = Source.of(COURSE, module)
    notebook = copy.deepcopy(source.notebook)
    for number, cell in enumerate(notebook.cells):
        cell.metadata, cell.id = {}, f"c{number}"
        original = source.cells[number]
        cell.source = f"My answer {number}." if is_manual(original) else released_text(original)
    mended, notes = mend(notebook, source)
    named = {grade_id(cell): cell.source for cell in mended.cells if grade_id(cell)}
    answers = [f"My answer {number}." for number, cell in enumerate(source.cells) if is_manual(cell)]
    assert [named[grade_id(cell)] for cell in source.cells if is_manual(cell)] == answers
    assert len(mended.cells) == len(source.cells)
    assert notes == [f"{len(named)} cells had lost their names, and were recognised by text and place"]
    for cell, original in zip(unsolved(source).cells, source.cells, strict=True):  # nbgrader clears it
        assert squeezed(without(cell.source, HIDDEN)) == source.released_texts[original.id]
