"""What lies as it lay is not read again; whatever else changes, everything is."""

import os
import shutil

import pytest
from nbgrader.api import Gradebook

from autograder.grading import looks, pipeline
from autograder.grading.pipeline import Selection, grade_module
from autograder.intake.submitted import SEEN
from autograder.judging.source import Source
from tito.workspace import Workspace

pytestmark = pytest.mark.needs("files")
WRONG = {"double": "def double(x):\n    return x"}


@pytest.fixture(scope="module")
def looked_at(shut_in, released, tmp_path_factory, hand_in, solved):
    """Three students, graded, and found unchanged once."""
    root = shutil.copytree(released, tmp_path_factory.mktemp("looks") / "course")
    for student, cells in (("ada", {}), ("bob", WRONG), ("cem", {})):
        hand_in(root, student, solved(cells))
    grade_module(Source.of(Workspace.find(root), "setup"))
    return root


@pytest.fixture
def graded_again(looked_at, own_copy, monkeypatch):
    """A function that grades once more: student → score, and whose submissions were read for it."""
    root = own_copy(looked_at)
    monkeypatch.setattr(looks, "YOUNG", 0)
    read = []
    real = pipeline.Grading._read

    def noting(self, who, folder):
        read.append(who)
        return real(self, who, folder)

    monkeypatch.setattr(pipeline.Grading, "_read", noting)

    def again(**which):
        read.clear()
        rows = grade_module(Source.of(Workspace.find(root), "setup"), Selection(**which))
        return {row.student: row.trouble or row.score for row in rows}, read

    assert again() == ({"ada": 9, "bob": 3, "cem": 9}, ["ada", "bob", "cem"])
    assert again() == ({"ada": 9, "bob": 3, "cem": 9}, [])
    return root, again


def rewritten(root, solved):
    """The file has another content of the same length, and the same time."""
    path = root / "submitted" / "bob" / "setup" / "setup_dev.ipynb"
    before, text = path.stat(), path.read_text()
    path.write_text(text.replace("return x", "return 2", 1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def test_a_change_of_one_student_is_read(graded_again, solved, hand_in):
    root, again = graded_again
    rewritten(root, solved)
    assert again()[1] == ["bob"]
    hand_in(root, "cem", solved(WRONG))
    assert again() == ({"ada": 9, "bob": 3, "cem": 3}, ["bob", "cem"])
    (root / "submitted" / "ada" / "setup" / "more.txt").write_text("beside it")
    assert "ada" in again()[1]
    again()
    (root / "autograded" / "ada" / "setup" / "setup_dev.ipynb").unlink()
    assert again() == ({"ada": 9, "bob": 3, "cem": 3}, ["ada"])


def changed_limit(root, solved):
    path = root / "course.yml"
    path.write_text(path.read_text().replace("cell_seconds: 3", "cell_seconds: 4"))


def changed_file_beside_the_source(root, solved):
    (root / "source" / "setup" / "table.csv").write_text("1,2")


def no_cache(root, solved):
    shutil.rmtree(root / SEEN / "graded")


def damaged_cache(root, solved):
    (root / SEEN / "graded" / "setup.json").write_text('{"course": 1}')


@pytest.mark.parametrize(
    "change", [changed_limit, changed_file_beside_the_source, no_cache, damaged_cache], ids=lambda one: one.__name__
)
def test_where_the_course_changes_all_are_read(graded_again, solved, change):
    root, again = graded_again
    change(root, solved)
    assert again() == ({"ada": 9, "bob": 3, "cem": 9}, ["ada", "bob", "cem"])


def test_force_reads_all(graded_again):
    _, again = graded_again
    assert again(force=True)[1] == ["ada", "bob", "cem"]


def test_what_only_the_gradebook_knows_is_seen_at_once(graded_again):
    root, again = graded_again
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        gradebook.remove_submission("setup", "bob")
    assert again() == ({"ada": 9, "bob": 3, "cem": 9}, ["bob"])


def test_a_young_file_is_not_trusted(graded_again, monkeypatch, solved, hand_in):
    root, again = graded_again
    monkeypatch.setattr(looks, "YOUNG", 3600)
    hand_in(root, "bob", solved())
    for _ in range(3):
        assert again()[1] == ["bob"]


def test_the_rest_is_still_asked(graded_again):
    """Whose folder it is, and when it came, may have become doubtful without a change of any file."""
    root, again = graded_again
    (root / "submitted" / "ADA").mkdir()
    shutil.copytree(root / "submitted" / "ada" / "setup", root / "submitted" / "ADA" / "setup")
    assert "is this one student?" in str(again()[0]["ada"])
    shutil.rmtree(root / "submitted" / "ADA")
    path = root / "course.yml"
    path.write_text(
        path.read_text()
        .replace("due: null", "due: 2026-01-01T00:00:00Z", 1)
        .replace("course: tinytorch", "course: tinytorch\nlate: {percent_per_day: 10}", 1)
    )
    assert "has no timestamp.txt" in str(again()[0]["ada"])
