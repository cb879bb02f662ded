"""After a term, git knows nothing of a course's students: every command that writes of them was typed."""

import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import nbformat
import pytest

from autograder.gradebook.api import nbgrader_api
from autograder.judging.source import Source
from autograder.manual_grading.answers import answer_rows, grade_by_hand, manual_question
from tests.autograder.conftest import ROOT, make_course, nbgrader
from tito.workspace import Workspace

STUDENTS = {"zaphod": "Zaphod", "trillian": "Trillian", "marvin": "Marvin"}
WRONG = {"double": "def double(x):\n    return x"}
STATIONS = ("release", "submitted", "autograded", "feedback")
ANSWERS = (
    "{course: ml101, title: ML 101, repository: ML101, timezone: UTC, modules: [setup], first_due: 2027-03-01 12:00}"
)

pytestmark = pytest.mark.needs("files")


def git(*arguments: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *identity, *arguments], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def typed(tito):
    """A function for a line that somebody types. It goes well, or ends with 1: something waits for a person."""

    def run(line: str) -> str:
        code, out, err = tito(*line.split())
        assert code in (0, 1), f"tito {line}\n{out}\n{err}"
        return out

    return run


@pytest.fixture
def own(shut_in, tmp_path, monkeypatch, typed):
    """A course of one's own, made from a small template that ignores what the real one does."""
    template = tmp_path / "template"
    template.mkdir()
    make_course(template)
    for name in ("tito", "bin", "student"):
        shutil.copytree(ROOT / name, template / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (".gitignore", "pyproject.toml", *(f"{station}/.gitignore" for station in STATIONS)):
        (template / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, template / name)
    (template / "tests" / "tinytorch").mkdir(parents=True)
    (template / "tests" / "tinytorch" / "test_setup.py").write_text("")
    (template / "docs").mkdir()
    (template / "docs" / "index.md").write_text("A course.\n")
    monkeypatch.chdir(template)
    git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    git("commit", "--quiet", "-m", "first")
    git("tag", "v0.1.0")
    (tmp_path / "answers.yml").write_text(ANSWERS)
    typed(f"new {tmp_path}/ml101 --answers {tmp_path}/answers.yml --template {template}")
    monkeypatch.chdir(tmp_path / "ml101")
    return tmp_path / "ml101"


def begin(root, typed):
    """The class is known. What students get is made, and what changed by that is in git."""
    rows = "".join(f"{id_},{name},Beeblebrox,{id_}@example.com,\n" for id_, name in STUDENTS.items())
    (root / "roster.csv").write_text(f"id,first_name,last_name,email,lms_user_id\n{rows}")
    for name in ("class.xlsx", "class.tsv"):
        (root / name).write_text(rows)
    (root / "accommodations.yml").write_text("zaphod:\n  all: {extra_days: 2}\n")
    (root / "exchange").mkdir(mode=0o777)
    (root / "exchange").chmod(0o777)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write('c.Exchange.root = str(root / "exchange")\n')
    typed("release setup")
    typed("roster import roster.csv")
    git("add", "--all")
    git("commit", "--quiet", "-m", "mine")


def collect_all(root, typed, solved, word):
    """Through a learning-management system's zip, and through a folder that is watched."""
    notebooks = {name: nbformat.writes(solved(WRONG, extra=[f"'I am {name}{word}'"])) for name in STUDENTS.values()}
    (root / "downloads").mkdir(exist_ok=True)
    (root / "decided.csv").write_text("Marvin Beeblebrox_1_assignsubmission_file_,marvin,2026-11-20 12:00\n")
    for place in ("Setup-download.zip", "downloads/Setup-download.zip"):
        with zipfile.ZipFile(root / place, "w") as packed:
            for number, name in enumerate(("Zaphod", "Marvin")):
                packed.writestr(f"{name} Beeblebrox_{number}_assignsubmission_file_/setup_dev.ipynb", notebooks[name])
        typed(f"collect setup {place} --map decided.csv --time 2026-11-20T12:00Z")
    inbox = root / "inbox" / "trillian" / "setup"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / "setup_dev.ipynb").write_text(notebooks["Trillian"])
    typed("watch setup --from inbox --once --every 0")


def mark_all(root):
    """A person reads each answer."""
    source = Source.of(Workspace.find(root), "setup")
    asked = manual_question(source, "reflect_why")
    with nbgrader_api(source.workspace) as api, api.gradebook as gradebook:
        for row in answer_rows(gradebook, asked):
            grade_by_hand(gradebook, asked, row.id, 1, f"Well, {row.student}.", row.version, "ta")


def test_after_a_term_git_knows_nothing_of_students(own, typed, solved, pytestconfig):
    begin(own, typed)
    collect_all(own, typed, solved, "")
    for line in ("grade setup", "why zaphod double", "deadlines", "feedback setup --zip --exchange --anyway"):
        typed(line)
    mark_all(own)
    collect_all(own, typed, solved, ", once more")
    for line in (
        "grade setup",
        "grade setup --only check_both --accept",
        "feedback setup --zip --exchange",
        "report",
        "kit",
        "info",
    ):
        typed(line)
    (own / "grades.json").write_text(typed("grade setup --json"))
    typed("report --to class.html")
    for kind in ("canvas", "moodle", "plain"):
        typed(f"grades export --for {kind}")
    assert nbgrader("export")[0] == 0
    typed("student export zaphod")
    typed("otter build setup")
    if pytestconfig.getoption("thorough"):
        typed("otter check setup")
    with closing(sqlite3.connect("gradebook.db")) as gradebook, closing(sqlite3.connect("copy.db")) as copied:
        gradebook.backup(copied)  # as the operator's handbook says
    with pytest.MonkeyPatch.context() as patches:
        patches.chdir(own / "docs")
        typed("grades export --for canvas")
        typed("student export marvin")
    nobody_elses(own)
    written = {path for path in own.rglob("*") if path.is_file() and ".git" not in path.relative_to(own).parts}
    theirs = {path for path in written if mentions_students(path)}
    assert len(theirs) > 40, "not everything was written"
    assert git("status", "--porcelain", "--untracked-files=all", "--ignored=no") == ""
    git("add", "--all")
    tracked = {own / name for name in git("ls-files", "-z").split("\0") if name}
    assert not tracked & theirs
    assert not any(mentions_students(path) for path in (own / "dist" / "ML101").rglob("*") if path.is_file())
    typed("student forget zaphod --yes")
    assert git("status", "--porcelain", "--untracked-files=all", "--ignored=no") == ""


OPEN_TO_NOBODY = (
    *("gradebook.db", "grades*.csv", "docs/*.csv", "dist/report.html", "class.html", "zaphod.zip", "docs/marvin.zip"),
    *(".cache/students/*/*.json", "dist/feedback/*/*.zip", "dist/provisional/*/*.html"),
)


def nobody_elses(root: Path) -> None:
    """What commands write about students is open to its owner, and perhaps to a group."""
    for pattern in OPEN_TO_NOBODY:
        found = list(root.glob(pattern))
        assert found, pattern
        assert not [path for path in found if path.stat().st_mode & 0o007], pattern


def mentions_students(path: Path) -> bool:
    """Whether a file's place, or its text, names a student."""
    names = [word.encode() for pair in STUDENTS.items() for word in pair]
    return any(name in path.as_posix().encode() or name in path.read_bytes() for name in names)
