"""A course of one's own: begun, changed, taught, brought to a new version of the template, and graded again."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ANSWERS = """\
course: ml101
title: ML 101
timezone: Europe/Berlin
first_due: 2027-03-22 23:59
modules: [setup, mlp]
late: {percent_per_day: 10}
"""
GIT = "git -c user.name=x -c user.email=x@localhost -c commit.gpgsign=false"
TITO = f"{sys.executable} bin/tito.py"


def typed(command: str, folder: Path, code: int = 0) -> str:
    """What the lines say that somebody types into bash."""
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == code, f"$ {command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def edit(root: Path, cell: str, old: str, new: str, **meta) -> None:
    """Change a cell of setup's notebook."""
    path = root / "source" / "setup" / "setup_dev.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    (found,) = [one for one in notebook["cells"] if one["id"] == cell]
    assert old in "".join(found["source"])
    found["source"] = "".join(found["source"]).replace(old, new).splitlines(keepends=True)
    found["metadata"].get("nbgrader", {}).update(meta)
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def cells(root: Path, module: str) -> dict:
    notebook = json.loads((root / "source" / module / f"{module}_dev.ipynb").read_text(encoding="utf-8"))
    return {one["id"]: "".join(one["source"]) for one in notebook["cells"]}


@pytest.fixture
def template(clone, tmp_path_factory):
    """The course as everybody can get it: in git, with a version."""
    root = tmp_path_factory.mktemp("template") / "course"
    shutil.copytree(clone, root, ignore=shutil.ignore_patterns("dist", "gradebook.db", ".cache", ".tito"))
    typed(f"git init -q -b main && git add -A && {GIT} commit -qm first && git tag v0.1.0", root)
    return root


def solve(course: Path, student: Path, module: str) -> None:
    """Write the instructor's solutions and answers into a student's notebook."""
    path, solutions = student / "modules" / module / f"{module}_dev.ipynb", cells(course, module)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = solutions[cell["id"]]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def hand_in(student: Path, course: Path, module: str) -> None:
    typed(f"{TITO} submit --module {module}", student)
    place = course / "submitted" / "ada" / module
    place.mkdir(parents=True)
    shutil.copy(student / "modules" / module / f"{module}_dev.ipynb", place)
    (place / "timestamp.txt").write_text("2026-11-20 10:00:00 +0100")


def grade(course: Path, module: str) -> list:
    """Score and highest score, as tito grade says them."""
    (row,) = json.loads(typed(f"{TITO} grade {module} --json", course))
    return [row["score"], row["max_score"]]


@pytest.mark.needs("files")
def test_a_course_of_ones_own(template, gradebook, tmp_path):
    # begun
    (tmp_path / "answers.yml").write_text(ANSWERS)
    said = typed(f"{TITO} new {tmp_path}/ml101 --answers {tmp_path}/answers.yml", template)
    assert "tensor is given" in said
    course, ada = tmp_path / "ml101", tmp_path / "TinyTorch"
    shown = typed(f"{TITO} info", course)
    assert "22 Mar 23:59" in shown
    assert "29 Mar 23:59" in shown

    # changed: a question, a module
    edit(course, "check_nbytes", "six float32", "six numbers", points=3)
    typed(f"{TITO} new-module rnn --after mlp --needs tensor", course)

    # taught: students have tensor, work, hand in, are graded
    typed(f"{TITO} release setup rnn && {TITO} kit && git clone -q dist/TinyTorch {ada}", course)
    typed(f"git add -A && {GIT} commit -qm mine", course)
    for module in ("setup", "rnn"):
        solve(course, ada, module)
        typed(f"{TITO} sync --module {module} && {TITO} test --module {module}", ada)
        hand_in(ada, course, module)
    assert "given: nothing to do" in typed(f"{TITO} info", ada)
    first = {module: grade(course, module) for module in ("setup", "rnn")}
    assert first["rnn"] == [2, 2]
    assert first["setup"][0] == first["setup"][1] == 10, "the course's 8, and 2 more for check_nbytes"

    # upstream goes on: a check, documentation, a module
    edit(template, "check_format_bytes", "exactly a KiB", "a KiB, exactly")
    (template / "docs" / "container.md").write_text("Containers.\n")
    typed(f"{TITO} new-module gru --needs mlp", template)
    changes = (
        (template / "CHANGELOG.md").read_text().replace("## v0.1.0", "## v0.2.0\n\n- News of checks.\n\n## v0.1.0")
    )
    (template / "CHANGELOG.md").write_text(changes)
    typed(f"git add -A && {GIT} commit -qm better && git tag v0.2.0", template)
    said = typed(f"{TITO} upgrade", course)
    assert "News of checks." in said
    assert "To be mended" not in said

    # everything of both is there, and is graded again
    found = cells(course, "setup")
    assert "six numbers" in found["check_nbytes"]
    assert "a KiB, exactly" in found["check_format_bytes"]
    assert (course / "docs" / "container.md").read_text() == "Containers.\n"
    assert cells(course, "rnn")
    assert cells(course, "gru")
    typed(f"{TITO} release setup && {TITO} kit", course)
    assert grade(course, "setup") == first["setup"]
    assert typed("git status --porcelain", course) == "", (
        "what students handed in, and what was made of it, is not for git"
    )
