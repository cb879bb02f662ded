"""Sanitizing: whatever was done to a notebook, the instructor's cells are back, and the answers are kept."""

import copy
import json
from contextlib import nullcontext, suppress

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grading.plugins import adopt_renamed
from autograder.intake.submitted import refuse_unreadable
from autograder.judging.cells import STUB, UNANSWERED, mend
from tito.notebooks import MOST_DEPTH, grade_id, read
from tito.workspace import UserError

OWN = "def double(x):\n    return x + x"
JUNK = [None, True, -1, float("nan"), 10**400, "text", "\ud800", [], ["a", 1], {}, {"nbgrader": []}, [[{}]]]


@pytest.fixture
def handed(solved):
    """A submission with an answer of its own, as the plain data of its file."""
    return json.loads(nbformat.writes(solved({"double": OWN, "reflect_why": "Because I say so."})))


def at(handed, name):
    return next(index for index, cell in enumerate(handed["cells"]) if cell["id"] == name)


def cell_of(handed, name):
    return handed["cells"][at(handed, name)]


def assert_whole(notebook, source):
    """Every cell that the source names is there once, in order, as the source has it."""
    nbformat.validate(notebook)
    named = [cell for cell in notebook.cells if grade_id(cell)]
    assert [grade_id(cell) for cell in named] == list(source.named_cells)
    for cell in named:
        original = source.named_cells[grade_id(cell)]
        assert (cell.id, cell.cell_type, cell.metadata) == (original.id, original.cell_type, original.metadata)
        if not original.metadata["nbgrader"]["solution"]:
            assert cell.source == original.source
    assert not [cell for cell in notebook.cells if not grade_id(cell) and cell.metadata]
    assert notebook.metadata == source.notebook.metadata
    nbformat.writes(notebook).encode()


def restored(handed, source):
    notebook, notes = mend(nbformat.from_dict(copy.deepcopy(handed)), source)
    assert_whole(notebook, source)
    return {grade_id(cell) or cell.id: cell for cell in notebook.cells}, notes


def test_an_honest_submission_keeps_all_its_text(handed, source):
    cells, notes = restored(handed, source)
    assert notes == []
    assert cells["double"].source == OWN
    assert cells["reflect_why"].source == "Because I say so."
    assert cells["check_double"].source == source.named_cells["check_double"].source


def test_restoring_twice_changes_nothing(handed, source):
    handed["cells"].insert(3, {**handed["cells"][4], "source": "print(1)", "metadata": {}})
    once, _ = mend(nbformat.from_dict(handed), source)
    twice, notes = mend(once, source)
    assert twice == once
    assert notes == []


