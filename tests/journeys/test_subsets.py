"""A part of the modules, as a course: released, handed out, worked on, tested, told as one story, handed in, graded."""

import json
import shutil
import sys

import nbformat
import pytest
from subsets import SUBSETS, teach

from autograder.demo.simulate import Simulation
from autograder.judging.source import Source
from tito.workspace import Workspace

TITO = f"{sys.executable} bin/tito.py"


@pytest.fixture(scope="module")
def course(clone, tmp_path_factory):
    """A course whose modules change: what grading has learned of the sources stays."""
    root = tmp_path_factory.mktemp("subsets") / "course"
    shutil.copytree(clone, root, ignore=shutil.ignore_patterns("dist", "release", "gradebook.db"))
    return root


def pytest_generate_tests(metafunc):
    if "subset" in metafunc.fixturenames:
        names = list(SUBSETS) if metafunc.config.getoption("thorough") else list(SUBSETS)[:1]
        metafunc.parametrize("subset", names)


@pytest.mark.needs("files")
def test_a_subset_from_release_to_grades(course, subset, tmp_path, shell):
    for made in ("dist", "release", "submitted", "autograded"):
        shutil.rmtree(course / made, ignore_errors=True)
    (course / "gradebook.db").unlink(missing_ok=True)
    teach(course, SUBSETS[subset])
    workspace = Workspace.find(course)
    taught = workspace.released()
    shell(
        f"{TITO} release {' '.join(taught)} && {TITO} kit && git clone -q dist/TinyTorch {tmp_path}/TinyTorch", course
    )

    student = tmp_path / "TinyTorch"
    for name in taught:
        source = Source.of(workspace, name)
        place = student / "modules" / name / source.path.name
        nbformat.write(Simulation(source, place, course / "tests/course/versions").perfect(), place)
    shell(f"{TITO} info && {TITO} sync && {TITO} test", student)
    together = any(student.glob("tests/integration/test_*.py"))
    assert together or (subset.startswith("to ") and "training" not in subset)
    story = shell(f"{TITO} test --story", student, 0 if together else 2)
    assert ("no story together" in story) == (not together)

    for name in taught:
        shell(f"{TITO} submit --module {name}", student)
        place = course / "submitted" / "ada" / name
        shutil.copytree(student / "modules" / name, place)
        graded = shell(f"{TITO} grade {name} --json", course)
        (row,) = json.loads(graded[graded.index("[") :])
        assert row["score"] == row["max_score"] > 0, name
