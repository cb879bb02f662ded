import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

import tito
from autograder.intake.archives import EACH_FILES, LARGEST, files_in
from tito import programs
from tito.commands import submit


@pytest.fixture
def solved(home):
    home.solve("setup")
    home.edit("setup", "reflect_size", "Four bytes.")
    return home


def submitted(home, *options):
    done = home.tito("submit", "--module", "setup", "--json", *options)
    assert done.code == 0, done.err
    return done.json


def archives(home):
    return sorted((home / "submissions").glob("*.zip"))


def names(path):
    return zipfile.ZipFile(path).namelist()


def test_zip_and_receipt(solved):
    done = solved.tito("submit", "--module", "setup")
    assert done.code == 0
    (archive,) = archives(solved)
    assert names(archive) == ["setup/setup_dev.ipynb"]
    assert zipfile.ZipFile(archive).read("setup/setup_dev.ipynb") == solved.path("setup").read_bytes()
    receipt = json.loads(archive.with_suffix(".receipt.json").read_text())
    assert receipt["zip"] == archive.name
    assert receipt["zip_sha256"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert receipt["notebook_sha256"] == hashlib.sha256(solved.path("setup").read_bytes()).hexdigest()
    assert receipt["time"].endswith("+00:00")
    assert receipt["warnings"] == []
    assert receipt["tito"] == tito.__version__
    assert receipt["zip_sha256"] in done.out
    assert f"Receipt    submissions/{archive.stem}.receipt.json" in done.out
    assert "warning" not in done.out
    assert "Next step: hand in the zip, and keep the receipt." in done.out


def test_what_is_not_done_is_said_and_packed_nevertheless(home):
    home.edit("setup", "double", home.solutions["double"])
    done = home.tito("submit", "--module", "setup")
    assert done.code == 0
    assert "warning  still empty: area" in done.out
    assert "warning  no answer yet: reflect_size" in done.out
    assert "Next step: fill the gaps and submit again; or hand in the zip, and keep the receipt." in done.out
    assert len(archives(home)) == 1


def test_an_untouched_notebook_is_refused(home):
    before = home.files()
    done = home.tito("submit", "--module", "setup")
    assert (done.code, done.out) == (1, "")
    assert done.err.count("tito: ") == 1
    assert "setup_dev.ipynb is as it was released: there is nothing to hand in yet" in done.err
    assert home.files() == before
    done = home.tito("submit", "--module", "setup", "--anyway")
    assert done.code == 0
    assert "warning  still empty: double, area" in done.out
    assert len(archives(home)) == 1


def test_a_written_answer_is_something(home):
    home.edit("setup", "reflect_size", "Four bytes.")
    assert submitted(home)["warnings"] == ["still empty: double, area"]


def test_cells_that_are_missing_or_doubled_are_said(solved):
    notebook = solved.read("setup")
    notebook["cells"] += [cell for cell in notebook["cells"] if cell["id"] in ("double", "reflect_size")]
    solved.write("setup", notebook)
    for name in ("check_area", "area"):
        solved.delete("setup", name)
    assert submitted(solved)["warnings"] == [
        "cells are missing, or have lost their names: area, check_area",
        "cells are there more than once, keep one of each: double, reflect_size",
    ]


def test_what_is_no_python_is_said(solved):
    solved.edit("setup", "double", "#| export\ndef double(x)\n    return 2 * x")
    done = solved.tito("submit", "--module", "setup")
    assert done.code == 0
    assert "warning  Python can't read double, line 2: expected ':': def double(x)" in done.out


def test_late(solved):
    solved.due("setup", "2020-01-31T23:59:00+01:00")
    assert submitted(solved)["warnings"] == ["late: it was due 31 Jan 2020, 23:59"]


def test_which_files_go_along(solved):
    folder = solved.path("setup").parent
    (folder / "plots").mkdir()
    (folder / "plots/time.png").write_bytes(b"png")
    (folder / "notes.txt").write_text("mine")
    (folder / "README.md").write_text("as released")
    (solved / ".tito/released/setup/README.md").write_text("as released")
    for debris in ("__pycache__/a.pyc", ".ipynb_checkpoints/a.ipynb", ".DS_Store", "setup_dev.backup-1.ipynb"):
        (folder / debris).parent.mkdir(exist_ok=True)
        (folder / debris).write_text("debris")
    (folder / "link.txt").symlink_to("/etc/hostname")
    receipt = submitted(solved)
    assert receipt["files"] == ["setup/setup_dev.ipynb", "setup/notes.txt", "setup/plots/time.png"]
    assert names(archives(solved)[0]) == receipt["files"]


def test_a_released_file_that_was_changed_goes_along(solved):
    (solved.path("setup").parent / "README.md").write_text("changed")
    (solved / ".tito/released/setup/README.md").write_text("as released")
    assert "setup/README.md" in submitted(solved)["files"]


def test_large_files_stay_behind(solved, monkeypatch):
    monkeypatch.setattr("tito.commands.submit.LARGEST_FILE", 100_000)
    monkeypatch.setattr("tito.commands.submit.LARGEST_ZIP", 150_000)
    for name, size in (("a.bin", 100_001), ("b.bin", 90_000), ("c.bin", 90_000)):
        (solved.path("setup").parent / name).write_bytes(bytes(size))
    receipt = submitted(solved)
    assert receipt["files"] == ["setup/setup_dev.ipynb", "setup/b.bin"]
    assert [warning.split(":")[0] for warning in receipt["warnings"]] == ["a.bin is left out", "c.bin is left out"]


def test_equal_contents_have_equal_checksums_and_never_overwrite(solved):
    first, second, third = (submitted(solved) for _ in range(3))
    assert first["zip_sha256"] == second["zip_sha256"] == third["zip_sha256"]
    assert len({first["zip"], second["zip"], third["zip"]}) == 3
    assert len(archives(solved)) == 3


def test_into_another_folder(solved, tmp_path):
    receipt = submitted(solved, "--to", tmp_path / "out")
    assert (tmp_path / "out" / receipt["zip"]).is_file()
    assert not (solved / "submissions").exists()


def test_a_file_in_the_place_of_the_folder_is_refused(solved, tmp_path):
    (tmp_path / "out").write_text("mine")
    done = solved.tito("submit", "--module", "setup", "--to", tmp_path / "out")
    assert (done.code, "out is not a folder. Name another folder" in " ".join(done.err.split())) == (2, True), done.err
    assert (tmp_path / "out").read_text() == "mine"


def test_a_corrupt_notebook_is_refused(solved):
    solved.write("setup", '{"nbformat": 4')
    done = solved.tito("submit", "--module", "setup")
    assert done.code == 2
    assert "is not a readable notebook" in done.err
    assert not (solved / "submissions").exists()


def test_a_file_in_place_of_the_folder(solved):
    (solved / "submissions").write_text("not a folder")
    done = solved.tito("submit", "--module", "setup")
    assert done.code == 3
    assert "File exists" in done.err or "Not a directory" in done.err


def test_not_in_the_instructors_copy(instructor):
    done = instructor.tito("submit", "--module", "setup")
    assert done.code == 2
    assert "instructor's copy" in done.err


def exchange(monkeypatch, code, err):
    calls = []

    def python(folder, *command, seconds):
        calls.append((folder, *command))
        return programs.Answer(code, b"", err)

    monkeypatch.setattr(programs, "python", python)
    monkeypatch.setattr("tito.commands.submit.find_spec", lambda name: object())
    return calls


def test_through_the_exchange(solved, monkeypatch):
    calls = exchange(monkeypatch, 0, "")
    done = solved.tito("submit", "--module", "setup", "--exchange")
    assert done.code == 0
    assert "Handed in  through nbgrader's exchange\nNext step: keep the receipt." in done.out
    assert calls == [(solved / "modules", "-m", "nbgrader", "submit", "setup", "--course", "tiny")]


def test_an_exchange_that_refuses(solved, monkeypatch):
    exchange(monkeypatch, 1, "warning\n[SubmitApp | ERROR] Unwritable directory: /srv/exchange")
    done = solved.tito("submit", "--module", "setup", "--exchange")
    assert done.code == 2
    assert "did not take it: [SubmitApp | ERROR] Unwritable directory: /srv/exchange. The zip is made" in done.err
    assert len(archives(solved)) == 1


def test_no_nbgrader(solved, monkeypatch):
    monkeypatch.setattr("tito.commands.submit.find_spec", lambda name: None)
    done = solved.tito("submit", "--module", "setup", "--exchange")
    assert done.code == 2
    assert "--exchange needs nbgrader" in done.err


def test_a_notebook_that_collecting_would_not_take(solved, monkeypatch):
    monkeypatch.setattr("tito.commands.submit.LARGEST_NOTEBOOK", 1000)
    done = solved.tito("submit", "--module", "setup")
    assert (done.code, "Clear Outputs of All Cells" in done.err) == (2, True), done.err
    assert not (solved / "submissions").exists()


def test_what_is_packed_is_what_collecting_takes(solved):
    """Names of files that a Mac makes, and those of an older Windows; a folder with a whole environment in it."""
    folder = solved.path("setup").parent
    for name in (b"Icon\r", b"gr\xf6\xdfe.txt", b"a\\b.txt"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).touch()
    (folder / "Bild um 9.41.12\u202fAM.png").touch()
    (folder / "venv").mkdir()
    for number in range(2_500):
        (folder / "venv" / f"{number}.py").touch()
    receipt = submitted(solved)
    assert len(receipt["files"]) == 501
    assert "setup/Bild um 9.41.12\u202fAM.png" in receipt["files"]
    assert sum("other disks can't hold its name" in warning for warning in receipt["warnings"]) == 3
    assert receipt["warnings"][-1].endswith("more files are left out")
    assert len(receipt["warnings"]) == 11
    (zipped,) = archives(solved)
    found = list(files_in(zipped))
    assert [file.path for file in found if file.refused] == []
    assert len(found) == len(receipt["files"])
    assert (submit.LARGEST_NOTEBOOK, submit.MOST_FILES < EACH_FILES) == (LARGEST, True)


def test_a_link_is_left_out_and_said(solved):
    (solved.path("setup").parent / "link.txt").symlink_to("/etc/hostname")
    assert submitted(solved)["warnings"] == ["link.txt is left out: it is a link"]


def test_another_version_of_the_notebook_is_said(solved):
    """A sync client makes one where two machines saved. The same once more, or another notebook, does no harm."""
    path = solved.path("setup")
    shutil.copy(path, path.with_name("setup_dev (1).ipynb"))
    path.with_name("scratch.ipynb").write_text('{"cells": [], "nbformat": 4, "metadata": {}}')
    assert submitted(solved)["warnings"] == []
    path.with_name("setup_dev-LAPTOP.ipynb").write_text(path.read_text().replace("2 * x", "3 * x"))
    assert submitted(solved)["warnings"] == [
        "setup/setup_dev-LAPTOP.ipynb is another version of your notebook: move it away, or say which one counts"
    ]


@pytest.mark.parametrize("place", [".tito/released/setup/setup_dev.ipynb", "modules/setup/Untitled.ipynb"])
def test_work_in_another_place_is_found(home, place):
    home.solve("setup")
    shutil.move(home.path("setup"), home / "work.ipynb")
    shutil.copy(home / ".tito/released/setup/setup_dev.ipynb", home.path("setup"))
    shutil.move(home / "work.ipynb", home / place)
    done = home.tito("submit", "--module", "setup")
    assert (done.code, f"Somebody wrote in {place}." in done.err) == (1, True), done.err


def test_an_editor_that_saves_meanwhile(solved, monkeypatch):
    """The receipt is of what is packed."""
    saved, extra = solved.path("setup").read_bytes(), submit._extra_files

    def save(*arguments):
        solved.edit("setup", "double", "# later")
        return extra(*arguments)

    monkeypatch.setattr(submit, "_extra_files", save)
    receipt = submitted(solved)
    (archive,) = archives(solved)
    assert zipfile.ZipFile(archive).read("setup/setup_dev.ipynb") == saved
    assert receipt["notebook_sha256"] == hashlib.sha256(saved).hexdigest()


def test_a_full_workspace_and_a_zip_in_another_place(solved, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device", "state.json")

    monkeypatch.setattr("tito.state.remember", full)
    done = solved.tito("submit", "--module", "setup", "--to", tmp_path / "out")
    assert (done.code, "state.json: No space left on device" in done.err) == (3, True)
    (archive,) = (tmp_path / "out").glob("*.zip")
    assert f"Packed     {archive}" in done.out
    assert hashlib.sha256(archive.read_bytes()).hexdigest() in done.out