def beside(handed, *own, question="", answer=True):
    """The submission with the answer's own cell as released, or gone, cells around it, and more in the question."""
    cell_of(handed, "reflect_why")["source"] = UNANSWERED
    cell_of(handed, "ask_why")["source"] += question
    where = at(handed, "reflect_why")
    made = [{"cell_type": kind, "metadata": {}, "id": f"own{n}", "source": text} for n, (kind, text) in enumerate(own)]
    for cell in made:
        cell.update({"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {})
    handed["cells"][where + answer : where + 1] = made
    return handed


@pytest.mark.parametrize(
    "own",
    [
        {"answer": [("markdown", "Because two is positive.")]},
        {"answer": [("raw", "Because two is positive.")]},
        {"answer": [("code", "Because two is positive.")]},
        {"answer": [("code", "# Because two is positive.")]},
        {"answer": [("markdown", ""), ("code", "double(3)"), ("markdown", "Because two is positive.")]},
        {"question": "\n\nBecause two is positive."},
    ],
    ids=["text", "raw", "prose as code", "a comment", "behind other cells", "in the question"],
)
@pytest.mark.parametrize("gone", [False, True], ids=["as released", "deleted"])
def test_an_answer_beside_its_own_cell_is_one(handed, source, own, gone):
    """A person reads it; nbgrader would give 0 points to the cell that is as released."""
    cells, notes = restored(
        beside(handed, *own.get("answer", []), question=own.get("question", ""), answer=not gone), source
    )
    assert cells["reflect_why"].source.lstrip("# ") == "Because two is positive."
    assert any("reflect_why" in note for note in notes) or gone


def test_an_answer_before_its_own_cell_is_one(handed, source):
    handed = beside(handed, ("markdown", "Because two is positive."))
    handed["cells"].insert(at(handed, "reflect_why"), handed["cells"].pop())
    cells, _ = restored(handed, source)
    assert cells["reflect_why"].source == "Because two is positive."


@pytest.mark.parametrize("own", [[], [("markdown", " ")], [("code", "double(3)")], [("code", "%time double(3)")]])
def test_what_is_no_text_is_no_answer(handed, source, own):
    cells, notes = restored(beside(handed, *own), source)
    assert (cells["reflect_why"].source, notes) == (UNANSWERED, [])


def test_who_answered_where_it_was_asked_may_write_beside_it(handed, source):
    handed = beside(handed, ("markdown", "A note."), question="\n\nA note.")
    cell_of(handed, "reflect_why")["source"] = "Because I say so."
    cells, _ = restored(handed, source)
    assert (cells["reflect_why"].source, cells["own0"].source) == ("Because I say so.", "A note.")


@pytest.mark.parametrize("name", ["check_double", "check_both", "double", "title", "ask_why", "reflect_why"])
def test_deleted_cells_come_back(handed, source, name):
    del handed["cells"][at(handed, name)]
    cells, notes = restored(handed, source)
    assert cells["double"].source == (STUB if name == "double" else OWN)
    assert cells["reflect_why"].source == (UNANSWERED if name == "reflect_why" else "Because I say so.")
    graded = source.named_cells[name].metadata["nbgrader"]["grade"]
    assert notes == ([f"{name}: was deleted, put back"] if graded else [])


def test_the_first_cells_deleted_and_those_before_a_check(handed, source):
    del handed["cells"][: at(handed, "check_double") + 1]
    cells, notes = restored(handed, source)
    assert cells["double"].source == STUB
    assert notes == ["check_double: was deleted, put back"]


def test_all_cells_deleted(handed, source):
    handed["cells"] = []
    cells, notes = restored(handed, source)
    assert len(notes) == 4
    assert "CANARY" not in cells["double"].source + cells["reflect_why"].source


def test_of_duplicates_the_last_counts(handed, source):
    double = cell_of(handed, "double")
    handed["cells"].insert(0, {**copy.deepcopy(double), "id": "copy", "source": "def double(x):\n    return 0"})
    check = cell_of(handed, "check_double")
    handed["cells"].append({**copy.deepcopy(check), "id": "again"})
    cells, notes = restored(handed, source)
    assert cells["double"].source == OWN
    assert cells["copy"].source == "def double(x):\n    return 0"
    assert notes == [
        "double: stood there more than once, the last one counts",
        "check_double: stood there more than once, the last one counts",
    ]


def test_moved_cells_are_put_in_order(handed, source):
    handed["cells"].reverse()
    cells, _ = restored(handed, source)
    assert cells["double"].source == OWN


def test_own_cells_stay_where_they_are(handed, source):
    handed["cells"].insert(at(handed, "check_double"), {**cell_of(handed, "double"), "id": "own", "metadata": {}})
    cells, _ = restored(handed, source)
    assert list(cells).index("own") == list(cells).index("check_double") - 1


def test_edited_checks_and_locked_cells_are_put_back(handed, source):
    cell_of(handed, "check_double")["source"] = "print('all is well')"
    cell_of(handed, "imports")["source"] = "import os"
    _, notes = restored(handed, source)
    assert notes == [
        f"{name}: differs from what is released now, which was graded" for name in ("imports", "check_double")
    ]


@pytest.mark.parametrize("cell_type", ["markdown", "raw", "heading", "", None, 5, ["code"]])
def test_retyped_cells(handed, source, cell_type):
    for name in ("double", "check_double"):
        cell_of(handed, name)["cell_type"] = cell_type
    cell_of(handed, "reflect_why")["cell_type"] = "code"
    cells, notes = restored(handed, source)
    assert cells["double"].source == OWN
    assert len(notes) == 3


@pytest.mark.parametrize("flag", ["solution", "grade", "locked", "task"])
@pytest.mark.parametrize("value", [True, False, None, "yes", []])
def test_flipped_flags(handed, source, flag, value):
    for cell in handed["cells"]:
        cell["metadata"]["nbgrader"][flag] = value
    assert restored(handed, source)[0]["double"].source == OWN


@pytest.mark.parametrize("points", ["nan", float("nan"), float("inf"), -5, 10**400, "1000", None, [9], {}])
def test_changed_points(handed, source, points):
    for cell in handed["cells"]:
        cell["metadata"]["nbgrader"]["points"] = points
    assert restored(handed, source)[0]["double"].source == OWN


@pytest.mark.parametrize("version", [0, 1, 4, 99, "3", None])
def test_other_schema_versions(handed, source, version):
    for cell in handed["cells"]:
        cell["metadata"]["nbgrader"]["schema_version"] = version
    restored(handed, source)


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize("key", ["nbgrader", "tags", "grade_id"])
def test_metadata_of_wrong_types(handed, source, key, junk):
    for cell in handed["cells"]:
        where = cell["metadata"]["nbgrader"] if key == "grade_id" else cell["metadata"]
        where[key] = copy.deepcopy(junk)
    assert restored(handed, source)[0]["double"].source == OWN  # the cell's own id still says what it is


@pytest.mark.parametrize("junk", JUNK, ids=repr)
@pytest.mark.parametrize("key", ["metadata", "id", "source", "outputs", "execution_count", "attachments", "question"])
def test_cells_that_are_no_cells(handed, source, key, junk):
    for cell in handed["cells"]:
        cell[key] = copy.deepcopy(junk)
    restored(handed, source)


def test_ids_stripped(handed, source):
    for cell in handed["cells"]:
        del cell["id"]
    assert restored(handed, source)[0]["double"].source == OWN


def test_metadata_stripped(handed, source):
    for cell in handed["cells"]:
        del cell["metadata"]
    assert restored(handed, source)[0]["double"].source == OWN


def test_ids_and_metadata_stripped(handed, source):
    for cell in handed["cells"]:
        cell["metadata"], cell["id"] = {}, "same"
    cells, notes = restored(handed, source)
    assert cells["double"].source == OWN
    assert cells["reflect_why"].source == "Because I say so."
    assert notes[0] == "10 cells had lost their names, and were recognised by text and place"


def test_unknown_grade_ids_count_for_nothing(handed, source):
    meta = {"grade": True, "grade_id": "check_more", "points": 100, "solution": False, "locked": True}
    handed["cells"].append({**cell_of(handed, "check_both"), "id": "check_more", "metadata": {"nbgrader": meta}})
    assert "check_more" in restored(handed, source)[0]


def test_what_students_say_of_themselves_is_dropped(handed, source):
    """A page must not show a verdict that a student wrote into metadata."""
    handed["metadata"]["widgets"] = {"state": {}}
    for cell in handed["cells"]:
        cell["metadata"] |= {"question": {"score": "100"}, "magics_language": 5}
    restored(handed, source)


def test_outputs_of_the_student_stay_and_those_of_checks_go(handed, source):
    output = {"output_type": "stream", "name": "stdout", "text": ["hello\n"]}
    for name in ("double", "check_double"):
        cell_of(handed, name)["outputs"] = [output]
    cells, _ = restored(handed, source)
    assert cells["double"].outputs == [output]
    assert cells["check_double"].outputs == []


@pytest.mark.parametrize("outputs", [[{"output_type": "stream"}], [{"output_type": "display_data", "data": 1}], [5]])
def test_malformed_outputs_are_dropped(handed, source, outputs):
    cell_of(handed, "double")["outputs"] = outputs
    cells, _ = restored(handed, source)
    assert (cells["double"].source, cells["double"].outputs) == (OWN, [])


def test_text_that_is_no_unicode(handed, source):
    cell_of(handed, "double")["source"] = "x = '\ud800'"
    assert restored(handed, source)[0]["double"].source == "x = '?'"


@pytest.mark.parametrize("cells", [None, 5, "cells", {}, [None, 5, "cell", [], {}]])
def test_cells_that_are_no_list_of_dicts(source, cells):
    restored({"cells": cells, "metadata": [], "nbformat": 4, "nbformat_minor": 5}, source)


def test_too_deep_a_notebook_is_refused(handed, source):
    deep = []
    for _ in range(50_000):
        deep = [deep]
    cell_of(handed, "double")["metadata"]["deep"] = deep
    with pytest.raises(UserError, match="too deeply"):
        mend(handed, source)


@pytest.mark.parametrize("depth", [98, 99, 700, 50_000])
def test_too_deep_a_file_is_refused_by_every_python(handed, tmp_path, depth):
    text = json.dumps({**handed, "metadata": {"deep": "HERE"}}).replace('"HERE"', "[" * depth + "]" * depth)
    (tmp_path / "deep.ipynb").write_text(text)
    fits = depth + 2 <= MOST_DEPTH  # in a dict in the notebook
    with nullcontext() if fits else pytest.raises(UserError, match=r"deep\.ipynb is not a readable notebook"):
        read(tmp_path / "deep.ipynb")


def test_a_notebook_of_format_4_0(handed, source):
    handed["nbformat_minor"] = 0
    for cell in handed["cells"]:
        del cell["id"]
        cell["metadata"]["collapsed"] = False
    assert restored(handed, source)[0]["double"].source == OWN


def test_a_notebook_of_format_3_is_refused(tmp_path):
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": []}]}))
    with pytest.raises(UserError, match="format 3"):
        read(path)


# --- files ----------------------------------------------------------------------------------------


def adopted(course, handed_in, monkeypatch):
    """Run the hook on a submission, and return what nbgrader will see."""
    monkeypatch.chdir(course)
    folder = course / "submitted" / "bob" / "setup"
    for name, text in handed_in.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text if isinstance(text, str) else json.dumps(text))
    notebooks = [str(path) for path in sorted(folder.glob("*.ipynb"))]
    adopt_renamed("setup", "bob", notebooks)
    return notebooks, folder


def test_a_renamed_notebook_is_adopted(classroom, handed, monkeypatch):
    notebooks, folder = adopted(classroom, {"Setup (1) final.ipynb": handed}, monkeypatch)
    assert notebooks == [str(folder / "setup_dev.ipynb")]
    assert json.loads((folder / "setup_dev.ipynb").read_text()) == handed
    assert (folder / "Setup (1) final.ipynb").exists()


def test_of_several_the_most_complete_is_adopted(classroom, handed, monkeypatch):
    part = {**handed, "cells": handed["cells"][:3]}
    odd = {**handed, "cells": [{**handed["cells"][0], "id": ["a"], "metadata": {"nbgrader": {"grade_id": {}}}}]}
    others = {"a.ipynb": part, "b.ipynb": handed, "c.ipynb": odd, "d.ipynb": "{", "e.ipynb": "", "f.ipynb": "[]"}
    notebooks, folder = adopted(classroom, others, monkeypatch)
    assert notebooks == [str(folder / "setup_dev.ipynb")]
    assert json.loads((folder / "setup_dev.ipynb").read_text()) == handed


def test_nothing_familiar_is_not_adopted(classroom, handed, monkeypatch):
    notebooks, folder = adopted(classroom, {"a.ipynb": {**handed, "cells": []}, "b.ipynb": "x"}, monkeypatch)
    assert [path.rsplit("/", 1)[1] for path in notebooks] == ["a.ipynb", "b.ipynb"]
    assert not (folder / "setup_dev.ipynb").exists()


def test_one_of_the_right_name_counts_even_if_broken(classroom, handed, monkeypatch):
    _, folder = adopted(classroom, {"setup_dev.ipynb": "{", "a.ipynb": handed}, monkeypatch)
    assert (folder / "setup_dev.ipynb").read_text() == "{"


def test_links_are_refused(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "file").write_text("")
    refuse_unreadable(tmp_path)
    (tmp_path / "sub" / "setup_dev.ipynb").symlink_to(tmp_path / "sub" / "file")
    with pytest.raises(UserError, match=r"sub/setup_dev\.ipynb is a link"):
        refuse_unreadable(tmp_path)


# --- anything -------------------------------------------------------------------------------------

NAMES = ["double", "check_double", "normal", "check_normal", "check_both", "title", "reflect_why", "x"]
ANYTHING = st.recursive(
    st.sampled_from(JUNK) | st.sampled_from(NAMES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["nbgrader", "grade_id"]), inner),
    max_leaves=6,
)
KEYS = ["cell_type", "id", "metadata", "source", "outputs", "execution_count", "attachments"]
EDIT = st.one_of(
    st.tuples(st.just("delete"), st.integers(0, 20)),
    st.tuples(st.just("copy"), st.integers(0, 20), st.integers(0, 20)),
    st.tuples(st.just("move"), st.integers(0, 20), st.integers(0, 20)),
    st.tuples(st.just("replace"), st.integers(0, 20), ANYTHING),
    st.tuples(st.just("set"), st.integers(0, 20), st.sampled_from(KEYS), ANYTHING),
    st.tuples(st.just("nbgrader"), st.integers(0, 20), st.sampled_from(["grade", "solution", "points"]), ANYTHING),
    st.tuples(st.just("drop"), st.integers(0, 20), st.sampled_from(KEYS)),
    st.tuples(st.just("top"), st.sampled_from(["metadata", "nbformat", "nbformat_minor", "cells"]), ANYTHING),
)


