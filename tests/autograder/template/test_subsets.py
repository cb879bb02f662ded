"""Any sensible subset of the modules is a course: what students read names no module that they do not have."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from autograder.handing_out.kit import make_kit
from autograder.template.answers import Questionnaire, term_of
from tito.uses import modules_imported
from tito.workspace import Course, Workspace

ROOT = Path(__file__).resolve().parents[3]
SUBSETS = {
    "to mlp": ["setup", "tensor", "mlp"],
    "to cnn": ["setup", "tensor", "mlp", "cnn"],
    "to cnn, and kernels": ["setup", "tensor", "mlp", "cnn", "kernels"],
    "autograd with cnn given": ["setup", "tensor", "mlp", "autograd"],
    "to training, compression, mlops": [
        *("setup", "tensor", "mlp", "cnn", "autograd", "data", "training", "compression", "mlops"),
    ],
    "all": "all",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The course, with its pages and notebooks in release/ as if they were released."""
    root = tmp_path_factory.mktemp("subsets")
    ignored = shutil.ignore_patterns("__pycache__", "*.npz", "*.npy", "goldens", "mnist", "cifar-10")
    for name in ("tito", "bin", "student", "source", "tinytorch_ref", "tests/tinytorch"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("course.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(root / "source", root / "release")
    return root


@pytest.mark.parametrize("modules", SUBSETS.values(), ids=list(SUBSETS))
def test_a_subset(whole, modules):
    shutil.rmtree(whole / "dist", ignore_errors=True)
    (whole / "term.yml").unlink(missing_ok=True)
    term = term_of(Questionnaire("a", "A", "UTC", modules=modules), Course.read(whole / "course.yml"))
    (whole / "term.yml").write_text(yaml.safe_dump(term))
    kit = make_kit(Workspace.find(whole), []).folder
    course = Workspace.find(kit).course
    taught = {name for name, row in course.modules.items() if row.state == "taught"}
    assert taught == (set(course.modules) if modules == "all" else set(modules))
    assert course.gaps() == []
    assert {path.name for path in kit.glob("modules/*")} == taught
    assert {path.stem for path in kit.glob("tinytorch/core/[a-z]*.py")} == set(course.modules) - taught
    for path in kit.glob("tests/integration/test_*.py"):
        assert modules_imported(path) <= set(course.modules), path.name
    numbers = {str(row.number) for row in course.modules.values()}
    titles = {f"Module {row.number}: {row.title}" for row in course.modules.values()}
    for path in [kit / "README.md", *kit.glob("modules/*/README.md")]:
        text, where = path.read_text(encoding="utf-8"), path.relative_to(kit)
        assert set(re.findall(r"--module (\w+)", text)) <= taught | {"NAME", "X"}, where
        assert set(re.findall(r"(?i)\bmodule (\d+)", text)) <= numbers, where
        assert set(re.findall(r"(?m)Module \d+: [A-Za-z]+", text)) <= titles, where
        for link in re.findall(r"\]\(((?:\.\./|modules/)[^)#]+)\)", text):
            assert (path.parent / link).exists(), f"{where}: {link}"
    for name in taught:
        assert (kit / "modules" / name / "README.md").read_text() == (
            kit / ".tito" / "released" / name / "README.md"
        ).read_text()


def test_pages_of_the_whole_course_are_as_they_are(whole):
    (whole / "term.yml").unlink(missing_ok=True)
    kit = make_kit(Workspace.find(whole), []).folder
    for path in (whole / "source").glob("*/README.md"):
        assert (kit / "modules" / path.parent.name / "README.md").read_bytes() == path.read_bytes()
