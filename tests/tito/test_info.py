import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import time
from importlib.metadata import version

import pytest

from tito import __version__, files, notebooks, state
from tito.commands import info
from tito.console import console
from tito.environment import made_for

TITO = "python bin/tito.py"


def found(home, *options):
    done = home.tito("info", "--json", *options)
    assert done.code == 0, done.err
    return {row["module"]: row for row in done.json["modules"]}, done.json["next_step"]


def remember(home, module, passed, seen):
    digest = notebooks.digest(home.read(module))
    state.remember(home.workspace, "tests", module, {"digest": digest, "passed": passed, "seen": seen, "points": 3})


def test_a_fresh_workspace(home):
    rows, step = found(home)
    assert [row["state"] for row in rows.values()] == ["not started"] * 3 + ["not released"]
    assert [row["points"] for row in rows.values()] == [3, 3, 4, None]
    assert [row["points_for_answers"] for row in rows.values()] == [2, 0, 0, None]
    assert step == "jupyter lab modules/setup/setup_dev.ipynb  (first read modules/setup/README.md)"


def test_the_way_of_a_module(home):
    home.edit("setup", "double", home.solutions["double"])
    rows, step = found(home)
    assert rows["setup"]["text"] == "started: 1 of 2 stubs written"
    assert step == "jupyter lab modules/setup/setup_dev.ipynb  (next stub: area)"
    home.solve("setup")
    rows, step = found(home)
    assert rows["setup"]["text"] == "started: 2 of 2 stubs written"
    assert step == f"{TITO} sync --module setup"
    home.tito("sync")
    rows, step = found(home)
    assert rows["setup"]["state"] == "synced"
    assert step == f"{TITO} test --module setup"
    remember(home, "setup", passed=False, seen=2)
    rows, step = found(home)
    assert (rows["setup"]["state"], rows["setup"]["points_seen"]) == ("tests failed", 2)
    assert step.endswith(f"({TITO} test --module setup says what is wrong)")
    remember(home, "setup", passed=True, seen=3)
    rows, step = found(home)
    assert (rows["setup"]["state"], rows["setup"]["points_seen"]) == ("tests passed", 3)
    answer = 'answer reflect_size in modules/setup/setup_dev.ipynb ("YOUR ANSWER HERE"), then '
    assert step == f"{answer}{TITO} submit --module setup"
    home.edit("setup", "demo", "1 + 1")
    rows, step = found(home)
    assert rows["setup"]["text"] == "changed since last test"
    assert step == f"{TITO} test --module setup"
    home.edit("setup", "area", "#| export\ndef area(r):\n    return 3")
    rows, step = found(home)
    assert rows["setup"]["text"] == "changed since last test"
    assert step == f"{TITO} sync --module setup"


def test_what_test_stores_is_what_info_shows(home):
    home.solve("setup")
    home.tito("sync")
    assert home.tito("test", "--module", "setup").code == 0
    rows, _ = found(home)
    assert (rows["setup"]["state"], rows["setup"]["points_seen"], rows["setup"]["points"]) == ("tests passed", 3, 3)


def test_passed_tests_do_not_outlive_the_export(home):
    home.solve("setup")
    home.tito("sync")
    remember(home, "setup", passed=True, seen=3)
    (home / "tinytorch/core/setup.py").unlink()
    rows, step = found(home)
    assert rows["setup"]["state"] == "changed"
    assert step == f"{TITO} sync --module setup"


def test_broken_and_missing_notebooks(home):
    home.write("setup", "{")
    home.path("tensor").unlink()
    rows, step = found(home)
    assert [rows["setup"]["state"], rows["tensor"]["state"]] == ["unreadable", "missing"]
    assert step == f"{TITO} reset --module setup"


def test_a_rescued_module_is_behind_you(home):
    (home / "published").mkdir()
    (home / "published/setup.py").write_text("def double(x):\n    return x + x\n")
    home.tito("rescue", "-m", "setup")
    rows, step = found(home)
    assert rows["setup"]["text"] == "published solution installed"
    assert "modules/tensor" in step


def test_the_milestone_comes_before_handing_in(home, monkeypatch):
    for module in ("setup", "tensor", "mlp"):
        home.solve(module)
    home.tito("sync")
    for module in ("setup", "tensor", "mlp"):
        remember(home, module, passed=True, seen=3)
    for module in ("setup", "tensor"):
        assert home.tito("submit", "--module", module).code == 0
    milestone = f"{TITO} milestone mnist  (>95% accuracy on MNIST)"
    assert found(home)[1] == f"{TITO} data mnist, then {milestone}"
    for name in home.dataset(monkeypatch):
        files.write(home / "data/mnist" / name, "as long as it is there")
    assert found(home)[1] == milestone
    state.remember(home.workspace, "milestones", "mlp_mnist", {"accuracy": 0.98, "reached": True})
    assert found(home)[1] == f"{TITO} submit --module mlp"
    home.tito("submit", "--module", "mlp")
    assert found(home)[1] == "none until module cnn is released"