def mangle(notebook, edits):
    for kind, *rest in edits:
        cells = notebook["cells"] if isinstance(notebook["cells"], list) else []
        if kind == "top":
            notebook[rest[0]] = copy.deepcopy(rest[1])
            continue
        if not cells:
            continue
        index, cell = rest[0] % len(cells), cells[rest[0] % len(cells)]
        if kind == "delete":
            del cells[index]
        elif kind in ("copy", "move"):
            cells.insert(rest[1] % len(cells), copy.deepcopy(cell) if kind == "copy" else cells.pop(index))
        elif kind == "replace":
            cells[index] = copy.deepcopy(rest[1])
        elif isinstance(cell, dict) and kind == "set":
            cell[rest[1]] = copy.deepcopy(rest[2])
        elif isinstance(cell, dict) and kind == "nbgrader" and isinstance(cell.get("metadata"), dict):
            cell["metadata"]["nbgrader"] = {"grade_id": rest[2], rest[1]: copy.deepcopy(rest[2])}
        elif isinstance(cell, dict) and kind == "drop":
            cell.pop(rest[1], None)


@given(edits=st.lists(EDIT, max_size=8))
@settings(max_examples=150, deadline=None)
def test_mangled_notebooks_are_made_whole_or_refused(source, solved, tmp_path_factory, edits):
    mangled = json.loads(nbformat.writes(solved({"double": OWN})))
    mangle(mangled, edits)
    with suppress(UserError):
        assert_whole(mend(nbformat.from_dict(copy.deepcopy(mangled)), source)[0], source)
    path = tmp_path_factory.getbasetemp() / "mangled.ipynb"
    path.write_text(json.dumps(mangled))
    with suppress(UserError):
        assert_whole(mend(read(path), source)[0], source)
