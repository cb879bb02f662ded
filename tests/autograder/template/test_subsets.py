"""Any sensible subset of the modules is a course: what students read names no module that they do not have."""

import dataclasses
import re
import shutil
from pathlib import Path

import nbformat
import pytest
import yaml
from subsets import SUBSETS, teach
from versions import WORKSPACE, released, source_of

from autograder.handing_out.kit import make_kit, too_early
from tito.uses import modules_imported
from tito.workspace import Course, UserError, Workspace

ROOT = Path(__file__).resolve().parents[3]


COUNTED = re.compile(
    r"(?i)\bmodules? (\d+)(: \w+)?|\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|\w+teen) modules\b"
)
ASKED = re.compile(r"--module (\w+)")
PACKAGE = re.compile(r"\bcore[./](\w+)")
PLACE = re.compile(r"\bmodules/(\w+)")
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
LATER = {("tensor", "autograd")}  # `backward` of a Tensor is there for those who go on to autograd


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The course, with all that nbgrader makes of its source notebooks in release/."""
    root = tmp_path_factory.mktemp("subsets")
    ignored = shutil.ignore_patterns("__pycache__", "*.npz", "*.npy", "goldens", "mnist", "cifar-10")
    for name in ("tito", "bin", "student", "source", "tinytorch_ref", "tests/tinytorch"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("course.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(root / "source", root / "release")
    for name in WORKSPACE.written():
        nbformat.write(released(source_of(name)), root / "release" / name / f"{name}_dev.ipynb")
    return root


def texts(kit: Path):
    """What students read and may change: its place, and the text. A notebook's is that of its cells."""
    for path in sorted(path for folder in ("", "modules/**/", "tests/**/") for path in kit.glob(f"{folder}*.*")):
        if path.suffix == ".ipynb":
            yield path, "\n".join(cell.source for cell in nbformat.read(path, 4).cells)
        elif path.suffix in {".md", ".py", ".yml"} and path.is_file():
            yield path, path.read_text(encoding="utf-8")


def strays(text: str, course: Course, folder: Path | None = None) -> list[str]:
    """What in a text speaks of modules that the course does not have, or of their number."""
    taught = {name for name, row in course.modules.items() if row.state == "taught"}
    titles = {f"Module {row.number}: {row.title}" for row in course.modules.values()}
    numbers = {str(row.number) for row in course.modules.values()}
    found = [hit[0] for hit in COUNTED.finditer(text) if hit[1] not in numbers or (hit[2] and hit[0] not in titles)]
    found += [hit[0] for hit in ASKED.finditer(text) if hit[1] not in taught | {"NAME", "X"}]
    found += [hit[0] for hit in PACKAGE.finditer(text) if hit[1] not in {*course.modules, "kernels_in_python"}]
    found += [hit[0] for hit in PLACE.finditer(text) if hit[1] not in taught]
    return found + [hit[1] for hit in LINK.finditer(text) if folder and not (folder / hit[1]).exists()]


@pytest.mark.parametrize("modules", SUBSETS.values(), ids=list(SUBSETS))
def test_a_subset(whole, modules):
    """Each follows the one before in dist/: what was handed out then, and is not in this course, is gone."""
    teach(whole, modules)
    kit = make_kit(Workspace.find(whole), []).folder
    course = Workspace.find(kit).course
    taught = {name for name, row in course.modules.items() if row.state == "taught"}
    assert taught == (set(course.modules) if modules == "all" else set(modules))
    assert course.gaps() == []
    assert {path.name for path in kit.glob("modules/*")} == taught
    assert {path.stem for path in kit.glob("tinytorch/core/[a-z]*.py")} == set(course.modules) - taught
    for path in kit.glob("tests/integration/test_*.py"):
        assert modules_imported(path) <= set(course.modules), path.name
    for path, text in texts(kit):
        where = path.relative_to(kit)
        only_guide = path.name == "README.md" and path.parent == kit
        found = strays(text, course, path.parent if path.suffix == ".md" else None)
        later = {f"core.{other}" for module, other in LATER if module in path.stem and other not in course.modules}
        assert set(found) <= later, where
        assert only_guide or not COUNTED.search(text), f"{where} counts modules: {COUNTED.search(text)}"


def test_a_module_that_is_released_before_what_it_needs_is_noted():
    course = Course.read(ROOT / "course.yml")
    course.modules["cnn"] = dataclasses.replace(course.modules["cnn"], state="given")
    assert too_early(course, ["setup", "tensor", "mlp", "autograd"]) == {}  # cnn is given
    assert too_early(course, ["setup", "tensor", "autograd", "kernels"]) == {"autograd": ["mlp"], "kernels": ["mlp"]}


def test_what_was_handed_out_once_and_is_hidden_or_given_now_is_no_longer_in_the_kit(whole):
    """And back: a solution that was given goes, too."""
    for subset in ("to cnn, and kernels", "autograd with cnn given", "to cnn, and kernels"):
        teach(whole, SUBSETS[subset])
        kit = make_kit(Workspace.find(whole), []).folder
        for folder in ("modules", ".tito/released"):
            assert {path.name for path in (kit / folder).iterdir()} == set(SUBSETS[subset]), subset
        given = {"cnn"} if subset == "autograd with cnn given" else set()
        assert {path.stem for path in kit.glob("tinytorch/core/[a-z]*.py")} == given


def test_a_module_that_students_have_and_release_lost_is_not_taken_from_them(whole):
    teach(whole, SUBSETS["to cnn, and kernels"])
    kit = make_kit(Workspace.find(whole), []).folder
    before = {path: path.read_bytes() for path in kit.rglob("*") if path.is_file()}
    (whole / "release" / "mlp").rename(whole / "away")
    try:
        with pytest.raises(UserError, match="Students have mlp, and release/ does not"):
            make_kit(Workspace.find(whole), [])
    finally:
        (whole / "away").rename(whole / "release" / "mlp")
    assert {path: path.read_bytes() for path in kit.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("go on to module 5", ["module 5"]),
        ("Module 1: MLP", ["Module 1: MLP"]),
        ("Module 1: Tensor, and module 0", []),
        ("all thirteen modules; 13 modules", ["thirteen modules", "13 modules"]),
        ("tito test --module cnn, tito test --module tensor", ["--module cnn"]),
        ("from tinytorch.core.cnn import x; core/tensor.py", ["core.cnn"]),
        ("modules/cnn/README.md", ["modules/cnn"]),
        ("[a](b.md), [c](https://example.org), [d](#e)", ["b.md"]),
    ],
)
def test_what_the_search_finds(text, found, tmp_path):
    names = [row["name"] for row in yaml.safe_load((ROOT / "course.yml").read_text(encoding="utf-8"))["modules"]]
    rows = {name: {"state": "hidden"} for name in names if name not in ("setup", "tensor")}
    (tmp_path / "term.yml").write_text(yaml.safe_dump({"modules": rows}))
    shutil.copy(ROOT / "course.yml", tmp_path)
    assert strays(text, Course.read(tmp_path / "course.yml"), tmp_path) == found


def test_tools_do_not_count_modules():
    for path in [*(ROOT / "tito").rglob("*.py"), *(ROOT / "bin").glob("*.py")]:
        assert not COUNTED.search(path.read_text(encoding="utf-8")), path