def test_submitted_and_changed_since(home):
    home.solve("setup")
    home.edit("setup", "reflect_size", "Four.")
    home.tito("sync")
    remember(home, "setup", passed=True, seen=3)
    home.tito("submit", "--module", "setup")
    rows, step = found(home)
    assert (rows["setup"]["state"], rows["setup"]["text"]) == ("submitted", "submitted")
    assert step.startswith("jupyter lab modules/tensor/")
    home.edit("setup", "reflect_size", "Four bytes.")
    rows, step = found(home)
    assert (rows["setup"]["state"], rows["setup"]["text"]) == ("tests passed", "changed since submitted")
    assert step == f"{TITO} submit --module setup"
    home.edit("setup", "area", "#| export\ndef area(r):\n    return 3")
    rows, step = found(home)
    assert (rows["setup"]["state"], rows["setup"]["text"]) == ("changed", "changed since submitted")
    assert step == f"{TITO} sync --module setup"


def test_a_module_with_gaps_can_be_left_behind(home):
    home.edit("setup", "double", home.solutions["double"])
    home.tito("submit", "--module", "setup")
    rows, step = found(home)
    assert (rows["setup"]["state"], rows["setup"]["text"]) == ("submitted", "submitted with gaps")
    assert step.startswith("jupyter lab modules/tensor/")


def test_as_text(home):
    home.due("setup", "2026-09-30T23:59:00+02:00")
    home.edit("setup", "double", home.solutions["double"])
    done = home.tito("info")
    assert done.code == 0
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "0 Setup started: 1 of 2 stubs written - of 3 + 2 30 30 Sep 23:59" in lines
    assert "3 CNN not released yet mlp 90" in lines
    assert any(line.startswith(f"Python {sys.version.split()[0]}, numpy 2.") for line in lines)
    assert any("jupyterlab 4." in line and "nbdev 3." in line for line in lines)
    assert lines[-1].startswith("Next step: jupyter lab modules/setup/")


def test_it_fits_80_columns(home, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    console.cache_clear()
    home.edit("setup", "double", home.solutions["double"])
    out = home.tito("info").out
    assert "started: 1 of 2 stubs written" in out
    assert "…" not in out


@pytest.mark.parametrize(("prefix", "expected"), [("/venv", "active (/venv)"), (None, "not active: source .venv/bin")])
def test_the_virtual_environment(home, monkeypatch, prefix, expected):
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.setattr(sys, "prefix", prefix or sys.base_prefix)
    assert f"Virtual environment {expected}" in home.tito("info").out


def test_a_workspace_that_was_copied(home):
    """Its environment may be active all the same, and has notebooks import the package of the other folder."""
    (home / ".venv/bin").mkdir(parents=True)
    (home / ".venv/bin/activate").write_text('VIRTUAL_ENV="/home/ada/TinyTorch/.venv"\n')
    out = home.tito("info").out
    assert "This workspace was moved or copied: its .venv belongs to /home/ada/TinyTorch/.venv." in out
    assert "-m venv --clear .venv" in out


def test_a_package_that_is_not_installed(home, monkeypatch):
    from importlib.metadata import PackageNotFoundError

    def version(name):
        if name == "nbdev":
            raise PackageNotFoundError(name)
        return "1.0"

    monkeypatch.setattr("tito.commands.info.version", version)
    assert "nbdev missing" in home.tito("info").out


def test_the_instructors_copy(instructor):
    done = instructor.tito("info")
    assert done.code == 0
    assert "The instructor's copy: modules are in source/" in done.out
    assert instructor.tito("info", "--json").json["copy"] == "instructor"


def test_in_the_instructors_copy_the_next_step_hands_the_course_out(home):
    for name in ("setup", "tensor", "mlp"):
        home.solve(name)
    shutil.move(home / "modules", home / "source")
    shutil.rmtree(home / ".tito")
    assert home.tito("sync").code == 0
    hand_out = ("release/setup", "dist/Tiny/modules/setup", "release/tensor", "release/mlp")
    kits = ("dist/Tiny/modules/tensor", "dist/Tiny/modules/mlp", "data")
    asked = ("release setup", "kit", "release tensor  (students have setup)", "kit", "kit", "kit")
    for made, step in zip((*hand_out, *kits), (*asked, ""), strict=True):
        said = home.tito("info").out.splitlines()[-1]
        assert said == f"Next step: {f'python bin/tito.py {step}' if step else 'none: students have every module'}"
        (home / made).mkdir(parents=True)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"tests": 3}', '{"tests": {"setup": 3}}', '{"tests": {"setup": {}}}'])
