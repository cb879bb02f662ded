"""What `git pull` alone would leave in conflict: a course that corrects a notebook, and a student who works in it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tito.merge import merge

ROOT = Path(__file__).resolve().parents[2]


def git(folder, *arguments) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def course(home, tmp_path, monkeypatch):
    """Where the student's workspace was cloned from; the workspace is the current folder."""
    shutil.copytree(ROOT / "bin", home / "bin")
    shutil.copytree(ROOT / "tito", home / "tito", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "student" / "gitattributes", home / ".gitattributes")
    shutil.copy(ROOT / "student" / "gitignore", home / ".gitignore")
    upstream = tmp_path / "course"
    shutil.copytree(home.root, upstream)
    git(upstream, "init", "--quiet", "--initial-branch=main")
    commit(upstream, "release")
    shutil.rmtree(home.root)
    git(tmp_path, "clone", "--quiet", str(upstream), str(home.root))
    monkeypatch.chdir(home.root)
    return upstream


def commit(folder, message):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def correct(upstream, **texts):
    """Change cells of setup, or add one, in the course."""
    path = upstream / "modules" / "setup" / "setup_dev.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["source"] = texts.pop(cell["id"], cell["source"])
    for name, text in texts.items():
        notebook["cells"].insert(6, {**notebook["cells"][5], "id": name, "metadata": {}, "source": text})
    path.write_text(json.dumps(notebook, indent=1))
    shutil.copy(path, upstream / ".tito/released/setup/setup_dev.ipynb")
    commit(upstream, "correct")


def cells(home) -> dict:
    return {cell["id"]: cell["source"] for cell in json.loads(home.path("setup").read_text())["cells"]}


def test_work_and_corrections_come_together(home, course):
    home.solve("setup")
    home.edit("setup", "reflect_size", "It is small.")
    correct(course, check_double='checks.equal("twice four", double(4), 8)', extra="# a new demo", title="# Better")
    done = home.tito("update")
    assert done.code == 0, done.err
    assert "New or corrected: setup." in done.out
    found = cells(home)
    assert found["double"] == home.solutions["double"]
    assert found["reflect_size"] == "It is small."
    assert (found["check_double"], found["extra"]) == ('checks.equal("twice four", double(4), 8)', "# a new demo")
    assert found["title"] == "# Better"
    assert home.tito("update").out.strip() == "Nothing is new."


def test_work_that_was_committed(home, course):
    home.solve("setup")
    commit(home.root, "my work")
    correct(course, check_area="# changed")
    assert home.tito("update").code == 0
    assert cells(home)["area"] == home.solutions["area"]
    assert cells(home)["check_area"] == "# changed"
    assert git(home.root, "status", "--porcelain") == ""


def test_where_both_changed_a_stub_the_students_stays_and_is_named(home, course):
    home.solve("setup")
    correct(course, double="#| export\ndef double(x):\n    '''Two times x.'''\n    raise NotImplementedError()")
    done = home.tito("update")
    assert done.code == 0
    assert cells(home)["double"] == home.solutions["double"]
    assert "double was corrected, and you have written in it" in done.out


def test_nothing_begun(home, course):
    correct(course, double="#| export\ndef double(x):\n    raise NotImplementedError()", demo="2 + 2")
    assert home.tito("update").code == 0
    assert home.path("setup").read_bytes() == (course / "modules/setup/setup_dev.ipynb").read_bytes()


def test_a_notebook_that_can_not_be_read_is_said_before_anything_changes(home, course):
    home.write("setup", "{ broken")
    correct(course, title="# Better")
    head, before = git(home.root, "rev-parse", "HEAD"), home.files()
    done = home.tito("update")
    assert done.code == 2
    assert "reset --module setup" in done.err
    assert (git(home.root, "rev-parse", "HEAD"), home.files()) == (head, before)


def test_a_course_that_is_gone(home, course):
    home.solve("setup")
    own = home.path("setup").read_bytes()
    shutil.rmtree(course)
    done = home.tito("update")
    assert done.code == 2
    assert "Your files are as they were" in done.err
    assert home.path("setup").read_bytes() == own


def test_not_cloned_from_anywhere_and_the_instructors_copy(home, course):
    git(home.root, "remote", "remove", "origin")
    assert "not cloned from anywhere" in home.tito("update").err
    (home / "source").mkdir()
    assert "instructor's copy" in home.tito("update").err


def test_cells_of_ones_own_stay_where_they_were(cells):
    base = cells.notebook(cells.given("a", "1"), cells.stub("double"), cells.code("demo", "2"))
    mine = cells.code("mine", "my own")
    own = cells.notebook(cells.given("a", "1"), mine, cells.stub("double"))  # and the demo was deleted
    fresh = cells.notebook(
        cells.given("a", "1 + 1"), cells.stub("double"), cells.code("demo", "2"), cells.code("new", "3")
    )
    merged, both = merge(base, own, fresh)
    assert [cell["id"] for cell in merged["cells"]] == ["a", "mine", "double", "new"]
    assert merged["cells"][0]["source"] == "1 + 1"
    assert both == []


def test_a_stub_that_the_course_removed_stays_if_it_was_written(cells):
    base = cells.notebook(cells.stub("double"), cells.stub("area"), cells.check("check_area", "x"))
    written = {**cells.stub("area"), "source": "def area(): return 1"}
    merged, _ = merge(
        base, cells.notebook(cells.stub("double"), written, base["cells"][2]), cells.notebook(cells.stub("double"))
    )
    assert [(cell["id"], cell["metadata"]) for cell in merged["cells"][1:]] == [("area", {})]
