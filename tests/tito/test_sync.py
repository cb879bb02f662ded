import json
import re


def package(home):
    return home / "tinytorch/core"


def test_untouched_modules_are_left_out(home):
    home.solve("setup")
    done = home.tito("sync")
    assert done.code == 0
    assert re.search(r"setup +tinytorch/core/setup.py +written", done.out)
    assert done.out.count("skipped: not started yet") == 2
    assert sorted(path.name for path in package(home).iterdir()) == ["__init__.py", "setup.py"]
    assert "Next step: python bin/tito.py test --module setup" in done.out


def test_a_fresh_workspace(home):
    before = home.files()
    done = home.tito("sync")
    assert done.code == 0
    assert done.out.count("skipped: not started yet") == 3
    assert home.files() == before


def test_an_untouched_module_when_asked_for(home):
    done = home.tito("sync", "--module", "setup")
    assert done.code == 0
    assert "2 of 2 stubs are still empty" in done.out
    assert "raise NotImplementedError()" in (package(home) / "setup.py").read_text()


def test_an_older_export_of_an_untouched_module(home):
    home.solve("setup")
    home.tito("sync")
    home.tito("reset", "--module", "setup")
    done = home.tito("sync")
    assert "skipped: not started here; the package keeps an older file" in done.out
    assert "return 2 * x" in (package(home) / "setup.py").read_text()


def test_one_stub_left(home):
    home.edit("setup", "double", home.solutions["double"])
    assert "1 of 2 stubs is still empty" in home.tito("sync").out


def test_again_without_changes(home):
    home.solve("setup")
    home.tito("sync")
    stamp = (package(home) / "setup.py").stat().st_mtime_ns
    assert "unchanged" in home.tito("sync").out
    assert (package(home) / "setup.py").stat().st_mtime_ns == stamp


def test_one_broken_notebook_does_not_stop_the_others(home):
    home.solve("setup")
    home.solve("tensor")
    home.edit("setup", "area", "#| export\ndef area(r)\n    return 3")
    done = home.tito("sync")
    assert done.code == 2
    assert "failed: modules/setup/setup_dev.ipynb, area, line 2: expected ':'" in done.out
    assert [path.name for path in package(home).iterdir() if path.name != "__init__.py"] == ["tensor.py"]


def test_a_broken_notebook_when_asked_for(home):
    home.write("setup", "{")
    done = home.tito("sync", "--module", "setup")
    assert done.code == 2
    assert "tito: modules/setup/setup_dev.ipynb is not a readable notebook" in done.err
    assert done.out == ""


def test_a_lost_export_line_is_pointed_out(home):
    home.solve("setup")
    home.edit("setup", "area", home.solutions["area"].replace("#| export\n", ""))
    assert "not exported, because `#| export` is gone: area" in home.tito("sync").out


def test_a_rescued_module_is_kept_until_asked_for(home):
    home.solve("setup")
    home.tito("sync")
    own = (package(home) / "setup.py").read_bytes()
    (home / "published").mkdir()
    (home / "published/setup.py").write_text("def double(x):\n    return x + x\n")
    assert home.tito("rescue", "--module", "setup").code == 0
    rescued = (package(home) / "setup.py").read_bytes()
    done = home.tito("sync")
    assert done.code == 0
    assert "skipped: the published solution is installed; your own comes back with --module setup" in done.out
    assert (package(home) / "setup.py").read_bytes() == rescued
    assert home.tito("sync", "--module", "setup").code == 0
    assert (package(home) / "setup.py").read_bytes() == own


def test_the_instructors_copy(instructor):
    done = instructor.tito("sync")
    assert done.code == 0
    assert done.out.count("written") == 3
    assert (instructor / "tinytorch_ref/core/mlp.py").is_file()


def test_no_module_at_all(home):
    for module in ("setup", "tensor", "mlp"):
        home.path(module).unlink()
    done = home.tito("sync")
    assert done.code == 2
    assert "No module is released here yet" in done.err


def test_a_file_in_place_of_the_package(home):
    home.solve("setup")
    (home / "tinytorch").write_text("not a folder")
    done = home.tito("sync")
    assert done.code == 3
    assert done.err.startswith("tito: ")
    assert "Not a directory" in done.err or "File exists" in done.err
    assert json.loads(home.path("setup").read_text())