def test_a_broken_state_file_is_as_none(home, text):
    (home / ".tito/state.json").write_text(text)
    home.edit("setup", "double", home.solutions["double"])
    rows, _ = found(home)
    assert rows["setup"]["state"] == "started"


def test_nothing_is_written(home):
    before = home.files()
    home.tito("info")
    assert home.files() == before


def test_nothing_slow_is_imported(home):
    slow = ["numpy", "nbformat", "nbclient", "nbdev", "jupyter_client", "matplotlib", "pooch", "requests", "pytest"]
    code = "import sys; from tito.commands.info import info; info(False); print(set(sys.argv) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, *slow], cwd=home.root, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "set()", done.stdout + done.stderr


@pytest.mark.skipif(version("typer") >= "0.29", reason="pyproject.toml asks for typer<0.29, which needs no pydantic")
def test_it_takes_less_than_half_a_second(home):
    assert min(seconds(home) for _ in range(3)) < 0.5


def seconds(home):
    """Of processor time, or of the clock if that is less: other processes do not count."""
    before, begun = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "tito.cli", "info"]
    subprocess.run(command, cwd=home.root, check=True, capture_output=True)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return min(used, time.perf_counter() - begun)


WIDEST = [
    info.Status("tensor", "started", "started: 10 of 12 stubs written", 26, 26, 4),
    info.Status("mlp", "rescued", "published solution installed", 18.5, 26, 4),
    info.Status("cnn", "not released", "not released yet"),
]


def test_a_whole_course_with_due_dates_has_one_line_a_module_at_80_columns(home, monkeypatch):
    """Without colour, too: what colour says is said in words."""
    home.due("tensor", "2026-11-30T23:59:00+01:00")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    console.cache_clear()
    home.capsys.readouterr()
    info.say(info._modules(home.workspace, WIDEST))
    lines = home.capsys.readouterr().out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    (line,) = [line for line in lines if "stubs written" in line]
    assert "was 26 of 26 + 4" in line
    assert "30 Nov 23:59" in line
    assert len([line for line in lines if line.strip()]) == 2 + len(WIDEST)


def test_which_tito_it_is(home):
    done = home.tito("--version")
    assert (done.code, done.out) == (0, f"tito {__version__}, Python {platform.python_version()}\n")


@pytest.mark.parametrize("quoted", ["'{}'", '"{}"', "{}"])
@pytest.mark.parametrize("name", ["o'brien", "my course", "a$b", "plain"])
def test_an_environment_in_its_own_place_was_not_moved(home, tmp_path, quoted, name):
    """As venv writes the path: quoted for the shell, and before that as it is between double quotes."""
    root = tmp_path / name
    place = root / ".venv"
    (place / "bin").mkdir(parents=True)
    written = quoted.format(place) if quoted == '"{}"' else shlex.quote(str(place))
    (place / "bin/activate").write_text(f"    export VIRTUAL_ENV={written}\n")
    assert made_for(root) == ""
    root.rename(tmp_path / "elsewhere")
    assert made_for(tmp_path / "elsewhere") == str(place)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_package_that_is_not_this_workspaces(home, tmp_path, monkeypatch, elsewhere):
    """Two clones and one environment, or a package of this name from an index: notebooks import another tinytorch."""
    info = tmp_path / "site" / "tinytorch-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: tinytorch\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert f"Notebooks import the tinytorch of {tmp_path / 'site'}" in home.tito("info").out
    other = tmp_path / "größer" / "TinyTorch" if elsewhere else home.root
    other.mkdir(parents=True, exist_ok=True)
    (info / "direct_url.json").write_text(json.dumps({"url": other.as_uri(), "dir_info": {"editable": True}}))
    assert (f"Notebooks import the tinytorch of {other}," in home.tito("info").out.replace("[/]", "")) == elsewhere


@pytest.mark.parametrize("submitted", [True, False])
def test_a_folder_that_was_moved_or_deleted_is_not_unreleased(home, submitted):
    home.solve("setup")
    home.edit("setup", "reflect_size", "Four bytes.")
    if submitted:
        assert home.tito("submit", "--module", "setup").code == 0
    (home / "modules/setup").rename(home / "modules/week 1")
    rows, step = found(home)
    assert (rows["setup"]["state"], rows["setup"]["text"]) == (
        ("gone", "submitted; its notebook is gone") if submitted else ("missing", "the notebook is missing")
    )
    assert step.startswith("jupyter lab modules/tensor" if submitted else f"{TITO} reset --module setup")
    done = home.tito("sync", "--module", "setup")
    assert (done.code, "modules/setup/setup_dev.ipynb is missing" in done.err) == (2, True), done.err
    assert home.tito("test").code == 1
