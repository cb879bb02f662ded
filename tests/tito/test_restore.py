import shutil

import pytest


@pytest.fixture
def reset(home):
    """A workspace whose student wrote something, and reset the notebook. Returns the bytes of what was written."""
    home.solve("setup")
    own = home.path("setup").read_bytes()
    home.tito("reset", "--module", "setup")
    return own


def test_a_backup_is_listed_and_comes_back(home, reset):
    listed = home.tito("restore")
    (backup,) = home.path("setup").parent.glob("*.backup-*")
    assert listed.code == 0
    assert f"modules/setup/{backup.name}" in listed.out
    released = home.path("setup").read_bytes()
    assert home.tito("restore", backup.name).code == 0
    assert home.path("setup").read_bytes() == reset
    assert released in [path.read_bytes() for path in home.path("setup").parent.glob("*.backup-*")]


@pytest.mark.parametrize("path", ["modules/setup/{}", "modules\\setup\\{}", "./{}"])
def test_a_backup_is_named_as_a_file_is(home, reset, path):
    (backup,) = home.path("setup").parent.glob("*.backup-*")
    assert home.tito("restore", path.format(backup.name)).code == 0
    assert home.path("setup").read_bytes() == reset


def test_the_latest_comes_first_also_of_two_in_a_second(home, monkeypatch):
    for time, text in (("20260930-120000", "one"), ("20260930-120000", "two"), ("20261001-080000", "three")):
        monkeypatch.setattr("tito.files.stamp", lambda time=time: time)
        home.edit("setup", "demo", text)
        home.tito("reset", "--module", "setup")
    lines = home.tito("restore").out.splitlines()
    assert lines[0] == "01 Oct 2026, 08:00:00  modules/setup/setup_dev.backup-20261001-080000.ipynb"
    assert len(lines) == 4


def test_an_export_of_ones_own_comes_back_after_rescue(home):
    (home / "published").mkdir()
    (home / "published/setup.py").write_text("x = 1\n", encoding="utf-8")
    home.solve("setup")
    home.tito("sync")
    export = home / "tinytorch/core/setup.py"
    own = export.read_bytes()
    home.tito("rescue", "--module", "setup")
    (backup,) = export.parent.glob("*.backup-*")
    assert home.tito("restore", backup.name).code == 0
    assert export.read_bytes() == own


def test_nothing_there_and_a_name_that_is_not(home):
    assert "no backup here" in home.tito("restore").out
    before = home.files()
    done = home.tito("restore", "setup_dev.ipynb")
    assert done.code == 2
    assert "no backup 'setup_dev.ipynb'" in done.err
    assert home.files() == before


def test_not_in_the_instructors_copy(instructor):
    assert "instructor's copy" in instructor.tito("restore").err


def test_a_copy_of_a_modules_folder_has_backups_of_the_same_name(home, reset):
    (backup,) = home.path("setup").parent.glob("*.backup-*")
    shutil.copytree(home / "modules/setup", home / "modules/setup old")
    before = home.files()
    done = home.tito("restore", backup.name)
    assert (done.code, "Several backups have this name" in done.err) == (2, True), done.err
    assert home.files() == before
    assert home.tito("restore", f"modules/setup/{backup.name}").code == 0
    assert home.path("setup").read_bytes() == reset
