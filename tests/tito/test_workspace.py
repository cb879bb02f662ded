import shutil

import pytest

from tito.limits import Limits
from tito.workspace import UserError, Workspace


def test_found_from_a_folder_inside(home):
    workspace = Workspace.find(home / "modules/setup")
    assert workspace.root == home.root
    assert not workspace.instructor
    assert workspace.notebook("tensor") == home / "modules/tensor/tensor_dev.ipynb"
    assert workspace.export("tensor") == home / "tinytorch/core/tensor.py"
    assert workspace.pristine("tensor") == home / ".tito/released/tensor/tensor_dev.ipynb"


def test_the_instructors_folders(instructor):
    workspace = instructor.workspace
    assert workspace.instructor
    assert workspace.notebook("tensor") == workspace.pristine("tensor") == instructor / "source/tensor/tensor_dev.ipynb"
    assert workspace.export("tensor") == instructor / "tinytorch_ref/core/tensor.py"
    assert workspace.tests == instructor / "tests/tinytorch"


def test_outside_of_a_workspace(tmp_path):
    with pytest.raises(UserError, match=r"not inside a TinyTorch workspace.*cd TinyTorch"):
        Workspace.find(tmp_path)


@pytest.mark.parametrize("name", ["[2026]", "what?", "*", "$HOME", "a%20b"])
def test_a_folder_that_nbgrader_would_not_find_holds_no_course(instructor, home, tmp_path, name):
    """It would use another database, or no configuration of the course. What students do needs no nbgrader."""
    for root, holds in ((instructor, "source"), (home, "modules")):
        (tmp_path / name / holds).mkdir(parents=True, exist_ok=True)
        shutil.copy(root / "course.yml", tmp_path / name)
        if holds == "source":
            with pytest.raises(UserError, match=r"can't hold a course.*Rename the folder"):
                Workspace.find(tmp_path / name)
            (tmp_path / name / holds).rmdir()
        else:
            assert not Workspace.find(tmp_path / name).instructor


def test_a_folder_with_other_signs_holds_a_course(instructor, tmp_path):
    folder = tmp_path / "100 % über-kurs {x} ~ #1\n🎉"
    (folder / "source").mkdir(parents=True)
    shutil.copy(instructor / "course.yml", folder)
    assert Workspace.find(folder).instructor


def test_released_in_the_courses_order(home):
    assert home.workspace.released() == ["setup", "tensor", "mlp"]


@pytest.mark.parametrize("state", ["draft", "elective"])
def test_what_is_not_taught_is_not_released(home, state):
    text = (home / "course.yml").read_text().replace("goal: Train", f"goal: Train, state: {state}")
    (home / "course.yml").write_text(text)
    assert home.workspace.released() == ["setup", "tensor"]
    assert home.workspace.written() == ["setup", "tensor", "mlp"]


def test_unknown_module_with_a_suggestion(home):
    with pytest.raises(
        UserError, match=r"no module 'tensr'\. Did you mean tensor\? The modules: setup, tensor, mlp, cnn"
    ):
        home.workspace.module("tensr")


def test_module_that_is_not_released(home):
    with pytest.raises(UserError, match=r"cnn is not released yet. Released so far: setup, tensor, mlp"):
        home.workspace.module("cnn")


def test_module_whose_notebook_is_gone(home):
    home.path("setup").unlink()
    with pytest.raises(UserError, match=r"is missing.*reset --module setup"):
        home.workspace.module("setup")


def test_limits_of_a_module_over_those_of_the_course(home):
    text = (home / "course.yml").read_text().replace("goal: Train", "goal: Train, limits: {cell_seconds: 5}")
    (home / "course.yml").write_text(text)
    course = home.workspace.course
    assert course.limits_of("mlp") == Limits(cell_seconds=5, notebook_seconds=60)
    assert course.limits_of("setup").cell_seconds == 20


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("modules: [", "can't be read"),
        ("", "can't be read"),
        ("modules: 3", "can't be read"),
        ("course: x", "can't be read"),
        ("\x00", "can't be read"),
        (b"\xff\xfe", "can't be read"),
    ],
)
def test_broken_manifest(home, text, message):
    (home / "course.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError, match=message) as caught:
        _ = home.workspace.course
    assert "course.yml" in str(caught.value)


def test_unknown_prerequisite(home):
    text = (home / "course.yml").read_text().replace("[tensor]", "[sensor]")
    (home / "course.yml").write_text(text)
    with pytest.raises(UserError, match="mlp needs sensor, which is no module"):
        _ = home.workspace.course


@pytest.mark.parametrize("due", ["2026-09-30", "2026-09-30T12:00:00", "soon"])
def test_deadline_without_a_time_zone(home, due):
    home.due("tensor", due)
    with pytest.raises(UserError, match=r"due of tensor must be like .* with a time zone"):
        _ = home.workspace.course


def test_a_students_folder_named_source_makes_no_instructor(home):
    (home / "source").mkdir()
    assert not home.workspace.instructor


def test_what_the_folder_of_a_notebook_has_instead_is_named(home):
    home.path("setup").rename(home.path("setup").with_name("setup_dev (1).ipynb"))
    home.path("setup").with_name("setup_dev.backup-20260101-000000.ipynb").touch()
    with pytest.raises(UserError, match=r"Its folder has setup_dev \(1\).ipynb: if yours is there, name it setup_dev"):
        home.workspace.module("setup")
