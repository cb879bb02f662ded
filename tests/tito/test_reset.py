def backups(home):
    return sorted(home.path("setup").parent.glob("setup_dev.backup-*.ipynb"))


def test_the_released_notebook_and_a_backup(home):
    released = home.path("setup").read_bytes()
    home.solve("setup")
    own = home.path("setup").read_bytes()
    done = home.tito("reset", "--module", "setup")
    assert done.code == 0
    assert home.path("setup").read_bytes() == released
    (backup,) = backups(home)
    assert backup.read_bytes() == own
    assert f"kept as modules/setup/{backup.name}" in done.out


def test_twice_in_a_second_keeps_both(home, monkeypatch):
    monkeypatch.setattr("tito.files.stamp", lambda: "20260930-120000")
    for text in ("first", "second"):
        home.edit("setup", "demo", text)
        assert home.tito("reset", "--module", "setup").code == 0
    assert [b'"first"' in path.read_bytes() for path in backups(home)].count(True) == 1
    assert [b'"second"' in path.read_bytes() for path in backups(home)].count(True) == 1


def test_nothing_to_do(home):
    done = home.tito("reset", "--module", "setup")
    assert done.code == 0
    assert "is as it was released already" in done.out
    assert backups(home) == []


def test_a_lost_notebook_comes_back(home):
    released = home.path("setup").read_bytes()
    home.path("setup").unlink()
    assert home.tito("reset", "--module", "setup").code == 0
    assert home.path("setup").read_bytes() == released
    assert backups(home) == []


def test_a_broken_notebook_is_kept_as_well(home):
    home.write("setup", "{ broken")
    assert home.tito("reset", "--module", "setup").code == 0
    assert backups(home)[0].read_text() == "{ broken"


def test_a_folder_in_the_notebooks_place_stays(home):
    home.path("setup").unlink()
    home.path("setup").mkdir()
    done = home.tito("reset", "--module", "setup")
    assert done.code == 2
    assert "is a folder" in done.err
    assert home.path("setup").is_dir()


def test_no_released_copy(home):
    home.solve("setup")
    (home / ".tito/released/setup/setup_dev.ipynb").unlink()
    before = home.files()
    done = home.tito("reset", "--module", "setup")
    assert done.code == 2
    assert "no released notebook of module setup" in done.err
    assert home.files() == before


def test_a_backup_that_can_not_be_written_changes_nothing(home, monkeypatch):
    home.solve("setup")
    before = home.files()

    def full(path, backup):
        raise OSError(28, "No space left on device", str(backup))

    monkeypatch.setattr("tito.files.keep", full)
    done = home.tito("reset", "--module", "setup")
    assert done.code == 3
    assert "No space left on device" in done.err
    assert home.files() == before


def test_not_in_the_instructors_copy(instructor):
    before = instructor.files()
    done = instructor.tito("reset", "--module", "setup")
    assert done.code == 2
    assert "instructor's copy" in done.err
    assert instructor.files() == before
