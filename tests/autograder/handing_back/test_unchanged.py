"""A page that would be the same is not made again; whatever a page shows makes it anew when it changes."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.grading import looks
from autograder.handing_back import feedback
from autograder.handing_back import unchanged as module
from autograder.handing_back.unchanged import MADE_FROM
from autograder.intake.submitted import alone
from tito.cli import main
from tito.workspace import Workspace

STUDENTS = ("ada", "bert", "carl")


def tito(*arguments):
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return end.value.code or 0


@pytest.fixture(scope="module")
def given_back(shut_in, released, hand_in, solved, tmp_path_factory):
    root = shutil.copytree(released, tmp_path_factory.mktemp("pages") / "course")
    with pytest.MonkeyPatch.context() as patches:
        patches.chdir(root)
        for student in STUDENTS:
            folder = hand_in(root, student, solved({"reflect_why": f"I am {student}."}))
            (folder / "timestamp.txt").write_text("2026-10-01 10:00:00 UTC")
        assert tito("grade", "setup") == 0
        assert tito("feedback", "setup") == 0
    return root


@pytest.fixture
def there(given_back, own_copy, monkeypatch):
    """A copy whose files were read once: from now on only those that lie otherwise are read again."""
    root = own_copy(given_back)
    monkeypatch.setattr(looks, "YOUNG", 0)
    assert remade(root) == set()
    return root


def pages(root):
    return {path.parent.parent.name: path for path in root.glob("feedback/*/setup/setup_dev.html")}


def remade(root, *more) -> set[str]:
    """Whose page the next `tito feedback` makes."""
    before = {student: path.stat().st_ino for student, path in pages(root).items()}
    assert tito("feedback", "setup", *more) == 0
    return {student for student, path in pages(root).items() if path.stat().st_ino != before.get(student)}


def of(gradebook, student, table="grade"):
    return getattr(gradebook, f"find_{table}")("reflect_why", "setup_dev", "setup", student)


def score(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        grade = of(gradebook, "ada")
        grade.manual_score, grade.needs_manual_grade = 1, False
        gradebook.db.commit()


def comment(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        of(gradebook, "ada", "comment").manual_comment = "Well."
        gradebook.db.commit()


def extra(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        gradebook.find_grade("check_both", "setup_dev", "setup", "ada").extra_credit = 0.0
        gradebook.db.commit()


def name(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        gradebook.update_or_create_student("ada", first_name="Ada")


def late(root):
    manifest = root / "course.yml"
    due = manifest.read_text().replace("due: null", "due: 2026-09-30T12:00:00+00:00", 1)
    manifest.write_text(f"late: {{percent_per_day: 10}}\n{due}")


def title(root):
    manifest = root / "course.yml"
    manifest.write_text(manifest.read_text().replace("title: TinyTorch", "title: Another course"))


def term(root):
    (root / "term.yml").write_text("title: A course of one's own\n")


def source(root):
    path = root / "source/setup/setup_dev.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\n\nOne more sentence."
    nbformat.write(notebook, path)


def by_hand(root):
    pages(root)["ada"].chmod(0o644)
    pages(root)["ada"].write_text("<p>Nothing.</p>")


def gone(root):
    pages(root)["ada"].unlink()


def no_note(root):
    (root / "feedback/ada/setup" / MADE_FROM).unlink()


@pytest.mark.parametrize("change", [score, comment, extra, name, by_hand, gone, no_note])
def test_one_page_is_made_again(there, change):
    change(there)
    assert remade(there) == {"ada"}
    as_all_made_anew(there)


@pytest.mark.parametrize("change", [late, title, term, source])
def test_all_pages_are_made_again(there, change):
    change(there)
    if change is source:
        tito("grade", "setup")
    assert remade(there) == set(STUDENTS)
    as_all_made_anew(there)


def as_all_made_anew(root):
    """What is there is what a run without any page makes."""
    there = {student: path.read_bytes() for student, path in pages(root).items()}
    shutil.rmtree(root / "feedback")
    assert remade(root) == set(STUDENTS)
    assert {student: path.read_bytes() for student, path in pages(root).items()} == there


def test_pages_of_one_module_are_made_side_by_side_and_are_the_same(there, monkeypatch):
    one_by_one = {student: path.read_bytes() for student, path in pages(there).items()}
    assert set(one_by_one) == set(STUDENTS)
    shutil.rmtree(there / "feedback")
    monkeypatch.setattr(feedback, "FEWEST", 1)
    monkeypatch.setattr(feedback.os, "cpu_count", lambda: 2)
    assert feedback._parts(list(STUDENTS)) == [["ada"], ["bert", "carl"]]
    assert remade(there) == set(STUDENTS)
    assert {student: path.read_bytes() for student, path in pages(there).items()} == one_by_one
    assert remade(there) == set()


def test_only_what_lies_otherwise_is_read(there, monkeypatch, capsys):
    """Also where a file has another content of the same length, and the same time."""
    read, real = [], module._read
    monkeypatch.setattr(module, "_read", lambda *places: [read.append(places[1].parent.name), real(*places)][1])
    assert (remade(there), read) == (set(), [])
    path = there / "autograded/bert/setup/setup_dev.ipynb"
    before, text = path.stat(), path.read_text()
    path.chmod(0o644)
    path.write_text(text.replace("I am bert", "I am Bert"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert (tito("feedback", "setup"), read) == (1, ["bert"])
    assert "no new page, what is in autograded/ is not what the scores are about" in capsys.readouterr().out


def test_nothing_has_changed(there, monkeypatch):
    assert remade(there) == set()
    assert remade(there, "--student", "bert") == set()
    monkeypatch.setattr(module, "programs", lambda: "another version")
    assert remade(there, "--student", "bert") == {"bert"}


def test_a_given_score_that_changed_bears_its_day(there, monkeypatch):
    """Until it is given in its turn, the page shows today's date."""
    assert tito("feedback", "setup", "--anyway", "--zip") == 0
    score(there)
    assert remade(there) == set(STUDENTS), "what was given stands on the page from now on"
    assert remade(there) == set()


def test_what_an_interrupted_run_left_goes(there):
    """The new page is in its place, and the old one has not gone yet."""
    shutil.copytree(there / "feedback/ada/setup", there / "feedback/ada/.setup.old")
    assert remade(there) == set()
    assert [path.name for path in (there / "feedback/ada").iterdir()] == ["setup"]


def test_the_note_reaches_nobody(there):
    assert tito("feedback", "setup", "--anyway", "--zip") == 0
    shutil.unpack_archive(there / "dist/feedback/setup/ada.zip", there / "unpacked")
    assert [path.name for path in (there / "unpacked").rglob("*")] == ["setup_dev.html"]


def test_pages_wait_for_whoever_grades(there, capsys):
    """Also for another `tito feedback`: both would make the same folders."""
    with ThreadPoolExecutor() as pool:
        with alone(Workspace.find(there), "setup"):
            waiting = pool.submit(tito, "feedback", "setup")
            score(there)
            with pytest.raises(TimeoutError):
                waiting.result(2)
        assert waiting.result(60) == 0
    assert "somebody else is working on setup; waiting" in " ".join(capsys.readouterr().err.split())
    assert "1 / 2" in pages(there)["ada"].read_text() or "10 / 11" in pages(there)["ada"].read_text()
