"""What is kept about a student is found, handed out whole, and forgotten without a trace; nobody else is touched."""

import json
import os
import shutil
import zipfile

import pytest

from autograder.gradebook.tables import METADATA
from autograder.grading import looks
from tests.autograder.gradebook.test_stops import truth, with_exchange
from tito.cli import main

NAME = "ada o'neil"
SECRET = "what only the exchange and this student know"
TRACES = (NAME.encode(), b"The words of this student", b"What this student was told")


def run(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return end.value.code or 0, capsys.readouterr().out


@pytest.fixture(scope="module")
def given_back(shut_in, released, hand_in, solved, tmp_path_factory):
    """A class that has its feedback, also through the exchange."""
    root = with_exchange(shutil.copytree(released, tmp_path_factory.mktemp("kept") / "course"))
    with pytest.MonkeyPatch.context() as patches:
        patches.chdir(root)
        for student in (NAME, "ada", "bert", "carl"):
            text = "The words of this student." if student == NAME else "Mine."
            folder = hand_in(root, student, solved({"reflect_why": text}))
            (folder / "submission_secret.txt").write_text(SECRET if student == NAME else f"of {student}")
            (folder / "timestamp.txt").write_text("2026-10-01 10:00:00 UTC")
        for command in (["grade", "setup"], ["feedback", "setup", "--anyway", "--zip", "--exchange"]):
            with pytest.raises(SystemExit) as end:
                main(command)
            assert not end.value.code
    inbound = root / "exchange" / "tinytorch" / "inbound" / f"{NAME}+setup+2026-10-01 10:00:00 UTC"
    inbound.mkdir(parents=True)
    (inbound / "setup_dev.ipynb").write_text("{}")
    (root / "roster.csv").write_text(f"id,first_name\n{NAME},Ada\nbert,Bert\n")
    return root


@pytest.fixture
def theirs(given_back, own_copy):
    return own_copy(given_back)


def traces(root):
    """Files of the course that hold something of the student, or are named so."""
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {
        path.relative_to(root).as_posix()
        for path in paths
        if NAME in path.as_posix() or any(trace in path.read_bytes() for trace in TRACES)
    }


def test_forgotten_without_a_trace(theirs, capsys, monkeypatch):
    monkeypatch.setattr(looks, "YOUNG", -1)  # as if the files had lain there for a while
    for command in ("grade", "report"):
        assert run(capsys, command, "setup")[0] == 0
    (theirs / "dist" / "report.html").unlink()  # a file about several people
    assert [path for path in traces(theirs) if path.startswith(".cache")]
    others = truth(theirs)
    pages = set(theirs.glob("exchange/*/feedback/*.html"))
    code, said = run(capsys, "student", "forget", NAME)
    assert (code, truth(theirs)) == (1, others), said
    assert "Nothing was removed" in said
    code, said = run(capsys, "student", "forget", NAME, "--yes")
    assert code == 0, said
    assert "roster.csv" in said
    assert traces(theirs) == {"roster.csv"}
    assert len(pages - set(theirs.glob("exchange/*/feedback/*.html"))) == 1
    now = truth(theirs)
    assert now["scores"] == {who: scores for who, scores in others["scores"].items() if who != NAME}
    for part in ("autograded", "feedback", "dist"):
        assert now[part] == {path: content for path, content in others[part].items() if NAME not in path}
    assert run(capsys, "student", "forget", NAME, "--yes")[0] == 2, "nothing is left"
    assert run(capsys, "grade", "setup")[0] == 0, "the others go on"


def test_handed_out_whole(theirs, capsys):
    assert run(capsys, "student", "export", NAME, "--to", "submitted")[0] == 2, "it is a folder"
    code, said = run(capsys, "student", "export", NAME, "--to", "mine.zip")
    assert code == 0, said
    with zipfile.ZipFile("mine.zip") as packed:
        names = set(packed.namelist())
        rows = json.loads(packed.read("gradebook.json"))
        assert b"The words of this student" in packed.read(f"submitted/{NAME}/setup/setup_dev.ipynb")
    assert {f"feedback/{NAME}/setup/setup_dev.html", f"dist/feedback/setup/{NAME}.zip"} <= names
    assert sum(name.startswith("exchange/") for name in names) == 2
    assert not {name for name in names if "bert" in name or "/ada/" in name}
    assert set(rows) >= {"student", "submitted_assignment", "submitted_notebook", "grade", "comment"}
    assert {"tinytorch_graded", "tinytorch_given"} <= set(rows)


def test_no_table_of_the_course_names_students_in_another_way():
    """Only so does `tito student` find all rows."""
    for table in METADATA.tables.values():
        assert "student" in table.c or not {"user", "student_id", "who"} & set(table.c.keys())


def test_stopped_in_the_middle_it_is_done_by_the_next(theirs, capsys, monkeypatch):
    real = shutil.rmtree

    def stops(path, *rest, **options):
        real(path, *rest, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr("autograder.gradebook.kept.shutil.rmtree", stops)
    for _ in range(6):
        if run(capsys, "student", "forget", NAME, "--yes")[0] == 0:
            break
    monkeypatch.undo()
    os.chdir(theirs)
    assert run(capsys, "student", "forget", NAME, "--yes")[0] in (0, 2)
    assert traces(theirs) == {"roster.csv"}


@pytest.mark.parametrize("id_", ["", "../bert", ".hidden", "a/b", "*", "nobody"])
def test_whom_nobody_knows(theirs, capsys, id_):
    before = truth(theirs)
    assert run(capsys, "student", "forget", id_, "--yes")[0] == 2
    assert run(capsys, "student", "export", id_)[0] == 2
    assert truth(theirs) == before
