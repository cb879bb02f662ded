"""The instructor's commands on a small course: what they write, what they say, how they end."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.handing_out.guide import guide
from autograder.handing_out.tidy import normal
from tests.autograder.conftest import nbgrader
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[3]


def edit_manifest(root, old, new):
    path = root / "course.yml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def score(root, student):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        return gradebook.find_submission("setup", student).score


# --- wrong use ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["grade", "feedback", "release", "tidy"])
def test_unknown_and_unreleased_modules(classroom, tito, command):
    code, out, err = tito(command, "tensr")
    assert (code, out) == (2, "")
    assert "There is no module 'tensr'. Did you mean tensor?" in err
    code, out, err = tito(command, "tensor")
    assert (code, out) == (2, "")
    assert "Module tensor is not released yet. Released so far: setup." in err


def test_a_missing_argument(classroom, tito):
    for command in ("grade", "feedback"):
        code, _, err = tito(command)
        assert code == 2
        assert "Missing argument 'MODULE...'" in err


def test_a_demonstration_in_the_place_of_a_file(classroom, tito):
    code, _, err = tito("demo", "course.yml")
    assert (code, "course.yml is not a folder. Name another folder." in err) == (2, True)


@pytest.mark.parametrize("command", ["grade", "feedback", "release", "tidy", "kit"])
def test_outside_of_a_course(tmp_path, monkeypatch, tito, command):
    monkeypatch.chdir(tmp_path)
    code, out, err = tito(command, *(["setup"] if command != "kit" else []))
    assert (code, out) == (2, "")
    assert "is not inside a TinyTorch workspace" in err


@pytest.mark.needs("files")
def test_no_submissions(classroom, tito, hand_in, solved):
    said = tito("grade", "setup")
    assert said == (2, "", "tito: No submission of setup in submitted/<student>/setup/.")
    hand_in(classroom, "ada", solved())
    said = tito("grade", "setup", "--student", "bob")
    assert said == (2, "", "tito: No submission of bob of setup in submitted/<student>/setup/.")


def test_feedback_before_grading(classroom, tito):
    said = tito("feedback", "setup")
    assert said == (2, "", "tito: No graded submission of setup. Grade first: tito grade setup")


@pytest.mark.needs("files")
def test_grading_before_a_release(course, own_copy, tito, hand_in, solved):
    hand_in(own_copy(course), "ada", solved())
    code, out, err = tito("grade", "setup")
    assert (code, out) == (2, "")
    assert "setup was not released yet. First: tito release setup" in err


# --- grade and feedback ---------------------------------------------------------------------------


@pytest.mark.needs("files")
def test_one_broken_submission_costs_nobody_else_anything(classroom, tito, hand_in, solved):
    hand_in(classroom, "ada", solved())
    hand_in(classroom, "bob", "{")
    hand_in(classroom, "cem", solved({"double": "def double(x):\n    return x"}))
    (classroom / "submitted" / "dan").mkdir()
    (classroom / "submitted" / "dan" / "setup").write_text("a file where a folder is due")
    code, out, err = tito("grade", "setup", "--json")
    rows = {row["student"]: row for row in json.loads(out)}
    assert code == 1
    assert err == ""
    assert [rows[name]["score"] for name in ("ada", "bob", "cem", "dan")] == [9, None, 3, None]
    assert "submitted/bob/setup/setup_dev.ipynb is not a readable notebook" in rows["bob"]["trouble"]
    assert "submitted/dan/setup" in rows["dan"]["trouble"]

    code, out, _ = tito("grade", "setup", "--student", "bob")
    assert code == 1
    assert "not graded" in out
    code, out, _ = tito("grade", "setup", "--student", "ada")
    assert (code, "9 / 9" in out, "2 points" in out) == (0, True, True)
    shown = {more: tito("grade", "setup", *more)[1] for more in ((), ("--all",))}
    rows = {more: [name for name in ("ada", "bob", "cem", "dan") if f" {name} " in out] for more, out in shown.items()}
    assert rows == {(): ["bob", "dan"], ("--all",): ["ada", "bob", "cem", "dan"]}
    assert "setup: 2 unchanged; with their scores: tito grade setup --all" in shown[()]
    assert "setup: answers of 2 students wait for a person: tito mark setup" in shown[()]

    code, out, err = tito("feedback", "setup")
    assert (code, err) == (0, "")
    assert out == "setup: 2 pages in feedback/*/setup/\nsetup: why to be graded by a person: ada, cem\n"
    assert tito("feedback", "setup", "--student", "bob")[0] == 2


@pytest.mark.needs("files")
def test_a_broken_second_attempt_leaves_the_first_score(classroom, tito, hand_in, solved):
    hand_in(classroom, "ada", solved())
    assert tito("grade", "setup")[0] == 0
    hand_in(classroom, "ada", "{")
    assert tito("grade", "setup")[0] == 1
    assert score(classroom, "ada") == 9


@pytest.mark.needs("files")
def test_a_page_that_can_not_be_made_is_named(classroom, tito, hand_in, solved):
    for student in ("ada", "bob"):
        hand_in(classroom, student, solved())
    assert tito("grade", "setup")[0] == 0
    path = classroom / "autograded" / "ada" / "setup" / "setup_dev.ipynb"
    path.chmod(0o644)
    path.write_text("{")
    code, out, _ = tito("feedback", "setup", "--zip", "--anyway")
    assert code == 1
    assert "no new page, what is in autograded/ is not what the scores are about" in out
    assert "Grade again: tito grade setup: ada" in out
    assert [path.name for path in classroom.glob("dist/feedback/setup/*")] == ["bob.zip"]
    assert [path.parent.parent.name for path in classroom.glob("feedback/*/setup/setup_dev.html")] == ["bob"]


@pytest.mark.needs("files")
def test_ctrl_c_keeps_what_was_finished(classroom, hand_in, solved):
    edit_manifest(classroom, "cell_seconds: 3", "cell_seconds: 600")
    edit_manifest(classroom, "notebook_seconds: 20", "notebook_seconds: 600")
    hand_in(classroom, "ada", solved())
    for student in ("bob", "cem", "dan"):
        hand_in(classroom, student, solved(extra=["import time\nwhile True: time.sleep(1)"]))
    command = [sys.executable, "-m", "tito.cli", "grade", "setup", "--jobs", "1"]
    grading = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    emissions = classroom / "autograded" / "ada" / "setup" / "emissions.json.gz"
    deadline = time.monotonic() + 300
    while not emissions.exists() and grading.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    grading.send_signal(signal.SIGINT)
    _, err = grading.communicate(timeout=300)  # half of what bob's cell may take
    assert grading.returncode == 130, err
    assert "interrupted; nothing that was finished is lost" in " ".join(err.split())
    assert "Traceback" not in err
    assert score(classroom, "ada") == 9
    assert not (classroom / "autograded" / "bob").exists()


# --- release --------------------------------------------------------------------------------------


def test_release_says_what_it_made(classroom, tito):
    code, out, _ = tito("release")
    assert code == 0
    assert "setup 3 9 2 release/setup/" in " ".join(out.split())
    text = (classroom / "release" / "setup" / "setup_dev.ipynb").read_text()
    assert "CANARY" not in text
    assert "raise NotImplementedError()" in text
    assert "CANARY" in (classroom / "tinytorch_ref" / "core" / "setup.py").read_text()


def test_a_locale_in_which_names_are_read_otherwise_is_refused(classroom, tito, monkeypatch):
    """`zoë` would be another student, under another id, in the same gradebook."""
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "iso8859-1")
    for command in (["release", "setup"], ["grades", "export"], ["roster", "show"]):
        code, out, err = tito(*command)
        assert (code, out) == (2, "")
        assert "read names of folders as iso8859-1" in err
        assert "export PYTHONUTF8=1" in err


OF_ANOTHER_COURSE = """
c = get_config()
c.ClearSolutions.begin_solution_delimeter = "BEGIN ANSWER"
c.ClearSolutions.code_stub = {"python": "pass"}
c.ClearSolutions.text_stub = "?"
c.ClearHiddenTests.begin_test_delimeter = "BEGIN SECRET"
c.ClearMarkScheme.begin_mark_scheme_delimeter = "BEGIN RUBRIC"
c.CourseDirectory.source_directory = "src"
c.CourseDirectory.release_directory = "for_students"
c.CourseDirectory.autograded_directory = "graded"
c.CourseDirectory.notebook_id = "problem*"
c.CourseDirectory.student_id = "bob"
c.CourseDirectory.course_id = "other"
"""


@pytest.mark.needs("files")
def test_another_courses_configuration_changes_nothing(
    released, classroom, solved, hand_in, tito, tmp_path, monkeypatch
):
    """Of an account with two courses: hidden checks would reach students, and there would be no pages."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    (tmp_path / "nbgrader_config.py").write_text(OF_ANOTHER_COURSE)
    shutil.rmtree(classroom / "release")
    hand_in(classroom, "ada", solved())
    for command in (["release"], ["grade"], ["feedback"]):
        assert tito(*command, "setup")[::2] == (0, "")
    texts = [json.loads((root / "release/setup/setup_dev.ipynb").read_text()) for root in (released, classroom)]
    assert texts[0] == texts[1]
    assert (classroom / "feedback/ada/setup/setup_dev.html").is_file()
    assert nbgrader("generate_assignment", "setup", "--force")[0] == 0
    assert json.loads((classroom / "release/setup/setup_dev.ipynb").read_text()) == texts[0]


def test_a_due_date_is_kept_as_nbgrader_keeps_times(classroom, tito):
    edit_manifest(classroom, "due: null", "due: 2026-09-30T23:59:00+02:00")
    assert tito("release", "setup")[0] == 0
    with Gradebook(f"sqlite:///{classroom}/gradebook.db") as gradebook:
        assert gradebook.find_assignment("setup").duedate == datetime(2026, 9, 30, 21, 59)


def test_a_release_that_fails_says_why_and_leaves_the_last(classroom, tito):
    before = (classroom / "release" / "setup" / "setup_dev.ipynb").read_text()
    path = classroom / "source" / "setup" / "setup_dev.ipynb"
    notebook = nbformat.read(path, 4)
    next(cell for cell in notebook.cells if cell.id == "normal").metadata["nbgrader"]["grade_id"] = "double"
    nbformat.write(notebook, path)
    code, _, err = tito("release", "setup")
    assert code == 2
    assert "2 cells have the grade_id double" in err
    assert (classroom / "release" / "setup" / "setup_dev.ipynb").read_text() == before


# --- tidy -----------------------------------------------------------------------------------------


def test_tidy(classroom, tito):
    path = classroom / "source" / "setup" / "setup_dev.ipynb"
    assert tito("tidy")[0] == 0
    clean = path.read_text()
    assert clean == normal(nbformat.read(path, 4))
    assert tito("tidy", "--check") == (0, "", "")
    notebook = nbformat.read(path, 4)
    notebook.cells[4].outputs = [nbformat.v4.new_output("stream", text="noise")]
    notebook.cells[4].metadata["collapsed"] = True
    nbformat.write(notebook, path)
    untidy = path.read_text()
    code, out, _ = tito("tidy", "setup", "--check")
    assert (code, out) == (1, "source/setup/setup_dev.ipynb: untidy, run: tito tidy\n")
    assert path.read_text() == untidy
    assert tito("tidy", "setup") == (0, "source/setup/setup_dev.ipynb: tidied\n", "")
    assert path.read_text() == clean


# --- kit ------------------------------------------------------------------------------------------


@pytest.fixture
def whole(classroom):
    """The released course with all that a workspace for students is made of."""
    for name in ("tito", "bin", "student"):
        shutil.copytree(ROOT / name, classroom / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", classroom)
    (classroom / "tests" / "tinytorch" / "goldens").mkdir(parents=True)
    for name in ("test_setup.py", "test_tensor.py", "goldens/setup.npz", "goldens/tensor.npz"):
        (classroom / "tests" / "tinytorch" / name).write_text("")
    return classroom


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_the_kit_holds_what_students_need_and_no_secret(whole, tito):
    code, out, _ = tito("kit")
    assert (code, "dist/TinyTorch: setup (committed)" in out) == (0, True)
    kit = whole / "dist" / "TinyTorch"
    files = {path.relative_to(kit).as_posix() for path in kit.rglob("*") if ".git" not in path.parts}
    for name in ("modules/setup/setup_dev.ipynb", "tito/cli.py", "tito/checks.py", "bin/tito.py", "course.yml"):
        assert name in files
    for name in (".devcontainer/devcontainer.json", ".binder/postBuild", ".binder/runtime.txt", "requirements.txt"):
        assert name in files
    for name in ("tinytorch/core/__init__.py", "tests/test_setup.py", "pyproject.toml", "README.md", ".gitignore"):
        assert name in files
    assert not {name for name in files if name.startswith(("autograder", "source", "tinytorch_ref", "published"))}
    assert not {name for name in files if "tensor" in name and not name.startswith("tito/")}
    assert "tinytorch/core/setup.py" not in files
    assert "CANARY" not in git(kit, "log", "-p", "--all")
    assert not [name for name in files if (kit / name).is_file() and b"CANARY" in (kit / name).read_bytes()]
    assert git(kit, "status", "--porcelain") == ""


TERM = """\
# PLANTED-password of the gradebook: postgresql://me:PLANTED@localhost/grades
title: ML 101
late: {percent_per_day: 10}
modules:
  tensor: {state: given}
  mlp: {state: hidden}
  cnn: {state: hidden}
  autograd: {state: hidden}
  data: {state: hidden}
  training: {state: hidden}
  config: {state: hidden}
  profiling: {state: hidden}
  compression: {state: hidden}
  kernels: {state: hidden}
  benchmarking: {state: hidden}
  mlops: {state: hidden}
  rnn: {title: RNN, goal: Remember, minutes: 60, prerequisites: [tensor], needs: [tensor]}
"""


@pytest.fixture
def subset(whole):
    """The same as a course of setup and rnn, which is not written yet. Students are given tensor."""
    (whole / "term.yml").write_text(TERM)
    (whole / "source" / "tensor").mkdir()
    cells = [nbformat.v4.new_code_cell("#| default_exp core.tensor"), nbformat.v4.new_code_cell("#| export\nx = 1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), whole / "source" / "tensor" / "tensor_dev.ipynb")
    (whole / "tests" / "tinytorch" / "integration").mkdir()
    for name in ("setup", "mlp"):
        text = f"from tinytorch.core.{name} import x\n"
        (whole / "tests" / "tinytorch" / "integration" / f"test_{name}.py").write_text(text)
    return whole


def test_the_kit_of_a_subset(subset, tito):
    code, _, err = tito("kit")
    assert (code, "tensor.py is not what its notebook exports: tito sync --module tensor" in err) == (2, True)
    assert tito("sync", "--module", "tensor")[0] == 0
    assert tito("kit")[0] == 0
    kit = subset / "dist" / "TinyTorch"
    solution = (subset / "tinytorch_ref" / "core" / "tensor.py").read_text()
    assert (kit / "published" / "tensor.py").read_text() == solution
    assert (kit / "tinytorch" / "core" / "tensor.py").read_text().partition("\n")[2] == solution
    assert not (kit / "tinytorch" / "core" / "setup.py").exists()
    assert [path.name for path in kit.glob("tests/integration/*.py")] == ["test_setup.py"]
    assert [name for name in Workspace.find(kit).course.modules] == ["setup", "tensor", "rnn"]
    text = (kit / "README.md").read_text()
    assert re.findall(r"Module \d[^*\n]*", text) == [
        "Module 0: Setup",
        "Module 2: RNN",
        "Module 0: Setup",
        "Module 2: RNN",
        "Module 0 complete",
    ]
    for name in ("tensor", "mlp", "cnn"):
        assert f"--module {name}" not in text


def test_nothing_secret_reaches_the_kit(subset, tito, monkeypatch):
    monkeypatch.setenv("TINYTORCH_GRADEBOOK", f"sqlite:///{subset}/gradebook.db?PLANTED=1")
    assert tito("sync", "--module", "tensor")[0] == 0
    with (subset / "course.yml").open("a") as file:
        file.write("# PLANTED\n")
    (subset / "accommodations.yml").write_text("# PLANTED\n")
    assert tito("kit")[0] == 0
    kit = subset / "dist" / "TinyTorch"
    assert "PLANTED" not in git(kit, "log", "-p", "--all")
    assert not [path for path in kit.rglob("*") if path.is_file() and b"PLANTED" in path.read_bytes()]
    assert "percent_per_day" not in (kit / "course.yml").read_text()


def test_a_kit_in_which_a_module_would_be_missing_is_refused(subset, tito):
    (subset / "term.yml").write_text(TERM.replace("tensor: {state: given}", "tensor: {state: hidden}"))
    code, _, err = tito("kit")
    assert code == 2
    assert "rnn needs tensor, whose state is hidden: give students its solution, or hide rnn" in err
    assert not (subset / "dist").exists()
    code, out, _ = tito("info")
    assert "rnn needs tensor, whose state is hidden" in out


def test_the_guide_of_the_whole_course_is_the_guide():
    assert guide(Workspace.find(ROOT)) == (ROOT / "student" / "README.md").read_text()


def test_a_second_kit_commits_changes_only(whole, tito):
    kit = whole / "dist" / "TinyTorch"
    assert tito("kit")[0] == 0
    first = git(kit, "rev-parse", "HEAD")
    code, out, _ = tito("kit")
    assert (code, "(unchanged)" in out) == (0, True)
    assert git(kit, "rev-parse", "HEAD") == first
    (whole / "release" / "setup" / "README.md").chmod(0o644)
    (whole / "release" / "setup" / "README.md").write_text("# Better\n")
    assert tito("kit")[0] == 0
    assert {Path(name).name for name in git(kit, "diff", "--name-only", "HEAD~1").split()} == {"README.md"}


def test_what_git_ignores_elsewhere_is_in_the_kit(whole, tito, monkeypatch, tmp_path):
    """A list of one's own for all repositories may name a module, such as `data/`."""
    (tmp_path / "ignored").write_text("setup/\n*.md\n")
    (tmp_path / "config").write_text(f"[core]\n\texcludesFile = {tmp_path / 'ignored'}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    assert tito("kit")[0] == 0
    committed = git(whole / "dist" / "TinyTorch", "ls-files").splitlines()
    assert {"modules/setup/setup_dev.ipynb", "README.md"} <= set(committed)


def test_a_new_repository_says_so_and_one_without_a_branch_gets_nothing(whole, tito):
    kit = whole / "dist" / "TinyTorch"
    assert "This is a new repository" in tito("kit")[1]
    assert "new repository" not in tito("kit")[1]
    git(kit, "switch", "--quiet", "-c", "mine")
    assert "(unchanged on the branch mine)" in tito("kit")[1]
    git(kit, "switch", "--quiet", "--detach")
    (whole / "release" / "setup" / "README.md").chmod(0o644)
    (whole / "release" / "setup" / "README.md").write_text("# Better\n")
    code, _, err = tito("kit")
    assert (code, "First: git -C dist/TinyTorch switch main" in err) == (2, True)
    assert git(kit, "status", "--porcelain") == ""


@pytest.mark.parametrize("title", ["|\n  ML\n  101", '"ML: 101 # `x`"', "'[red]Über\u2028alles'"])
def test_a_kit_can_be_read_whatever_the_title_is(whole, tito, title):
    (whole / "term.yml").write_text(f"title: {title}\n", encoding="utf-8")
    assert tito("kit")[0] == 0
    assert Workspace.find(whole / "dist" / "TinyTorch").course.title == Workspace.find(whole).course.title


def test_make_clean_leaves_what_students_clone(whole, tito):
    assert tito("kit")[0] == 0
    (whole / "dist" / "otter" / "setup").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", whole)
    subprocess.run(["make", "--quiet", "clean"], cwd=whole, check=True)
    assert [path.name for path in (whole / "dist").iterdir()] == ["TinyTorch"]
    assert git(whole / "dist" / "TinyTorch", "status", "--porcelain") == ""


def test_a_solution_is_published_after_its_deadline_only(whole, tito):
    kit = whole / "dist" / "TinyTorch"
    assert tito("kit")[0] == 0
    edit_manifest(whole, "due: null", "due: 2999-09-30T23:59:00+02:00")
    code, out, err = tito("kit", "--publish", "setup")
    assert (code, out) == (2, "")
    assert "setup is due 2999-09-30 23:59: its solution can be published after that." in err
    assert not (kit / "published").exists()
    assert git(kit, "status", "--porcelain") == ""
    assert tito("kit", "--publish", "tensor")[0] == 2
    edit_manifest(whole, "due: 2999-", f"due: {datetime.now(UTC).year - 1}-")
    assert tito("kit", "--publish", "setup")[0] == 0
    published = kit / "published" / "setup.py"
    assert published.read_bytes() == (whole / "tinytorch_ref" / "core" / "setup.py").read_bytes()
    assert git(kit, "show", "HEAD:published/setup.py") == published.read_text()


def test_nothing_released_gives_no_kit(course, own_copy, tito):
    own_copy(course)
    assert tito("kit") == (2, "", "tito: Nothing is released yet. First: tito release")


def test_no_git(whole, tito, monkeypatch):
    monkeypatch.setenv("PATH", str(whole))
    code, _, err = tito("kit")
    assert code == 2
    assert "git is not installed" in err


def test_a_git_that_signs_or_has_hooks_of_its_own_is_no_obstacle(whole, tito, monkeypatch, tmp_path):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    config = f"[commit]\n\tgpgsign = true\n[core]\n\thooksPath = {hooks}\n[user]\n\tsigningkey = none\n"
    (tmp_path / "gitconfig").write_text(config)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.fspath(tmp_path / "gitconfig"))
    assert tito("kit")[0] == 0
